-- A plan's money over all budgets: the accounts that are a plan's, whatever they are for. Every kind
-- after the pots carries the plan's id as its reference; one that does not joins here by whatever
-- says whose it is.
CREATE VIEW ledger.plan_account AS
  SELECT a.reference AS plan_id, a.budget_id, a.kind, a.credits - a.debits AS balance
    FROM ledger.account AS a WHERE a.kind >= 4;
CREATE INDEX account_of_plan ON ledger.account (reference, budget_id) WHERE kind >= 4;
GRANT SELECT ON ledger.plan_account TO ledger_app, ledger_read;
