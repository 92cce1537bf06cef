-- What goes over to the next year goes by source: the accounts carried_out and carried_in are a
-- source's each, by its name. So what came over can be given back to those who gave it:
--   available → carried_in, what lapses or was not awarded    posting_rule_allows
--   no more than came over                                    account_carried_in_not_positive
--   what no plan got by the day of its condition stays        award_meets_condition
-- Accounts from before carry the other budget's id, and stay: it counts as one more source.
INSERT INTO ledger.posting_rule VALUES (13, 2, 9), (15, 2, 9);

ALTER TABLE ledger.account
  ADD CONSTRAINT account_carried_in_not_positive CHECK (kind <> 9 OR credits <= debits);

-- As before, and: what was to be awarded by a day is not carried past it.
CREATE OR REPLACE FUNCTION ledger.refuse_unmet_condition() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF EXISTS (SELECT FROM added AS a
               JOIN ledger.budget AS b ON b.budget_id = a.budget_id AND b.condition_deadline IS NOT NULL
               JOIN ledger.entry AS e ON e.budget_id = a.budget_id AND e.seq = a.seq
               JOIN ledger.account AS t ON t.budget_id = a.budget_id AND t.account_no = a.to_no
              WHERE (a.from_kind = 3 AND a.to_kind = 4
                     AND ((e.recorded_at AT TIME ZONE 'Europe/Amsterdam')::date > b.condition_deadline
                          OR (b.condition_plans <> '{}' AND t.reference::uuid <> ALL (b.condition_plans))))
                 OR (a.from_kind = 2 AND a.to_kind = 8
                     AND (e.recorded_at AT TIME ZONE 'Europe/Amsterdam')::date > b.condition_deadline)) THEN
    RAISE EXCEPTION 'an award of money whose condition is not met, or that money carried over'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'award_meets_condition';
  END IF;
  RETURN NULL;
END $$;
