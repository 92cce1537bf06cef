-- The log of all entries: one Merkle tree (RFC 6962) over the entries' hashes, of all budgets. A chain
-- cannot see its own missing tail, and nobody outside can watch thousands of chains; one signed head
-- of one log says that everything before it was there:
--   nothing is logged that is not an entry            log_leaf_is_an_entry
--   positions 0, 1, 2 … without gaps                  log_leaf_gapless
--   of every budget entries 1, 2, 3 …, each once      log_leaf_follows_previous, log_leaf_once
--   a log only grows                                  log_state_grows
-- The position is given by whoever appends, under the lock of log_state. It cannot be computed: seq
-- counts within a budget, and recorded_at is read before the commit, so of two budgets the later
-- time may be committed first, and would get in before what was signed already.
CREATE TABLE ledger.log_leaf (
  idx bigint CONSTRAINT log_leaf_pkey PRIMARY KEY CONSTRAINT log_leaf_idx_not_negative CHECK (idx >= 0),
  budget_id uuid NOT NULL,
  seq bigint NOT NULL,
  hash bytea NOT NULL,            -- Of the entry; the tree's leaf is sha256('\x00' || hash).
  prev_idx bigint GENERATED ALWAYS AS (CASE WHEN idx > 0 THEN idx - 1 END) STORED,
  prev_seq bigint GENERATED ALWAYS AS (NULLIF(seq - 1, 0)) STORED,
  CONSTRAINT log_leaf_once UNIQUE (budget_id, seq),
  CONSTRAINT log_leaf_is_an_entry FOREIGN KEY (budget_id, seq, hash) REFERENCES ledger.entry (budget_id, seq, hash),
  CONSTRAINT log_leaf_gapless FOREIGN KEY (prev_idx) REFERENCES ledger.log_leaf,
  CONSTRAINT log_leaf_follows_previous FOREIGN KEY (budget_id, prev_seq)
    REFERENCES ledger.log_leaf (budget_id, seq));

-- One row: the log's head. `frontier` holds the roots of its perfect subtrees, largest first.
CREATE TABLE ledger.log_state (
  one_row boolean NOT NULL DEFAULT true CONSTRAINT log_state_pkey PRIMARY KEY CONSTRAINT log_state_one_row CHECK (one_row),
  size bigint NOT NULL CONSTRAINT log_state_size_not_negative CHECK (size >= 0),
  root bytea NOT NULL CONSTRAINT log_state_root_size CHECK (octet_length(root) = 32),
  frontier bytea NOT NULL,
  caught_up_at timestamptz);      -- When there was nothing left to log.
INSERT INTO ledger.log_state VALUES (true, 0, sha256(''), '', NULL);

-- Signed notes over committed heads; of one size by more than one key when the key was changed.
CREATE TABLE ledger.checkpoint (
  size bigint NOT NULL CONSTRAINT checkpoint_size_positive CHECK (size > 0),
  verifier_key text NOT NULL,     -- "name+key id+key", as people publish it.
  note text NOT NULL,
  CONSTRAINT checkpoint_pkey PRIMARY KEY (size, verifier_key));

CREATE TRIGGER log_leaf_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.log_leaf
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER checkpoint_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.checkpoint
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER log_state_never_removed BEFORE DELETE OR TRUNCATE ON ledger.log_state
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER log_state_grows BEFORE UPDATE OF size, root, frontier ON ledger.log_state
  FOR EACH ROW WHEN (new.size <= old.size) EXECUTE FUNCTION ledger.refuse_change();

GRANT SELECT, INSERT ON ledger.log_leaf, ledger.checkpoint TO ledger_app;
GRANT SELECT ON ledger.log_state TO ledger_app;
GRANT UPDATE (size, root, frontier, caught_up_at) ON ledger.log_state TO ledger_app;
GRANT SELECT ON ledger.log_leaf, ledger.log_state, ledger.checkpoint TO ledger_read;
