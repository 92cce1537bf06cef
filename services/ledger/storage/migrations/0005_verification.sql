-- Trust: which books were verified, and what was found. A budget with a finding takes no entries
-- until an auditor has looked and the owner has removed the finding:
--   no entry in books that are not right             entry_in_sound_budget

-- How far each budget was verified. A budget without a row never was.
CREATE TABLE ledger.verification (
  budget_id uuid CONSTRAINT verification_pkey PRIMARY KEY
    CONSTRAINT verification_budget REFERENCES ledger.budget,
  requested_at timestamptz,   -- Somebody waits for a walk that begins after this.
  begun_at timestamptz,       -- When the newest walk that came to its end began,
  seq bigint,                 -- and the entry it came to.
  CONSTRAINT verification_is_of_a_walk CHECK (num_nulls(begun_at, seq) IN (0, 2))) WITH (fillfactor = 50);

-- What was found; without a budget: of the ledger as a whole, and then nothing is posted at all.
CREATE TABLE ledger.finding (
  finding_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT finding_pkey PRIMARY KEY,
  budget_id uuid CONSTRAINT finding_budget REFERENCES ledger.budget,
  seq bigint NOT NULL,        -- The entry it is about; 0 for the books as a whole.
  what text NOT NULL,
  found_at timestamptz NOT NULL DEFAULT clock_timestamp());
CREATE INDEX finding_by_budget ON ledger.finding (budget_id, finding_id);

-- Whoever finds something takes the budget's head first, as every writer does; this is the backstop.
CREATE FUNCTION ledger.refuse_unsound_budget() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF EXISTS (SELECT FROM ledger.finding AS f
              WHERE f.budget_id IS NULL OR f.budget_id IN (SELECT budget_id FROM added)) THEN
    RAISE EXCEPTION 'an entry in books that are not right'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_in_sound_budget';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER entry_in_sound_budget AFTER INSERT ON ledger.entry REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_unsound_budget();

GRANT SELECT ON ledger.verification, ledger.finding TO ledger_app, ledger_read;
GRANT INSERT, UPDATE ON ledger.verification TO ledger_app;
GRANT INSERT (budget_id, seq, what) ON ledger.finding TO ledger_app;
GRANT EXECUTE ON FUNCTION ledger.refuse_unsound_budget() TO ledger_app;
