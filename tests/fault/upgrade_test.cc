// Old replicas beside a database that was migrated further: they write nothing, say so, and are
// not to be called.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/base/error.h"
#include "common/pg/transact.h"
#include "tests/fault/treasury.h"

namespace smederij::e2e {
namespace {

// One migration more than the programs have.
absl::Status MigrateFurther(Town& town, const std::string& service) {
  pg::Pool owner(
      {.conninfo = town.cluster().Conninfo(absl::StrCat(service, "_owner"), service), .size = 1});
  const auto add = [&](pg::Tx& tx) {
    return tx.Script(absl::StrCat("INSERT INTO ", service, ".migration (version, name, sha256)",
                                  " SELECT max(version) + 1, 'test', sha256('') FROM ", service,
                                  ".migration"));
  };
  return pg::Transact(owner, {.deadline = absl::Now() + absl::Seconds(20)}, add);
}

int LinesWith(const std::string& log, absl::string_view event) {
  int count = 0;
  for (const absl::string_view line : absl::StrSplit(log, '\n')) {
    count += absl::StrContains(line, event) && absl::StrContains(line, "SCHEMA_NEWER") ? 1 : 0;
  }
  return count;
}

TEST(Upgrade, AReplicaThatWasLeftRunningWritesNothingAndIsNotToBeCalled) {
  Town town;
  // Callers try again for as long.
  Village village(town, /*residents=*/1, /*patience=*/absl::Seconds(10));
  Treasury treasury(village);
  const std::string budget = treasury.OpenBudget("general");
  ASSERT_TRUE(treasury.Appropriate(budget, 100).ok());
  ASSERT_EQ(MigrateFurther(town, "ledger"), absl::OkStatus());
  const auto posted = treasury.Hold(budget, 50);
  EXPECT_EQ(posted.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReasonOf(posted.status()), "SCHEMA_NEWER");
  EXPECT_EQ(treasury.Entries(budget).size(), 1u);

  for (const char* service : {"registry", "ballots", "proposals"}) {
    ASSERT_EQ(MigrateFurther(town, service), absl::OkStatus());
  }
  for (const char* service : Town::kServices) {
    SCOPED_TRACE(service);
    const absl::Time until = absl::Now() + absl::Seconds(20);
    while (LinesWith(town.log(service), "\"not_serving\"") == 0 && absl::Now() < until) {
      absl::SleepFor(absl::Milliseconds(100));
    }
    EXPECT_GE(LinesWith(town.log(service), "\"not_serving\""), 1);
  }
  // Nor does one start, and the verifier of that version does not judge.
  EXPECT_EQ(town.Stop("ledger"), 0);
  EXPECT_THAT(town.TryStartOn(town.cluster(), "ledger"), ::testing::HasSubstr("DATABASE_AHEAD"));
  const Ended verified = town.RunService("ledger", "verify");
  EXPECT_EQ(verified.code, 1);
  EXPECT_THAT(verified.out + verified.err, ::testing::HasSubstr("DATABASE_AHEAD"));
}

}  // namespace
}  // namespace smederij::e2e
