-- What is proposed, and how far each round is. Every table starts with round_id, so that rounds can
-- be spread over machines; nothing here joins two rounds.

-- Idempotent writes. The primary key comes first, so that of several violated indexes it is the
-- request that PostgreSQL reports.
CREATE TABLE proposals.request (
  request_id uuid CONSTRAINT request_pkey PRIMARY KEY,
  method text NOT NULL,
  caller uuid NOT NULL,
  request_hash bytea NOT NULL CONSTRAINT request_hash_size CHECK (octet_length(request_hash) = 32),
  response bytea,
  requested_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE proposals.round (
  round_id uuid CONSTRAINT round_pkey PRIMARY KEY,
  municipality_id uuid NOT NULL,
  district_id uuid NOT NULL,
  title text NOT NULL CONSTRAINT round_title_length CHECK (char_length(title) BETWEEN 1 AND 120),
  year integer NOT NULL CONSTRAINT round_year_range CHECK (year BETWEEN 2000 AND 2999),
  currency text NOT NULL CONSTRAINT round_currency_form CHECK (currency ~ '^[A-Z]{3}$'),
  demonstration boolean NOT NULL,

  -- The charter as registry gave it, and of it what plans are judged by.
  charter_id uuid NOT NULL,
  charter bytea NOT NULL,
  criteria text[] NOT NULL,
  plan_cost_max_cents bigint NOT NULL
    CONSTRAINT round_plan_cost_max_range CHECK (plan_cost_max_cents BETWEEN 0 AND 1000000000000000),

  freeze_at timestamptz NOT NULL,
  issue_from timestamptz NOT NULL,
  issue_until timestamptz NOT NULL,
  cast_from timestamptz NOT NULL,
  cast_until timestamptz NOT NULL,
  answer_until timestamptz,
  reference_date date NOT NULL,
  CONSTRAINT round_instants_in_order CHECK (
    freeze_at < issue_from AND issue_from <= issue_until AND issue_until <= cast_until
    AND issue_from <= cast_from AND cast_from < cast_until
    AND (answer_until IS NULL OR cast_until <= answer_until)),

  created_by uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),

  pot_approved_by uuid,
  pot_decision_ref text,
  pot_approved_at timestamptz,
  CONSTRAINT round_pot_approval_whole
    CHECK (num_nonnulls(pot_approved_by, pot_decision_ref, pot_approved_at) IN (0, 3)),

  -- Plans are numbered in the order in which they are forged.
  plans_made integer NOT NULL DEFAULT 0
    CONSTRAINT round_plans_made_range CHECK (plans_made BETWEEN 0 AND 900),

  -- What became known on the way.
  manifest_hash bytea CONSTRAINT round_manifest_hash_size CHECK (octet_length(manifest_hash) = 32),
  approved_at timestamptz,
  closes_at timestamptz,
  result_hash bytea CONSTRAINT round_result_hash_size CHECK (octet_length(result_hash) = 32),
  result_version integer,
  outcome smallint NOT NULL DEFAULT 0 CONSTRAINT round_outcome_known CHECK (outcome BETWEEN 0 AND 3),
  done_at timestamptz,
  CONSTRAINT round_approved_is_proposed CHECK (approved_at IS NULL OR manifest_hash IS NOT NULL),
  CONSTRAINT round_voted_has_result CHECK (outcome <> 1 OR result_hash IS NOT NULL),
  CONSTRAINT round_done_has_outcome CHECK (done_at IS NULL OR outcome <> 0),

  -- When the reconciler looks next, and what it found when it last looked.
  look_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  waits_for text NOT NULL DEFAULT '',
  blocked_reason text NOT NULL DEFAULT '',

  CONSTRAINT round_one_of_its_name UNIQUE (district_id, year, title)
);
CREATE INDEX round_newest_first ON proposals.round (district_id, created_at DESC, round_id DESC);
CREATE INDEX round_due ON proposals.round (look_at) WHERE done_at IS NULL;

-- What pays, in order.
CREATE TABLE proposals.pot (
  round_id uuid NOT NULL CONSTRAINT pot_of_round REFERENCES proposals.round,
  position smallint NOT NULL CONSTRAINT pot_position_range CHECK (position BETWEEN 1 AND 16),
  budget_id uuid NOT NULL,
  amount_cents bigint NOT NULL
    CONSTRAINT pot_amount_range CHECK (amount_cents BETWEEN 1 AND 1000000000000000),
  CONSTRAINT pot_pkey PRIMARY KEY (round_id, position),
  CONSTRAINT pot_budget_once UNIQUE (round_id, budget_id)
);

-- What the reconciler did, with the answer it got: never changed, never removed.
CREATE TABLE proposals.step (
  round_id uuid NOT NULL CONSTRAINT step_of_round REFERENCES proposals.round,
  step smallint NOT NULL CONSTRAINT step_known CHECK (step BETWEEN 1 AND 18),
  version integer NOT NULL CONSTRAINT step_version_range CHECK (version >= 1),
  request_id uuid NOT NULL,
  answer bytea NOT NULL,
  done_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT step_pkey PRIMARY KEY (round_id, step, version)
);

-- Who works on a round now: avoids noise between replicas, decides nothing.
CREATE TABLE proposals.lease (
  round_id uuid CONSTRAINT lease_pkey PRIMARY KEY,
  holder uuid NOT NULL,
  held_until timestamptz NOT NULL
);

CREATE TABLE proposals.idea (
  round_id uuid NOT NULL CONSTRAINT idea_of_round REFERENCES proposals.round,
  idea_id uuid NOT NULL,
  author_id uuid NOT NULL,
  title text NOT NULL CONSTRAINT idea_title_length CHECK (char_length(title) BETWEEN 1 AND 120),
  text text NOT NULL CONSTRAINT idea_text_length CHECK (char_length(text) BETWEEN 1 AND 5000),
  submitted_at timestamptz NOT NULL,
  CONSTRAINT idea_pkey PRIMARY KEY (round_id, idea_id)
);
CREATE INDEX idea_by_id ON proposals.idea (idea_id);
CREATE INDEX idea_oldest_first ON proposals.idea (round_id, submitted_at, idea_id);

CREATE TABLE proposals.initiative_group (
  round_id uuid NOT NULL CONSTRAINT initiative_group_of_round REFERENCES proposals.round,
  group_id uuid NOT NULL,
  name text NOT NULL
    CONSTRAINT initiative_group_name_length CHECK (char_length(name) BETWEEN 1 AND 120),
  formed_at timestamptz NOT NULL,
  CONSTRAINT initiative_group_pkey PRIMARY KEY (round_id, group_id)
);
CREATE INDEX initiative_group_by_id ON proposals.initiative_group (group_id);
CREATE INDEX initiative_group_oldest_first
  ON proposals.initiative_group (round_id, formed_at, group_id);

CREATE TABLE proposals.group_member (
  round_id uuid NOT NULL,
  group_id uuid NOT NULL,
  member_id uuid NOT NULL,
  joined_at timestamptz NOT NULL,
  CONSTRAINT group_member_once PRIMARY KEY (round_id, group_id, member_id),
  CONSTRAINT group_member_of_group FOREIGN KEY (round_id, group_id)
    REFERENCES proposals.initiative_group
);

CREATE TABLE proposals.plan (
  round_id uuid NOT NULL CONSTRAINT plan_of_round REFERENCES proposals.round,
  plan_id uuid NOT NULL,
  number integer NOT NULL CONSTRAINT plan_number_range CHECK (number BETWEEN 1 AND 900),
  group_id uuid NOT NULL,
  title text NOT NULL CONSTRAINT plan_title_length CHECK (char_length(title) BETWEEN 1 AND 120),
  text text NOT NULL CONSTRAINT plan_text_length CHECK (char_length(text) BETWEEN 1 AND 20000),
  cost_cents bigint NOT NULL
    CONSTRAINT plan_cost_range CHECK (cost_cents BETWEEN 1 AND 1000000000000000),
  horizon smallint NOT NULL CONSTRAINT plan_horizon_known CHECK (horizon IN (1, 2)),
  exclusive_group text NOT NULL
    CONSTRAINT plan_exclusive_group_form CHECK (exclusive_group ~ '^[a-z0-9-]{0,60}$'),
  forged_by uuid NOT NULL,
  forged_at timestamptz NOT NULL,

  state smallint NOT NULL CONSTRAINT plan_state_known CHECK (state BETWEEN 1 AND 8),
  admitted_by uuid,
  admitted_at timestamptz,
  text_hash bytea CONSTRAINT plan_text_hash_size CHECK (octet_length(text_hash) = 32),
  CONSTRAINT plan_admitted_by_somebody
    CHECK ((state IN (1, 3)) = (admitted_at IS NULL) AND (admitted_by IS NULL) = (admitted_at IS NULL)),

  -- Its outcome.
  support bigint NOT NULL DEFAULT 0,
  award_cents bigint NOT NULL DEFAULT 0
    CONSTRAINT plan_award_within_cost CHECK (award_cents BETWEEN 0 AND cost_cents),
  award_version integer CONSTRAINT plan_award_version_range CHECK (award_version >= 1),
  rank integer,
  reason text NOT NULL DEFAULT '',
  sentence text NOT NULL DEFAULT '',
  answered_by uuid,
  answered_at timestamptz,
  CONSTRAINT plan_paid_has_version CHECK ((state IN (4, 8)) = (award_version IS NOT NULL)),
  CONSTRAINT plan_paid_has_award CHECK (state NOT IN (4, 5, 8) OR award_cents > 0),

  CONSTRAINT plan_pkey PRIMARY KEY (round_id, plan_id),
  CONSTRAINT plan_number_once UNIQUE (round_id, number),
  CONSTRAINT plan_of_group FOREIGN KEY (round_id, group_id) REFERENCES proposals.initiative_group
);
CREATE INDEX plan_by_id ON proposals.plan (plan_id);

CREATE TABLE proposals.plan_idea (
  round_id uuid NOT NULL,
  plan_id uuid NOT NULL,
  position smallint NOT NULL CONSTRAINT plan_idea_position_range CHECK (position BETWEEN 1 AND 50),
  idea_id uuid NOT NULL,
  CONSTRAINT plan_idea_once PRIMARY KEY (round_id, plan_id, idea_id),
  CONSTRAINT plan_idea_of_plan FOREIGN KEY (round_id, plan_id) REFERENCES proposals.plan,
  CONSTRAINT plan_idea_of_idea FOREIGN KEY (round_id, idea_id) REFERENCES proposals.idea
);

-- Every check that was ever made; the highest version of a criterion holds.
CREATE TABLE proposals.plan_check (
  round_id uuid NOT NULL,
  plan_id uuid NOT NULL,
  criterion_id text NOT NULL,
  version integer NOT NULL,
  met boolean NOT NULL,
  reason text NOT NULL
    CONSTRAINT plan_check_reason_length CHECK (char_length(reason) BETWEEN 1 AND 2000),
  checked_by uuid NOT NULL,
  checked_at timestamptz NOT NULL,
  CONSTRAINT plan_check_pkey PRIMARY KEY (round_id, plan_id, criterion_id, version),
  CONSTRAINT plan_check_of_plan FOREIGN KEY (round_id, plan_id) REFERENCES proposals.plan
);

CREATE TABLE proposals.plan_advice (
  round_id uuid NOT NULL,
  plan_id uuid NOT NULL,
  position integer NOT NULL
    CONSTRAINT plan_advice_position_range CHECK (position BETWEEN 1 AND 100),
  author_id uuid NOT NULL,
  text text NOT NULL CONSTRAINT plan_advice_text_length CHECK (char_length(text) BETWEEN 1 AND 5000),
  advised_at timestamptz NOT NULL,
  CONSTRAINT plan_advice_pkey PRIMARY KEY (round_id, plan_id, position),
  CONSTRAINT plan_advice_of_plan FOREIGN KEY (round_id, plan_id) REFERENCES proposals.plan
);

-- What was asked of the ledger, line by line.
CREATE TABLE proposals.award_line (
  round_id uuid NOT NULL,
  version integer NOT NULL,
  plan_id uuid NOT NULL,
  budget_id uuid NOT NULL,
  amount_cents bigint NOT NULL
    CONSTRAINT award_line_amount_range CHECK (amount_cents BETWEEN 1 AND 1000000000000000),
  CONSTRAINT award_line_pkey PRIMARY KEY (round_id, version, plan_id, budget_id),
  CONSTRAINT award_line_of_plan FOREIGN KEY (round_id, plan_id) REFERENCES proposals.plan,
  CONSTRAINT award_line_of_pot FOREIGN KEY (round_id, budget_id)
    REFERENCES proposals.pot (round_id, budget_id)
);

GRANT SELECT ON ALL TABLES IN SCHEMA proposals TO proposals_app, proposals_read;
REVOKE SELECT ON proposals.request FROM proposals_read;
GRANT INSERT ON ALL TABLES IN SCHEMA proposals TO proposals_app;
GRANT UPDATE (response) ON proposals.request TO proposals_app;
GRANT UPDATE (holder, held_until) ON proposals.lease TO proposals_app;
-- A round's rules and pots, a plan's text and cost have no UPDATE: what is frozen, and what never
-- changes, cannot be changed by the service at all.
GRANT UPDATE (freeze_at, issue_from, issue_until, cast_from, cast_until, answer_until,
              reference_date, pot_approved_by, pot_decision_ref, pot_approved_at, plans_made,
              manifest_hash, approved_at, closes_at, result_hash, result_version, outcome, done_at,
              look_at, waits_for, blocked_reason) ON proposals.round TO proposals_app;
GRANT UPDATE (state, admitted_by, admitted_at, text_hash, support, award_cents, award_version, rank,
              reason, sentence, answered_by, answered_at) ON proposals.plan TO proposals_app;
