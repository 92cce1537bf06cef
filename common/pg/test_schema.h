#pragma once

#include "common/pg/migrate.h"

namespace smederij::pg {

// What this library's own tests work on: schema sample.
inline constexpr Migration kTestSteps[] = {{1, "init", R"sql(
  CREATE TABLE sample.request (
    request_id uuid CONSTRAINT request_pkey PRIMARY KEY,
    method text NOT NULL,
    caller uuid NOT NULL,
    request_hash bytea NOT NULL CONSTRAINT request_hash_size CHECK (octet_length(request_hash) = 32),
    response bytea,
    requested_at timestamptz NOT NULL DEFAULT clock_timestamp());
  CREATE TABLE sample.counter (
    id integer CONSTRAINT counter_pkey PRIMARY KEY,
    value bigint NOT NULL CONSTRAINT counter_not_negative CHECK (value >= 0));
  CREATE TABLE sample.item (
    key text CONSTRAINT item_pkey PRIMARY KEY,
    batch bigint NOT NULL,
    amount bigint NOT NULL CONSTRAINT item_amount CHECK (amount > 0));
  CREATE TABLE sample.late (
    id integer CONSTRAINT late_unique UNIQUE DEFERRABLE INITIALLY DEFERRED);
  CREATE SEQUENCE sample.batch_no;
  INSERT INTO sample.counter VALUES (1, 0), (2, 0);
  GRANT SELECT, INSERT ON sample.request TO sample_app;
  GRANT UPDATE (response) ON sample.request TO sample_app;
  GRANT SELECT, INSERT, UPDATE, DELETE ON sample.counter, sample.item, sample.late TO sample_app;
  GRANT USAGE ON SEQUENCE sample.batch_no TO sample_app;
)sql"}};

inline Migrations TestMigrations() { return {.service = "sample", .steps = kTestSteps}; }

}  // namespace smederij::pg
