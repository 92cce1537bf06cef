#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/pg/pool.h"

namespace smederij::pg {

// One forward-only step, from a file NNNN_name.sql.
struct Migration {
  int32_t version = 0;
  absl::string_view name;
  absl::string_view sql;
};

// All steps of a service in order of version, 1, 2, 3 … The schema has the service's name. Made by
// smederij_migrations() in CMake.
struct Migrations {
  absl::string_view service;
  absl::Span<const Migration> steps;
};

// What pools of a program with these migrations are told.
Schema SchemaOf(const Migrations& migrations);

// Applies what the database lacks, each step in a transaction of its own, under an advisory lock:
// of several processes that start together one does the work, after every transaction that may
// write, of a pool that knows its schema, has ended. Run as the owner. Gives the number
// of steps applied. Refused, first that applies:
//   MIGRATION_CHANGED   an applied step's file is no longer the one that was applied
//   DATABASE_AHEAD      the database has steps this binary does not know
absl::StatusOr<int> Migrate(Pool& owner, const Migrations& migrations, absl::Time deadline);

// What a service asks before it serves, as the app role: the same refusals, and MIGRATION_PENDING.
absl::Status CheckMigrated(Pool& app, const Migrations& migrations, absl::Time deadline);

}  // namespace smederij::pg
