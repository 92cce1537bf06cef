// A replica that was left running while the database was migrated: what a newer one enters it does
// not know, so it writes nothing, and above all freezes nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "services/ledger/api/sequencer.h"
#include "services/ledger/api/verifier.h"
#include "services/ledger/storage/migrations.h"
#include "services/ledger/testing/test_ledger.h"

namespace smederij::ledger {
namespace {

// One migration more than this binary has.
absl::Status MigrateFurther(TestLedger& ledger) {
  return ledger.database().Sql(
      "INSERT INTO ledger.migration (version, name, sha256)"
      " SELECT max(version) + 1, 'test', sha256('') FROM ledger.migration");
}

TEST(SchemaNewer, NothingIsPosted) {
  TestLedger ledger;
  const std::string budget = ledger.BudgetOf(1'000);
  const auto request = AppropriateRequestOf(budget, 10);
  ASSERT_EQ(MigrateFurther(ledger), absl::OkStatus());
  const absl::Status refused = ledger.Appropriate(request).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReasonOf(refused), "SCHEMA_NEWER");
  const int64_t version = pg::SchemaOf(Migrations()).version;
  EXPECT_THAT(FactsOf(refused),
              ::testing::IsSupersetOf({Fact("version", absl::StrCat(version)),
                                       Fact("database_version", absl::StrCat(version + 1))}));
  // Nor of many at once, nor what goes past the writer.
  std::vector<std::thread> callers;
  for (int i = 0; i < 8; ++i) {
    callers.emplace_back([&] {
      EXPECT_EQ(ReasonOf(ledger.Appropriate(AppropriateRequestOf(budget, 1)).status()),
                "SCHEMA_NEWER");
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(ReasonOf(ledger.RequestVerification(budget, ledger.Treasurer()).status()),
            "SCHEMA_NEWER");
  // What is there can be read; nothing was added.
  EXPECT_EQ(ledger.Entries(budget)->entries_size(), 1);
  EXPECT_EQ(ledger.database().Sql(absl::StrCat("DO $$ BEGIN ASSERT 0 = (SELECT count(*) FROM"
                                               " ledger.request WHERE request_id = '",
                                               request.request_id(), "'); END $$")),
            absl::OkStatus());
  // Where the schema is its own again, the same request is a new one.
  ASSERT_EQ(ledger.database().Sql("DELETE FROM ledger.migration WHERE name = 'test'"),
            absl::OkStatus());
  bool replayed = true;
  EXPECT_TRUE(ledger.Appropriate(request, &replayed).ok());
  EXPECT_FALSE(replayed);
}

TEST(SchemaNewer, NothingIsLoggedOrFrozen) {
  TestLedger ledger;
  const std::string budget = ledger.BudgetOf(1'000);
  ASSERT_EQ(ledger.database().Sql("SET session_replication_role = replica;"
                                  "UPDATE ledger.account SET credits = credits + 1 WHERE kind = 2"),
            absl::OkStatus());
  ASSERT_EQ(MigrateFurther(ledger), absl::OkStatus());
  EXPECT_EQ(ReasonOf(ledger.sequencer().RunOnce()), "SCHEMA_NEWER");
  EXPECT_EQ(ReasonOf(ledger.verifier().RunOnce()), "SCHEMA_NEWER");
  EXPECT_EQ(ledger.database().Sql("DO $$ BEGIN ASSERT 0 = (SELECT count(*) FROM ledger.finding);"
                                  " ASSERT 0 = (SELECT size FROM ledger.log_state); END $$"),
            absl::OkStatus());
  EXPECT_FALSE(ledger.Get(budget)->frozen());
}

}  // namespace
}  // namespace smederij::ledger
