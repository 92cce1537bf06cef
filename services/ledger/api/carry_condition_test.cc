// Conditional money at the end of a year, and what of it is given back in the next one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/pg/sqlstate.h"
#include "services/ledger/testing/following_years.h"

namespace smederij::ledger {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

using enum v1::AccountKind;

template <class T>
std::string Reason(const absl::StatusOr<T>& result) {
  return ReasonOf(result.status());
}

// 600 of a corporation's and 400 of the province's for the trees, to be awarded in 2025; of 2025
// and of 2026.
struct Trees {
  FollowingYears years;
  TestSpending& ledger = years.ledger;
  std::string first = Opened(2025), second = Opened(2026);

  Trees() {
    ledger.clock().Set(InAmsterdam("2025-12-01T12:00:00"));
    years.Give(first, "corporation", 6'00);
    years.Give(first, "province", 4'00);
  }
  std::string Opened(int year) {
    const auto opened = ledger.Open(ConditionalRequest(years.district, "trees", year, years.path,
                                                       absl::StrCat(year, "-12-31")));
    return opened->budget_id();
  }
};

TEST(ReturnFunds, GivesCarriedMoneyBackInTheNewYearToTheCent) {
  Trees trees;
  TestSpending& ledger = trees.ledger;
  trees.years.Award(trees.first, 9'99);
  ledger.clock().Set(InAmsterdam("2026-01-02T12:00:00"));
  ASSERT_TRUE(trees.years.CarryPath(trees.first, trees.second).ok()) << "awarded in time";
  ASSERT_TRUE(ledger.Return(trees.first).ok()) << "what was not goes back";
  EXPECT_THAT(trees.years.Held(trees.first, ACCOUNT_KIND_SOURCE),
              ElementsAre(Pair("corporation", -5'99), Pair("province", -4'00)));
  // The trees need less. What they release is the new year's to award, until that is over.
  ASSERT_TRUE(ledger.ReleaseAward(trees.second, trees.years.path, 3'33).ok());
  EXPECT_EQ(Reason(ledger.Return(trees.second)), "CONDITION_PENDING");
  ledger.clock().Set(InAmsterdam("2027-01-01T12:00:00"));
  ASSERT_TRUE(ledger.Return(trees.second).ok());
  EXPECT_THAT(trees.years.Held(trees.second, ACCOUNT_KIND_CARRIED_IN),
              ElementsAre(Pair("corporation", -5'99 + 2'00), Pair("province", -4'00 + 1'33)));
  ASSERT_TRUE(ledger.ReleaseAward(trees.second, trees.years.path, 6'66).ok());
  ASSERT_TRUE(ledger.Return(trees.second).ok());
  EXPECT_THAT(trees.years.Held(trees.second, ACCOUNT_KIND_CARRIED_IN), IsEmpty());
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

TEST(CarryOverRefusals, WhatNoPlanGotInTimeIsNotCarriedButLapses) {
  Trees trees;
  TestSpending& ledger = trees.ledger;
  trees.years.Award(trees.first, 3'00);
  ASSERT_TRUE(ledger.Hold(HoldRequest(trees.first, NewId(), 1'00)).ok());
  const std::string full = trees.second;
  trees.years.Give(full, "corporation", Money::kCentsMax);
  const auto carry = [&](Rest rest) { return trees.years.Carry(trees.first, full, rest); };
  ledger.clock().Set(InAmsterdam("2026-01-01T00:00:01"));
  EXPECT_EQ(Reason(carry(kGoesOver)), "POT_HELD") << "comes first";
  ASSERT_TRUE(ledger.database()
                  .Sql("SET session_replication_role = replica;"
                       "UPDATE ledger.account SET credits = debits WHERE kind = 3")
                  .ok());
  const auto refused = carry(kGoesOver);
  EXPECT_EQ(Reason(refused), "CONDITION_OVER");
  EXPECT_THAT(FactsOf(refused.status()), Contains(Pair("budget_id", trees.first)));
  EXPECT_THAT(FactsOf(refused.status()), Contains(Pair("deadline", "2025-12-31")));
  EXPECT_EQ(Reason(carry(kLapses)), "BUDGET_FULL") << "comes last";
}

TEST(CarryOver, WhatWasAwardedInTimeGoesOverWhenTheRestLapses) {
  Trees trees;
  trees.years.Award(trees.first, 3'00);
  trees.ledger.clock().Set(InAmsterdam("2026-01-01T00:00:01"));
  const auto carry = [&](Rest rest) { return trees.years.Carry(trees.first, trees.second, rest); };
  EXPECT_EQ(Reason(carry(kGoesOver)), "CONDITION_OVER");
  ASSERT_TRUE(carry(kLapses).ok());
  EXPECT_THAT(trees.years.Held(trees.second, ACCOUNT_KIND_RESERVED),
              ElementsAre(Pair(trees.years.path, 3'00)));
  EXPECT_THAT(trees.years.Held(trees.second, ACCOUNT_KIND_CARRIED_IN),
              ElementsAre(Pair("corporation", -1'80), Pair("province", -1'20)));
  EXPECT_THAT(trees.years.Held(trees.first, ACCOUNT_KIND_SOURCE),
              ElementsAre(Pair("corporation", -1'80), Pair("province", -1'20)));
  EXPECT_THAT(trees.ledger.Findings(), IsEmpty());
}

TEST(CarrySchema, NothingThatIsFreeIsCarriedPastItsDay) {
  Trees trees;
  const auto carry = [&] { return trees.years.Carry(trees.first, trees.second, kGoesOver); };
  // The service believes that it may be awarded for a long time still.
  const auto deadline = [&](const char* day) {
    trees.years.Tamper(absl::StrCat("UPDATE ledger.budget SET condition_deadline = '", day,
                                    "' WHERE condition_deadline IS NOT NULL"));
  };
  trees.ledger.clock().Set(InAmsterdam("2026-01-01T12:00:00"));
  deadline("2999-12-31");
  ASSERT_TRUE(carry().ok());
  deadline("2025-12-31");
  const std::string again =
      "INSERT INTO ledger.posting SELECT budget_id, seq, line + 100, type, from_no, from_kind,"
      " to_no, to_kind, 1, 0, 1 FROM ledger.posting WHERE type = 13 AND line = 1";
  EXPECT_EQ(pg::ConstraintOf(trees.ledger.database().Sql(again)), "award_meets_condition");
  // What was carried when that was allowed is no finding; what was since, is.
  const char* const late = "carries money over that was to be awarded before";
  EXPECT_THAT(trees.ledger.Findings(), Not(Contains(late)));
  trees.years.Tamper("UPDATE ledger.entry SET recorded_at = '2999-01-01' WHERE type = 13");
  EXPECT_THAT(trees.ledger.Findings(), Contains(late));
}

// A year that is over before the day of the condition: what is free may still be awarded.
TEST(CarryOver, BeforeItsDayConditionalMoneyGoesOver) {
  FollowingYears years;
  years.ledger.clock().Set(InAmsterdam("2026-01-31T23:59:59"));
  const auto opened = [&](int year) {
    return years.ledger
        .Open(ConditionalRequest(years.district, "trees", year, years.path, "2026-01-31"))
        ->budget_id();
  };
  const std::string first = opened(2024), second = opened(2025), third = opened(2026);
  years.Give(first, "corporation", 5);
  ASSERT_TRUE(years.Carry(first, second, kGoesOver).ok());
  years.ledger.clock().Set(InAmsterdam("2026-02-01T00:00:00"));
  EXPECT_EQ(Reason(years.Carry(second, third, kGoesOver)), "CONDITION_OVER");
}

}  // namespace
}  // namespace smederij::ledger
