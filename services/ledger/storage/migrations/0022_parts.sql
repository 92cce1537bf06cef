-- Parts of advances. A document or a bank line may account for several advances, each for a part of what it comes
-- to in all; and a part that was a mistake is taken back by two people, after which it counts no more:
--   all parts of a document or line come to its total at most    evidence_not_exceeded
--   each of them says the same total                             evidence_has_one_total
--   a part is no more than that                                  payment_part_in_total
--   a step takes back one part, by the entry that reverses it    payment_takes_back_part
--   a part is taken back once, by a step that says so            payment_part_taken_back_once, payment_part_taken_back_by
--   only an advance is open again, and by that alone             payment_reopened_by_taking_back
--   whoever asked for it does not take back either               payment_accounter_is_another
INSERT INTO ledger.posting_rule VALUES
  (11, 7, 10),   -- receipts: paid → advanced
  (11, 5, 10);   -- what came back: committed → advanced
UPDATE ledger.entry_type SET reversible = true WHERE type IN (16, 17);
INSERT INTO ledger.payment_transition VALUES (4, 7);   -- a part of it was taken back

ALTER TABLE ledger.payment_step
  ADD COLUMN total bigint,             -- Of the document or bank line: this part, and what others may have of it.
  ADD COLUMN takes_back smallint,      -- The step whose part this one takes back.
  ADD COLUMN taken_back_by smallint,   -- The step that took this part back; all else of a step stays as it was.
  DROP CONSTRAINT payment_part_municipality,
  DROP CONSTRAINT payment_part_is_whole,
  DROP CONSTRAINT payment_accounter_is_another;

DROP TRIGGER payment_step_append_only ON ledger.payment_step;
-- Of an older part nothing is left that another could have.
UPDATE ledger.payment_step SET total = amount WHERE amount IS NOT NULL;
CREATE TRIGGER payment_step_append_only BEFORE UPDATE OF budget_id, payment_id, step_no, from_state,
  to_state, person, actor, request_id, stepped_at, seq, note, requested_by, approvals_needed, amount,
  receipt_ref, document_hash, return_ref, municipality_id, total, takes_back OR DELETE OR TRUNCATE
  ON ledger.payment_step FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER payment_part_taken_back_once BEFORE UPDATE ON ledger.payment_step
  FOR EACH ROW WHEN (old.taken_back_by IS NOT NULL) EXECUTE FUNCTION ledger.refuse_change();

ALTER TABLE ledger.payment_step
  -- What a part counts by in its municipality.
  ADD COLUMN evidence text GENERATED ALWAYS AS
    (coalesce('document ' || encode(document_hash, 'hex'), 'bank line ' || return_ref)) STORED,
  -- One that counted twice before that was a rule is of no municipality, and may be taken back too.
  ADD CONSTRAINT payment_part_municipality
    CHECK ((amount IS NULL) = (municipality_id IS NULL) OR taken_back_by IS NOT NULL) NOT VALID,
  ADD CONSTRAINT payment_part_is_whole
    CHECK ((from_state IS NOT DISTINCT FROM 7 AND takes_back IS NULL) = (amount IS NOT NULL)
       AND (receipt_ref IS NULL) = (document_hash IS NULL)
       AND num_nonnulls(receipt_ref, return_ref) = num_nonnulls(amount)
       AND num_nonnulls(total) = num_nonnulls(amount)),
  ADD CONSTRAINT payment_part_in_total CHECK (amount <= total AND total <= 1000000000000000),
  ADD CONSTRAINT payment_accounter_is_another
    CHECK (from_state IS DISTINCT FROM 7 AND takes_back IS NULL OR person <> requested_by),
  ADD CONSTRAINT payment_reopened_by_taking_back
    CHECK (CASE WHEN takes_back IS NULL THEN from_state IS DISTINCT FROM 4
                ELSE from_state IS NOT NULL AND from_state IN (4, 7) AND to_state = 7 END),
  ADD CONSTRAINT payment_step_takes_back_unique UNIQUE (budget_id, payment_id, step_no, takes_back),
  -- The part is marked before the step that takes it back is stored: what comes next may count again.
  ADD CONSTRAINT payment_part_taken_back_by FOREIGN KEY (budget_id, payment_id, taken_back_by, step_no)
    REFERENCES ledger.payment_step (budget_id, payment_id, step_no, takes_back) DEFERRABLE INITIALLY DEFERRED;

DROP INDEX ledger.payment_receipt_once, ledger.payment_document_once, ledger.payment_return_once;
CREATE UNIQUE INDEX payment_receipt_once ON ledger.payment_step (budget_id, payment_id, receipt_ref)
  WHERE receipt_ref IS NOT NULL AND taken_back_by IS NULL;
CREATE INDEX payment_part_by_evidence ON ledger.payment_step (municipality_id, evidence)
  WHERE evidence IS NOT NULL AND taken_back_by IS NULL;

-- What counts of each document and bank line: one row that whoever counts a part of it has to lock, in
-- whichever budget. Derived from the parts by the trigger below alone.
CREATE TABLE ledger.evidence (
  municipality_id uuid NOT NULL,
  evidence text NOT NULL,
  total bigint NOT NULL,
  counted bigint NOT NULL,
  CONSTRAINT evidence_pkey PRIMARY KEY (municipality_id, evidence),
  CONSTRAINT evidence_not_exceeded CHECK (counted BETWEEN 0 AND total));
INSERT INTO ledger.evidence
  SELECT municipality_id, evidence, total, amount FROM ledger.payment_step
   WHERE amount IS NOT NULL AND municipality_id IS NOT NULL;
CREATE TRIGGER evidence_never_removed BEFORE DELETE OR TRUNCATE ON ledger.evidence
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

CREATE FUNCTION ledger.count_part() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  part ledger.payment_step;
  stated bigint;
BEGIN
  IF new.takes_back IS NULL THEN
    -- When nothing of it counts any more, its total may have been the mistake.
    INSERT INTO ledger.evidence AS e VALUES (new.municipality_id, new.evidence, new.total, new.amount)
      ON CONFLICT ON CONSTRAINT evidence_pkey DO UPDATE
        SET counted = e.counted + excluded.counted,
            total = CASE e.counted WHEN 0 THEN excluded.total ELSE e.total END
      RETURNING e.total INTO stated;
    IF stated <> new.total THEN
      RAISE EXCEPTION 'two totals of one document or bank line'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'evidence_has_one_total';
    END IF;
    RETURN NULL;
  END IF;
  SELECT s.* INTO part FROM ledger.payment_step AS s
    JOIN ledger.entry AS e ON e.budget_id = s.budget_id AND e.seq = new.seq AND e.reverses_seq = s.seq
   WHERE s.budget_id = new.budget_id AND s.payment_id = new.payment_id AND s.step_no = new.takes_back
     AND s.amount IS NOT NULL AND s.taken_back_by = new.step_no;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'a step that takes back what is no part, or not by the entry that does'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_takes_back_part';
  END IF;
  UPDATE ledger.evidence AS e SET counted = e.counted - part.amount
   WHERE e.municipality_id = part.municipality_id AND e.evidence = part.evidence;
  RETURN NULL;
END $$;
CREATE TRIGGER evidence_of_part AFTER INSERT ON ledger.payment_step
  FOR EACH ROW WHEN (new.amount IS NOT NULL OR new.takes_back IS NOT NULL)
  EXECUTE FUNCTION ledger.count_part();

-- Of an advance count the parts that were not taken back.
CREATE OR REPLACE FUNCTION ledger.refuse_advance_off_its_parts() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF EXISTS (SELECT FROM ledger.payment AS p
              CROSS JOIN LATERAL (
                SELECT coalesce(sum(s.amount) FILTER (WHERE s.receipt_ref IS NOT NULL), 0) AS accounted,
                       coalesce(sum(s.amount) FILTER (WHERE s.return_ref IS NOT NULL), 0) AS returned
                  FROM ledger.payment_step AS s
                 WHERE s.budget_id = p.budget_id AND s.payment_id = p.payment_id
                   AND s.taken_back_by IS NULL) AS parts
              WHERE p.budget_id = new.budget_id AND p.payment_id = new.payment_id
                AND (parts.accounted, parts.returned) IS DISTINCT FROM (p.accounted::numeric, p.returned::numeric)) THEN
    RAISE EXCEPTION 'an advance that does not say what its parts come to'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_advance_adds_up';
  END IF;
  RETURN NULL;
END $$;
DROP TRIGGER payment_advance_adds_up ON ledger.payment_step;
CREATE CONSTRAINT TRIGGER payment_advance_adds_up AFTER INSERT ON ledger.payment_step
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (new.amount IS NOT NULL OR new.takes_back IS NOT NULL)
  EXECUTE FUNCTION ledger.refuse_advance_off_its_parts();

GRANT UPDATE (taken_back_by) ON ledger.payment_step TO ledger_app;
GRANT SELECT ON ledger.evidence TO ledger_app, ledger_read;
GRANT EXECUTE ON FUNCTION ledger.count_part() TO ledger_app;
