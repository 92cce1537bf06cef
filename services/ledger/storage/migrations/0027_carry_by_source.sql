-- What goes over to the next year goes by source: the accounts carried_out and carried_in are a
-- source's each, by its name. So what came over can be given back to those who gave it:
--   available → carried_in, what lapses or was not awarded    posting_rule_allows
--   no more than came over                                    account_carried_in_not_positive
-- Accounts from before carry the other budget's id, and stay: it counts as one more source.
INSERT INTO ledger.posting_rule VALUES (13, 2, 9), (15, 2, 9);

ALTER TABLE ledger.account
  ADD CONSTRAINT account_carried_in_not_positive CHECK (kind <> 9 OR credits <= debits);
