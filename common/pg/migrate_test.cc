#include "common/pg/migrate.h"

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

absl::Time Soon() { return absl::Now() + absl::Seconds(20); }

Migrations Of(const std::vector<Migration>& steps) { return {.service = "sample", .steps = steps}; }

TEST(Migrate, AppliesWhatIsMissingAndNothingTwice) {
  const PgDatabase database(TestMigrations());
  Pool owner({.conninfo = database.owner()}), app({.conninfo = database.app()});
  EXPECT_EQ(*Migrate(owner, TestMigrations(), Soon()), 0);
  EXPECT_TRUE(CheckMigrated(app, TestMigrations(), Soon()).ok());
  const std::vector<Migration> steps = {kTestSteps[0], kSecond};
  EXPECT_EQ(ReasonOf(CheckMigrated(app, Of(steps), Soon())), "MIGRATION_PENDING");
  EXPECT_EQ(*Migrate(owner, Of(steps), Soon()), 1);
  EXPECT_TRUE(CheckMigrated(app, Of(steps), Soon()).ok());
}

TEST(Migrate, ManyAtOnceApplyEachStepOnce) {
  const PgDatabase database(TestMigrations());
  const std::vector<Migration> steps = {kTestSteps[0], kSecond};
  std::atomic<int> applied = 0;
  std::vector<std::thread> processes;
  for (int i = 0; i < 8; ++i) {
    processes.emplace_back([&] {
      Pool owner({.conninfo = database.owner()});
      const auto count = Migrate(owner, Of(steps), Soon());
      ASSERT_TRUE(count.ok()) << count.status();
      applied += *count;
    });
  }
  for (std::thread& process : processes) process.join();
  EXPECT_EQ(applied, 1);
}

TEST(Migrate, AnAppliedStepThatChangedIsRefused) {
  const PgDatabase database(TestMigrations());
  Pool owner({.conninfo = database.owner()}), app({.conninfo = database.app()});
  const std::string edited = std::string(kTestSteps[0].sql) + " ";
  const std::vector<Migration> steps = {{1, "init", edited}, kSecond};
  const absl::Status status = Migrate(owner, Of(steps), Soon()).status();
  EXPECT_EQ(ReasonOf(status), "MIGRATION_CHANGED");
  EXPECT_EQ(FactsOf(status)[2], Fact("version", "1"));
  EXPECT_EQ(ReasonOf(CheckMigrated(app, Of(steps), Soon())), "MIGRATION_CHANGED");
  EXPECT_EQ(ReasonOf(CheckMigrated(app, Of({{1, "init", kTestSteps[0].sql}, kSecond}), Soon())),
            "MIGRATION_PENDING");  // Nothing of the refused run was applied.
}

TEST(Migrate, ADatabaseOfANewerBinaryIsRefused) {
  const PgDatabase database(Of({kTestSteps[0], kSecond}));
  Pool owner({.conninfo = database.owner()}), app({.conninfo = database.app()});
  EXPECT_EQ(ReasonOf(Migrate(owner, TestMigrations(), Soon()).status()), "DATABASE_AHEAD");
  EXPECT_EQ(ReasonOf(CheckMigrated(app, TestMigrations(), Soon())), "DATABASE_AHEAD");
}

TEST(Migrate, AStepThatFailsLeavesNothingBehind) {
  const PgDatabase database(TestMigrations());
  Pool owner({.conninfo = database.owner()}), app({.conninfo = database.app()});
  const Migration broken{2, "broken", "CREATE TABLE sample.half (a integer); SELECT 1 / 0"};
  EXPECT_EQ(Migrate(owner, Of({kTestSteps[0], broken}), Soon()).status().code(), kInternal);
  const Migration repaired{2, "broken", "CREATE TABLE sample.half (a integer)"};
  EXPECT_EQ(*Migrate(owner, Of({kTestSteps[0], repaired}), Soon()), 1);
}

TEST(Migrate, ADatabaseThatWasNeverMigratedIsPending) {
  const PgDatabase database(TestMigrations());
  ASSERT_TRUE(database.Sql("DROP SCHEMA sample CASCADE").ok());
  Pool app({.conninfo = database.app()});
  EXPECT_EQ(ReasonOf(CheckMigrated(app, TestMigrations(), Soon())), "MIGRATION_PENDING");
}

TEST(Migrate, TheAppRoleMayNotTouchTheSchema) {
  const PgDatabase database(TestMigrations());
  Pool app({.conninfo = database.app()});
  for (const char* sql :
       {"CREATE TABLE sample.mine (a integer)", "DROP TABLE sample.counter",
        "DELETE FROM sample.request", "UPDATE sample.request SET method = ''",
        "UPDATE sample.migration SET name = ''", "CREATE TABLE public.mine (a integer)"}) {
    const auto run = [&](Tx& tx) { return tx.Script(sql); };
    EXPECT_EQ(SqlStateOf(Transact(app, {.deadline = Soon()}, run)), "42501") << sql;
  }
}

}  // namespace
}  // namespace smederij::pg
