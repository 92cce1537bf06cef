-- Money that comes back after it was paid: warranty, an invoice paid twice, a line of the bank's that
-- returns what was settled. The payment stays settled, and keeps what did not come back; the commitment
-- has it again, or the plan when that was closed.
--   never more than was paid, or accounted for       payment_repaid_not_exceeded
--   nor more VAT than it has, nor less than leaves   payment_vat_repaid_not_exceeded, payment_vat_kept_in_amount
--   a step says of how much, and of which bank line  payment_part_is_whole, payment_part_vat_in_amount
--   whoever asked for it does not record it          payment_accounter_is_another
--   a payment says what its parts come to            payment_advance_adds_up
--   it goes where it was from, or to the plan        payment_repaid_to_its_own
--   VAT that came back may be asked for again        payment_vat_in_commitment
INSERT INTO ledger.entry_type (type, name, reversible, dated) VALUES (20, 'return_payment', true, true);
INSERT INTO ledger.posting_rule VALUES
  (20, 7, 5),    -- return_payment: paid → committed
  (20, 7, 4),    -- of a commitment that was closed: paid → reserved
  (11, 5, 7),    -- and back
  (11, 4, 7);
INSERT INTO ledger.payment_transition VALUES (4, 4);   -- a part of it came back, or did not after all

ALTER TABLE ledger.payment
  ADD COLUMN repaid bigint NOT NULL DEFAULT 0,
  ADD COLUMN repaid_vat bigint NOT NULL DEFAULT 0,
  ADD CONSTRAINT payment_repaid_not_exceeded
    CHECK (repaid BETWEEN 0 AND CASE WHEN receipts_due IS NULL THEN amount ELSE accounted END
       AND (repaid = 0 OR state IN (4, 7))),
  ADD CONSTRAINT payment_vat_repaid_not_exceeded CHECK (repaid_vat BETWEEN 0 AND vat),
  ADD CONSTRAINT payment_vat_kept_in_amount CHECK (vat - repaid_vat <= amount - repaid);
GRANT UPDATE (repaid, repaid_vat) ON ledger.payment TO ledger_app;

ALTER TABLE ledger.payment_step
  ADD COLUMN vat bigint NOT NULL DEFAULT 0,   -- In a part that came back of what was paid.
  DROP CONSTRAINT payment_part_is_whole,
  DROP CONSTRAINT payment_accounter_is_another,
  DROP CONSTRAINT payment_reopened_by_taking_back,
  ADD CONSTRAINT payment_part_is_whole
    CHECK ((coalesce(from_state = 7 OR (from_state, to_state) = (4, 4), false) AND takes_back IS NULL)
           = (amount IS NOT NULL)
       AND (receipt_ref IS NULL) = (document_hash IS NULL)
       AND num_nonnulls(receipt_ref, return_ref) = num_nonnulls(amount)
       AND num_nonnulls(total) = num_nonnulls(amount)
       AND (from_state IS DISTINCT FROM 4 OR receipt_ref IS NULL)),
  ADD CONSTRAINT payment_part_vat_in_amount
    CHECK (vat >= 0 AND (vat = 0 OR coalesce(from_state = 4 AND vat <= amount, false))),
  ADD CONSTRAINT payment_accounter_is_another
    CHECK (coalesce(from_state NOT IN (4, 7), true) AND takes_back IS NULL OR person <> requested_by),
  -- Only an advance is open again, and by that alone; else a payment that is settled stays so.
  ADD CONSTRAINT payment_reopened_by_taking_back
    CHECK (CASE WHEN takes_back IS NULL THEN from_state IS DISTINCT FROM 4 OR to_state = 4
                ELSE from_state IS NOT NULL AND (from_state, to_state) IN ((4, 4), (4, 7), (7, 7)) END);
DROP TRIGGER payment_step_append_only ON ledger.payment_step;
CREATE TRIGGER payment_step_append_only BEFORE UPDATE OF budget_id, payment_id, step_no, from_state,
  to_state, person, actor, request_id, stepped_at, seq, note, requested_by, approvals_needed, amount,
  receipt_ref, document_hash, return_ref, municipality_id, total, takes_back, vat OR DELETE OR TRUNCATE
  ON ledger.payment_step FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

-- Of an advance count the parts that were not taken back, and of what was paid those that came back.
CREATE OR REPLACE FUNCTION ledger.refuse_advance_off_its_parts() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF EXISTS (SELECT FROM ledger.payment AS p
              CROSS JOIN LATERAL (
                SELECT coalesce(sum(s.amount) FILTER (WHERE s.from_state = 7 AND s.receipt_ref IS NOT NULL), 0) AS accounted,
                       coalesce(sum(s.amount) FILTER (WHERE s.from_state = 7 AND s.return_ref IS NOT NULL), 0) AS returned,
                       coalesce(sum(s.amount) FILTER (WHERE s.from_state = 4), 0) AS repaid,
                       coalesce(sum(s.vat) FILTER (WHERE s.from_state = 4), 0) AS repaid_vat
                  FROM ledger.payment_step AS s
                 WHERE s.budget_id = p.budget_id AND s.payment_id = p.payment_id
                   AND s.taken_back_by IS NULL) AS parts
              WHERE p.budget_id = new.budget_id AND p.payment_id = new.payment_id
                AND (parts.accounted, parts.returned, parts.repaid, parts.repaid_vat) IS DISTINCT FROM
                    (p.accounted::numeric, p.returned::numeric, p.repaid::numeric, p.repaid_vat::numeric)) THEN
    RAISE EXCEPTION 'a payment that does not say what its parts come to'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_advance_adds_up';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER payment_repaid_adds_up AFTER UPDATE OF repaid, repaid_vat ON ledger.payment
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (new.repaid <> old.repaid OR new.repaid_vat <> old.repaid_vat)
  EXECUTE FUNCTION ledger.refuse_advance_off_its_parts();
CREATE CONSTRAINT TRIGGER payment_new_repaid_adds_up AFTER INSERT ON ledger.payment
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.repaid <> 0 OR new.repaid_vat <> 0)
  EXECUTE FUNCTION ledger.refuse_advance_off_its_parts();

-- VAT that came back counts no more; that it did not come back after all, it counts again.
CREATE OR REPLACE FUNCTION ledger.refuse_vat_over_commitment() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
  agreed bigint;
BEGIN
  -- Locked before the others are added up: of two who ask at once, the second sees the first.
  SELECT vat INTO agreed FROM ledger.commitment
   WHERE budget_id = new.budget_id AND commitment_id = new.commitment_id FOR NO KEY UPDATE;
  IF (SELECT sum(vat - repaid_vat) FROM ledger.payment
       WHERE budget_id = new.budget_id AND commitment_id = new.commitment_id
         AND state NOT IN (5, 6)) > agreed THEN
    RAISE EXCEPTION 'more VAT than the commitment has'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_vat_in_commitment';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER payment_kept_vat_in_commitment AFTER UPDATE OF repaid_vat ON ledger.payment
  FOR EACH ROW WHEN (new.repaid_vat < old.repaid_vat)
  EXECUTE FUNCTION ledger.refuse_vat_over_commitment();

-- A commitment that was closed holds nothing: what would come to it could never leave. It is the plan's.
CREATE FUNCTION ledger.refuse_repaid_elsewhere() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF EXISTS (SELECT FROM ledger.posting AS a
               JOIN ledger.account AS t ON t.budget_id = a.budget_id AND t.account_no = a.to_no
               JOIN ledger.payment AS p ON p.budget_id = a.budget_id AND p.payment_id = new.payment_id
               JOIN ledger.commitment AS c ON c.budget_id = a.budget_id AND c.commitment_id = p.commitment_id
              WHERE a.budget_id = new.budget_id AND a.seq = new.seq
                AND NOT CASE a.to_kind
                          WHEN 5 THEN t.reference = c.commitment_id::text AND coalesce(c.closed_at >= new.stepped_at, true)
                          WHEN 4 THEN t.reference = c.plan_id::text AND c.closed_at IS NOT NULL
                          ELSE true END) THEN
    RAISE EXCEPTION 'money that comes back to another commitment or plan, or to a commitment that was closed'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_repaid_to_its_own';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER payment_repaid_to_its_own AFTER INSERT ON ledger.payment_step
  FOR EACH ROW WHEN (new.from_state = 4 AND new.amount IS NOT NULL)
  EXECUTE FUNCTION ledger.refuse_repaid_elsewhere();

-- What all came back was not paid: its invoice may be asked for again.
DROP INDEX ledger.payment_one_per_invoice;
CREATE UNIQUE INDEX payment_one_per_invoice ON ledger.payment (payee_id, invoice_key, invoice_twin)
  WHERE state NOT IN (5, 6) AND (receipts_due IS NOT NULL OR repaid < amount);

GRANT EXECUTE ON FUNCTION ledger.refuse_repaid_elsewhere() TO ledger_app;
