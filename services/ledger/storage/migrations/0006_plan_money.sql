-- A plan's money over all budgets: the accounts that are a plan's, whatever they are for. Those of
-- a commitment carry its id; it says whose plan it is.
CREATE VIEW ledger.plan_account AS
  SELECT a.reference AS plan_id, a.budget_id, a.kind, a.credits - a.debits AS balance
    FROM ledger.account AS a WHERE a.kind IN (4, 6, 7)
  UNION ALL
  SELECT c.plan_id::text, a.budget_id, a.kind, a.credits - a.debits
    FROM ledger.commitment AS c
    JOIN ledger.account AS a
      ON a.budget_id = c.budget_id AND a.kind = 5 AND a.reference = c.commitment_id::text;
CREATE INDEX account_of_plan ON ledger.account (reference, budget_id) WHERE kind >= 4;
CREATE INDEX commitment_of_plan ON ledger.commitment ((plan_id::text), budget_id);
GRANT SELECT ON ledger.plan_account TO ledger_app, ledger_read;
