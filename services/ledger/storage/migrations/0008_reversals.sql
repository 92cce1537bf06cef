-- Corrections. An entry is taken back by another one that moves the same the other way round:
--   only entries that no state machine waits for     entry_reverses_reversible
--   by two people                                    reversal_accepted_by_another, entry_reversal_by_two
--   one proposal at a time, and once                 reversal_one_per_entry, entry_reversed_once
INSERT INTO ledger.entry_type VALUES (11, 'reverse');
INSERT INTO ledger.posting_rule VALUES
  (11, 2, 1),   -- an appropriation: available → source
  (11, 2, 4);   -- a released award: available → reserved

-- Which entries may be taken back: what belongs to a pot, a commitment or a payment goes back by
-- their own steps, and a reversal by entering again what it took back.
ALTER TABLE ledger.entry_type ADD COLUMN reversible boolean NOT NULL DEFAULT false;
UPDATE ledger.entry_type SET reversible = true WHERE type IN (1, 7);

ALTER TABLE ledger.entry
  ADD CONSTRAINT entry_reversal_names_entry CHECK ((type = 11) = (reverses_seq IS NOT NULL)),
  ADD CONSTRAINT entry_reversal_by_two CHECK (type <> 11 OR approver IS NOT NULL);

CREATE TABLE ledger.reversal (
  budget_id uuid NOT NULL,
  reversal_id uuid NOT NULL,
  seq bigint NOT NULL,            -- The entry to take back.
  reason text NOT NULL,
  proposed_by uuid NOT NULL,
  proposed_at timestamptz NOT NULL,
  state text NOT NULL CONSTRAINT reversal_state_known CHECK (state IN ('proposed', 'accepted', 'refused')),
  decided_by uuid,
  decided_at timestamptz,
  reversal_seq bigint,            -- The entry that took it back.
  CONSTRAINT reversal_pkey PRIMARY KEY (budget_id, reversal_id),
  CONSTRAINT reversal_of_entry FOREIGN KEY (budget_id, seq) REFERENCES ledger.entry,
  CONSTRAINT reversal_entry FOREIGN KEY (budget_id, reversal_seq) REFERENCES ledger.entry,
  CONSTRAINT reversal_decided_by_somebody
    CHECK ((decided_by IS NULL) = (state = 'proposed') AND (decided_by IS NULL) = (decided_at IS NULL)),
  CONSTRAINT reversal_accepted_by_another CHECK (state <> 'accepted' OR decided_by <> proposed_by),
  CONSTRAINT reversal_posts CHECK ((state = 'accepted') = (reversal_seq IS NOT NULL)));
CREATE UNIQUE INDEX reversal_one_per_entry ON ledger.reversal (budget_id, seq) WHERE state <> 'refused';
CREATE UNIQUE INDEX reversal_one_by_entry ON ledger.reversal (budget_id, reversal_seq)
  WHERE reversal_seq IS NOT NULL;
CREATE INDEX reversal_by_time ON ledger.reversal (budget_id, proposed_at, reversal_id);

CREATE TRIGGER reversal_never_removed BEFORE DELETE OR TRUNCATE ON ledger.reversal
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER reversal_decided_once BEFORE UPDATE ON ledger.reversal
  FOR EACH ROW WHEN (old.state <> 'proposed') EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER reversal_keeps_its_facts BEFORE UPDATE OF budget_id, reversal_id, seq, reason,
  proposed_by, proposed_at ON ledger.reversal FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

-- The domain decides; this is the backstop. Nearly no batch has a reversal, so that is asked first.
CREATE FUNCTION ledger.refuse_irreversible() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF EXISTS (SELECT FROM added WHERE reverses_seq IS NOT NULL)
     AND EXISTS (SELECT FROM added AS a
                   JOIN ledger.entry AS e ON e.budget_id = a.budget_id AND e.seq = a.reverses_seq
                   JOIN ledger.entry_type AS t ON t.type = e.type
                  WHERE NOT t.reversible) THEN
    RAISE EXCEPTION 'an entry that cannot be taken back'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_reverses_reversible';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER entry_reverses_reversible AFTER INSERT ON ledger.entry REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_irreversible();

GRANT SELECT, INSERT ON ledger.reversal TO ledger_app;
GRANT UPDATE (state, decided_by, decided_at, reversal_seq) ON ledger.reversal TO ledger_app;
GRANT EXECUTE ON FUNCTION ledger.refuse_irreversible() TO ledger_app;
GRANT SELECT ON ledger.reversal TO ledger_read;
