-- What a municipality calls accounts and entries in its own ledger, and the Iv3 task field and category of what is
-- posted there. For exports alone; a commitment may name its own, which is part of its record.
--   every version stays, one after the other         ledger_code_append_only, ledger_code_version_gapless
--   a code is of one kind or of one type, once       ledger_code_maps_one, ledger_code_once_per_kind, …_type
CREATE TABLE ledger.ledger_code_version (
  municipality_id uuid NOT NULL,
  version integer NOT NULL CONSTRAINT ledger_code_version_positive CHECK (version >= 1),
  prev_version integer GENERATED ALWAYS AS (NULLIF(version - 1, 0)) STORED,
  set_by uuid NOT NULL,
  set_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT ledger_code_version_pkey PRIMARY KEY (municipality_id, version),
  CONSTRAINT ledger_code_version_gapless FOREIGN KEY (municipality_id, prev_version)
    REFERENCES ledger.ledger_code_version);

CREATE TABLE ledger.ledger_code (
  municipality_id uuid NOT NULL,
  version integer NOT NULL,
  line smallint NOT NULL CONSTRAINT ledger_code_line_positive CHECK (line >= 1),
  account_kind smallint CONSTRAINT ledger_code_kind_known REFERENCES ledger.account_kind,
  entry_type smallint CONSTRAINT ledger_code_type_known REFERENCES ledger.entry_type,
  code text NOT NULL CONSTRAINT ledger_code_length CHECK (octet_length(code) BETWEEN 1 AND 20),
  description text NOT NULL,
  taakveld text NOT NULL CONSTRAINT ledger_code_taakveld_form CHECK (taakveld ~ '^([0-9][.][0-9]{1,2}[a-z]?)?$'),
  category text NOT NULL CONSTRAINT ledger_code_category_form CHECK (category ~ '^([0-9]([.][0-9]){1,2})?$'),
  CONSTRAINT ledger_code_pkey PRIMARY KEY (municipality_id, version, line),
  CONSTRAINT ledger_code_of_version FOREIGN KEY (municipality_id, version)
    REFERENCES ledger.ledger_code_version,
  CONSTRAINT ledger_code_maps_one CHECK (num_nonnulls(account_kind, entry_type) = 1));
CREATE UNIQUE INDEX ledger_code_once_per_kind ON ledger.ledger_code (municipality_id, version, account_kind)
  WHERE account_kind IS NOT NULL;
CREATE UNIQUE INDEX ledger_code_once_per_type ON ledger.ledger_code (municipality_id, version, entry_type)
  WHERE entry_type IS NOT NULL;

CREATE TRIGGER ledger_code_version_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
  ON ledger.ledger_code_version FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER ledger_code_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.ledger_code
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

GRANT SELECT, INSERT ON ledger.ledger_code_version, ledger.ledger_code TO ledger_app;
GRANT SELECT ON ledger.ledger_code_version, ledger.ledger_code TO ledger_read;

ALTER TABLE ledger.commitment
  ADD COLUMN taakveld text NOT NULL DEFAULT ''
    CONSTRAINT commitment_taakveld_form CHECK (taakveld ~ '^([0-9][.][0-9]{1,2}[a-z]?)?$'),
  ADD COLUMN category text NOT NULL DEFAULT ''
    CONSTRAINT commitment_category_form CHECK (category ~ '^([0-9]([.][0-9]){1,2})?$');
DROP TRIGGER commitment_keeps_its_terms ON ledger.commitment;
CREATE TRIGGER commitment_keeps_its_terms BEFORE UPDATE OF budget_id, commitment_id, municipality_id,
  plan_id, payee_id, amount, quote_ref, decision_ref, document_hash, payable_from, seq, opened_at, vat,
  taakveld, category ON ledger.commitment FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
