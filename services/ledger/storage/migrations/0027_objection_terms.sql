-- What a commitment rests on: a grant decision, to which one may object within a term, or a contract; and from when.
--   of what is newer, all three or none are said     commitment_ground_is_whole
--   nothing is payable within the term               commitment_objection_term
--   nothing is decided on a day still to come        commitment_decided_before
ALTER TABLE ledger.commitment
  ADD COLUMN ground smallint NOT NULL DEFAULT 0
    CONSTRAINT commitment_ground_known CHECK (ground IN (0, 1, 2)),
  ADD COLUMN decision_date date,
  ADD COLUMN objection_days smallint NOT NULL DEFAULT 0
    CONSTRAINT commitment_objection_days_range CHECK (objection_days BETWEEN 0 AND 366),
  ADD CONSTRAINT commitment_ground_is_whole
    CHECK ((ground = 0) = (decision_date IS NULL) AND (ground = 1 OR objection_days = 0)),
  ADD CONSTRAINT commitment_objection_term CHECK (objection_days = 0 OR payable_from > decision_date + objection_days),
  ADD CONSTRAINT commitment_decided_before
    CHECK (decision_date <= (opened_at AT TIME ZONE 'Europe/Amsterdam')::date);
DROP TRIGGER commitment_keeps_its_terms ON ledger.commitment;
CREATE TRIGGER commitment_keeps_its_terms BEFORE UPDATE OF budget_id, commitment_id, municipality_id,
  plan_id, payee_id, amount, quote_ref, decision_ref, document_hash, payable_from, seq, opened_at, vat,
  taakveld, category, ground, decision_date, objection_days
  ON ledger.commitment FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
