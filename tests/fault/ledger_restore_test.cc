// A database restored to an earlier moment has forgotten what was promised: the guard outside of it
// remembers, and the ledger does not start.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/fault/treasury.h"

namespace smederij::e2e {
namespace {

constexpr int kMoments = 5;
constexpr int kEntries = 40;

TEST(LedgerRestore, EveryEarlierMomentIsNoticed) {
  const auto seed = std::random_device()();
  std::printf("seed %u\n", seed);
  std::mt19937 random(seed);
  Town town;
  Village village(town, /*residents=*/1);
  Treasury treasury(village);
  town.cluster().BeginArchive();
  const std::string budget = treasury.OpenBudget("general");

  // Moments after some of the entries, never after the last one.
  std::set<int> moments;
  while (moments.size() < kMoments) moments.insert(static_cast<int>(random() % (kEntries - 1)));
  for (int i = 0; i < kEntries; ++i) {
    const auto posted = treasury.Appropriate(budget, 100 + i);
    ASSERT_TRUE(posted.ok()) << posted.status();
    if (moments.contains(i)) town.cluster().Mark(absl::StrCat("moment_", i));
  }
  town.Stop("ledger");

  for (const int moment : moments) {
    const auto restored = town.cluster().RestoredTo(absl::StrCat("moment_", moment));
    const std::string log = town.TryStartOn(*restored, "ledger");
    EXPECT_THAT(log, ::testing::HasSubstr("DATABASE_BEHIND_GUARD")) << "moment " << moment;
    // To adopt the log as it is adopts nothing else.
    const std::string half =
        town.TryStartOn(*restored, "ledger", {"SMEDERIJ_GUARD_ADOPT=ledger-log"});
    EXPECT_THAT(half, ::testing::HasSubstr("ledger.guard")) << "moment " << moment;
    EXPECT_THAT(half, ::testing::HasSubstr("DATABASE_BEHIND_GUARD")) << "moment " << moment;
  }
  // Restored whole, it starts: what is refused is the loss, not the restore.
  const auto whole = town.cluster().RestoredTo("");
  EXPECT_EQ(town.TryStartOn(*whole, "ledger"), "");
  town.Start("ledger");
  EXPECT_EQ(treasury.Entries(budget).size(), static_cast<size_t>(kEntries));
}

}  // namespace
}  // namespace smederij::e2e
