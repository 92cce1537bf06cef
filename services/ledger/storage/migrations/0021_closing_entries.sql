-- The end of a period is an entry: it moves nothing, but stands in the chain, and so in the signed
-- log. Who takes a closing away leaves an entry that rests on nothing.
--   a period is closed by an entry of two people     closing_is_an_entry, closing_accepted_as_entry,
--                                                    entry_closes_by_two, period_closed_by_entry
--   December only when nothing is left               period_last_when_carried
--   a posting obeys the rule of its entry's type     posting_of_its_entry
INSERT INTO ledger.entry_type (type, name, reversible, dated) VALUES (19, 'close_period', false, false);
ALTER TABLE ledger.entry
  ADD CONSTRAINT entry_closes_by_two CHECK (type <> 19 OR num_nulls(approver, record_hash) = 0);

ALTER TABLE ledger.closing ADD COLUMN entry_seq bigint;
ALTER TABLE ledger.closing
  ADD CONSTRAINT closing_is_an_entry FOREIGN KEY (budget_id, entry_seq) REFERENCES ledger.entry;
CREATE UNIQUE INDEX closing_one_per_entry ON ledger.closing (budget_id, entry_seq);
-- Not of those that were accepted before: they have no entry, and are never changed.
ALTER TABLE ledger.closing
  ADD CONSTRAINT closing_accepted_as_entry CHECK ((state = 'accepted') = (entry_seq IS NOT NULL)) NOT VALID;
GRANT UPDATE (entry_seq) ON ledger.closing TO ledger_app;

-- The entry that closes a period is the only one that a period takes which is to be closed.
CREATE OR REPLACE FUNCTION ledger.refuse_closed_period() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF EXISTS (SELECT FROM added AS a
              WHERE NOT EXISTS (SELECT FROM ledger.period AS p
                                 WHERE p.budget_id = a.budget_id AND p.period_no = a.period_no
                                   AND p.state = CASE a.type WHEN 19 THEN 'closing' ELSE 'open' END)) THEN
    RAISE EXCEPTION 'an entry in a period that is not open'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_in_open_period';
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION ledger.refuse_closed_without_entry() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM ledger.closing AS c
                   JOIN ledger.entry AS e ON e.budget_id = c.budget_id AND e.seq = c.entry_seq
                  WHERE c.budget_id = new.budget_id AND c.period_no = new.period_no
                    AND e.type = 19 AND e.period_no = new.period_no) THEN
    RAISE EXCEPTION 'a period that no entry closed'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'period_closed_by_entry';
  END IF;
  IF new.period_no = 12 AND EXISTS (SELECT FROM ledger.budget AS b
                                     WHERE b.budget_id = new.budget_id AND b.state = 'open') THEN
    RAISE EXCEPTION 'the last period of a budget that was not carried over'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'period_last_when_carried';
  END IF;
  RETURN new;
END $$;
CREATE TRIGGER period_closed_by_entry BEFORE UPDATE ON ledger.period
  FOR EACH ROW WHEN (new.state = 'closed' AND old.state <> 'closed')
  EXECUTE FUNCTION ledger.refuse_closed_without_entry();
GRANT EXECUTE ON FUNCTION ledger.refuse_closed_without_entry() TO ledger_app;

-- Once per statement: a foreign key with the type would take an index more on every entry.
CREATE FUNCTION ledger.refuse_other_type() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF EXISTS (SELECT FROM added AS a JOIN ledger.entry AS e ON e.budget_id = a.budget_id AND e.seq = a.seq
              WHERE e.type <> a.type) THEN
    RAISE EXCEPTION 'a posting of another type than its entry'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'posting_of_its_entry';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER posting_of_its_entry AFTER INSERT ON ledger.posting REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_other_type();
GRANT EXECUTE ON FUNCTION ledger.refuse_other_type() TO ledger_app;
