-- What becomes of an award: commitments to suppliers, and what a plan did not need.
INSERT INTO ledger.account_kind VALUES
  (5, 'committed', false), (6, 'clearing', false), (7, 'paid', false);
INSERT INTO ledger.entry_type VALUES
  (5, 'open_commitment'), (6, 'close_commitment'), (7, 'release_award'), (8, 'instruct_payment'),
  (9, 'settle_payment'), (10, 'fail_payment');
INSERT INTO ledger.posting_rule VALUES
  (5, 4, 5),   -- open_commitment: reserved → committed
  (6, 5, 4),   -- close_commitment: committed → reserved
  (7, 4, 2),   -- release_award: reserved → available
  (8, 5, 6),   -- instruct_payment: committed → clearing
  (9, 6, 7),   -- settle_payment: clearing → paid
  (10, 6, 5);  -- fail_payment: clearing → committed

-- SHA-256 of what an entry rests on; part of its canonical bytes from version 2 on.
ALTER TABLE ledger.entry ADD COLUMN record_hash bytea
  CONSTRAINT entry_record_hash_size CHECK (octet_length(record_hash) = 32);

ALTER TABLE ledger.budget
  ADD CONSTRAINT budget_municipality_unique UNIQUE (budget_id, municipality_id);

-- What was agreed never changes; only that it was closed is added.
CREATE TABLE ledger.commitment (
  budget_id uuid NOT NULL,
  commitment_id uuid NOT NULL,
  municipality_id uuid NOT NULL,
  plan_id uuid NOT NULL,
  payee_id uuid NOT NULL,
  amount bigint NOT NULL CONSTRAINT commitment_amount_range CHECK (amount BETWEEN 1 AND 1000000000000000),
  quote_ref text NOT NULL,
  decision_ref text NOT NULL,
  document_hash bytea NOT NULL
    CONSTRAINT commitment_document_hash_size CHECK (octet_length(document_hash) = 32),
  payable_from date NOT NULL,
  seq bigint NOT NULL,
  opened_at timestamptz NOT NULL,
  closed_at timestamptz,
  CONSTRAINT commitment_pkey PRIMARY KEY (budget_id, commitment_id),
  CONSTRAINT commitment_one_per_entry UNIQUE (budget_id, seq),
  CONSTRAINT commitment_entry FOREIGN KEY (budget_id, seq) REFERENCES ledger.entry,
  CONSTRAINT commitment_budget FOREIGN KEY (budget_id, municipality_id)
    REFERENCES ledger.budget (budget_id, municipality_id),
  CONSTRAINT commitment_payee_of_municipality FOREIGN KEY (payee_id, municipality_id)
    REFERENCES ledger.payee (payee_id, municipality_id),
  CONSTRAINT commitment_closed_after_opening CHECK (closed_at >= opened_at));
CREATE INDEX commitment_by_plan ON ledger.commitment (budget_id, plan_id, seq);

CREATE TRIGGER commitment_never_removed BEFORE DELETE OR TRUNCATE ON ledger.commitment
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER commitment_closed_once BEFORE UPDATE ON ledger.commitment
  FOR EACH ROW WHEN (old.closed_at IS NOT NULL) EXECUTE FUNCTION ledger.refuse_change();
-- Of all columns but the one.
CREATE TRIGGER commitment_keeps_its_terms BEFORE UPDATE OF budget_id, commitment_id, municipality_id,
  plan_id, payee_id, amount, quote_ref, decision_ref, document_hash, payable_from, seq, opened_at
  ON ledger.commitment FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

GRANT SELECT, INSERT ON ledger.commitment TO ledger_app;
GRANT UPDATE (closed_at) ON ledger.commitment TO ledger_app;
GRANT SELECT ON ledger.commitment TO ledger_read;
