// A program that was left running while the database was migrated.
#include "common/pg/schema.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "common/base/error.h"
#include "common/pg/test_schema.h"
#include "common/pg/transact.h"
#include "common/testing/pg_database.h"

namespace smederij::pg {
namespace {

using testing::PgDatabase;

constexpr Migration kSecond{2, "second", "CREATE TABLE sample.second (a integer)"};
constexpr Migration kThird{3, "third", "CREATE TABLE sample.third (a integer)"};
constexpr Statement<void(int32_t)> kAdd{"test.add", "INSERT INTO sample.late VALUES ($1)"};
constexpr Statement<int64_t()> kCount{"test.count", "SELECT count(*) FROM sample.late"};

absl::Time Soon() { return absl::Now() + absl::Seconds(20); }

absl::Status Add(Pool& pool, int32_t id) {
  const auto add = [&](Tx& tx) { return tx.Exec(kAdd, id); };
  return Transact(pool, {.deadline = Soon()}, add);
}

int64_t Count(Pool& pool) {
  const auto count = [](Tx& tx) { return tx.One(kCount); };
  return *Transact(pool, {.deadline = Soon(), .read_only = true}, count);
}

absl::Status MigrateTo(const PgDatabase& database, std::vector<Migration> steps) {
  Pool owner({.conninfo = database.owner()});
  return Migrate(owner, {.service = "sample", .steps = steps}, Soon()).status();
}

TEST(Schema, NothingIsWrittenOnceTheDatabaseHasANewerOne) {
  const PgDatabase database(TestMigrations());
  Pool old({.conninfo = database.app(), .schema = SchemaOf(TestMigrations())});
  Pool any({.conninfo = database.app()});
  ASSERT_EQ(Add(old, 1), absl::OkStatus());
  ASSERT_EQ(old.Ping(Soon()), absl::OkStatus());
  ASSERT_EQ(MigrateTo(database, {kTestSteps[0], kSecond, kThird}), absl::OkStatus());
  for (int32_t id = 2; id < 5; ++id) {
    const absl::Status refused = Add(old, id);
    EXPECT_EQ(refused.code(), kUnavailable);
    EXPECT_EQ(ReasonOf(refused), "SCHEMA_NEWER");
    EXPECT_EQ(FactsOf(refused)[0], Fact("database_version", "3"));
    EXPECT_EQ(FactsOf(refused)[1], Fact("version", "1"));
  }
  EXPECT_EQ(ReasonOf(old.Ping(Soon())), "SCHEMA_NEWER");
  EXPECT_EQ(Count(old), 1);  // Reading goes on.
  Pool own({.conninfo = database.app(), .schema = {.service = "sample", .version = 3}});
  EXPECT_EQ(Add(own, 2), absl::OkStatus());
  EXPECT_EQ(Add(any, 3), absl::OkStatus());
}

// One that has begun to write may end; the migration waits for it, and the next ones for the
// migration.
TEST(Schema, AMigrationWaitsForWhoeverIsWriting) {
  const PgDatabase database(TestMigrations());
  Pool old({.conninfo = database.app(), .schema = SchemaOf(TestMigrations())});
  std::atomic<bool> migrated = false;
  std::thread migrating;
  const auto add = [&](Tx& tx) -> absl::Status {
    RETURN_IF_ERROR(tx.Exec(kAdd, 1));
    migrating = std::thread([&] {
      EXPECT_EQ(MigrateTo(database, {kTestSteps[0], kSecond}), absl::OkStatus());
      migrated = true;
    });
    // Until it waits for us.
    constexpr Statement<bool()> kWaits{
        "test.waits",
        "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND "
        "database"
        " = (SELECT oid FROM pg_database WHERE datname = current_database()))"};
    for (bool waits = false; !waits;) {
      ASSIGN_OR_RETURN(waits, tx.One(kWaits));
    }
    EXPECT_FALSE(migrated);
    return absl::OkStatus();
  };
  EXPECT_EQ(Transact(old, {.deadline = Soon()}, add), absl::OkStatus());
  migrating.join();
  EXPECT_EQ(ReasonOf(Add(old, 2)), "SCHEMA_NEWER");
  EXPECT_EQ(Count(old), 1);
}

// Somebody draws up a roll for minutes: neither `migrate` with nothing to do, nor the others while
// one waits with something to do, nor the health of any of them hangs on that.
TEST(Schema, AMigrationThatWaitsHoldsNobodyUpForLong) {
  const PgDatabase database(TestMigrations());
  Pool old({.conninfo = database.app(), .schema = SchemaOf(TestMigrations())});
  std::thread migrating;
  const auto long_one = [&](Tx& tx) -> absl::Status {
    RETURN_IF_ERROR(tx.Exec(kAdd, 1));
    EXPECT_EQ(MigrateTo(database, {kTestSteps[0]}), absl::OkStatus());
    migrating = std::thread([&] {
      EXPECT_EQ(MigrateTo(database, {kTestSteps[0], kSecond}), absl::OkStatus());
    });
    // Whether it is its turn to wait or to let others pass: all that time they write.
    for (int32_t id = 2; id < 8; ++id) {
      EXPECT_EQ(Add(old, id), absl::OkStatus());
      EXPECT_EQ(old.Ping(Soon()), absl::OkStatus());
      absl::SleepFor(absl::Milliseconds(300));
    }
    return absl::OkStatus();
  };
  EXPECT_EQ(Transact(old, {.deadline = Soon()}, long_one), absl::OkStatus());
  migrating.join();
  EXPECT_EQ(Count(old), 7);
}

TEST(Schema, HealthWaitsForNoMigration) {
  const PgDatabase database(TestMigrations());
  Pool old({.conninfo = database.app(), .schema = SchemaOf(TestMigrations())});
  Pool owner({.conninfo = database.owner()});
  constexpr Statement<bool(int64_t)> kHold{"test.hold",
                                           "SELECT pg_advisory_xact_lock($1) IS NOT NULL"};
  const auto hold = [&](Tx& tx) -> absl::Status {
    RETURN_IF_ERROR(tx.One(kHold, kMigrationLock).status());
    EXPECT_EQ(old.Ping(Soon()), absl::OkStatus());
    return absl::OkStatus();
  };
  EXPECT_EQ(Transact(owner, {.deadline = Soon()}, hold), absl::OkStatus());
}

TEST(Schema, NoWriteOfManyIsCommittedAfterTheMigration) {
  const PgDatabase database(TestMigrations());
  std::atomic<int32_t> next = 0;
  std::atomic<int> ended = 0;
  std::vector<std::thread> writers;
  for (int i = 0; i < 6; ++i) {
    writers.emplace_back([&] {
      Pool old({.conninfo = database.app(), .size = 1, .schema = SchemaOf(TestMigrations())});
      absl::Status status;
      while (status.ok()) status = Add(old, next++);
      EXPECT_EQ(ReasonOf(status), "SCHEMA_NEWER") << status;
      ++ended;
    });
  }
  Pool reader({.conninfo = database.app()});
  while (Count(reader) < 100) {
  }
  ASSERT_EQ(MigrateTo(database, {kTestSteps[0], kSecond}), absl::OkStatus());
  const int64_t when_migrated = Count(reader);
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(ended, 6);
  EXPECT_EQ(Count(reader), when_migrated);
}

}  // namespace
}  // namespace smederij::pg
