-- What the service refuses, and the books cannot hold either:
--   no source gets back more than it gave            account_source_not_positive
--   money with a condition goes to what it is for    award_meets_condition
--   the bank is not told within an objection term    payment_after_objection_term
--   nor of an account that nobody accepted           payment_iban_accepted
-- An approved payment may be stopped, as long as the bank was not told.
INSERT INTO ledger.payment_transition VALUES (2, 6);

ALTER TABLE ledger.account
  ADD CONSTRAINT account_source_not_positive CHECK (kind <> 1 OR credits <= debits);

-- Of a category the plan's is not kept here: whoever awards says it.
CREATE FUNCTION ledger.refuse_unmet_condition() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF EXISTS (SELECT FROM added AS a
               JOIN ledger.budget AS b ON b.budget_id = a.budget_id AND b.condition_deadline IS NOT NULL
               JOIN ledger.entry AS e ON e.budget_id = a.budget_id AND e.seq = a.seq
               JOIN ledger.account AS t ON t.budget_id = a.budget_id AND t.account_no = a.to_no
              WHERE a.from_kind = 3 AND a.to_kind = 4
                AND ((e.recorded_at AT TIME ZONE 'Europe/Amsterdam')::date > b.condition_deadline
                     OR (b.condition_plans <> '{}' AND t.reference::uuid <> ALL (b.condition_plans)))) THEN
    RAISE EXCEPTION 'an award of money whose condition is not met'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'award_meets_condition';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER award_meets_condition AFTER INSERT ON ledger.posting REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_unmet_condition();

CREATE FUNCTION ledger.refuse_early_payment() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF EXISTS (SELECT FROM ledger.payment AS p
               JOIN ledger.commitment AS c ON c.budget_id = p.budget_id AND c.commitment_id = p.commitment_id
              WHERE p.budget_id = new.budget_id AND p.payment_id = new.payment_id
                AND (new.stepped_at AT TIME ZONE 'Europe/Amsterdam')::date < c.payable_from) THEN
    RAISE EXCEPTION 'the bank is told before the objection term has run out'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_after_objection_term';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER payment_after_objection_term AFTER INSERT ON ledger.payment_step
  FOR EACH ROW WHEN (new.to_state = 3) EXECUTE FUNCTION ledger.refuse_early_payment();

CREATE FUNCTION ledger.refuse_unaccepted_iban() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM ledger.payee_iban AS i
                  WHERE i.payee_id = new.payee_id AND i.version = new.iban_version AND i.state = 'accepted') THEN
    RAISE EXCEPTION 'a payment to an account that no second person accepted'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_iban_accepted';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER payment_iban_accepted AFTER INSERT OR UPDATE OF iban_version ON ledger.payment
  FOR EACH ROW WHEN (new.iban_version IS NOT NULL) EXECUTE FUNCTION ledger.refuse_unaccepted_iban();

GRANT EXECUTE ON FUNCTION ledger.refuse_unmet_condition(), ledger.refuse_early_payment(),
  ledger.refuse_unaccepted_iban() TO ledger_app;
