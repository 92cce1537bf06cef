-- A recount, or an objection upheld: the awards of a round are replaced as a whole. What they are
-- now stands here; the entries tell how they came to be.
INSERT INTO ledger.entry_type VALUES (12, 'adjust_awards');
INSERT INTO ledger.posting_rule VALUES
  (12, 4, 3),   -- what a plan does not get after all: reserved → pot
  (12, 2, 3),   -- what the pot had given back already: available → pot
  (12, 3, 4);   -- what a plan gets after all: pot → reserved

CREATE TABLE ledger.award (
  budget_id uuid NOT NULL CONSTRAINT award_budget REFERENCES ledger.budget,
  round_id uuid NOT NULL,
  plan_id uuid NOT NULL,
  amount bigint NOT NULL CONSTRAINT award_amount_range CHECK (amount BETWEEN 0 AND 1000000000000000),
  CONSTRAINT award_pkey PRIMARY KEY (budget_id, round_id, plan_id));
CREATE INDEX award_by_round ON ledger.award (round_id);
INSERT INTO ledger.award
  SELECT p.budget_id, f.reference::uuid, t.reference::uuid, sum(p.amount)
    FROM ledger.posting AS p
    JOIN ledger.account AS f ON f.budget_id = p.budget_id AND f.account_no = p.from_no
    JOIN ledger.account AS t ON t.budget_id = p.budget_id AND t.account_no = p.to_no
   WHERE p.type = 3 GROUP BY 1, 2, 3;

CREATE TRIGGER award_never_removed BEFORE DELETE OR TRUNCATE ON ledger.award
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

GRANT SELECT, INSERT ON ledger.award TO ledger_app;
GRANT UPDATE (amount) ON ledger.award TO ledger_app;
GRANT SELECT ON ledger.award TO ledger_read;
