-- Where people vote on paper on the polling evening, frozen with the round.
CREATE TABLE proposals.station (
  round_id uuid NOT NULL CONSTRAINT station_of_round REFERENCES proposals.round,
  number integer NOT NULL CONSTRAINT station_number_range CHECK (number BETWEEN 1 AND 65535),
  name text NOT NULL,
  postcodes text NOT NULL  -- One blank between two.
    CONSTRAINT station_postcodes_form
    CHECK (postcodes ~ '^([1-9][0-9]{3}([A-Z]{2})?( [1-9][0-9]{3}([A-Z]{2})?)*)?$'),
  CONSTRAINT station_pkey PRIMARY KEY (round_id, number)
);
GRANT SELECT, INSERT ON proposals.station TO proposals_app;
GRANT SELECT ON proposals.station TO proposals_read;
