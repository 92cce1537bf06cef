-- Ballots: how many. No table here knows a person. No row of a ballot has a time, an address or a
-- request id; officials stand under this service's own pseudonyms.

-- Answers to writes by officials and services, for the same request sent again. Never casts: a
-- ballot's own hash is its key.
CREATE TABLE ballots.request (
  request_id uuid CONSTRAINT request_pkey PRIMARY KEY,
  method text NOT NULL,
  caller uuid NOT NULL,
  request_hash bytea NOT NULL CONSTRAINT request_hash_size CHECK (octet_length(request_hash) = 32),
  response bytea,
  requested_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- An election. States: 1 PROPOSED, 2 PUBLISHED, 3 CLOSED, 4 TALLIED, 5 CERTIFIED.
CREATE TABLE ballots.round (
  round_id uuid CONSTRAINT round_pkey PRIMARY KEY,
  municipality_id uuid NOT NULL,
  district_id uuid NOT NULL,
  state smallint NOT NULL CONSTRAINT round_state CHECK (state BETWEEN 1 AND 5),
  manifest bytea NOT NULL,
  manifest_hash bytea NOT NULL CONSTRAINT round_manifest_hash CHECK (manifest_hash = sha256(manifest)),
  cast_from timestamptz NOT NULL,
  cast_until timestamptz NOT NULL,  -- The manifest's, or earlier in a demonstration brought forward.
  batch_min integer NOT NULL CONSTRAINT round_batch_min CHECK (batch_min >= 1),
  scrambled boolean NOT NULL DEFAULT false  -- Set once rows no longer lie in the order of casting.
);

-- What is approved is frozen; states only go forward; a close only comes nearer.
CREATE FUNCTION ballots.round_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state > 1 AND (NEW.manifest, NEW.cast_from, NEW.batch_min, NEW.municipality_id, NEW.district_id)
     IS DISTINCT FROM (OLD.manifest, OLD.cast_from, OLD.batch_min, OLD.municipality_id, OLD.district_id) THEN
    RAISE EXCEPTION 'an approved manifest never changes' USING ERRCODE = 'check_violation', CONSTRAINT = 'round_frozen';
  END IF;
  IF NEW.state < OLD.state OR (OLD.state > 1 AND NEW.cast_until > OLD.cast_until)
     OR (OLD.state > 2 AND NEW.cast_until IS DISTINCT FROM OLD.cast_until) THEN
    RAISE EXCEPTION 'an election only goes forward' USING ERRCODE = 'check_violation', CONSTRAINT = 'round_forward';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER round_guard BEFORE UPDATE ON ballots.round
  FOR EACH ROW EXECUTE FUNCTION ballots.round_guard();

-- What two different officials each did. Matters: 1 manifest, 2 bring the close forward, 3 lot,
-- 4 certification of the tally `version` (0 for the others).
CREATE TABLE ballots.approval (
  round_id uuid NOT NULL,
  matter smallint NOT NULL CONSTRAINT approval_matter CHECK (matter BETWEEN 1 AND 4),
  version integer NOT NULL,
  ordinal smallint NOT NULL CONSTRAINT approval_ordinal CHECK (ordinal IN (1, 2)),
  official uuid NOT NULL,
  CONSTRAINT approval_pkey PRIMARY KEY (round_id, matter, version, ordinal),
  CONSTRAINT approval_by_two UNIQUE (round_id, matter, version, official)
);

-- The lot of a round, as entered: it stands once it has two approvals.
CREATE TABLE ballots.lot (
  round_id uuid CONSTRAINT lot_pkey PRIMARY KEY,
  numbers bigint[] NOT NULL
);

-- One row per voting key: where it stands, and the opening of its last ballot. An earlier opening
-- is overwritten, so earlier choices stay secret for ever. The service writes choices and cannot
-- read them: released_openings() gives them after close.
CREATE TABLE ballots.cast_head (
  round_id uuid NOT NULL,
  voting_key bytea NOT NULL CONSTRAINT cast_head_key_size CHECK (octet_length(voting_key) = 32),
  class_id integer NOT NULL,
  last_seq bigint NOT NULL CONSTRAINT cast_head_seq CHECK (last_seq BETWEEN 1 AND 4294967295),
  last_leaf bytea NOT NULL,
  casts smallint NOT NULL CONSTRAINT cast_head_casts CHECK (casts BETWEEN 1 AND 20),
  choice bytea NOT NULL CONSTRAINT cast_head_choice_size CHECK (octet_length(choice) <= 2048),
  nonce bytea NOT NULL CONSTRAINT cast_head_nonce_size CHECK (octet_length(nonce) = 32),
  CONSTRAINT cast_head_pkey PRIMARY KEY (round_id, voting_key)
) WITH (fillfactor = 90);

-- Acknowledged, not yet in the log.
CREATE TABLE ballots.pending (
  round_id uuid NOT NULL,
  leaf_hash bytea NOT NULL,
  leaf bytea NOT NULL CONSTRAINT pending_leaf_size CHECK (octet_length(leaf) <= 4096),
  CONSTRAINT pending_pkey PRIMARY KEY (round_id, leaf_hash)
);

-- The log of a round: RFC 6962 over the leaves' bytes, exactly as received. Append only.
CREATE TABLE ballots.log_leaf (
  round_id uuid NOT NULL,
  idx bigint NOT NULL CONSTRAINT log_leaf_idx CHECK (idx >= 0),
  leaf_hash bytea NOT NULL,
  leaf bytea NOT NULL,
  CONSTRAINT log_leaf_pkey PRIMARY KEY (round_id, idx),
  CONSTRAINT log_leaf_once UNIQUE (round_id, leaf_hash),
  CONSTRAINT log_leaf_hash CHECK (leaf_hash = sha256('\x00'::bytea || leaf))
);

-- The log's head: `frontier` holds the roots of its perfect subtrees, largest first.
CREATE TABLE ballots.log_state (
  round_id uuid CONSTRAINT log_state_pkey PRIMARY KEY,
  size bigint NOT NULL CONSTRAINT log_state_size CHECK (size > 0),
  root bytea NOT NULL CONSTRAINT log_state_root_size CHECK (octet_length(root) = 32),
  frontier bytea NOT NULL
);
CREATE FUNCTION ballots.log_state_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.size <= OLD.size THEN
    RAISE EXCEPTION 'a log only grows' USING ERRCODE = 'check_violation', CONSTRAINT = 'log_state_grows';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER log_state_guard BEFORE UPDATE ON ballots.log_state
  FOR EACH ROW EXECUTE FUNCTION ballots.log_state_guard();

-- Signed notes over committed heads.
CREATE TABLE ballots.checkpoint (
  round_id uuid NOT NULL,
  size bigint NOT NULL,
  note text NOT NULL,
  CONSTRAINT checkpoint_pkey PRIMARY KEY (round_id, size)
);

-- How far this database has come, compared with the guard outside of it: commits, leaves of all
-- logs together, and a running hash over every growth of every log.
CREATE TABLE ballots.progress (
  only_row boolean NOT NULL DEFAULT true CONSTRAINT progress_pkey PRIMARY KEY
    CONSTRAINT progress_only_row CHECK (only_row),
  commit_no bigint NOT NULL,
  leaves bigint NOT NULL,
  digest bytea NOT NULL CONSTRAINT progress_digest_size CHECK (octet_length(digest) = 32)
);
INSERT INTO ballots.progress (commit_no, leaves, digest) VALUES (0, 0, decode(repeat('00', 32), 'hex'));

-- Counts. States: 1 RUNNING, 2 SUCCEEDED, 3 FAILED, 4 CERTIFIED.
CREATE TABLE ballots.tally (
  round_id uuid NOT NULL,
  version integer NOT NULL CONSTRAINT tally_version CHECK (version >= 1),
  state smallint NOT NULL CONSTRAINT tally_state CHECK (state BETWEEN 1 AND 4),
  issued_classes integer[] NOT NULL,
  issued_counts bigint[] NOT NULL,
  result bytea,
  result_hash bytea CONSTRAINT tally_result_hash CHECK (result_hash = sha256(result)),
  imbalances text[] NOT NULL DEFAULT '{}',
  failure text NOT NULL DEFAULT '',
  CONSTRAINT tally_pkey PRIMARY KEY (round_id, version),
  CONSTRAINT tally_has_result CHECK ((state IN (2, 4)) = (result IS NOT NULL AND result_hash IS NOT NULL)),
  CONSTRAINT tally_certified_balances CHECK (state <> 4 OR imbalances = '{}')
);

-- The openings of the ballots that count, only once the round is closed; in the order of their leaf
-- hashes, which says nothing about when they were cast.
CREATE FUNCTION ballots.released_openings(round uuid)
RETURNS TABLE (leaf_hash bytea, choice bytea, nonce bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM ballots.round r WHERE r.round_id = round AND r.state >= 3) THEN
    RAISE EXCEPTION 'openings are released after close' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN QUERY SELECT h.last_leaf, h.choice, h.nonce FROM ballots.cast_head h
                WHERE h.round_id = round ORDER BY h.last_leaf;
END $$;

-- Rewrites the heads of a certified round in random order, all in one transaction: neither the
-- order of rows in a dump nor ctid or xmin tell afterwards who came after whom.
CREATE FUNCTION ballots.scramble(round uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE ballots.round r SET scrambled = true
   WHERE r.round_id = round AND r.state = 5 AND NOT r.scrambled;
  IF NOT FOUND THEN RETURN; END IF;
  WITH taken AS (DELETE FROM ballots.cast_head h WHERE h.round_id = round RETURNING h.*)
  INSERT INTO ballots.cast_head SELECT t.* FROM taken t ORDER BY gen_random_uuid();
END $$;

GRANT SELECT, INSERT ON ballots.request TO ballots_app;
GRANT UPDATE (response) ON ballots.request TO ballots_app;
GRANT SELECT, INSERT ON ballots.round TO ballots_app;
GRANT UPDATE (municipality_id, district_id, state, manifest, manifest_hash, cast_from, cast_until, batch_min)
  ON ballots.round TO ballots_app;
GRANT SELECT, INSERT ON ballots.approval, ballots.checkpoint, ballots.log_leaf TO ballots_app;
GRANT SELECT, INSERT ON ballots.lot, ballots.log_state, ballots.tally TO ballots_app;
GRANT UPDATE (numbers) ON ballots.lot TO ballots_app;
GRANT UPDATE (size, root, frontier) ON ballots.log_state TO ballots_app;
GRANT UPDATE (state, result, result_hash, imbalances, failure) ON ballots.tally TO ballots_app;
GRANT SELECT (round_id, voting_key, class_id, last_seq, last_leaf, casts), INSERT,
  UPDATE (last_seq, last_leaf, casts, choice, nonce) ON ballots.cast_head TO ballots_app;
GRANT SELECT, INSERT, DELETE ON ballots.pending TO ballots_app;
GRANT SELECT, UPDATE (commit_no, leaves, digest) ON ballots.progress TO ballots_app;
GRANT EXECUTE ON FUNCTION ballots.released_openings(uuid), ballots.scramble(uuid) TO ballots_app;

GRANT SELECT ON ballots.round, ballots.approval, ballots.lot, ballots.log_leaf, ballots.log_state,
  ballots.checkpoint, ballots.progress TO ballots_read;
