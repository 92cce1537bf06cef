-- The day on which something happened outside, where it is not the day it was recorded: a council's
-- decision, a contract, a bank's value date. Its period is that of the recording all the same:
--   only of what people record                       entry_effective_date_of_step
--   never after the day it was recorded              entry_effective_date_not_ahead
ALTER TABLE ledger.entry_type ADD COLUMN dated boolean NOT NULL DEFAULT false;
UPDATE ledger.entry_type SET dated = true WHERE type IN (1, 5, 6, 7, 8, 9, 10, 15);

ALTER TABLE ledger.entry
  ADD COLUMN effective_date date,
  ADD CONSTRAINT entry_effective_date_not_ahead
    CHECK (effective_date <= (recorded_at AT TIME ZONE 'Europe/Amsterdam')::date);

-- The domain decides; this is the backstop. Nearly no batch has one, so that is asked first.
CREATE FUNCTION ledger.refuse_undated_type() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF EXISTS (SELECT FROM added WHERE effective_date IS NOT NULL)
     AND EXISTS (SELECT FROM added AS a JOIN ledger.entry_type AS t ON t.type = a.type
                  WHERE a.effective_date IS NOT NULL AND NOT t.dated) THEN
    RAISE EXCEPTION 'an entry that happens when it is recorded'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_effective_date_of_step';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER entry_effective_date_of_step AFTER INSERT ON ledger.entry REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_undated_type();
GRANT EXECUTE ON FUNCTION ledger.refuse_undated_type() TO ledger_app;
