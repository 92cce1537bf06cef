-- Who: municipalities, districts, charters, people and what they may do, rolls, credentials.

-- Answers to writes that carried a request_id, for whoever asks again.
CREATE TABLE registry.request (
  request_id uuid CONSTRAINT request_pkey PRIMARY KEY,
  method text NOT NULL,
  caller uuid NOT NULL,
  request_hash bytea NOT NULL CONSTRAINT request_hash_size CHECK (octet_length(request_hash) = 32),
  response bytea,  -- Filled in by the transaction that inserts the row.
  requested_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE registry.municipality (
  municipality_id uuid CONSTRAINT municipality_pkey PRIMARY KEY,
  name text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE registry.district (
  district_id uuid CONSTRAINT district_pkey PRIMARY KEY,
  municipality_id uuid NOT NULL CONSTRAINT district_of_municipality REFERENCES registry.municipality,
  slug text NOT NULL CONSTRAINT district_slug_form CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
  name text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT district_slug_once UNIQUE (municipality_id, slug)
);

-- The area of a district. A whole postcode goes before the four digits.
CREATE TABLE registry.postcode (
  municipality_id uuid NOT NULL,
  postcode text NOT NULL CONSTRAINT postcode_form CHECK (postcode ~ '^[1-9][0-9]{3}([A-Z]{2})?$'),
  district_id uuid NOT NULL CONSTRAINT postcode_of_district REFERENCES registry.district,
  CONSTRAINT postcode_in_one_district PRIMARY KEY (municipality_id, postcode)
);
CREATE INDEX postcode_by_district ON registry.postcode (district_id);

-- Rules never change: a change is a new version. `canon` is what the hash is taken over.
CREATE TABLE registry.charter (
  district_id uuid NOT NULL CONSTRAINT charter_of_district REFERENCES registry.district,
  version integer NOT NULL CONSTRAINT charter_version_positive CHECK (version >= 1),
  charter_id uuid NOT NULL CONSTRAINT charter_id_once UNIQUE,
  canon bytea NOT NULL,
  charter_hash bytea NOT NULL,
  published_by uuid NOT NULL,
  published_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT charter_pkey PRIMARY KEY (district_id, version),
  CONSTRAINT charter_hash_of_canon CHECK (charter_hash = sha256(canon))
);

-- Somebody registry knows: a resident, a holder of roles, or both. person_key is a keyed hash of
-- the name under which the identity provider knows them; that name itself is stored nowhere.
CREATE TABLE registry.person (
  person_id uuid CONSTRAINT person_pkey PRIMARY KEY,
  person_key bytea NOT NULL CONSTRAINT person_key_once UNIQUE,
  municipality_id uuid NOT NULL CONSTRAINT person_of_municipality REFERENCES registry.municipality,
  birth_date date,
  district_id uuid CONSTRAINT person_of_district REFERENCES registry.district,
  took_part boolean NOT NULL DEFAULT false,  -- In a round that has closed.
  CONSTRAINT person_key_size CHECK (octet_length(person_key) = 32),
  CONSTRAINT person_resident_whole CHECK ((birth_date IS NULL) = (district_id IS NULL))
);
CREATE INDEX person_by_district ON registry.person (district_id) WHERE district_id IS NOT NULL;

CREATE TABLE registry.role_grant (
  municipality_id uuid NOT NULL CONSTRAINT grant_of_municipality REFERENCES registry.municipality,
  grant_id uuid NOT NULL,
  person_id uuid NOT NULL CONSTRAINT grant_to_person REFERENCES registry.person,
  role smallint NOT NULL CONSTRAINT grant_role_grantable CHECK (role >= 2),
  district_id uuid CONSTRAINT grant_in_district REFERENCES registry.district,
  limit_cents bigint NOT NULL
    CONSTRAINT grant_limit_range CHECK (limit_cents BETWEEN 0 AND 1000000000000000),
  granted_by uuid,  -- Empty for the first administrator.
  granted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  revoked_by uuid,
  revoked_at timestamptz,
  CONSTRAINT grant_pkey PRIMARY KEY (municipality_id, grant_id),
  CONSTRAINT grant_revoked_whole CHECK ((revoked_by IS NULL) = (revoked_at IS NULL))
);
CREATE UNIQUE INDEX grant_held_once
  ON registry.role_grant (municipality_id, person_id, role,
                          (coalesce(district_id, '00000000-0000-0000-0000-000000000000'::uuid)))
  WHERE revoked_at IS NULL;
CREATE INDEX grant_by_person ON registry.role_grant (person_id) WHERE revoked_at IS NULL;
CREATE INDEX grant_newest ON registry.role_grant (municipality_id, granted_at DESC, grant_id DESC)
  WHERE revoked_at IS NULL;

-- Who may vote in a round. state: 1 running, 2 open, 3 closed, 4 failed.
CREATE TABLE registry.roll (
  round_id uuid CONSTRAINT roll_pkey PRIMARY KEY,
  municipality_id uuid NOT NULL,
  district_id uuid NOT NULL CONSTRAINT roll_of_district REFERENCES registry.district,
  state smallint NOT NULL CONSTRAINT roll_state_known CHECK (state BETWEEN 1 AND 4),
  reference_date date NOT NULL,
  issue_from timestamptz NOT NULL,
  issue_until timestamptz NOT NULL,
  k_min integer NOT NULL CONSTRAINT roll_k_min_positive CHECK (k_min >= 1),
  opening_hash bytea NOT NULL,  -- Of what was asked for, without its request_id.
  manifest_hash bytea CONSTRAINT roll_manifest_hash_size CHECK (octet_length(manifest_hash) = 32),
  failure text NOT NULL DEFAULT '',
  first_round boolean NOT NULL DEFAULT false,  -- No roll of the municipality had closed before.
  asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT roll_window CHECK (issue_from <= issue_until)
);
CREATE INDEX roll_running ON registry.roll (asked_at) WHERE state = 1;
CREATE INDEX roll_by_municipality ON registry.roll (municipality_id);

CREATE TABLE registry.roll_class (
  round_id uuid NOT NULL CONSTRAINT roll_class_of_roll REFERENCES registry.roll,
  class_id integer NOT NULL CONSTRAINT roll_class_id_range CHECK (class_id BETWEEN 1 AND 65535),
  name text NOT NULL,
  age_from smallint NOT NULL,
  age_to smallint NOT NULL,
  weight integer NOT NULL,
  size bigint NOT NULL DEFAULT 0,
  issuer_spki bytea,
  issuer_key_id bytea CONSTRAINT roll_class_key_once UNIQUE,  -- One key, one round, one class.
  sealed_key bytea,  -- The private half under the key-encryption key; destroyed at the close.
  issued bigint,     -- Fixed at the close.
  CONSTRAINT roll_class_pkey PRIMARY KEY (round_id, class_id),
  CONSTRAINT roll_class_key_whole CHECK ((issuer_spki IS NULL) = (issuer_key_id IS NULL)),
  CONSTRAINT roll_class_key_id CHECK (issuer_key_id = sha256(issuer_spki))
);

CREATE TABLE registry.entitlement (
  round_id uuid NOT NULL,
  person_id uuid NOT NULL,
  class_id integer NOT NULL,
  age smallint NOT NULL,  -- On the reference date.
  CONSTRAINT entitlement_pkey PRIMARY KEY (round_id, person_id),
  CONSTRAINT entitlement_of_class FOREIGN KEY (round_id, class_id) REFERENCES registry.roll_class
);

-- One credential per entitlement: the primary key is the promise. No time is kept: when somebody
-- fetched a credential is nobody's business, and would help to guess which ballot is theirs.
CREATE TABLE registry.credential (
  round_id uuid NOT NULL,
  person_id uuid NOT NULL,
  blinded_message bytea NOT NULL
    CONSTRAINT credential_message_size CHECK (octet_length(blinded_message) = 384),
  blind_signature bytea NOT NULL
    CONSTRAINT credential_signature_size CHECK (octet_length(blind_signature) = 384),
  CONSTRAINT credential_pkey PRIMARY KEY (round_id, person_id),
  CONSTRAINT credential_of_entitlement
    FOREIGN KEY (round_id, person_id) REFERENCES registry.entitlement
);

-- How far issuing has come, for the guard outside this database: a database restored from last
-- night's backup has forgotten credentials it gave, and must not give second ones.
CREATE TABLE registry.issuance (
  only_row boolean CONSTRAINT issuance_pkey PRIMARY KEY DEFAULT true
    CONSTRAINT issuance_single CHECK (only_row),
  commit_no bigint NOT NULL DEFAULT 0,
  size bigint NOT NULL DEFAULT 0,
  root bytea NOT NULL DEFAULT sha256('') CONSTRAINT issuance_root_size CHECK (octet_length(root) = 32)
);
INSERT INTO registry.issuance DEFAULT VALUES;

-- Who took part, fixed at the close and never counted again: erasing a person changes nothing here.
CREATE TABLE registry.participation (
  round_id uuid NOT NULL CONSTRAINT participation_of_roll REFERENCES registry.roll,
  class_id integer NOT NULL,
  age_from smallint NOT NULL,
  age_to smallint NOT NULL,
  roll_size bigint NOT NULL,
  took_part bigint NOT NULL,
  first_time bigint NOT NULL,
  CONSTRAINT participation_pkey PRIMARY KEY (round_id, class_id, age_from),
  CONSTRAINT participation_adds_up CHECK (0 <= first_time AND first_time <= took_part
                                          AND took_part <= roll_size)
);

-- What is published once stays as it is, for the owner too.
CREATE FUNCTION registry.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% of %.% is refused: it is append-only', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME;
END $$;
CREATE TRIGGER charter_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON registry.charter
  FOR EACH STATEMENT EXECUTE FUNCTION registry.refuse_change();
CREATE TRIGGER participation_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON registry.participation
  FOR EACH STATEMENT EXECUTE FUNCTION registry.refuse_change();

-- Rewrites a round's credentials in random order: rows lie in the order in which they came, and
-- that order, laid beside a log of ballots, would tell much. Runs as the owner, since the service
-- itself may delete nothing.
CREATE FUNCTION registry.shuffle_credentials(closed_round uuid) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH taken AS (DELETE FROM registry.credential WHERE round_id = closed_round
                 RETURNING round_id, person_id, blinded_message, blind_signature),
       laid AS (INSERT INTO registry.credential (round_id, person_id, blinded_message, blind_signature)
                SELECT * FROM taken ORDER BY random() RETURNING 1)
  SELECT count(*) FROM laid
$$;

GRANT SELECT, INSERT, UPDATE (response) ON registry.request TO registry_app;
GRANT SELECT, INSERT ON registry.municipality, registry.district, registry.postcode,
  registry.charter, registry.entitlement, registry.credential, registry.participation
  TO registry_app;
GRANT SELECT, INSERT, UPDATE (person_key, birth_date, district_id, took_part) ON registry.person
  TO registry_app;
GRANT SELECT, INSERT, UPDATE (revoked_by, revoked_at) ON registry.role_grant TO registry_app;
GRANT SELECT, INSERT, UPDATE (state, manifest_hash, failure, first_round) ON registry.roll
  TO registry_app;
GRANT SELECT, INSERT, UPDATE (size, issuer_spki, issuer_key_id, sealed_key, issued)
  ON registry.roll_class TO registry_app;
GRANT SELECT, UPDATE (commit_no, size, root) ON registry.issuance TO registry_app;
GRANT EXECUTE ON FUNCTION registry.shuffle_credentials TO registry_app;

-- People and reports see places, rules and counts, and nothing about anybody.
GRANT SELECT ON registry.municipality, registry.district, registry.postcode, registry.charter
  TO registry_read;
GRANT SELECT (round_id, municipality_id, district_id, state, reference_date, issue_from, issue_until,
              k_min, manifest_hash, failure) ON registry.roll TO registry_read;
GRANT SELECT (round_id, class_id, name, age_from, age_to, weight, size, issuer_spki, issuer_key_id)
  ON registry.roll_class TO registry_read;
