-- Money with a condition.
--   a plan says of which category it is                 plan_category_form
--   a pot is for one category, or for one plan          pot_for_one_thing, pot_category_form, pot_of_plan
--   and then has to be awarded by a day                 pot_condition_whole
-- As the ledger had it when the pot was planned: a budget keeps its condition.
ALTER TABLE proposals.plan
  ADD COLUMN category text NOT NULL DEFAULT ''
    CONSTRAINT plan_category_form
    CHECK (category ~ '^([a-z0-9]+(-[a-z0-9]+)*)?$' AND char_length(category) <= 60);

ALTER TABLE proposals.pot
  ADD COLUMN category text NOT NULL DEFAULT ''
    CONSTRAINT pot_category_form
    CHECK (category ~ '^([a-z0-9]+(-[a-z0-9]+)*)?$' AND char_length(category) <= 60),
  ADD COLUMN plan_id uuid,
  ADD COLUMN deadline date,
  ADD CONSTRAINT pot_for_one_thing CHECK (category = '' OR plan_id IS NULL),
  ADD CONSTRAINT pot_condition_whole
    CHECK ((deadline IS NULL) = (category = '' AND plan_id IS NULL)),
  ADD CONSTRAINT pot_of_plan FOREIGN KEY (round_id, plan_id) REFERENCES proposals.plan;
