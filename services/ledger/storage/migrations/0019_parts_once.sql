-- What accounts for an advance counts once in a municipality, whichever advance it is handed in for. A
-- receipt is its document, by whatever name; money that came back is a line of the bank's. The second
-- of two that were let in before this was a rule stays as it was, and stands outside the indexes:
--   a receipt counts once                            payment_document_once
--   a bank line is one return                        payment_return_once
--   a part is of its budget's municipality           payment_part_of_municipality, payment_part_municipality
ALTER TABLE ledger.payment_step ADD COLUMN municipality_id uuid;

ALTER TABLE ledger.payment_step DISABLE TRIGGER payment_step_append_only;
UPDATE ledger.payment_step AS s SET municipality_id = f.municipality_id
  FROM (SELECT DISTINCT ON (b.municipality_id, p.document_hash, p.return_ref)
               p.budget_id, p.payment_id, p.step_no, b.municipality_id
          FROM ledger.payment_step AS p JOIN ledger.budget AS b USING (budget_id)
         WHERE p.amount IS NOT NULL
         ORDER BY b.municipality_id, p.document_hash, p.return_ref, p.stepped_at, p.budget_id, p.seq) AS f
 WHERE (s.budget_id, s.payment_id, s.step_no) = (f.budget_id, f.payment_id, f.step_no);
ALTER TABLE ledger.payment_step ENABLE TRIGGER payment_step_append_only;

ALTER TABLE ledger.payment_step
  ADD CONSTRAINT payment_part_municipality CHECK ((amount IS NULL) = (municipality_id IS NULL)) NOT VALID,
  ADD CONSTRAINT payment_part_of_municipality FOREIGN KEY (budget_id, municipality_id)
    REFERENCES ledger.budget (budget_id, municipality_id);
CREATE UNIQUE INDEX payment_document_once ON ledger.payment_step (municipality_id, document_hash)
  WHERE document_hash IS NOT NULL;
DROP INDEX ledger.payment_return_once;
CREATE UNIQUE INDEX payment_return_once ON ledger.payment_step (municipality_id, return_ref)
  WHERE return_ref IS NOT NULL;
