-- Stations: where people vote on paper, and what a printed roll needs of them.

-- Name, birth date and postcode as imported, sealed under a key of its own. The fingerprint is a
-- keyed hash, by which an import sees that nothing changed. Birth date and district beside it are
-- what a roll is drawn up by; they go when somebody moves away, while the sealed particulars stay as
-- long as the person stands on a roll that is still to be printed.
ALTER TABLE registry.person
  ADD COLUMN particulars_sealed bytea,
  ADD COLUMN particulars_fingerprint bytea
    CONSTRAINT person_fingerprint_size CHECK (octet_length(particulars_fingerprint) = 32),
  ADD CONSTRAINT person_particulars_whole
    CHECK ((particulars_sealed IS NULL) = (particulars_fingerprint IS NULL));

ALTER TABLE registry.roll
  ADD COLUMN with_stations boolean NOT NULL DEFAULT false,
  ADD CONSTRAINT roll_stations_once UNIQUE (round_id, with_stations);

CREATE TABLE registry.station (
  round_id uuid NOT NULL,
  number integer NOT NULL CONSTRAINT station_number_range CHECK (number BETWEEN 1 AND 65535),
  name text NOT NULL,
  on_roll boolean NOT NULL DEFAULT true CONSTRAINT station_on_roll CHECK (on_roll),
  CONSTRAINT station_pkey PRIMARY KEY (round_id, number),
  CONSTRAINT station_of_roll_with_stations
    FOREIGN KEY (round_id, on_roll) REFERENCES registry.roll (round_id, with_stations)
);

CREATE TABLE registry.station_postcode (
  round_id uuid NOT NULL,
  postcode text NOT NULL
    CONSTRAINT station_postcode_form CHECK (postcode ~ '^[1-9][0-9]{3}([A-Z]{2})?$'),
  number integer NOT NULL,
  CONSTRAINT station_postcode_at_one PRIMARY KEY (round_id, postcode),
  CONSTRAINT station_postcode_of_station FOREIGN KEY (round_id, number) REFERENCES registry.station
);

-- On a roll with stations every voter has exactly one, and a number on its printed roll; on a roll
-- without, none has: the generated column says which, and must say what the roll says.
ALTER TABLE registry.entitlement
  ADD COLUMN station integer,
  ADD COLUMN roll_number integer
    CONSTRAINT entitlement_roll_number_positive CHECK (roll_number >= 1),
  ADD COLUMN placed boolean GENERATED ALWAYS AS (station IS NOT NULL) STORED,
  ADD CONSTRAINT entitlement_place_whole CHECK ((station IS NULL) = (roll_number IS NULL)),
  ADD CONSTRAINT entitlement_of_station
    FOREIGN KEY (round_id, station) REFERENCES registry.station,
  ADD CONSTRAINT entitlement_one_station
    FOREIGN KEY (round_id, placed) REFERENCES registry.roll (round_id, with_stations);
CREATE UNIQUE INDEX entitlement_roll_number_once
  ON registry.entitlement (round_id, station, roll_number) WHERE station IS NOT NULL;

GRANT UPDATE (particulars_sealed, particulars_fingerprint) ON registry.person TO registry_app;
GRANT SELECT, INSERT ON registry.station, registry.station_postcode TO registry_app;
GRANT SELECT ON registry.station, registry.station_postcode TO registry_read;
GRANT SELECT (with_stations) ON registry.roll TO registry_read;
