#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/crypto/hash.h"
#include "common/pg/sqlstate.h"
#include "services/ledger/testing/test_spending.h"

namespace smederij::ledger {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;

template <class T>
std::string Reason(const absl::StatusOr<T>& result) {
  return ReasonOf(result.status());
}

// 1,000 of a corporation's, for the trees or for a category, until a day; all of it in a round's
// pot.
struct Conditional {
  TestSpending ledger;
  std::string trees = NewId(), round = NewId(), budget;

  explicit Conditional(const std::string& deadline = "2999-12-31",
                       const std::string& category = "") {
    auto open = OpenRequest();
    open.set_fund("trees");
    open.mutable_condition()->set_deadline(deadline);
    if (category.empty()) {
      open.mutable_condition()->add_plan_ids(trees);
    } else {
      open.mutable_condition()->set_category(category);
    }
    const auto opened = ledger.Open(open);
    CHECK(opened.ok());
    budget = opened->budget_id();
    for (const auto& [source, cents] :
         {std::pair("corporation", 600), std::pair("province", 400)}) {
      auto request = AppropriateRequestOf(budget, cents);
      request.set_source(source);
      CHECK(ledger.Appropriate(request).ok());
    }
  }
  void Hold() { CHECK(ledger.Hold(HoldRequest(budget, round, 1'000)).ok()); }
  absl::StatusOr<v1::ReserveAwardsResponse> Reserve(const std::string& plan,
                                                    const std::string& category = "") {
    auto request = ReserveRequest(round, 1, {{budget, 900, plan}});
    request.mutable_lines(0)->set_category(category);
    return ledger.Reserve(request);
  }
};

TEST(Conditions, MoneyGoesToThePlansItIsFor) {
  Conditional money;
  money.Hold();
  EXPECT_EQ(Reason(money.Reserve(NewId())), "CONDITION_UNMET");
  ASSERT_TRUE(money.Reserve(money.trees).ok());
  EXPECT_EQ(money.ledger.Balance(money.budget, v1::ACCOUNT_KIND_RESERVED, money.trees), 900);
  EXPECT_THAT(money.ledger.Findings(), IsEmpty());
}

TEST(Conditions, OrToPlansOfACategory) {
  Conditional money("2999-12-31", "green");
  money.Hold();
  EXPECT_EQ(Reason(money.Reserve(money.trees)), "CONDITION_UNMET");
  EXPECT_EQ(Reason(money.Reserve(money.trees, "play")), "CONDITION_UNMET");
  ASSERT_TRUE(money.Reserve(money.trees, "green").ok());
  EXPECT_THAT(money.ledger.Findings(), IsEmpty());
}

TEST(Conditions, UntilTheirDay) {
  Conditional money("2020-01-01");
  money.Hold();
  EXPECT_EQ(Reason(money.Reserve(money.trees)), "CONDITION_UNMET");
}

TEST(Conditions, ARecountHasToMeetThemToo) {
  Conditional money;
  money.Hold();
  ASSERT_TRUE(money.Reserve(money.trees).ok());
  const std::string other = NewId();
  const auto adjust = [&](int64_t trees, int64_t cents) {
    return money.ledger.Adjust(AdjustRequest(
        money.round, 2, {{money.budget, trees, money.trees}, {money.budget, cents, other}}));
  };
  EXPECT_EQ(Reason(adjust(0, 900)), "CONDITION_UNMET");
  ASSERT_TRUE(adjust(300, 0).ok());
  EXPECT_THAT(money.ledger.Findings(), IsEmpty());
}

TEST(Conditions, StandInTheOpeningRecordAndInTheBudget) {
  Conditional money;
  const auto budget = money.ledger.Get(money.budget);
  ASSERT_EQ(budget->condition().plan_ids_size(), 1);
  EXPECT_EQ(budget->condition().plan_ids(0), money.trees);
  EXPECT_EQ(budget->condition().deadline(), "2999-12-31");
  EXPECT_EQ(budget->opening().substr(0, 18), "smederij-budget-v2");
  EXPECT_NE(budget->opening().find("2999-12-31"), std::string::npos);
  const auto plain = money.ledger.Get(money.ledger.BudgetOf(0));
  EXPECT_FALSE(plain->has_condition());
  EXPECT_EQ(plain->opening().substr(0, 18), "smederij-budget-v1");
}

TEST(ReturnFunds, GivesWhatWasNotAwardedBackToItsSources) {
  Conditional money("2020-01-01");
  const auto returned = money.ledger.Return(money.budget);
  ASSERT_TRUE(returned.ok()) << returned.status();
  ASSERT_EQ(returned->entries_size(), 1);
  EXPECT_EQ(returned->entries(0).seq(), 3);
  EXPECT_EQ(returned->handover().returned_cents(), 1'000);
  const auto budget = money.ledger.Get(money.budget);
  EXPECT_EQ(budget->available_cents(), 0);
  EXPECT_EQ(budget->appropriated_cents(), 0);
  EXPECT_EQ(Reason(money.ledger.Return(money.budget)), "NOTHING_TO_HAND_OVER");
  EXPECT_THAT(money.ledger.Findings(), IsEmpty());
}

TEST(ReturnFunds, GivesBackInProportion) {
  Conditional money("2020-01-01");
  ASSERT_TRUE(money.ledger.Hold(HoldRequest(money.budget, money.round, 999)).ok());
  ASSERT_TRUE(money.ledger.Return(money.budget).ok());  // One cent: the corporation lost most.
  EXPECT_EQ(money.ledger.Balance(money.budget, v1::ACCOUNT_KIND_SOURCE, "corporation"), -599);
  EXPECT_EQ(money.ledger.Balance(money.budget, v1::ACCOUNT_KIND_SOURCE, "province"), -400);
}

TEST(ReturnFunds, BeforeTheDeadlineOnlyWhenNobodyCountsOnIt) {
  Conditional money;
  EXPECT_EQ(Reason(money.ledger.Return(money.budget)), "CONDITION_PENDING");
  money.Hold();
  EXPECT_EQ(Reason(money.ledger.Return(money.budget, true)), "CONDITION_PENDING");
  ASSERT_TRUE(money.ledger.Release(ReleaseRequest(money.budget, money.round)).ok());
  ASSERT_TRUE(money.ledger.Return(money.budget, true).ok());
  EXPECT_EQ(money.ledger.Get(money.budget)->available_cents(), 0);
  Conditional awarded;
  awarded.Hold();
  ASSERT_TRUE(awarded.Reserve(awarded.trees).ok());
  ASSERT_TRUE(awarded.ledger.Release(ReleaseRequest(awarded.budget, awarded.round)).ok());
  EXPECT_EQ(Reason(awarded.ledger.Return(awarded.budget, true)), "CONDITION_PENDING");
}

// ── Refusals, in order of precedence ───────────────────────────────────────────────────────────

TEST(ReturnFundsRefusals, InOrder) {
  Conditional money;
  TestSpending& ledger = money.ledger;
  std::string budget = ledger.BudgetOf(100);
  const auto refused = [&] { return Reason(ledger.Return(budget)); };
  EXPECT_EQ(refused(), "NOT_CONDITIONAL");
  ASSERT_TRUE(ledger.database().Sql("UPDATE ledger.period SET state = 'closing'").ok());
  EXPECT_EQ(refused(), "PERIOD_CLOSED");
  ASSERT_TRUE(ledger.database().Sql("UPDATE ledger.budget SET state = 'closed'").ok());
  EXPECT_EQ(refused(), "BUDGET_CLOSED");
  ASSERT_TRUE(ledger.database()
                  .Sql("INSERT INTO ledger.finding (budget_id, seq, what)"
                       " SELECT budget_id, 0, 'a test' FROM ledger.budget")
                  .ok());
  EXPECT_EQ(refused(), "BUDGET_FROZEN");
  budget = NewId();
  EXPECT_EQ(refused(), "BUDGET_NOT_FOUND");
}

TEST(ConditionRefusals, OnesThatAreNotRightAreMalformed) {
  TestSpending ledger;
  auto request = OpenRequest();
  v1::Condition& condition = *request.mutable_condition();
  const auto refused = [&] { return Reason(ledger.Open(request)); };
  EXPECT_EQ(refused(), "OUT_OF_RANGE");  // For nothing.
  condition.set_category("Green");
  EXPECT_EQ(refused(), "BAD_TEXT");
  condition.set_category("green");
  EXPECT_EQ(refused(), "BAD_DATE");
  condition.set_deadline("2026-02-30");
  EXPECT_EQ(refused(), "BAD_DATE");
  condition.set_deadline("2026-02-28");
  condition.add_plan_ids(NewId());
  EXPECT_EQ(refused(), "OUT_OF_RANGE");  // For both.
  condition.clear_category();
  condition.add_plan_ids(condition.plan_ids(0));
  EXPECT_EQ(refused(), "OUT_OF_RANGE");
  condition.set_plan_ids(1, "x");
  EXPECT_EQ(refused(), "BAD_ID");
}

// ── What the schema itself refuses, and what the verifier finds ────────────────────────────────

TEST(ConditionSchema, AConditionStaysAsTheMoneyCameWithIt) {
  Conditional money;
  const auto stopped = [&](const std::string& sql) {
    return pg::ConstraintOf(money.ledger.database().Sql("BEGIN;" + sql + ";COMMIT"));
  };
  EXPECT_EQ(stopped("UPDATE ledger.budget SET condition_deadline = '2999-12-30'"),
            "budget_keeps_its_condition");
  EXPECT_EQ(stopped("INSERT INTO ledger.budget (budget_id, municipality_id, district_id, fund,"
                    " fiscal_year, currency, opened_at, request_id, actor, opening, opening_hash,"
                    " condition_category) SELECT gen_random_uuid(), municipality_id, district_id,"
                    " fund, fiscal_year, currency, opened_at, request_id, actor, opening,"
                    " opening_hash, 'green' FROM ledger.budget"),
            "budget_condition_is_whole");
  ASSERT_TRUE(money.ledger.database()
                  .Sql("SET session_replication_role = replica;"
                       "UPDATE ledger.budget SET condition_deadline = '2999-12-30'"
                       " WHERE condition_deadline IS NOT NULL")
                  .ok());
  EXPECT_THAT(money.ledger.Findings(),
              Contains("the opening record is not what the budget's columns say"));
}

}  // namespace
}  // namespace smederij::ledger
