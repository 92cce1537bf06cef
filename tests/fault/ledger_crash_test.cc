// Nothing acknowledged is lost and nothing happens twice, however often the ledger or its database
// is killed under load.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <map>
#include <random>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/base/error.h"
#include "tests/fault/treasury.h"

namespace smederij::e2e {
namespace {

constexpr int kWriters = 8;
constexpr int kKills = 20;

TEST(LedgerCrash, TwentyKillsLoseNothingAndDoubleNothing) {
  const auto seed = std::random_device()();
  std::printf("seed %u\n", seed);
  Town town;
  Village village(town, /*residents=*/1);
  Treasury treasury(village);
  const std::array<std::string, 3> budgets = {treasury.OpenBudget("general"),
                                              treasury.OpenBudget("province"),
                                              treasury.OpenBudget("corporation")};
  absl::Mutex mutex;
  std::map<std::string, std::map<int64_t, std::string>> acknowledged;  // Budget → seq → hash.
  std::map<std::string, int64_t> available;
  int refused = 0;

  std::atomic<bool> over = false;
  std::vector<std::thread> writers;
  for (uint32_t w = 0; w < kWriters; ++w) {
    writers.emplace_back([&, w] {
      std::mt19937 random(seed + w);
      while (!over) {
        const std::string& budget = budgets[random() % budgets.size()];
        const int64_t cents = 1 + random() % 1000;
        const bool in = random() % 2 == 0;
        // Repeated by the client as long as it is unclear what became of it.
        const auto posted =
            in ? treasury.Appropriate(budget, cents) : treasury.Hold(budget, 2 * cents);
        const absl::MutexLock lock(&mutex);
        if (posted.ok()) {
          const bool fresh =
              acknowledged[budget].emplace(posted->seq(), posted->entry_hash()).second;
          EXPECT_TRUE(fresh) << "two requests got one entry";
          available[budget] += in ? cents : -2 * cents;
        } else {
          EXPECT_EQ(ReasonOf(posted.status()), "INSUFFICIENT_FUNDS") << posted.status();
          ++refused;
        }
      }
    });
  }
  std::mt19937 random(seed);
  for (int kill = 0; kill < kKills; ++kill) {
    absl::SleepFor(absl::Milliseconds(50 + random() % 300));
    if (kill % 2 == 0) {
      town.Kill("ledger");
      town.Start("ledger");
    } else {
      town.cluster().StopAtOnce();
      town.cluster().Start();
    }
  }
  over = true;
  for (std::thread& writer : writers) writer.join();

  for (const std::string& budget : budgets) {
    const auto entries = treasury.Entries(budget);
    // Every request was repeated until it was answered: what was not acknowledged is not there.
    EXPECT_EQ(entries.size(), acknowledged[budget].size());
    EXPECT_GT(entries.size(), 10u);
    for (size_t i = 0; i < entries.size(); ++i) {
      EXPECT_EQ(entries[i].seq(), static_cast<int64_t>(i) + 1);
      EXPECT_EQ(entries[i].entry_hash(), acknowledged[budget][entries[i].seq()]);
    }
    const auto trial = treasury.Trial(budget);
    EXPECT_EQ(trial.total_cents(), 0);
    for (const auto& account : trial.accounts()) {
      if (account.kind() != ledger::v1::ACCOUNT_KIND_AVAILABLE) continue;
      EXPECT_EQ(account.balance_cents(), available[budget]);
    }
  }
  EXPECT_GT(refused, 0);
  const Ended verified = town.RunService("ledger", "verify");
  EXPECT_EQ(verified.code, 0) << verified.out << verified.err;
}

}  // namespace
}  // namespace smederij::e2e
