#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <atomic>
#include <filesystem>
#include <random>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/pg/guard.h"
#include "common/pg/transact.h"
#include "services/ledger/api/ledger_api.h"
#include "services/ledger/api/writer.h"
#include "services/ledger/storage/posting_store.h"
#include "services/ledger/testing/test_ledger.h"

namespace smederij::ledger {
namespace {

using ::testing::IsEmpty;

void InParallel(int threads, const std::function<void(int)>& body) {
  std::vector<std::thread> running;
  for (int i = 0; i < threads; ++i) running.emplace_back([&body, i] { body(i); });
  for (std::thread& thread : running) thread.join();
}

// Thirty-two rounds want the last ten pots of one euro.
TEST(Races, TheLastEuroIsSpentOnce) {
  TestLedger ledger;
  const std::string budget = ledger.BudgetOf(10);
  std::atomic<int> held = 0, refused = 0;
  InParallel(16, [&](int) {
    for (int i = 0; i < 4; ++i) {
      const auto posted = ledger.Hold(HoldRequest(budget, NewId(), 1));
      if (posted.ok()) {
        ++held;
      } else {
        EXPECT_EQ(ReasonOf(posted.status()), "INSUFFICIENT_FUNDS") << posted.status();
        ++refused;
      }
    }
  });
  EXPECT_EQ(held, 10);
  EXPECT_EQ(refused, 54);
  EXPECT_EQ(ledger.Get(budget)->available_cents(), 0);
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

TEST(Races, OneRequestSentManyTimesAtOnceHasOneEffectAndOneAnswer) {
  TestLedger ledger;
  const std::string budget = ledger.BudgetOf(1'000);
  for (int round = 0; round < 10; ++round) {
    const auto request = HoldRequest(budget, NewId(), 100);  // Just enough for each once.
    std::vector<std::string> answers(16);
    std::atomic<int> originals = 0;
    InParallel(16, [&](int i) {
      bool replayed = false;
      const auto posted = ledger.Hold(request, &replayed);
      ASSERT_TRUE(posted.ok()) << posted.status();
      answers[static_cast<size_t>(i)] = posted->SerializeAsString();
      if (!replayed) ++originals;
    });
    EXPECT_EQ(originals, 1);
    for (const std::string& answer : answers) EXPECT_EQ(answer, answers[0]);
  }
  EXPECT_EQ(ledger.Get(budget)->available_cents(), 0);
}

TEST(Races, OneVersionOfTheAwardsIsReservedOnceFromAnyBudget) {
  TestLedger ledger;
  std::vector<std::string> budgets;
  const std::string round = NewId();
  for (int i = 0; i < 8; ++i) {
    budgets.push_back(ledger.BudgetOf(100));
    ASSERT_TRUE(ledger.Hold(HoldRequest(budgets.back(), round, 100)).ok());
  }
  std::atomic<int> reserved = 0;
  InParallel(8, [&](int i) {
    const auto answer =
        ledger.Reserve(ReserveRequest(round, 1, {{budgets[static_cast<size_t>(i)], 1}}));
    if (answer.ok()) {
      ++reserved;
    } else {
      EXPECT_EQ(ReasonOf(answer.status()), "AWARDS_ALREADY_RESERVED");
    }
  });
  EXPECT_EQ(reserved, 1);
}

// Two ledgers on one database: heads, not memory, keep them apart.
TEST(Races, TwoReplicasKeepOneChain) {
  TestLedger ledger;
  const std::string budget = ledger.BudgetOf(1'000'000), district = NewId();
  pg::Pool pool({.conninfo = ledger.database().app(), .size = 4});
  pg::Pool books({.conninfo = ledger.database().app(), .size = 1});
  obs::Registry metrics;
  Writer writer(books, nullptr, metrics, {}, &ledger.clock());
  Places places(pool);
  LedgerApi api(pool, writer, places);
  testing::TestServer second("ledger", [&](rpc::Router& router) { api.Mount(router); },
                             {.router = {.threads = 16}});
  std::atomic<int> opened = 0;
  InParallel(12, [&](int i) {
    const auto ask = [&](auto method, const auto& request) {
      return i % 2 == 0 ? ledger.server().Ask(method, request, TestLedger::Proposals())
                        : second.Ask(method, request, TestLedger::Proposals());
    };
    for (int n = 0; n < 20; ++n) {
      const std::string round = NewId();
      ASSERT_TRUE(ask(&Stub::HoldPot, HoldRequest(budget, round, 10)).ok());
      const auto reserved = ask(&Stub::ReserveAwards, ReserveRequest(round, 1, {{budget, 4}}));
      ASSERT_TRUE(reserved.ok()) << reserved.status();
      ASSERT_TRUE(ask(&Stub::ReleasePot, ReleaseRequest(budget, round)).ok());
    }
    // All want to open the same budget, each under an id of its own.
    auto& server = i % 2 == 0 ? ledger.server() : second;
    const auto budget_opened =
        server.Ask(&Stub::OpenBudget, OpenRequest(district), server.As(ledger.treasurer()));
    if (budget_opened.ok()) {
      ++opened;
    } else {
      EXPECT_EQ(ReasonOf(budget_opened.status()), "BUDGET_EXISTS") << budget_opened.status();
    }
  });
  EXPECT_EQ(opened, 1);
  EXPECT_EQ(ledger.Get(budget)->head_seq(), 1 + 12 * 20 * 3);
  EXPECT_EQ(ledger.Get(budget)->available_cents(), 1'000'000 - 12 * 20 * 4);
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

// A commit may have been stored and not yet be in the guard's file, of this process or of one that
// died: whoever asks again is not told before it is.
TEST(Races, AReplayIsToldWhenTheGuardKnowsOfIt) {
  TestLedger ledger;  // Without a guard, as if every write were interrupted there.
  const std::string budget = ledger.BudgetOf(1'000), round = NewId();
  const auto request = HoldRequest(budget, round, 10);
  ASSERT_TRUE(ledger.Hold(request).ok());
  std::string directory = ::testing::TempDir() + "/races_test.XXXXXX";
  ASSERT_NE(mkdtemp(directory.data()), nullptr);
  const auto guard = pg::Guard::Open(directory, "ledger", {}, /*adopt=*/false);
  ASSERT_TRUE(guard.ok()) << guard.status();
  pg::Pool pool({.conninfo = ledger.database().app(), .size = 4});
  pg::Pool books({.conninfo = ledger.database().app(), .size = 1});
  obs::Registry metrics;
  Writer writer(books, guard->get(), metrics, {}, &ledger.clock());
  Places places(pool);
  LedgerApi api(pool, writer, places);
  testing::TestServer second("ledger", [&](rpc::Router& router) { api.Mount(router); });
  bool replayed = false;
  ASSERT_TRUE(second.Ask(&Stub::HoldPot, request, TestLedger::Proposals(), &replayed).ok());
  EXPECT_TRUE(replayed);
  const auto read = [](pg::Tx& tx) { return ReadProgress(tx); };
  const auto progress = pg::Transact(pool, {.deadline = absl::Now() + absl::Seconds(20)}, read);
  ASSERT_TRUE(progress.ok());
  EXPECT_GT(progress->commit_no, 0);
  EXPECT_EQ((*guard)->last(), *progress);
  std::filesystem::remove_all(directory);
}

// Closing a period takes the head as every writer does: nothing slips in behind it.
TEST(Races, NothingIsPostedBehindAClosedPeriod) {
  TestLedger ledger;
  const std::string budget = ledger.BudgetOf(1'000'000);
  std::atomic<bool> closed = false;
  std::atomic<int> after_close = 0;
  std::thread closer([&] {
    while (ledger.Get(budget)->head_seq() < 30) std::this_thread::yield();
    ASSERT_TRUE(ledger.database()
                    .Sql("BEGIN; SELECT FROM ledger.budget_head FOR UPDATE;"
                         "UPDATE ledger.period SET state = 'closing'; COMMIT")
                    .ok());
    closed = true;
  });
  InParallel(8, [&](int) {
    for (;;) {
      const bool before = closed;
      const auto posted = ledger.Hold(HoldRequest(budget, NewId(), 1));
      if (!posted.ok()) {
        EXPECT_EQ(ReasonOf(posted.status()), "PERIOD_CLOSED");
        return;
      }
      if (before) ++after_close;
    }
  });
  closer.join();
  EXPECT_EQ(after_close, 0);
}

}  // namespace
}  // namespace smederij::ledger
