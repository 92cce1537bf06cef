-- Paper ballots: stacks of them, entered twice, compared, sealed; and stations closed over them.
-- Papers are mixed before they are stamped, so a serial says nothing about a person.

-- States: 1 OPEN, 2 PASSES, 3 DIFFERS, 4 MATCHED, 5 SEALED, 6 DISCARDED. `content` and `nonce` are
-- what the leaf commits to.
CREATE TABLE ballots.paper_batch (
  round_id uuid NOT NULL,
  batch_id uuid NOT NULL,
  number integer NOT NULL CONSTRAINT paper_batch_number CHECK (number BETWEEN 1 AND 5000),
  class_id integer NOT NULL,
  station integer NOT NULL,
  ballots integer NOT NULL CONSTRAINT paper_batch_ballots CHECK (ballots BETWEEN 1 AND 500),
  supersedes uuid,
  state smallint NOT NULL DEFAULT 1 CONSTRAINT paper_batch_state CHECK (state BETWEEN 1 AND 6),
  leaf_hash bytea CONSTRAINT paper_batch_leaf_size CHECK (octet_length(leaf_hash) = 32),
  content bytea,
  nonce bytea CONSTRAINT paper_batch_nonce_size CHECK (octet_length(nonce) = 32),
  invalid integer NOT NULL DEFAULT 0,
  CONSTRAINT paper_batch_pkey PRIMARY KEY (round_id, batch_id),
  CONSTRAINT paper_batch_number_once UNIQUE (round_id, number),
  CONSTRAINT paper_batch_leaf_once UNIQUE (round_id, leaf_hash),
  CONSTRAINT paper_batch_invalid CHECK (invalid BETWEEN 0 AND ballots),
  CONSTRAINT paper_batch_sealed_whole CHECK (
    (state = 5) = (leaf_hash IS NOT NULL) AND (state = 5) = (content IS NOT NULL)
    AND (state = 5) = (nonce IS NOT NULL)),
  CONSTRAINT paper_batch_not_itself CHECK (supersedes IS DISTINCT FROM batch_id),
  CONSTRAINT paper_batch_supersedes FOREIGN KEY (round_id, supersedes)
    REFERENCES ballots.paper_batch (round_id, batch_id)
);
CREATE UNIQUE INDEX paper_batch_superseded_once ON ballots.paper_batch (round_id, supersedes)
  WHERE supersedes IS NOT NULL AND state <> 6;

-- What a batch is never changes; its state only moves as the table in the README says.
CREATE FUNCTION ballots.paper_batch_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.state, OLD.state) NOT IN ((2, 1), (3, 2), (4, 2), (4, 3), (5, 4), (6, 1), (6, 2), (6, 3), (6, 4)) THEN
    RAISE EXCEPTION 'a batch does not go this way' USING ERRCODE = 'check_violation', CONSTRAINT = 'paper_batch_forward';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER paper_batch_guard BEFORE UPDATE ON ballots.paper_batch
  FOR EACH ROW EXECUTE FUNCTION ballots.paper_batch_guard();

-- Who enters a batch the first and the second time: two different officers.
CREATE TABLE ballots.paper_pass (
  round_id uuid NOT NULL,
  batch_id uuid NOT NULL,
  pass smallint NOT NULL CONSTRAINT paper_pass_of_two CHECK (pass IN (1, 2)),
  officer uuid NOT NULL,
  finished boolean NOT NULL DEFAULT false,
  CONSTRAINT paper_pass_pkey PRIMARY KEY (round_id, batch_id, pass),
  CONSTRAINT paper_pass_two_officers UNIQUE (round_id, batch_id, officer),
  CONSTRAINT paper_pass_batch FOREIGN KEY (round_id, batch_id)
    REFERENCES ballots.paper_batch (round_id, batch_id)
);

-- A paper as one officer read it: a choice (no plans is blank), or why it does not count.
CREATE TABLE ballots.paper_line (
  round_id uuid NOT NULL,
  batch_id uuid NOT NULL,
  pass smallint NOT NULL,
  serial integer NOT NULL CONSTRAINT paper_line_serial CHECK (serial BETWEEN 1 AND 500),
  choice bytea CONSTRAINT paper_line_choice_size CHECK (octet_length(choice) <= 2048),
  invalid smallint CONSTRAINT paper_line_invalid CHECK (invalid BETWEEN 1 AND 8),
  CONSTRAINT paper_line_once_per_pass PRIMARY KEY (round_id, batch_id, pass, serial),
  CONSTRAINT paper_line_says_one_thing CHECK ((choice IS NULL) <> (invalid IS NULL)),
  CONSTRAINT paper_line_pass FOREIGN KEY (round_id, batch_id, pass)
    REFERENCES ballots.paper_pass (round_id, batch_id, pass)
);

-- Who seals a batch.
CREATE TABLE ballots.paper_seal (
  round_id uuid NOT NULL,
  batch_id uuid NOT NULL,
  ordinal smallint NOT NULL CONSTRAINT paper_seal_ordinal CHECK (ordinal IN (1, 2)),
  official uuid NOT NULL,
  CONSTRAINT paper_seal_pkey PRIMARY KEY (round_id, batch_id, ordinal),
  CONSTRAINT paper_seal_by_two UNIQUE (round_id, batch_id, official),
  CONSTRAINT paper_seal_batch FOREIGN KEY (round_id, batch_id)
    REFERENCES ballots.paper_batch (round_id, batch_id)
);

-- A station's numbers as two officials sign them; the last of a station stands. `numbers` are the
-- classes of the event leaf, byte for byte.
CREATE TABLE ballots.station_closing (
  round_id uuid NOT NULL,
  station integer NOT NULL,
  version integer NOT NULL CONSTRAINT station_closing_version CHECK (version >= 1),
  numbers bytea NOT NULL,
  reason text NOT NULL CONSTRAINT station_closing_reason CHECK (octet_length(reason) <= 500),
  first_official uuid NOT NULL,
  second_official uuid,
  CONSTRAINT station_closing_pkey PRIMARY KEY (round_id, station, version),
  CONSTRAINT station_closing_by_two CHECK (first_official <> second_official)
);
CREATE UNIQUE INDEX station_closing_waits_once ON ballots.station_closing (round_id, station)
  WHERE second_official IS NULL;

-- What two have signed stands.
CREATE FUNCTION ballots.station_closing_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.second_official IS NOT NULL THEN
    RAISE EXCEPTION 'a signed closing stands' USING ERRCODE = 'check_violation', CONSTRAINT = 'station_closing_stands';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER station_closing_guard BEFORE UPDATE ON ballots.station_closing
  FOR EACH ROW EXECUTE FUNCTION ballots.station_closing_guard();

-- How much of the log a count has counted: paper may be sealed after a count, and then the count is
-- of yesterday.
ALTER TABLE ballots.tally ADD COLUMN log_size bigint;
GRANT UPDATE (log_size) ON ballots.tally TO ballots_app;

GRANT SELECT, INSERT ON ballots.paper_batch, ballots.paper_pass, ballots.paper_line,
  ballots.paper_seal, ballots.station_closing TO ballots_app;
GRANT UPDATE (state, leaf_hash, content, nonce, invalid) ON ballots.paper_batch TO ballots_app;
GRANT UPDATE (finished) ON ballots.paper_pass TO ballots_app;
GRANT UPDATE (choice, invalid) ON ballots.paper_line TO ballots_app;
GRANT UPDATE (numbers, reason, first_official, second_official) ON ballots.station_closing TO ballots_app;

GRANT SELECT (round_id, batch_id, number, class_id, station, ballots, supersedes, state, leaf_hash)
  ON ballots.paper_batch TO ballots_read;
GRANT SELECT ON ballots.paper_pass, ballots.paper_seal, ballots.station_closing TO ballots_read;
