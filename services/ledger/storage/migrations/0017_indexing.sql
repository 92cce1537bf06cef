-- A new year's appropriations, taken over from the year before at a rate:
--   once per budget                                   indexing_once_per_budget
--   of another budget's, by an entry of its own       indexing_of_another, indexing_entry
INSERT INTO ledger.entry_type (type, name, reversible, dated) VALUES (18, 'index_appropriations', true, true);
INSERT INTO ledger.posting_rule VALUES (18, 1, 2);   -- source → available

CREATE TABLE ledger.indexing (
  budget_id uuid CONSTRAINT indexing_once_per_budget PRIMARY KEY,
  from_budget_id uuid NOT NULL CONSTRAINT indexing_from REFERENCES ledger.budget,
  rate integer NOT NULL CONSTRAINT indexing_rate_range CHECK (rate BETWEEN -10000 AND 10000),
  from_seq bigint NOT NULL CONSTRAINT indexing_from_seq_positive CHECK (from_seq >= 1),
  seq bigint NOT NULL,
  CONSTRAINT indexing_of_another CHECK (from_budget_id <> budget_id),
  CONSTRAINT indexing_from_entry FOREIGN KEY (from_budget_id, from_seq) REFERENCES ledger.entry,
  CONSTRAINT indexing_entry FOREIGN KEY (budget_id, seq) REFERENCES ledger.entry);
CREATE TRIGGER indexing_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.indexing
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

GRANT SELECT, INSERT ON ledger.indexing TO ledger_app;
GRANT SELECT ON ledger.indexing TO ledger_read;
