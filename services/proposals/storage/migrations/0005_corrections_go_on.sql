-- Corrections that their proposer takes back, and the steps there are as a table:
--   only the steps of correction_transition             correction_step_allowed
--   taken back by whoever proposed it                   correction_withdrawn_by_proposer
-- And the pot that pays what a plan gets more, where the decision names one:
--   one of the round's, of a plan that gets something   correction_line_of_pot, correction_line_pot_pays
ALTER TABLE proposals.correction
  DROP CONSTRAINT correction_state_known,
  ADD CONSTRAINT correction_state_known CHECK (state BETWEEN 1 AND 6),
  DROP CONSTRAINT correction_accepted_by_another,
  ADD CONSTRAINT correction_accepted_by_another CHECK (state IN (1, 3, 6) OR decided_by <> proposed_by),
  ADD CONSTRAINT correction_withdrawn_by_proposer CHECK (state <> 6 OR decided_by = proposed_by);

CREATE TABLE proposals.correction_transition (
  from_state smallint NOT NULL,
  to_state smallint NOT NULL,
  CONSTRAINT correction_transition_pkey PRIMARY KEY (from_state, to_state));
INSERT INTO proposals.correction_transition VALUES
  (1, 2), (1, 3), (1, 6),   -- proposed: accepted, refused, withdrawn
  (2, 4), (2, 5);           -- accepted: done, or turned down by the ledger

CREATE FUNCTION proposals.refuse_correction_step() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM proposals.correction_transition
                  WHERE from_state = old.state AND to_state = new.state) THEN
    RAISE EXCEPTION 'a step that no correction takes'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'correction_step_allowed';
  END IF;
  RETURN new;
END $$;
CREATE TRIGGER correction_step_allowed BEFORE UPDATE OF state ON proposals.correction
  FOR EACH ROW EXECUTE FUNCTION proposals.refuse_correction_step();

ALTER TABLE proposals.correction_line
  ADD COLUMN budget_id uuid,
  ADD CONSTRAINT correction_line_of_pot FOREIGN KEY (round_id, budget_id)
    REFERENCES proposals.pot (round_id, budget_id),
  ADD CONSTRAINT correction_line_pot_pays CHECK (budget_id IS NULL OR amount_cents > 0);

GRANT SELECT ON proposals.correction_transition TO proposals_app, proposals_read;
GRANT EXECUTE ON FUNCTION proposals.refuse_correction_step() TO proposals_app;
