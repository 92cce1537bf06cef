-- Payments on commitments. Where a payment stands is the newest of its steps, and steps follow each
-- other like entries do:
--   only the steps of payment_transition              payment_step_allowed
--   each from where the one before it ended           payment_step_follows
--   a payment stands where its newest step ended      payment_stands_at_step
--   whoever asked for it does not approve it          payment_approver_is_another
--   a second approver is somebody else                payment_approved_once_by
--   approved means by as many as it needs             payment_enough_approvals
--   money moves when the bank does, and then always   payment_step_posts
--   an invoice is paid once                           payment_one_per_invoice
CREATE TABLE ledger.payment_state (
  state smallint CONSTRAINT payment_state_pkey PRIMARY KEY,
  name text NOT NULL CONSTRAINT payment_state_name_unique UNIQUE);
INSERT INTO ledger.payment_state VALUES
  (1, 'requested'), (2, 'approved'), (3, 'instructed'), (4, 'settled'), (5, 'failed'), (6, 'rejected');

CREATE TABLE ledger.payment_transition (
  from_state smallint NOT NULL CONSTRAINT payment_transition_from_known REFERENCES ledger.payment_state,
  to_state smallint NOT NULL CONSTRAINT payment_transition_to_known REFERENCES ledger.payment_state,
  CONSTRAINT payment_transition_pkey PRIMARY KEY (from_state, to_state));
INSERT INTO ledger.payment_transition VALUES
  (1, 1),   -- the first approval of two
  (1, 2), (1, 6), (2, 3), (3, 4), (3, 5);

ALTER TABLE ledger.commitment ADD CONSTRAINT commitment_payee_unique
  UNIQUE (budget_id, commitment_id, payee_id, municipality_id);

CREATE TABLE ledger.payment (
  budget_id uuid NOT NULL,
  payment_id uuid NOT NULL,
  commitment_id uuid NOT NULL,
  municipality_id uuid NOT NULL,
  payee_id uuid NOT NULL,
  amount bigint NOT NULL CONSTRAINT payment_amount_range CHECK (amount BETWEEN 1 AND 1000000000000000),
  invoice_ref text NOT NULL,
  requested_by uuid NOT NULL,
  requested_at timestamptz NOT NULL,
  approvals_needed smallint NOT NULL CONSTRAINT payment_approvals_range CHECK (approvals_needed IN (1, 2)),
  state smallint NOT NULL,
  steps smallint NOT NULL,
  bank_ref text,
  iban_version integer,
  CONSTRAINT payment_pkey PRIMARY KEY (budget_id, payment_id),
  CONSTRAINT payment_facts_unique UNIQUE (budget_id, payment_id, requested_by, approvals_needed),
  CONSTRAINT payment_commitment FOREIGN KEY (budget_id, commitment_id, payee_id, municipality_id)
    REFERENCES ledger.commitment (budget_id, commitment_id, payee_id, municipality_id),
  CONSTRAINT payment_iban FOREIGN KEY (payee_id, iban_version)
    REFERENCES ledger.payee_iban (payee_id, version),
  CONSTRAINT payment_instructed_somewhere
    CHECK ((state IN (3, 4, 5)) = (bank_ref IS NOT NULL) AND (bank_ref IS NULL) = (iban_version IS NULL)));
-- What was rejected, or came back, may be asked for again.
CREATE UNIQUE INDEX payment_one_per_invoice ON ledger.payment (payee_id, invoice_ref)
  WHERE state NOT IN (5, 6);
-- The bank knows a municipality's payments by it.
CREATE UNIQUE INDEX payment_bank_ref_unique ON ledger.payment (municipality_id, bank_ref)
  WHERE bank_ref IS NOT NULL;
CREATE INDEX payment_by_commitment ON ledger.payment (budget_id, commitment_id);
CREATE INDEX payment_by_state ON ledger.payment (budget_id, state, requested_at, payment_id);

CREATE TABLE ledger.payment_step (
  budget_id uuid NOT NULL,
  payment_id uuid NOT NULL,
  step_no smallint NOT NULL CONSTRAINT payment_step_no_positive CHECK (step_no >= 1),
  from_state smallint,
  to_state smallint NOT NULL,
  person uuid NOT NULL,
  actor text NOT NULL,
  request_id uuid NOT NULL,
  stepped_at timestamptz NOT NULL,
  seq bigint,
  note text NOT NULL,
  -- Of the payment, so that what an approval needs stands in one row.
  requested_by uuid NOT NULL,
  approvals_needed smallint NOT NULL,
  prev_step_no smallint GENERATED ALWAYS AS (NULLIF(step_no - 1, 0)) STORED,
  approves boolean NOT NULL GENERATED ALWAYS AS (from_state IS NOT DISTINCT FROM 1 AND to_state IN (1, 2)) STORED,
  CONSTRAINT payment_step_pkey PRIMARY KEY (budget_id, payment_id, step_no),
  CONSTRAINT payment_step_state_unique UNIQUE (budget_id, payment_id, step_no, to_state),
  CONSTRAINT payment_step_begins CHECK ((step_no = 1) = (from_state IS NULL) AND (step_no > 1 OR to_state = 1)),
  CONSTRAINT payment_step_requested_by_requester CHECK (step_no > 1 OR person = requested_by),
  CONSTRAINT payment_step_allowed FOREIGN KEY (from_state, to_state) REFERENCES ledger.payment_transition,
  CONSTRAINT payment_step_follows FOREIGN KEY (budget_id, payment_id, prev_step_no, from_state)
    REFERENCES ledger.payment_step (budget_id, payment_id, step_no, to_state),
  CONSTRAINT payment_step_payment FOREIGN KEY (budget_id, payment_id, requested_by, approvals_needed)
    REFERENCES ledger.payment (budget_id, payment_id, requested_by, approvals_needed),
  CONSTRAINT payment_step_entry FOREIGN KEY (budget_id, seq) REFERENCES ledger.entry,
  CONSTRAINT payment_step_posts CHECK ((to_state IN (3, 4, 5)) = (seq IS NOT NULL)),
  CONSTRAINT payment_approver_is_another CHECK (NOT approves OR person <> requested_by),
  -- Approvals come right after the request, so the step's number counts them.
  CONSTRAINT payment_enough_approvals CHECK (NOT approves OR (to_state = 2) = (step_no - 1 = approvals_needed)));
CREATE UNIQUE INDEX payment_approved_once_by ON ledger.payment_step (budget_id, payment_id, person)
  WHERE approves;
CREATE UNIQUE INDEX payment_step_one_per_entry ON ledger.payment_step (budget_id, seq) WHERE seq IS NOT NULL;

-- A payment and its first step refer to each other.
ALTER TABLE ledger.payment ADD CONSTRAINT payment_stands_at_step
  FOREIGN KEY (budget_id, payment_id, steps, state)
  REFERENCES ledger.payment_step (budget_id, payment_id, step_no, to_state) DEFERRABLE INITIALLY DEFERRED;

CREATE TRIGGER payment_never_removed BEFORE DELETE OR TRUNCATE ON ledger.payment
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER payment_keeps_its_facts BEFORE UPDATE OF budget_id, payment_id, commitment_id,
  municipality_id, payee_id, amount, invoice_ref, requested_by, requested_at, approvals_needed
  ON ledger.payment FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER payment_goes_on BEFORE UPDATE ON ledger.payment
  FOR EACH ROW WHEN (new.steps <= old.steps OR new.bank_ref IS NULL AND old.bank_ref IS NOT NULL)
  EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER payment_step_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.payment_step
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

GRANT SELECT ON ledger.payment_state, ledger.payment_transition TO ledger_app;
GRANT SELECT, INSERT ON ledger.payment, ledger.payment_step TO ledger_app;
GRANT UPDATE (state, steps, bank_ref, iban_version) ON ledger.payment TO ledger_app;
GRANT SELECT ON ledger.payment_state, ledger.payment_transition, ledger.payment, ledger.payment_step TO ledger_read;
