-- The payees of a municipality, in the order in which they were registered.
CREATE INDEX payee_by_municipality ON ledger.payee (municipality_id, registered_at, payee_id);
