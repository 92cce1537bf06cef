-- An account number is of one payee of a municipality: who is registered twice is paid twice. Numbers
-- lie sealed, so what is compared is a fingerprint of the valid one, which nobody makes without the
-- payee key. A payee from before this has none until another number of it is accepted:
--   no two payees with one account                   payee_one_per_iban
ALTER TABLE ledger.payee ADD COLUMN iban_fingerprint bytea
  CONSTRAINT payee_iban_fingerprint_size CHECK (octet_length(iban_fingerprint) = 32);
CREATE UNIQUE INDEX payee_one_per_iban ON ledger.payee (municipality_id, iban_fingerprint)
  WHERE iban_fingerprint IS NOT NULL;
GRANT UPDATE (iban_fingerprint) ON ledger.payee TO ledger_app;
