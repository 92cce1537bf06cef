-- Whom the ledger pays. Names and account numbers lie here sealed under the ledger's own key, and
-- nowhere else; what decides stands in the open:
--   one change of an IBAN waits at a time            payee_iban_one_proposed
--   whoever proposed it does not accept it           payee_iban_accepted_by_another
--   what was decided stays decided                   payee_iban_decided_once
CREATE TABLE ledger.payee (
  payee_id uuid CONSTRAINT payee_pkey PRIMARY KEY,
  municipality_id uuid NOT NULL,
  name_sealed bytea NOT NULL,
  registered_by uuid NOT NULL,
  registered_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT payee_municipality_unique UNIQUE (payee_id, municipality_id));

-- The valid IBAN is the newest accepted one; version 1 came with the payee.
CREATE TABLE ledger.payee_iban (
  payee_id uuid NOT NULL CONSTRAINT payee_iban_payee REFERENCES ledger.payee,
  version integer NOT NULL CONSTRAINT payee_iban_version_positive CHECK (version >= 1),
  iban_sealed bytea NOT NULL,
  state text NOT NULL CONSTRAINT payee_iban_state_known CHECK (state IN ('proposed', 'accepted', 'refused')),
  proposed_by uuid NOT NULL,
  proposed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  decided_by uuid,
  decided_at timestamptz,
  prev_version integer GENERATED ALWAYS AS (NULLIF(version - 1, 0)) STORED,
  CONSTRAINT payee_iban_pkey PRIMARY KEY (payee_id, version),
  CONSTRAINT payee_iban_gapless FOREIGN KEY (payee_id, prev_version) REFERENCES ledger.payee_iban,
  CONSTRAINT payee_iban_first_accepted CHECK (version > 1 OR state = 'accepted'),
  CONSTRAINT payee_iban_decided_by_somebody
    CHECK ((decided_by IS NULL) = (state = 'proposed' OR version = 1)
           AND (decided_by IS NULL) = (decided_at IS NULL)),
  CONSTRAINT payee_iban_accepted_by_another CHECK (state <> 'accepted' OR decided_by <> proposed_by));
CREATE UNIQUE INDEX payee_iban_one_proposed ON ledger.payee_iban (payee_id) WHERE state = 'proposed';

CREATE TABLE ledger.payee_request (
  request_id uuid CONSTRAINT payee_request_pkey PRIMARY KEY,
  method text NOT NULL,
  caller uuid NOT NULL,
  request_hash bytea NOT NULL
    CONSTRAINT payee_request_hash_size CHECK (octet_length(request_hash) = 32),
  response bytea,
  requested_at timestamptz NOT NULL DEFAULT clock_timestamp());

CREATE TRIGGER payee_never_removed BEFORE DELETE OR TRUNCATE ON ledger.payee
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER payee_iban_never_removed BEFORE DELETE OR TRUNCATE ON ledger.payee_iban
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER payee_iban_decided_once BEFORE UPDATE ON ledger.payee_iban
  FOR EACH ROW WHEN (old.state <> 'proposed') EXECUTE FUNCTION ledger.refuse_change();

GRANT SELECT, INSERT ON ledger.payee, ledger.payee_iban, ledger.payee_request TO ledger_app;
GRANT UPDATE (state, decided_by, decided_at) ON ledger.payee_iban TO ledger_app;
GRANT UPDATE (response) ON ledger.payee_request TO ledger_app;
