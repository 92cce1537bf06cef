-- The end of a year. What long strikes still have goes over to the next year's budget, as a pair of
-- entries with one link; what is left besides goes over with it, or back to where it came from:
--   out of one budget, into the next, nothing between    verified per link
--   open, then carried, then closed, never back          budget_goes_on
INSERT INTO ledger.account_kind VALUES (8, 'carried_out', false), (9, 'carried_in', true);
INSERT INTO ledger.entry_type VALUES (13, 'carry_out'), (14, 'carry_in');
INSERT INTO ledger.posting_rule VALUES
  (13, 4, 8), (13, 5, 8), (13, 2, 8),   -- reserved, committed, available → carried out
  (13, 2, 1),                           -- available → source: what lapses
  (14, 9, 4), (14, 9, 5), (14, 9, 2);   -- carried in → reserved, committed, available

-- To find the other half of a pair.
CREATE INDEX entry_by_link ON ledger.entry (link_id) WHERE link_id IS NOT NULL;

ALTER TABLE ledger.budget DROP CONSTRAINT budget_state_known;
ALTER TABLE ledger.budget
  ADD CONSTRAINT budget_state_known CHECK (state IN ('open', 'carried', 'closed'));
CREATE TRIGGER budget_goes_on BEFORE UPDATE OF state ON ledger.budget
  FOR EACH ROW WHEN (old.state = 'closed' OR new.state = 'open' AND old.state <> 'open')
  EXECUTE FUNCTION ledger.refuse_change();
GRANT UPDATE (state) ON ledger.budget TO ledger_app;
