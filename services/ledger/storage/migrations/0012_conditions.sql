-- Money with a condition lies in a budget of its own: for some plans, or for plans of a category, until a
-- day. What is not awarded by then goes back to its source.
INSERT INTO ledger.entry_type VALUES (15, 'return_funds');
INSERT INTO ledger.posting_rule VALUES (15, 2, 1);   -- return_funds: available → source

ALTER TABLE ledger.budget
  ADD COLUMN condition_plans uuid[] NOT NULL DEFAULT '{}',
  ADD COLUMN condition_category text NOT NULL DEFAULT '',
  ADD COLUMN condition_deadline date,
  ADD CONSTRAINT budget_condition_is_whole
    CHECK ((condition_deadline IS NULL AND condition_plans = '{}' AND condition_category = '')
        OR (condition_deadline IS NOT NULL AND (condition_plans = '{}') <> (condition_category = '')));

CREATE TRIGGER budget_keeps_its_condition BEFORE UPDATE OF condition_plans, condition_category,
  condition_deadline ON ledger.budget FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
