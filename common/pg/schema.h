#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"

namespace smederij::pg {

// The schema that a program was written for: of a service, at its newest migration. A pool that is
// told of it writes to no other: every transaction that may write begins by looking, under a lock
// that keeps migrations away until it has ended. So a replica that was left running writes nothing
// after a migration, in whichever order they were started and stopped.
struct Schema {
  std::string service = {};  // Empty: any schema will do.
  int32_t version = 0;
};

// What both take: a migration for itself, and whoever writes beside others.
inline constexpr int64_t kMigrationLock = 5462370513;

// The look: the database's version when that is newer, and no row when it is not. Reads what is
// committed when the lock is held, so in READ COMMITTED alone. Empty for any schema.
std::string FenceOf(const Schema& schema);

// UNAVAILABLE SCHEMA_NEWER: another replica may do it.
absl::Status SchemaNewer(const Schema& schema, int32_t database_version);

}  // namespace smederij::pg
