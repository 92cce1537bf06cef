-- Money leaves a budget, to next year's or back to its sources, by two people:
--   what they sign is one thing, and stays it        handover_is_one, handover_keeps_its_facts
--   by two people                                    handover_accepted_by_another, entry_hands_over_by_two
--   one proposal at a time, and decided once         handover_one_pending, handover_decided_once
CREATE TABLE ledger.handover (
  budget_id uuid NOT NULL,        -- That the money leaves,
  handover_id uuid NOT NULL,
  to_budget_id uuid,              -- for next year's; none when it goes back to its sources.
  plans uuid[] NOT NULL,          -- Those that go over; none of them when all of it does.
  rest text CONSTRAINT handover_rest_known CHECK (rest IN ('carry', 'lapse')),
  unmet boolean NOT NULL,
  decision_ref text NOT NULL,
  effective_date date,
  carried bigint NOT NULL,        -- What it came to when it was proposed, and so when it was done.
  returned bigint NOT NULL,
  proposed_by uuid NOT NULL,
  proposed_at timestamptz NOT NULL,
  state text NOT NULL CONSTRAINT handover_state_known CHECK (state IN ('proposed', 'accepted', 'refused')),
  decided_by uuid,
  decided_at timestamptz,
  first_seq bigint,               -- The entries of this budget that moved it.
  last_seq bigint,
  CONSTRAINT handover_pkey PRIMARY KEY (budget_id, handover_id),
  CONSTRAINT handover_of_budget FOREIGN KEY (budget_id) REFERENCES ledger.budget,
  CONSTRAINT handover_first_entry FOREIGN KEY (budget_id, first_seq) REFERENCES ledger.entry,
  CONSTRAINT handover_last_entry FOREIGN KEY (budget_id, last_seq) REFERENCES ledger.entry,
  CONSTRAINT handover_is_one
    CHECK (CASE WHEN to_budget_id IS NULL THEN plans = '{}' AND rest IS NULL AND carried = 0
                ELSE to_budget_id <> budget_id AND (plans = '{}') = (rest IS NOT NULL) AND NOT unmet
                     AND effective_date IS NULL AND (returned = 0 OR rest = 'lapse') END),
  CONSTRAINT handover_amounts_not_negative CHECK (carried >= 0 AND returned >= 0),
  CONSTRAINT handover_decided_by_somebody
    CHECK ((decided_by IS NULL) = (state = 'proposed') AND (decided_by IS NULL) = (decided_at IS NULL)),
  CONSTRAINT handover_accepted_by_another CHECK (state <> 'accepted' OR decided_by <> proposed_by),
  CONSTRAINT handover_posts
    CHECK ((state = 'accepted' AND carried + returned > 0) = (first_seq IS NOT NULL)
       AND (first_seq IS NULL) = (last_seq IS NULL) AND first_seq <= last_seq));
CREATE UNIQUE INDEX handover_one_pending ON ledger.handover (budget_id) WHERE state = 'proposed';
CREATE UNIQUE INDEX handover_one_by_entry ON ledger.handover (budget_id, first_seq)
  WHERE first_seq IS NOT NULL;
CREATE INDEX handover_by_time ON ledger.handover (budget_id, proposed_at, handover_id);

CREATE TRIGGER handover_never_removed BEFORE DELETE OR TRUNCATE ON ledger.handover
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER handover_decided_once BEFORE UPDATE ON ledger.handover
  FOR EACH ROW WHEN (old.state <> 'proposed') EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER handover_keeps_its_facts BEFORE UPDATE OF budget_id, handover_id, to_budget_id, plans, rest,
  unmet, decision_ref, effective_date, carried, returned, proposed_by, proposed_at ON ledger.handover
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

-- Not of those that were posted before, by one person: entries are never changed.
ALTER TABLE ledger.entry
  ADD CONSTRAINT entry_hands_over_by_two CHECK (type NOT IN (13, 14, 15) OR approver IS NOT NULL) NOT VALID;

GRANT SELECT, INSERT ON ledger.handover TO ledger_app;
GRANT UPDATE (state, decided_by, decided_at, first_seq, last_seq) ON ledger.handover TO ledger_app;
GRANT SELECT ON ledger.handover TO ledger_read;
