#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "services/ledger/testing/test_spending.h"

namespace smederij::ledger {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;

template <class T>
std::string Reason(const absl::StatusOr<T>& result) {
  return ReasonOf(result.status());
}

// A round with a pot of 100 in each of two budgets, and two plans of which one was awarded from
// both; nothing is left of the first pot.
struct Recount {
  TestSpending ledger;
  std::string round = NewId(), swing = NewId(), bench = NewId(), tree = NewId();
  std::vector<std::string> budgets = {ledger.BudgetOf(150), ledger.BudgetOf(150)};

  Recount() {
    std::sort(budgets.begin(), budgets.end());
    for (const std::string& budget : budgets) {
      CHECK(ledger.Hold(HoldRequest(budget, round, 100)).ok());
    }
    const auto reserved = ledger.Reserve(ReserveRequest(
        round, 1, {{budgets[0], 70, swing}, {budgets[0], 30, bench}, {budgets[1], 20, swing}}));
    CHECK(reserved.ok());
  }
  absl::StatusOr<v1::AdjustAwardsResponse> Adjust(uint32_t version,
                                                  const std::vector<Line>& lines) {
    return ledger.Adjust(AdjustRequest(round, version, lines));
  }
  int64_t Reserved(int budget, const std::string& plan) {
    return ledger.Balance(budgets[static_cast<size_t>(budget)], v1::ACCOUNT_KIND_RESERVED, plan);
  }
  int64_t Pot(int budget) {
    return ledger.Balance(budgets[static_cast<size_t>(budget)], v1::ACCOUNT_KIND_POT, round);
  }
};

TEST(AdjustAwards, ReplaceAllAwardsOfARoundAtOnceOverItsBudgets) {
  Recount recount;
  const auto& b = recount.budgets;
  const auto adjusted = recount.Adjust(2, {{b[0], 0, recount.swing},
                                           {b[0], 30, recount.bench},
                                           {b[1], 0, recount.swing},
                                           {b[0], 60, recount.tree},
                                           {b[1], 40, recount.tree}});
  ASSERT_TRUE(adjusted.ok()) << adjusted.status();
  ASSERT_EQ(adjusted->entries_size(), 2);
  EXPECT_EQ(recount.Reserved(0, recount.swing), 0);
  EXPECT_EQ(recount.Reserved(1, recount.swing), 0);
  EXPECT_EQ(recount.Reserved(0, recount.bench), 30);
  EXPECT_EQ(recount.Reserved(0, recount.tree), 60);
  EXPECT_EQ(recount.Reserved(1, recount.tree), 40);
  EXPECT_EQ(recount.Pot(0), 10);
  EXPECT_EQ(recount.Pot(1), 60);
  std::string link;
  for (const std::string& budget : b) {
    const auto entries = recount.ledger.Entries(budget);
    const v1::Entry& last = *entries->entries().rbegin();
    EXPECT_EQ(last.type(), v1::ENTRY_TYPE_ADJUST_AWARDS);
    EXPECT_FALSE(last.link_id().empty());
    EXPECT_TRUE(link.empty() || link == last.link_id());
    link = last.link_id();
    EXPECT_EQ(recount.ledger.Trial(budget)->total_cents(), 0);
  }
  EXPECT_THAT(recount.ledger.Findings(), IsEmpty());
}

TEST(AdjustAwards, TakesFromWhatIsAvailableWhenThePotGaveItsRestBack) {
  Recount recount;
  const auto& b = recount.budgets;
  ASSERT_TRUE(recount.ledger.Release(ReleaseRequest(b[1], recount.round)).ok());
  ASSERT_EQ(recount.Pot(1), 0);
  ASSERT_TRUE(
      recount
          .Adjust(2,
                  {{b[0], 70, recount.swing}, {b[0], 30, recount.bench}, {b[1], 80, recount.swing}})
          .ok());
  EXPECT_EQ(recount.Reserved(1, recount.swing), 80);
  EXPECT_EQ(recount.ledger.Get(b[1])->available_cents(), 70);
  EXPECT_THAT(recount.ledger.Findings(), IsEmpty());
}

TEST(AdjustAwards, WhatAPlanGaveBackIsNotTakenFromItOnceMore) {
  Recount recount;
  const auto& b = recount.budgets;
  ASSERT_TRUE(recount.ledger.ReleaseAward(b[0], recount.swing, 30).ok());
  const auto with = [&](int64_t swing) -> std::vector<Line> {
    return {{b[0], swing, recount.swing}, {b[0], 30, recount.bench}, {b[1], 20, recount.swing}};
  };
  ASSERT_TRUE(recount.Adjust(2, with(50)).ok());
  EXPECT_EQ(recount.Reserved(0, recount.swing), 40);
  ASSERT_TRUE(recount.Adjust(3, with(35)).ok());
  EXPECT_EQ(recount.Reserved(0, recount.swing), 35);
  ASSERT_TRUE(recount.Adjust(4, with(0)).ok());
  EXPECT_EQ(recount.Reserved(0, recount.swing), 0);
  EXPECT_EQ(recount.Pot(0), 40);
  EXPECT_THAT(recount.ledger.Findings(), IsEmpty());
}

TEST(AdjustAwards, ARepeatedRequestGetsTheFirstAnswer) {
  Recount recount;
  const auto& b = recount.budgets;
  const auto request =
      AdjustRequest(recount.round, 2,
                    {{b[0], 1, recount.swing}, {b[0], 2, recount.bench}, {b[1], 3, recount.swing}});
  const auto first = recount.ledger.Adjust(request);
  ASSERT_TRUE(first.ok()) << first.status();
  bool replayed = false;
  const auto again = recount.ledger.Adjust(request, &replayed);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(replayed);
  EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());
}

TEST(AdjustAwards, OfManyThatReplaceTheSameVersionOneDoes) {
  Recount recount;
  const auto& b = recount.budgets;
  std::atomic<int> done = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      const auto answer = recount.Adjust(
          2, {{b[0], i, recount.swing}, {b[0], 30, recount.bench}, {b[1], i, recount.swing}});
      if (answer.ok()) {
        ++done;
      } else {
        EXPECT_EQ(Reason(answer), "STALE_VERSION");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(done, 1);
  EXPECT_EQ(recount.Reserved(0, recount.swing), recount.Reserved(1, recount.swing));
  EXPECT_THAT(recount.ledger.Findings(), IsEmpty());
}

TEST(AdjustAwardsRefusals, InOrder) {
  Recount recount;
  TestSpending& ledger = recount.ledger;
  const auto& b = recount.budgets;
  ASSERT_TRUE(ledger.Commit(ledger.CommitRequest(b[1], recount.swing, 10)).ok());
  // From here on every request has all that is wrong with those before it.
  std::vector<Line> lines = {{b[0], 70, recount.swing},
                             {b[0], 30, recount.bench},
                             {b[1], 20, recount.swing},
                             {b[0], 51, recount.tree}};
  const auto refused = [&](uint32_t version) { return Reason(recount.Adjust(version, lines)); };
  EXPECT_EQ(refused(2), "INSUFFICIENT_FUNDS");
  lines[2].cents = 9;
  EXPECT_EQ(refused(2), "PLAN_HAS_SPENDING");
  lines[2].cents = 0;
  EXPECT_EQ(refused(2), "PLAN_HAS_SPENDING");
  lines.erase(lines.begin() + 1);
  EXPECT_EQ(refused(2), "AWARDS_INCOMPLETE");
  EXPECT_EQ(refused(3), "STALE_VERSION");
  lines.push_back({ledger.BudgetOf(10), 1, recount.tree});
  EXPECT_EQ(refused(3), "POT_NOT_FOUND");
  ASSERT_TRUE(ledger.database().Sql("UPDATE ledger.period SET state = 'closing'").ok());
  EXPECT_EQ(refused(3), "PERIOD_CLOSED");
  ASSERT_TRUE(ledger.database().Sql("UPDATE ledger.budget SET state = 'closed'").ok());
  EXPECT_EQ(refused(3), "BUDGET_CLOSED");
  ASSERT_TRUE(ledger.database()
                  .Sql("INSERT INTO ledger.finding (budget_id, seq, what)"
                       " SELECT budget_id, 0, 'a test' FROM ledger.budget")
                  .ok());
  EXPECT_EQ(refused(3), "BUDGET_FROZEN");
  lines.push_back({NewId(), 1, recount.tree});
  EXPECT_EQ(refused(3), "BUDGET_NOT_FOUND");
  lines.push_back(lines.back());
  EXPECT_EQ(refused(3), "PLAN_TWICE");
  lines.back().cents = -1;
  EXPECT_EQ(refused(3), "AMOUNT_OUT_OF_RANGE");
  EXPECT_EQ(refused(0), "OUT_OF_RANGE");
}

TEST(AdjustAwards, AreTheFirstWhereNothingWasAwarded) {
  TestSpending ledger;
  const std::string budget = ledger.BudgetOf(100), round = NewId(), plan = NewId();
  ASSERT_TRUE(ledger.Hold(HoldRequest(budget, round, 100)).ok());
  EXPECT_EQ(Reason(ledger.Adjust(AdjustRequest(round, 2, {{budget, 1, plan}}))), "STALE_VERSION");
  ASSERT_TRUE(ledger.Adjust(AdjustRequest(round, 1, {{budget, 60, plan}})).ok());
  EXPECT_EQ(ledger.Balance(budget, v1::ACCOUNT_KIND_RESERVED, plan), 60);
  EXPECT_EQ(Reason(ledger.Reserve(ReserveRequest(round, 1, {{budget, 1, NewId()}}))),
            "AWARDS_ALREADY_RESERVED");
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

TEST(AdjustAwardsRefusals, SpendingInAnyBudgetComesBeforeFundsInAnother) {
  Recount recount;
  const auto& b = recount.budgets;
  ASSERT_TRUE(recount.ledger.Commit(recount.ledger.CommitRequest(b[1], recount.swing, 10)).ok());
  EXPECT_EQ(
      Reason(recount.Adjust(
          2, {{b[0], 1'000, recount.swing}, {b[0], 30, recount.bench}, {b[1], 0, recount.swing}})),
      "PLAN_HAS_SPENDING");
}

TEST(AwardSchema, AnAwardThatWasChangedIsFound) {
  for (const char* sql : {"UPDATE ledger.award SET amount = amount + 1 WHERE amount = 30",
                          "DELETE FROM ledger.award WHERE amount = 30"}) {
    Recount recount;
    ASSERT_THAT(recount.ledger.Findings(), IsEmpty());
    ASSERT_TRUE(recount.ledger.database()
                    .Sql(absl::StrCat("SET session_replication_role = replica;", sql))
                    .ok());
    EXPECT_THAT(recount.ledger.Findings(),
                Contains(absl::StrCat("the award of plan ", recount.bench,
                                      " is not what its entries say")));
  }
}

}  // namespace
}  // namespace smederij::ledger
