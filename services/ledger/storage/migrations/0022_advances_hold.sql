-- Receipts were handed in, and money came back, on a day outside as well: types 16 and 17.
UPDATE ledger.entry_type SET dated = true WHERE type IN (16, 17);
