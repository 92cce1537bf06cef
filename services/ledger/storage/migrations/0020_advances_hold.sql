-- Receipts were handed in, and money came back, on a day outside as well: types 16 and 17.
UPDATE ledger.entry_type SET dated = true WHERE type IN (16, 17);

-- Sums that the domain keeps, for whoever writes beside it. They are asked of rows alone that have such a
-- part, so no transfer knows of them, and few payments do:
--   all payments of a commitment have its VAT at most payment_vat_in_commitment
--   an advance says what its parts come to            payment_advance_adds_up
CREATE FUNCTION ledger.refuse_vat_over_commitment() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
  agreed bigint;
BEGIN
  -- Locked before the others are added up: of two who ask at once, the second sees the first.
  SELECT vat INTO agreed FROM ledger.commitment
   WHERE budget_id = new.budget_id AND commitment_id = new.commitment_id FOR NO KEY UPDATE;
  IF (SELECT sum(vat) FROM ledger.payment
       WHERE budget_id = new.budget_id AND commitment_id = new.commitment_id
         AND state NOT IN (5, 6)) > agreed THEN
    RAISE EXCEPTION 'more VAT than the commitment has'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_vat_in_commitment';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER payment_vat_in_commitment AFTER INSERT ON ledger.payment
  FOR EACH ROW WHEN (new.vat > 0) EXECUTE FUNCTION ledger.refuse_vat_over_commitment();

-- At the end of the transaction: a payment and its steps are stored one after the other.
CREATE FUNCTION ledger.refuse_advance_off_its_parts() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF EXISTS (SELECT FROM ledger.payment AS p
              CROSS JOIN LATERAL (
                SELECT coalesce(sum(s.amount) FILTER (WHERE s.receipt_ref IS NOT NULL), 0) AS accounted,
                       coalesce(sum(s.amount) FILTER (WHERE s.return_ref IS NOT NULL), 0) AS returned
                  FROM ledger.payment_step AS s
                 WHERE s.budget_id = p.budget_id AND s.payment_id = p.payment_id) AS parts
              WHERE p.budget_id = new.budget_id AND p.payment_id = new.payment_id
                AND (parts.accounted, parts.returned) IS DISTINCT FROM (p.accounted::numeric, p.returned::numeric)) THEN
    RAISE EXCEPTION 'an advance that does not say what its parts come to'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_advance_adds_up';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER payment_advance_adds_up AFTER INSERT ON ledger.payment_step
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.amount IS NOT NULL)
  EXECUTE FUNCTION ledger.refuse_advance_off_its_parts();
CREATE CONSTRAINT TRIGGER payment_advance_adds_up AFTER UPDATE OF accounted, returned ON ledger.payment
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (new.accounted <> old.accounted OR new.returned <> old.returned)
  EXECUTE FUNCTION ledger.refuse_advance_off_its_parts();
-- One that came and went in one batch.
CREATE CONSTRAINT TRIGGER payment_new_advance_adds_up AFTER INSERT ON ledger.payment
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.accounted <> 0 OR new.returned <> 0)
  EXECUTE FUNCTION ledger.refuse_advance_off_its_parts();

GRANT EXECUTE ON FUNCTION ledger.refuse_vat_over_commitment(), ledger.refuse_advance_off_its_parts()
  TO ledger_app;
