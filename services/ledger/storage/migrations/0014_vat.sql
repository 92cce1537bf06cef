-- VAT that the municipality may reclaim from the compensation fund: of a commitment, as it was agreed, and of an
-- invoice. Part of the amounts, and of the records that entries rest on.
--   at most all of an amount                         commitment_vat_in_amount, payment_vat_in_amount
--   an advance has none                              payment_advance_without_vat
ALTER TABLE ledger.commitment
  ADD COLUMN vat bigint NOT NULL DEFAULT 0,
  ADD CONSTRAINT commitment_vat_in_amount CHECK (vat BETWEEN 0 AND amount);
ALTER TABLE ledger.payment
  ADD COLUMN vat bigint NOT NULL DEFAULT 0,
  ADD CONSTRAINT payment_vat_in_amount CHECK (vat BETWEEN 0 AND amount),
  ADD CONSTRAINT payment_advance_without_vat CHECK (vat = 0 OR receipts_due IS NULL);

DROP TRIGGER commitment_keeps_its_terms ON ledger.commitment;
CREATE TRIGGER commitment_keeps_its_terms BEFORE UPDATE OF budget_id, commitment_id, municipality_id,
  plan_id, payee_id, amount, quote_ref, decision_ref, document_hash, payable_from, seq, opened_at, vat
  ON ledger.commitment FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
DROP TRIGGER payment_keeps_its_facts ON ledger.payment;
CREATE TRIGGER payment_keeps_its_facts BEFORE UPDATE OF budget_id, payment_id, commitment_id,
  municipality_id, payee_id, amount, invoice_ref, requested_by, requested_at, approvals_needed,
  receipts_due, vat ON ledger.payment FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
