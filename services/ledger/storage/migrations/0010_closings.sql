-- The end of a month. Two people sign the trial balance after an entry; the period takes nothing
-- from then on, and what comes late goes to the next one that is open:
--   a closed period stays closed                     period_never_reopened
--   two people                                       closing_accepted_by_another
--   one after the other, one at a time               closing_one_per_period
CREATE TABLE ledger.closing (
  budget_id uuid NOT NULL,
  closing_id uuid NOT NULL,
  period_no smallint NOT NULL,
  seq bigint NOT NULL CONSTRAINT closing_seq_not_negative CHECK (seq >= 0),   -- The newest entry then.
  trial_hash bytea NOT NULL CONSTRAINT closing_trial_hash_size CHECK (octet_length(trial_hash) = 32),
  proposed_by uuid NOT NULL,
  proposed_at timestamptz NOT NULL,
  state text NOT NULL CONSTRAINT closing_state_known CHECK (state IN ('proposed', 'accepted', 'refused')),
  decided_by uuid,
  decided_at timestamptz,
  decided_seq bigint,             -- The newest entry when it was decided.
  CONSTRAINT closing_pkey PRIMARY KEY (budget_id, closing_id),
  CONSTRAINT closing_period FOREIGN KEY (budget_id, period_no) REFERENCES ledger.period,
  CONSTRAINT closing_decided_by_somebody
    CHECK ((decided_by IS NULL) = (state = 'proposed') AND num_nulls(decided_by, decided_at, decided_seq) IN (0, 3)),
  CONSTRAINT closing_decided_later CHECK (decided_seq >= seq),
  CONSTRAINT closing_accepted_by_another CHECK (state <> 'accepted' OR decided_by <> proposed_by));
CREATE UNIQUE INDEX closing_one_per_period ON ledger.closing (budget_id, period_no) WHERE state <> 'refused';

CREATE TRIGGER closing_never_removed BEFORE DELETE OR TRUNCATE ON ledger.closing
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER closing_decided_once BEFORE UPDATE ON ledger.closing
  FOR EACH ROW WHEN (old.state <> 'proposed') EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER closing_keeps_its_facts BEFORE UPDATE OF budget_id, closing_id, period_no, seq,
  trial_hash, proposed_by, proposed_at ON ledger.closing
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER period_never_reopened BEFORE UPDATE ON ledger.period
  FOR EACH ROW WHEN (old.state = 'closed') EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER period_never_removed BEFORE DELETE OR TRUNCATE ON ledger.period
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

GRANT SELECT, INSERT ON ledger.closing TO ledger_app;
GRANT UPDATE (state, decided_by, decided_at, decided_seq) ON ledger.closing TO ledger_app;
GRANT UPDATE (state) ON ledger.period TO ledger_app;
GRANT SELECT ON ledger.closing TO ledger_read;
