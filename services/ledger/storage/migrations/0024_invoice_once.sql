-- An invoice is paid once, however its reference is spelled: what is compared is the reference without
-- ASCII spaces and punctuation, in lower case; of one that has nothing else, the reference itself. It
-- stays as it was written. The second of two that were let in by another spelling before this was a
-- rule stays as it was, with a number of its own:
--   an invoice is paid once, by whatever spelling    payment_one_per_invoice
--   nothing new gets such a number                   payment_invoice_counts, payment_keeps_its_twin
ALTER TABLE ledger.payment ADD COLUMN invoice_twin integer NOT NULL DEFAULT 0;

-- Before the column is there that has the table written anew: rows that are new are checked again in
-- the end, and until then no trigger is put back.
ALTER TABLE ledger.payment DISABLE TRIGGER payment_goes_on;
UPDATE ledger.payment AS p SET invoice_twin = t.number
  FROM (SELECT k.budget_id, k.payment_id,
               row_number() OVER (PARTITION BY k.payee_id, k.invoice_key
                                      ORDER BY k.requested_at, k.budget_id, k.payment_id) - 1 AS number
          FROM (SELECT budget_id, payment_id, payee_id, requested_at,
                       coalesce(nullif(translate(invoice_ref,
                         'ABCDEFGHIJKLMNOPQRSTUVWXYZ !"#$%&''()*+,-./:;<=>?@[\]^_`{|}~',
                         'abcdefghijklmnopqrstuvwxyz'), ''), invoice_ref) AS invoice_key
                  FROM ledger.payment WHERE state NOT IN (5, 6)) AS k) AS t
 WHERE (p.budget_id, p.payment_id) = (t.budget_id, t.payment_id) AND t.number > 0;
ALTER TABLE ledger.payment ENABLE TRIGGER payment_goes_on;

ALTER TABLE ledger.payment
  ADD COLUMN invoice_key text NOT NULL GENERATED ALWAYS AS (coalesce(nullif(translate(invoice_ref,
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ !"#$%&''()*+,-./:;<=>?@[\]^_`{|}~', 'abcdefghijklmnopqrstuvwxyz'), ''),
    invoice_ref)) STORED;

-- What was rejected, or came back, may be asked for again.
DROP INDEX ledger.payment_one_per_invoice;
CREATE UNIQUE INDEX payment_one_per_invoice ON ledger.payment (payee_id, invoice_key, invoice_twin)
  WHERE state NOT IN (5, 6);
CREATE TRIGGER payment_invoice_counts BEFORE INSERT ON ledger.payment
  FOR EACH ROW WHEN (new.invoice_twin <> 0) EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER payment_keeps_its_twin BEFORE UPDATE OF invoice_twin ON ledger.payment
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
