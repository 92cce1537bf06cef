-- Awards that change after the result, by two people: an objection was upheld, or a recount by hand
-- decided otherwise.
--   one at a time                                       correction_one_open
--   whoever proposed it does not accept it              correction_accepted_by_another
--   decided on by somebody, or waiting                  correction_decided_whole
--   turned down by the ledger means with its reason     correction_turned_down_with_reason
--   a plan that was corrected has money or has not      plan_corrected_is_settled
CREATE TABLE proposals.correction (
  round_id uuid NOT NULL CONSTRAINT correction_of_round REFERENCES proposals.round,
  number integer NOT NULL CONSTRAINT correction_number_range CHECK (number BETWEEN 1 AND 1000),
  correction_id uuid NOT NULL CONSTRAINT correction_id_unique UNIQUE,
  decision_ref text NOT NULL
    CONSTRAINT correction_decision_length CHECK (char_length(decision_ref) BETWEEN 1 AND 200),
  state smallint NOT NULL CONSTRAINT correction_state_known CHECK (state BETWEEN 1 AND 5),
  proposed_by uuid NOT NULL,
  proposed_at timestamptz NOT NULL,
  decided_by uuid,
  decided_at timestamptz,
  ledger_reason text NOT NULL DEFAULT '',
  ledger_sentence text NOT NULL DEFAULT '',
  CONSTRAINT correction_decided_whole
    CHECK ((state = 1) = (decided_by IS NULL) AND (decided_by IS NULL) = (decided_at IS NULL)),
  CONSTRAINT correction_accepted_by_another CHECK (state IN (1, 3) OR decided_by <> proposed_by),
  CONSTRAINT correction_turned_down_with_reason CHECK ((state = 5) = (ledger_reason <> '')),
  CONSTRAINT correction_pkey PRIMARY KEY (round_id, number)
);
CREATE UNIQUE INDEX correction_one_open ON proposals.correction (round_id) WHERE state IN (1, 2);

CREATE TABLE proposals.correction_line (
  round_id uuid NOT NULL,
  number integer NOT NULL,
  plan_id uuid NOT NULL,
  amount_cents bigint NOT NULL
    CONSTRAINT correction_line_amount_range CHECK (amount_cents BETWEEN 0 AND 1000000000000000),
  CONSTRAINT correction_line_pkey PRIMARY KEY (round_id, number, plan_id),
  CONSTRAINT correction_line_of_correction FOREIGN KEY (round_id, number)
    REFERENCES proposals.correction,
  CONSTRAINT correction_line_of_plan FOREIGN KEY (round_id, plan_id) REFERENCES proposals.plan
);

-- The newest correction that decided what a plan gets; its award_version stays the vote's.
ALTER TABLE proposals.plan
  ADD COLUMN correction integer,
  ADD CONSTRAINT plan_of_correction FOREIGN KEY (round_id, correction)
    REFERENCES proposals.correction (round_id, number),
  DROP CONSTRAINT plan_paid_has_version,
  ADD CONSTRAINT plan_paid_has_version
    CHECK (correction IS NOT NULL OR (state IN (4, 8)) = (award_version IS NOT NULL)),
  ADD CONSTRAINT plan_corrected_is_settled
    CHECK (correction IS NULL OR (state = 8 AND award_cents > 0) OR (state = 6 AND award_cents = 0));

-- A reservation adds lines; a correction names every award there is, and zero for those that end.
ALTER TABLE proposals.award_line
  ADD COLUMN corrects boolean NOT NULL DEFAULT false,
  DROP CONSTRAINT award_line_amount_range,
  ADD CONSTRAINT award_line_amount_range
    CHECK (amount_cents BETWEEN CASE WHEN corrects THEN 0 ELSE 1 END AND 1000000000000000);

ALTER TABLE proposals.step
  DROP CONSTRAINT step_known,
  ADD CONSTRAINT step_known CHECK (step BETWEEN 1 AND 19);

GRANT SELECT, INSERT ON proposals.correction, proposals.correction_line TO proposals_app;
GRANT SELECT ON proposals.correction, proposals.correction_line TO proposals_read;
GRANT UPDATE (state, decided_by, decided_at, ledger_reason, ledger_sentence)
  ON proposals.correction TO proposals_app;
GRANT UPDATE (correction) ON proposals.plan TO proposals_app;
