-- Advances: a resident group gets money before it buys. What the bank paid stands on an account of
-- its own until receipts account for it, or it came back:
--   an advance is open while something is owed       payment_advance_is_open
--   never more than was paid                         payment_advance_not_exceeded
--   a part is a receipt or money that came back      payment_part_is_whole
--   whoever asked for it does not account for it     payment_accounter_is_another
--   a receipt counts once, and so does a bank line   payment_receipt_once, payment_return_once
INSERT INTO ledger.account_kind VALUES (10, 'advanced', false);
INSERT INTO ledger.entry_type VALUES (16, 'account_advance'), (17, 'return_advance');
INSERT INTO ledger.posting_rule VALUES
  (9, 6, 10),    -- settle_payment of an advance: clearing → advanced
  (16, 10, 7),   -- account_advance: advanced → paid
  (17, 10, 5);   -- return_advance: advanced → committed

INSERT INTO ledger.payment_state VALUES (7, 'advanced');
INSERT INTO ledger.payment_transition VALUES
  (3, 7),           -- the bank paid an advance
  (7, 7), (7, 4);   -- a part of it is accounted for, or came back; the last part

ALTER TABLE ledger.payment
  ADD COLUMN receipts_due date,
  ADD COLUMN accounted bigint NOT NULL DEFAULT 0,
  ADD COLUMN returned bigint NOT NULL DEFAULT 0,
  DROP CONSTRAINT payment_instructed_somewhere,
  ADD CONSTRAINT payment_instructed_somewhere
    CHECK ((state IN (3, 4, 5, 7)) = (bank_ref IS NOT NULL) AND (bank_ref IS NULL) = (iban_version IS NULL)),
  ADD CONSTRAINT payment_advance_not_exceeded
    CHECK (accounted >= 0 AND returned >= 0 AND accounted + returned <= amount
       AND (accounted + returned = 0 OR receipts_due IS NOT NULL AND state IN (4, 7))),
  ADD CONSTRAINT payment_advance_is_open
    CHECK ((state = 7) = (receipts_due IS NOT NULL AND state IN (4, 7) AND accounted + returned < amount));

ALTER TABLE ledger.payment_step
  ADD COLUMN amount bigint CONSTRAINT payment_part_amount_range CHECK (amount BETWEEN 1 AND 1000000000000000),
  ADD COLUMN receipt_ref text,
  ADD COLUMN document_hash bytea CONSTRAINT payment_part_document_hash_size CHECK (octet_length(document_hash) = 32),
  ADD COLUMN return_ref text,
  DROP CONSTRAINT payment_step_posts,
  ADD CONSTRAINT payment_step_posts CHECK ((to_state IN (3, 4, 5, 7)) = (seq IS NOT NULL)),
  ADD CONSTRAINT payment_part_is_whole
    CHECK ((from_state IS NOT DISTINCT FROM 7) = (amount IS NOT NULL)
       AND (receipt_ref IS NULL) = (document_hash IS NULL)
       AND num_nonnulls(receipt_ref, return_ref) = num_nonnulls(amount)),
  ADD CONSTRAINT payment_accounter_is_another
    CHECK (from_state IS DISTINCT FROM 7 OR person <> requested_by);
CREATE UNIQUE INDEX payment_receipt_once ON ledger.payment_step (budget_id, payment_id, receipt_ref)
  WHERE receipt_ref IS NOT NULL;
CREATE UNIQUE INDEX payment_return_once ON ledger.payment_step (budget_id, payment_id, return_ref)
  WHERE return_ref IS NOT NULL;

DROP TRIGGER payment_keeps_its_facts ON ledger.payment;
CREATE TRIGGER payment_keeps_its_facts BEFORE UPDATE OF budget_id, payment_id, commitment_id,
  municipality_id, payee_id, amount, invoice_ref, requested_by, requested_at, approvals_needed,
  receipts_due ON ledger.payment FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
GRANT UPDATE (accounted, returned) ON ledger.payment TO ledger_app;

-- A plan's money, also what was advanced for it.
CREATE OR REPLACE VIEW ledger.plan_account AS
  SELECT a.reference AS plan_id, a.budget_id, a.kind, a.credits - a.debits AS balance
    FROM ledger.account AS a WHERE a.kind IN (4, 6, 7, 10)
  UNION ALL
  SELECT c.plan_id::text, a.budget_id, a.kind, a.credits - a.debits
    FROM ledger.commitment AS c
    JOIN ledger.account AS a
      ON a.budget_id = c.budget_id AND a.kind = 5 AND a.reference = c.commitment_id::text;
