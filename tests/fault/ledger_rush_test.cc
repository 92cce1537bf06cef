// Many people at one budget, half of them asking for more than there is: the order of the entries
// explains every answer, and nobody gets what is not there.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <random>
#include <thread>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/base/error.h"
#include "tests/fault/treasury.h"

namespace smederij::e2e {
namespace {

using ledger::v1::Posted;

constexpr int kWorkers = 32;
constexpr absl::Duration kSample = absl::Seconds(5), kWhole = absl::Seconds(60);

struct Answer {
  int64_t moved = 0;  // Into `available`.
  Posted posted;
};

int64_t BalanceOf(const Posted& posted, ledger::v1::AccountKind kind) {
  for (const auto& balance : posted.balances()) {
    if (balance.kind() == kind) return balance.balance_cents();
  }
  ADD_FAILURE() << "no balance of kind " << kind;
  return 0;
}

TEST(LedgerRush, EveryAnswerIsWhatTheOrderOfTheEntriesSays) {
  const auto seed = std::random_device()();
  std::printf("seed %u\n", seed);
  Town town;
  Village village(town, /*residents=*/1);
  Treasury treasury(village);
  const std::string budget = treasury.OpenBudget("general");
  const absl::Time until =
      absl::Now() + (std::getenv("SMEDERIJ_ALL") != nullptr ? kWhole : kSample);

  absl::Mutex mutex;
  std::vector<Answer> answers;
  int overdrafts_refused = 0;
  std::vector<std::thread> workers;
  for (uint32_t w = 0; w < kWorkers; ++w) {
    workers.emplace_back([&, w] {
      std::mt19937 random(seed + w);
      while (absl::Now() < until) {
        const bool in = w % 2 == 0;
        // Who takes, wants much more than comes in.
        const int64_t cents = in ? 1 + random() % 1'000 : 1 + random() % 10'000;
        const auto posted = in ? treasury.Appropriate(budget, cents) : treasury.Hold(budget, cents);
        const absl::MutexLock lock(&mutex);
        if (posted.ok()) {
          answers.push_back({.moved = in ? cents : -cents, .posted = *posted});
        } else {
          EXPECT_EQ(ReasonOf(posted.status()), "INSUFFICIENT_FUNDS") << posted.status();
          ++overdrafts_refused;
        }
      }
    });
  }
  for (std::thread& worker : workers) worker.join();

  std::sort(answers.begin(), answers.end(),
            [](const Answer& a, const Answer& b) { return a.posted.seq() < b.posted.seq(); });
  int64_t available = 0, next = 1;
  for (const Answer& answer : answers) {
    EXPECT_EQ(answer.posted.seq(), next++);
    available += answer.moved;
    ASSERT_GE(available, 0) << "entry " << answer.posted.seq() << " overdraws";
    EXPECT_EQ(BalanceOf(answer.posted, ledger::v1::ACCOUNT_KIND_AVAILABLE), available);
    if (answer.moved < 0) {
      EXPECT_EQ(BalanceOf(answer.posted, ledger::v1::ACCOUNT_KIND_POT), -answer.moved);
    }
  }
  EXPECT_EQ(treasury.Entries(budget).size(), answers.size());
  EXPECT_GT(answers.size(), 100u);
  EXPECT_GT(overdrafts_refused, 0);
  std::printf("%zu entries, %d overdrafts refused\n", answers.size(), overdrafts_refused);
}

}  // namespace
}  // namespace smederij::e2e
