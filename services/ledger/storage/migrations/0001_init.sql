-- Money. What the books may hold is stated here, so that no program can store anything else:
--   no account but a source goes below zero          account_not_overdrawn
--   only the moves of posting_rule                   posting_rule_allows
--   entries 1, 2, 3 … of a budget without gaps       entry_follows_previous, entry_seq_gapless
--   an entry cannot be edited, removed or invented   entry_hash_of_chain, entry_follows_previous,
--                                                    entry_starts_at_opening, head_is_an_entry
--   nothing in a closed period                       entry_in_open_period
--   an entry is taken back at most once              entry_reversed_once

-- ── Words ──────────────────────────────────────────────────────────────────────────────────────
-- The numbers stand in canonical bytes and in the API, and never change.
CREATE TABLE ledger.account_kind (
  kind smallint CONSTRAINT account_kind_pkey PRIMARY KEY,
  name text NOT NULL CONSTRAINT account_kind_name_unique UNIQUE,
  may_overdraw boolean NOT NULL,
  CONSTRAINT account_kind_overdraw_unique UNIQUE (kind, may_overdraw));
INSERT INTO ledger.account_kind VALUES
  (1, 'source', true), (2, 'available', false), (3, 'pot', false), (4, 'reserved', false);

CREATE TABLE ledger.entry_type (
  type smallint CONSTRAINT entry_type_pkey PRIMARY KEY,
  name text NOT NULL CONSTRAINT entry_type_name_unique UNIQUE);
INSERT INTO ledger.entry_type VALUES
  (1, 'appropriate'), (2, 'hold_pot'), (3, 'reserve_awards'), (4, 'release_pot');

-- The moves there are. A posting that is not among them cannot be stored.
CREATE TABLE ledger.posting_rule (
  type smallint NOT NULL CONSTRAINT posting_rule_type_known REFERENCES ledger.entry_type,
  from_kind smallint NOT NULL CONSTRAINT posting_rule_from_known REFERENCES ledger.account_kind,
  to_kind smallint NOT NULL CONSTRAINT posting_rule_to_known REFERENCES ledger.account_kind,
  CONSTRAINT posting_rule_pkey PRIMARY KEY (type, from_kind, to_kind));
INSERT INTO ledger.posting_rule VALUES
  (1, 1, 2),   -- appropriate: source → available
  (2, 2, 3),   -- hold_pot: available → pot
  (3, 3, 4),   -- reserve_awards: pot → reserved
  (4, 3, 2);   -- release_pot: pot → available

-- Amounts are cents everywhere, so only currencies of two decimals.
CREATE TABLE ledger.currency (
  currency text CONSTRAINT currency_pkey PRIMARY KEY CONSTRAINT currency_form CHECK (currency ~ '^[A-Z]{3}$'),
  exponent smallint NOT NULL CONSTRAINT currency_exponent_two CHECK (exponent = 2));
-- The Kingdom's own, and those of countries that budget with their residents this way.
INSERT INTO ledger.currency VALUES
  ('EUR', 2), ('USD', 2), ('XCG', 2), ('AWG', 2), ('BRL', 2), ('CAD', 2), ('CHF', 2), ('CZK', 2), ('DKK', 2),
  ('GBP', 2), ('HUF', 2), ('NOK', 2), ('PLN', 2), ('RON', 2), ('SEK', 2), ('UAH', 2);

-- ── Budgets ────────────────────────────────────────────────────────────────────────────────────
-- Whose budgets a district's are; the first budget says so.
CREATE TABLE ledger.district (
  district_id uuid CONSTRAINT district_pkey PRIMARY KEY,
  municipality_id uuid NOT NULL,
  CONSTRAINT district_municipality_unique UNIQUE (district_id, municipality_id));

CREATE TABLE ledger.budget (
  budget_id uuid CONSTRAINT budget_pkey PRIMARY KEY,
  municipality_id uuid NOT NULL,
  district_id uuid NOT NULL,
  fund text NOT NULL CONSTRAINT budget_fund_form CHECK (fund ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(fund) <= 60),
  fiscal_year integer NOT NULL CONSTRAINT budget_fiscal_year_range CHECK (fiscal_year BETWEEN 2000 AND 2999),
  currency text NOT NULL CONSTRAINT budget_currency_known REFERENCES ledger.currency,
  state text NOT NULL DEFAULT 'open' CONSTRAINT budget_state_known CHECK (state IN ('open', 'closed')),
  opened_at timestamptz NOT NULL,
  request_id uuid NOT NULL,
  actor text NOT NULL,
  opening bytea NOT NULL,
  opening_hash bytea NOT NULL CONSTRAINT budget_opening_hash CHECK (opening_hash = sha256(opening)),
  CONSTRAINT budget_opening_unique UNIQUE (budget_id, opening_hash),
  CONSTRAINT budget_district_of_municipality FOREIGN KEY (district_id, municipality_id)
    REFERENCES ledger.district (district_id, municipality_id));
CREATE INDEX budget_by_district ON ledger.budget (district_id, fiscal_year DESC, fund, currency);

CREATE TABLE ledger.period (
  budget_id uuid NOT NULL CONSTRAINT period_budget REFERENCES ledger.budget,
  period_no smallint NOT NULL CONSTRAINT period_no_range CHECK (period_no BETWEEN 1 AND 12),
  first_day date NOT NULL,
  last_day date NOT NULL,
  state text NOT NULL DEFAULT 'open' CONSTRAINT period_state_known CHECK (state IN ('open', 'closing', 'closed')),
  CONSTRAINT period_pkey PRIMARY KEY (budget_id, period_no),
  CONSTRAINT period_days_in_order CHECK (first_day <= last_day));

-- Numbered within the budget. Balances are credits minus debits. Pages are left nearly empty: every
-- batch makes a new version of a busy row, the foreign keys of its postings walk past all that are
-- not yet pruned, and PostgreSQL prunes a page when its free space falls below what fillfactor
-- keeps. At 50 that walk was a third of the cost of a posting.
CREATE TABLE ledger.account (
  budget_id uuid NOT NULL CONSTRAINT account_budget REFERENCES ledger.budget,
  account_no bigint NOT NULL CONSTRAINT account_no_positive CHECK (account_no > 0),
  kind smallint NOT NULL,
  reference text NOT NULL,
  may_overdraw boolean NOT NULL,
  debits bigint NOT NULL DEFAULT 0 CONSTRAINT account_debits_not_negative CHECK (debits >= 0),
  credits bigint NOT NULL DEFAULT 0 CONSTRAINT account_credits_not_negative CHECK (credits >= 0),
  CONSTRAINT account_pkey PRIMARY KEY (budget_id, account_no),
  CONSTRAINT account_one_per_reference UNIQUE (budget_id, kind, reference),
  CONSTRAINT account_kind_unique UNIQUE (budget_id, account_no, kind),
  CONSTRAINT account_kind_known FOREIGN KEY (kind, may_overdraw)
    REFERENCES ledger.account_kind (kind, may_overdraw),
  CONSTRAINT account_not_overdrawn CHECK (may_overdraw OR credits >= debits)) WITH (fillfactor = 10);

-- ── Entries ────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE ledger.entry (
  budget_id uuid NOT NULL,
  seq bigint NOT NULL CONSTRAINT entry_seq_positive CHECK (seq >= 1),
  prev_seq bigint,
  prev_hash bytea NOT NULL,
  canonical bytea NOT NULL,
  hash bytea NOT NULL,
  type smallint NOT NULL,         -- Known, because its postings' rule is.
  period_no smallint NOT NULL,
  recorded_at timestamptz NOT NULL,
  request_id uuid NOT NULL,
  actor text NOT NULL,
  approver text,
  decision_ref text NOT NULL,
  link_id uuid,
  reverses_seq bigint,
  first_prev_hash bytea GENERATED ALWAYS AS (CASE WHEN seq = 1 THEN prev_hash END) STORED,
  CONSTRAINT entry_pkey PRIMARY KEY (budget_id, seq),
  CONSTRAINT entry_hash_unique UNIQUE (budget_id, seq, hash),
  CONSTRAINT entry_seq_gapless CHECK (prev_seq IS NOT DISTINCT FROM NULLIF(seq - 1, 0)),
  CONSTRAINT entry_hash_of_chain CHECK (hash = sha256(prev_hash || canonical)),
  CONSTRAINT entry_approver_is_another CHECK (approver IS NULL OR approver <> actor),
  CONSTRAINT entry_reverses_earlier CHECK (reverses_seq < seq),
  CONSTRAINT entry_follows_previous FOREIGN KEY (budget_id, prev_seq, prev_hash)
    REFERENCES ledger.entry (budget_id, seq, hash),
  CONSTRAINT entry_starts_at_opening FOREIGN KEY (budget_id, first_prev_hash)
    REFERENCES ledger.budget (budget_id, opening_hash),
  CONSTRAINT entry_reverses_known FOREIGN KEY (budget_id, reverses_seq) REFERENCES ledger.entry);
-- Partial: with a plain unique constraint PostgreSQL may choose its index, in which nearly every
-- row of the budget stands under NULL, to check the chain's foreign key, and scan the budget.
CREATE UNIQUE INDEX entry_reversed_once ON ledger.entry (budget_id, reverses_seq)
  WHERE reverses_seq IS NOT NULL;

CREATE TABLE ledger.posting (
  budget_id uuid NOT NULL,
  seq bigint NOT NULL,
  line smallint NOT NULL CONSTRAINT posting_line_positive CHECK (line >= 1),
  type smallint NOT NULL,
  from_no bigint NOT NULL,
  from_kind smallint NOT NULL,
  to_no bigint NOT NULL,
  to_kind smallint NOT NULL,
  amount bigint NOT NULL CONSTRAINT posting_amount_range CHECK (amount BETWEEN 1 AND 1000000000000000),
  from_balance bigint NOT NULL,   -- After it, as the verifier derives again.
  to_balance bigint NOT NULL,
  CONSTRAINT posting_pkey PRIMARY KEY (budget_id, seq, line),
  CONSTRAINT posting_moves CHECK (from_no <> to_no),
  CONSTRAINT posting_entry FOREIGN KEY (budget_id, seq) REFERENCES ledger.entry,
  CONSTRAINT posting_rule_allows FOREIGN KEY (type, from_kind, to_kind) REFERENCES ledger.posting_rule,
  CONSTRAINT posting_from_account FOREIGN KEY (budget_id, from_no, from_kind)
    REFERENCES ledger.account (budget_id, account_no, kind),
  CONSTRAINT posting_to_account FOREIGN KEY (budget_id, to_no, to_kind)
    REFERENCES ledger.account (budget_id, account_no, kind));

-- Where a budget stands. Every writer locks it first, in order of budget_id.
CREATE TABLE ledger.budget_head (
  budget_id uuid CONSTRAINT budget_head_pkey PRIMARY KEY CONSTRAINT budget_head_budget REFERENCES ledger.budget,
  seq bigint NOT NULL CONSTRAINT budget_head_seq_not_negative CHECK (seq >= 0),
  hash bytea NOT NULL,
  account_count bigint NOT NULL,
  appropriated bigint NOT NULL CONSTRAINT budget_head_appropriated_range CHECK (appropriated BETWEEN 0 AND 1000000000000000),
  entry_seq bigint GENERATED ALWAYS AS (NULLIF(seq, 0)) STORED,
  CONSTRAINT head_is_an_entry FOREIGN KEY (budget_id, entry_seq, hash)
    REFERENCES ledger.entry (budget_id, seq, hash)) WITH (fillfactor = 10);

-- Award versions that were reserved; a round may have pots in several budgets.
CREATE TABLE ledger.award_version (
  round_id uuid NOT NULL,
  award_version integer NOT NULL CONSTRAINT award_version_positive CHECK (award_version >= 1),
  CONSTRAINT award_version_pkey PRIMARY KEY (round_id, award_version));

-- ── Requests and commits ───────────────────────────────────────────────────────────────────────
-- What was answered to whom: a repeated request gets its first answer again.
CREATE TABLE ledger.request (
  budget_id uuid NOT NULL,
  request_id uuid NOT NULL,
  method text NOT NULL,
  actor text NOT NULL,
  request_hash bytea NOT NULL CONSTRAINT request_hash_size CHECK (octet_length(request_hash) = 32),
  response bytea NOT NULL,
  answered_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT request_pkey PRIMARY KEY (budget_id, request_id));

-- One row: how far the database has come, compared at start with what the guard remembers.
CREATE TABLE ledger.progress (
  one_row boolean NOT NULL DEFAULT true CONSTRAINT progress_pkey PRIMARY KEY CONSTRAINT progress_one_row CHECK (one_row),
  commit_no bigint NOT NULL,
  record_count bigint NOT NULL,   -- Budgets opened and entries.
  root bytea NOT NULL CONSTRAINT progress_root_size CHECK (octet_length(root) = 32)) WITH (fillfactor = 10);
INSERT INTO ledger.progress VALUES (true, 0, 0, decode(repeat('00', 32), 'hex'));

-- ── Append-only, also for the owner ────────────────────────────────────────────────────────────
CREATE FUNCTION ledger.refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  RAISE EXCEPTION '% on %.% refused: what was written stays', tg_op, tg_table_schema, tg_table_name
    USING ERRCODE = 'restrict_violation', CONSTRAINT = tg_name;
END $$;
CREATE TRIGGER entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.entry
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER posting_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.posting
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER request_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.request
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER award_version_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.award_version
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER budget_never_removed BEFORE DELETE OR TRUNCATE ON ledger.budget
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER account_never_removed BEFORE DELETE OR TRUNCATE ON ledger.account
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

-- Whoever closes a period takes the budget's head, as every writer does; this is the backstop, once
-- per statement where a foreign key would cost a look-up per entry.
CREATE FUNCTION ledger.refuse_closed_period() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF EXISTS (SELECT FROM added AS a
              WHERE NOT EXISTS (SELECT FROM ledger.period AS p
                                 WHERE p.budget_id = a.budget_id AND p.period_no = a.period_no
                                   AND p.state = 'open')) THEN
    RAISE EXCEPTION 'an entry in a period that is not open'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_in_open_period';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER entry_in_open_period AFTER INSERT ON ledger.entry REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_closed_period();

-- ── Grants ─────────────────────────────────────────────────────────────────────────────────────
GRANT SELECT ON ledger.account_kind, ledger.entry_type, ledger.posting_rule, ledger.currency,
  ledger.district, ledger.budget, ledger.period, ledger.account, ledger.entry, ledger.posting,
  ledger.budget_head, ledger.award_version, ledger.request, ledger.progress TO ledger_app;
GRANT INSERT ON ledger.district, ledger.budget, ledger.period, ledger.account, ledger.entry,
  ledger.posting, ledger.budget_head, ledger.award_version, ledger.request TO ledger_app;
GRANT UPDATE (debits, credits) ON ledger.account TO ledger_app;
GRANT UPDATE (seq, hash, account_count, appropriated) ON ledger.budget_head TO ledger_app;
GRANT UPDATE (commit_no, record_count, root) ON ledger.progress TO ledger_app;
GRANT EXECUTE ON FUNCTION ledger.refuse_change(), ledger.refuse_closed_period() TO ledger_app;

GRANT SELECT ON ledger.account_kind, ledger.entry_type, ledger.posting_rule, ledger.currency,
  ledger.district, ledger.budget, ledger.period, ledger.account, ledger.entry, ledger.posting,
  ledger.budget_head, ledger.award_version, ledger.progress TO ledger_read;
