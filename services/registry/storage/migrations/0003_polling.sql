-- The polling evening. Online or on paper is one row per voter and round, in registry.credential:
--   nobody has both                                  credential_pkey
--   what was issued is never taken back              credential_issued_for_good
--   an officer strikes off, a voter fetches          credential_marked_by
--   papers come back only by two officers            paper_return_by_two
--   a station is closed by two officers, for good    station_closed_by_two, station_closed_for_good
--   no more comes back than was handed out           station_count_adds_up

-- channel: 1 digital, 2 paper, 3 kiosk (a credential fetched in the hall, or still to be), 4 given
-- back (open again). No time is kept here either.
ALTER TABLE registry.credential
  ALTER COLUMN blinded_message DROP NOT NULL,
  ALTER COLUMN blind_signature DROP NOT NULL,
  ADD COLUMN channel smallint NOT NULL DEFAULT 1
    CONSTRAINT credential_channel_known CHECK (channel BETWEEN 1 AND 4),
  ADD COLUMN marked_by uuid,
  ADD CONSTRAINT credential_whole
    CHECK ((blinded_message IS NULL) = (blind_signature IS NULL)),
  ADD CONSTRAINT credential_of_channel
    CHECK (channel = 3 OR (channel = 1) = (blinded_message IS NOT NULL)),
  ADD CONSTRAINT credential_marked_by CHECK ((channel = 1) = (marked_by IS NULL));

-- For the owner too; the service itself may update nothing here but through the functions below.
CREATE TRIGGER credential_issued_for_good BEFORE UPDATE ON registry.credential
  FOR EACH ROW WHEN (old.blinded_message IS NOT NULL) EXECUTE FUNCTION registry.refuse_change();

-- The moves there are between marks: paper or kiosk → given back → paper or kiosk. Gives how many
-- rows moved: none when the row is not as the caller thought.
CREATE FUNCTION registry.move_mark(of_round uuid, of_person uuid, before smallint, after smallint,
                                   officer uuid) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH moved AS (
    UPDATE registry.credential SET channel = after, marked_by = officer
     WHERE round_id = of_round AND person_id = of_person AND channel = before
       AND blinded_message IS NULL AND (before, after) IN ((2, 4), (3, 4), (4, 2), (4, 3))
    RETURNING 1)
  SELECT count(*) FROM moved
$$;

-- Fills in what kiosks fetched, one row each. Gives how many rows were still waiting for it.
CREATE FUNCTION registry.issue_at_kiosk(rounds uuid[], people uuid[], messages bytea[],
                                        signatures bytea[]) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH issued AS (
    UPDATE registry.credential c SET blinded_message = n.message, blind_signature = n.signature
      FROM unnest(rounds, people, messages, signatures) AS n (round_id, person_id, message, signature)
     WHERE c.round_id = n.round_id AND c.person_id = n.person_id AND c.channel = 3
       AND c.blinded_message IS NULL
    RETURNING 1)
  SELECT count(*) FROM issued
$$;

CREATE OR REPLACE FUNCTION registry.shuffle_credentials(closed_round uuid) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH taken AS (DELETE FROM registry.credential WHERE round_id = closed_round
                 RETURNING round_id, person_id, blinded_message, blind_signature, channel, marked_by),
       laid AS (INSERT INTO registry.credential
                  (round_id, person_id, blinded_message, blind_signature, channel, marked_by)
                SELECT * FROM taken ORDER BY random() RETURNING 1)
  SELECT count(*) FROM laid
$$;

CREATE TABLE registry.station_officer (
  round_id uuid NOT NULL,
  station integer NOT NULL,
  person_id uuid NOT NULL CONSTRAINT station_officer_person REFERENCES registry.person,
  assigned_by uuid NOT NULL,
  assigned_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT station_officer_pkey PRIMARY KEY (round_id, station, person_id),
  CONSTRAINT station_officer_of_station FOREIGN KEY (round_id, station) REFERENCES registry.station
);

-- Papers that came back unused: one officer asked, another one confirmed.
CREATE TABLE registry.paper_return (
  round_id uuid NOT NULL,
  person_id uuid NOT NULL,
  return_no integer NOT NULL CONSTRAINT paper_return_no_positive CHECK (return_no >= 1),
  reason text NOT NULL,
  asked_by uuid NOT NULL,
  confirmed_by uuid,
  CONSTRAINT paper_return_pkey PRIMARY KEY (round_id, person_id, return_no),
  CONSTRAINT paper_return_by_two CHECK (confirmed_by <> asked_by)
);
CREATE UNIQUE INDEX paper_return_one_open ON registry.paper_return (round_id, person_id)
  WHERE confirmed_by IS NULL;

-- A code is looked up by a keyed hash; the code itself stands nowhere.
CREATE TABLE registry.kiosk_ticket (
  round_id uuid NOT NULL,
  station integer NOT NULL,
  code_hash bytea NOT NULL CONSTRAINT kiosk_ticket_hash_size CHECK (octet_length(code_hash) = 32),
  person_id uuid NOT NULL,
  issued_by uuid NOT NULL,
  expires_at timestamptz NOT NULL,
  request_id uuid,  -- Of the call that asked for it; until the close.
  CONSTRAINT kiosk_ticket_pkey PRIMARY KEY (round_id, station, code_hash),
  CONSTRAINT kiosk_ticket_of_mark
    FOREIGN KEY (round_id, person_id) REFERENCES registry.entitlement
);
CREATE INDEX kiosk_ticket_by_person ON registry.kiosk_ticket (round_id, person_id);

-- Wrong codes, per officer, station and minute.
CREATE TABLE registry.kiosk_try (
  round_id uuid NOT NULL,
  station integer NOT NULL,
  officer uuid NOT NULL,
  minute timestamptz NOT NULL,
  wrong smallint NOT NULL DEFAULT 0 CONSTRAINT kiosk_try_limit CHECK (wrong BETWEEN 0 AND 5),
  CONSTRAINT kiosk_try_pkey PRIMARY KEY (round_id, station, officer, minute)
);

-- When somebody was at the tablet, laid beside the log of ballots, would tell much: at the close a
-- round's tickets lose their times and their order, and the answers that hold them go.
CREATE FUNCTION registry.blunt_tickets(closed_round uuid) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  DELETE FROM registry.request q USING registry.kiosk_ticket t
   WHERE t.round_id = closed_round AND q.request_id = t.request_id;
  DELETE FROM registry.kiosk_try WHERE round_id = closed_round;
  WITH taken AS (DELETE FROM registry.kiosk_ticket WHERE round_id = closed_round
                 RETURNING round_id, station, code_hash, person_id, issued_by),
       laid AS (INSERT INTO registry.kiosk_ticket
                  (round_id, station, code_hash, person_id, issued_by, expires_at)
                SELECT t.*, r.issue_until FROM taken t JOIN registry.roll r USING (round_id)
                 ORDER BY random() RETURNING 1)
  SELECT count(*) FROM laid
$$;

ALTER TABLE registry.station
  ADD COLUMN reported_by uuid,
  ADD COLUMN closed_by uuid,
  ADD COLUMN closed_at timestamptz,
  ADD CONSTRAINT station_closed_whole CHECK ((closed_by IS NULL) = (closed_at IS NULL)),
  ADD CONSTRAINT station_closed_by_two
    CHECK (closed_by IS NULL OR (reported_by IS NOT NULL AND closed_by <> reported_by));
CREATE TRIGGER station_closed_for_good BEFORE UPDATE ON registry.station
  FOR EACH ROW WHEN (old.closed_at IS NOT NULL) EXECUTE FUNCTION registry.refuse_change();

-- What came back, as said first; `marked` is fixed when the station is closed.
CREATE TABLE registry.station_count (
  round_id uuid NOT NULL,
  station integer NOT NULL,
  class_id integer NOT NULL,
  spoiled bigint NOT NULL CONSTRAINT station_count_spoiled CHECK (spoiled >= 0),
  taken_home bigint NOT NULL CONSTRAINT station_count_taken_home CHECK (taken_home >= 0),
  marked bigint,
  CONSTRAINT station_count_pkey PRIMARY KEY (round_id, station, class_id),
  CONSTRAINT station_count_of_station FOREIGN KEY (round_id, station) REFERENCES registry.station,
  CONSTRAINT station_count_of_class FOREIGN KEY (round_id, class_id) REFERENCES registry.roll_class,
  CONSTRAINT station_count_adds_up CHECK (spoiled + taken_home <= marked)
);
CREATE TRIGGER station_count_for_good BEFORE UPDATE ON registry.station_count
  FOR EACH ROW WHEN (old.marked IS NOT NULL) EXECUTE FUNCTION registry.refuse_change();

REVOKE EXECUTE ON FUNCTION registry.move_mark, registry.issue_at_kiosk, registry.blunt_tickets
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION registry.move_mark, registry.issue_at_kiosk, registry.blunt_tickets
  TO registry_app;
GRANT SELECT, INSERT ON registry.station_officer, registry.paper_return, registry.kiosk_ticket,
  registry.kiosk_try, registry.station_count TO registry_app;
GRANT UPDATE (confirmed_by) ON registry.paper_return TO registry_app;
GRANT UPDATE (wrong) ON registry.kiosk_try TO registry_app;
GRANT UPDATE (reported_by, closed_by, closed_at) ON registry.station TO registry_app;
GRANT UPDATE (spoiled, taken_home, marked) ON registry.station_count TO registry_app;
REVOKE SELECT ON registry.station FROM registry_read;
GRANT SELECT (round_id, number, name, closed_at) ON registry.station TO registry_read;
