#include "common/pg/migrate.h"

#include <openssl/evp.h>

#include <array>
#include <string>
#include <vector>

#include "absl/strings/substitute.h"
#include "absl/time/clock.h"
#include "common/base/check.h"
#include "common/base/error.h"
#include "common/pg/sqlstate.h"
#include "common/pg/transact.h"

namespace smederij::pg {
namespace {

using Checksum = std::array<uint8_t, 32>;

struct Applied {
  int32_t version = 0;
  std::string name;
  Checksum checksum{};
};

Applied Decode(Columns& row, As<Applied>) {
  Applied applied;
  applied.version = row.Next<int32_t>();
  applied.name = row.Next<std::string>();
  applied.checksum = row.Next<Checksum>();
  return applied;
}

Checksum ChecksumOf(absl::string_view sql) {
  Checksum checksum;
  unsigned int size = 0;
  CHECK(EVP_Digest(sql.data(), sql.size(), checksum.data(), &size, EVP_sha256(), nullptr) == 1);
  return checksum;
}

// Held until the transaction ends. The same number for every service: each has its own database,
// and a lock belongs to a database.
constexpr Statement<bool(int64_t)> kLock{"pg.migration_lock",
                                         "SELECT pg_advisory_xact_lock($1) IS NOT NULL"};

absl::StatusOr<std::vector<Applied>> ReadApplied(Tx& tx, const Migrations& migrations) {
  const std::string text = absl::Substitute(
      "SELECT version, name, sha256 FROM $0.migration ORDER BY version", migrations.service);
  return tx.All(Statement<Applied()>{"pg.migrations_applied", text});
}

// OK when what was applied is a prefix of what this binary has.
absl::Status Compare(const std::vector<Applied>& applied, const Migrations& migrations) {
  for (size_t i = 0; i < applied.size() && i < migrations.steps.size(); ++i) {
    const Migration& step = migrations.steps[i];
    if (applied[i].version == step.version && applied[i].checksum == ChecksumOf(step.sql)) continue;
    return Error(kFailedPrecondition, "MIGRATION_CHANGED",
                 "a migration that was applied is not the one in this binary: applied steps are "
                 "never edited, add a new one")
        .With("version", applied[i].version)
        .With("applied_name", applied[i].name)
        .With("name", step.name);
  }
  if (applied.size() <= migrations.steps.size()) return absl::OkStatus();
  return Error(kFailedPrecondition, "DATABASE_AHEAD",
               "the database was migrated by a newer binary than this one")
      .With("database_version", applied.back().version)
      .With("version", static_cast<int64_t>(migrations.steps.size()));
}

constexpr absl::string_view kLockNotAvailable = "55P03";
constexpr absl::Duration kLetOthersPass = absl::Seconds(1);

// Applies the next step, or gives false when there is none. Whoever wants to write or to read waits
// behind us as long as we wait for a lock, so we never do for long.
absl::StatusOr<bool> ApplyNext(Tx& tx, const Migrations& migrations) {
  RETURN_IF_ERROR(tx.Script("SET LOCAL lock_timeout = '1s'"));
  RETURN_IF_ERROR(tx.One(kLock, kMigrationLock).status());
  RETURN_IF_ERROR(tx.Script(absl::Substitute(
      "CREATE TABLE IF NOT EXISTS $0.migration ("
      "  version integer CONSTRAINT migration_pkey PRIMARY KEY,"
      "  name text NOT NULL,"
      "  sha256 bytea NOT NULL CONSTRAINT migration_sha256 CHECK (octet_length(sha256) = 32),"
      "  applied_at timestamptz NOT NULL DEFAULT clock_timestamp());"
      "GRANT SELECT ON $0.migration TO $0_app, $0_read",
      migrations.service)));
  ASSIGN_OR_RETURN(const std::vector<Applied> applied, ReadApplied(tx, migrations));
  RETURN_IF_ERROR(Compare(applied, migrations));
  if (applied.size() == migrations.steps.size()) return false;
  const Migration& step = migrations.steps[applied.size()];
  RETURN_IF_ERROR(tx.Script(std::string(step.sql)));
  const std::string text =
      absl::Substitute("INSERT INTO $0.migration (version, name, sha256) VALUES ($$1, $$2, $$3)",
                       migrations.service);
  const Statement<void(int32_t, std::string, Checksum)> record{"pg.migration_record", text};
  RETURN_IF_ERROR(tx.Exec(record, step.version, std::string(step.name), ChecksumOf(step.sql)));
  return true;
}

void CheckOrder(const Migrations& migrations) {
  for (size_t i = 0; i < migrations.steps.size(); ++i) {
    CHECK(migrations.steps[i].version == static_cast<int32_t>(i + 1));
  }
}

}  // namespace

Schema SchemaOf(const Migrations& migrations) {
  return {.service = std::string(migrations.service),
          .version = static_cast<int32_t>(migrations.steps.size())};
}

absl::StatusOr<int> Migrate(Pool& owner, const Migrations& migrations, absl::Time deadline) {
  for (int steps = 0;;) {
    // Looks without a lock: with nothing to do, nobody is held up.
    const absl::Status status = CheckMigrated(owner, migrations, deadline);
    if (status.ok()) return steps;
    if (ReasonOf(status) != "MIGRATION_PENDING") return status;
    const auto apply = [&](Tx& tx) { return ApplyNext(tx, migrations); };
    const absl::StatusOr<bool> applied = Transact(owner, {.deadline = deadline}, apply);
    if (applied.ok()) {
      if (*applied) ++steps;
      continue;
    }
    if (SqlStateOf(applied.status()) != kLockNotAvailable) return applied.status();
    if (owner.observer().rerun) owner.observer().rerun("migration_waits_for_a_lock");
    if (absl::Now() + kLetOthersPass >= deadline) return applied.status();
    absl::SleepFor(kLetOthersPass);
  }
}

absl::Status CheckMigrated(Pool& app, const Migrations& migrations, absl::Time deadline) {
  CheckOrder(migrations);
  const auto read = [&](Tx& tx) { return ReadApplied(tx, migrations); };
  const auto applied = Transact(app, {.deadline = deadline, .read_only = true}, read);
  // 42P01, 3F000: no such table or schema, so nothing was ever applied.
  const std::string sqlstate = SqlStateOf(applied.status());
  const bool empty = sqlstate == "42P01" || sqlstate == "3F000";
  if (!applied.ok() && !empty) return applied.status();
  if (applied.ok()) RETURN_IF_ERROR(Compare(*applied, migrations));
  const size_t count = applied.ok() ? applied->size() : 0;
  if (count == migrations.steps.size()) return absl::OkStatus();
  return Error(kFailedPrecondition, "MIGRATION_PENDING",
               "the database lacks migrations of this binary: run the migrate command first")
      .With("database_version", static_cast<int64_t>(count))
      .With("version", static_cast<int64_t>(migrations.steps.size()));
}

}  // namespace smederij::pg
