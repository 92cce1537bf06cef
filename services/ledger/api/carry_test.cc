#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/pg/sqlstate.h"
#include "services/ledger/testing/test_spending.h"

namespace smederij::ledger {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

template <class T>
std::string Reason(const absl::StatusOr<T>& result) {
  return ReasonOf(result.status());
}

// Two years that are over, of one district: 1,000 of the town's and 500 of a corporation's in the
// first, of which 700 went to a long strike, 300 of that to a supplier, and 100 to a short one.
struct Years {
  TestSpending ledger;
  std::string district = NewId(), round = NewId(), path = NewId(), bench = NewId();
  std::string first = Opened(2023), second = Opened(2024), commitment;

  Years() {
    CHECK(ledger.Appropriate(AppropriateRequestOf(first, 1'000)).ok());
    auto corporation = AppropriateRequestOf(first, 500);
    corporation.set_source("corporation");
    CHECK(ledger.Appropriate(corporation).ok());
    CHECK(ledger.Hold(HoldRequest(first, round, 900)).ok());
    CHECK(ledger.Reserve(ReserveRequest(round, 1, {{first, 700, path}, {first, 100, bench}})).ok());
    commitment = ledger.Commit(ledger.CommitRequest(first, path, 300))->commitment_id();
  }
  std::string Opened(int year, const std::string& fund = "general") {
    auto request = OpenRequest(district);
    request.set_fiscal_year(year);
    request.set_fund(fund);
    return ledger.Open(request)->budget_id();
  }
  v1::CarryOver Request(const std::vector<std::string>& plans, v1::CarryOver::Rest rest = {}) {
    v1::CarryOver request;
    request.set_from_budget_id(first);
    request.set_to_budget_id(second);
    for (const std::string& plan : plans) request.add_plan_ids(plan);
    request.set_rest(rest);
    request.set_decision_ref("council 2024-1");
    return request;
  }
  absl::StatusOr<v1::DecideHandoverResponse> Carry(const std::vector<std::string>& plans) {
    return ledger.CarryOver(Request(plans));
  }
  absl::StatusOr<v1::DecideHandoverResponse> CarryAll(v1::CarryOver::Rest rest) {
    return ledger.CarryOver(Request({}, rest));
  }
  int64_t Held(const std::string& budget, v1::AccountKind kind, const std::string& of = "") {
    return ledger.Balance(budget, kind, of);
  }
  // A payment of the commitment, as far as the bank.
  std::string Instructed(const std::string& budget, int64_t cents) {
    const std::string id =
        ledger.Request(ledger.PaymentRequest(budget, commitment, cents, NewId()))->payment_id();
    CHECK(ledger.Approve(budget, id, ledger.approver()).ok());
    CHECK(ledger.Instruct(budget, id, NewId().substr(0, 30)).ok());
    return id;
  }
};

TEST(CarryOver, ALongStrikeGoesOnInTheNextYear) {
  Years years;
  TestSpending& ledger = years.ledger;
  ASSERT_TRUE(ledger.Settle(years.first, years.Instructed(years.first, 50)).ok());
  const auto carried = years.Carry({years.path});
  ASSERT_TRUE(carried.ok()) << carried.status();
  ASSERT_EQ(carried->entries_size(), 4);
  // What was paid stays; the rest goes.
  EXPECT_EQ(years.Held(years.first, v1::ACCOUNT_KIND_PAID, years.path), 50);
  EXPECT_EQ(years.Held(years.first, v1::ACCOUNT_KIND_RESERVED, years.path), 0);
  EXPECT_EQ(years.Held(years.first, v1::ACCOUNT_KIND_COMMITTED, years.commitment), 0);
  EXPECT_EQ(years.Held(years.first, v1::ACCOUNT_KIND_CARRIED_OUT, years.second), 650);
  EXPECT_EQ(years.Held(years.second, v1::ACCOUNT_KIND_CARRIED_IN, years.first), -650);
  EXPECT_EQ(years.Held(years.second, v1::ACCOUNT_KIND_RESERVED, years.path), 400);
  EXPECT_EQ(years.Held(years.second, v1::ACCOUNT_KIND_COMMITTED, years.commitment), 250);
  // The short strike and what is available stay.
  EXPECT_EQ(years.Held(years.first, v1::ACCOUNT_KIND_RESERVED, years.bench), 100);
  EXPECT_EQ(ledger.Get(years.first)->available_cents(), 600);
  EXPECT_EQ(ledger.Get(years.first)->state(), v1::Budget::STATE_OPEN);
  std::set<std::string> links;
  for (const std::string& budget : {years.first, years.second}) {
    const auto entries = ledger.Entries(budget);
    for (const v1::Entry& entry : entries->entries()) {
      if (entry.type() >= v1::ENTRY_TYPE_CARRY_OUT) links.insert(entry.link_id());
    }
    EXPECT_EQ(ledger.Trial(budget)->total_cents(), 0);
  }
  EXPECT_EQ(links.size(), 1u);
  // The commitment keeps its id and its terms.
  const auto old = ledger.Commitments(years.first), fresh = ledger.Commitments(years.second);
  ASSERT_EQ(fresh->commitments_size(), 1);
  EXPECT_TRUE(old->commitments(0).closed());
  EXPECT_EQ(fresh->commitments(0).commitment_id(), years.commitment);
  EXPECT_EQ(fresh->commitments(0).amount_cents(), 250);
  EXPECT_EQ(fresh->commitments(0).quote_ref(), old->commitments(0).quote_ref());
  EXPECT_EQ(fresh->commitments(0).payable_from(), old->commitments(0).payable_from());
  // And is paid from the new year, and ended there.
  ASSERT_TRUE(ledger.Settle(years.second, years.Instructed(years.second, 200)).ok());
  EXPECT_EQ(
      Reason(ledger.Request(ledger.PaymentRequest(years.first, years.commitment, 1, "invoice 9"))),
      "COMMITMENT_CLOSED");
  ASSERT_TRUE(ledger.Close(years.second, years.commitment).ok());
  EXPECT_EQ(years.Held(years.second, v1::ACCOUNT_KIND_RESERVED, years.path), 450);
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

TEST(CarryOver, AllOfABudgetGoesOverAndItTakesNothingAnyMore) {
  Years years;
  TestSpending& ledger = years.ledger;
  ASSERT_TRUE(ledger.Release(ReleaseRequest(years.first, years.round)).ok());
  ASSERT_TRUE(years.CarryAll(v1::CarryOver::REST_CARRY).ok());
  EXPECT_EQ(years.Held(years.second, v1::ACCOUNT_KIND_RESERVED, years.path), 400);
  EXPECT_EQ(years.Held(years.second, v1::ACCOUNT_KIND_RESERVED, years.bench), 100);
  EXPECT_EQ(years.Held(years.second, v1::ACCOUNT_KIND_COMMITTED, years.commitment), 300);
  EXPECT_EQ(ledger.Get(years.second)->available_cents(), 700);
  EXPECT_EQ(ledger.Get(years.second)->appropriated_cents(), 0);
  const auto budget = ledger.Get(years.first);
  EXPECT_EQ(budget->state(), v1::Budget::STATE_CARRIED);
  EXPECT_TRUE(budget->closed());
  EXPECT_EQ(Reason(ledger.Appropriate(AppropriateRequestOf(years.first, 1))), "BUDGET_CLOSED");
  EXPECT_EQ(Reason(years.CarryAll(v1::CarryOver::REST_CARRY)), "BUDGET_CLOSED");
  EXPECT_THAT(ledger.Findings(), IsEmpty());
  // Carried money is carried on, but does not lapse: no source of this year gave it.
  years.first = years.second;
  years.second = years.Opened(2025);
  EXPECT_EQ(Reason(years.CarryAll(v1::CarryOver::REST_LAPSE)), "LAPSE_OVER_SOURCES");
  ASSERT_TRUE(years.CarryAll(v1::CarryOver::REST_CARRY).ok());
  EXPECT_EQ(ledger.Get(years.second)->available_cents(), 700);
  EXPECT_EQ(years.Held(years.second, v1::ACCOUNT_KIND_COMMITTED, years.commitment), 300);
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

TEST(CarryOver, WhatNoPlanHasLapsesAsItsSourcesPromised) {
  Years years;
  TestSpending& ledger = years.ledger;
  ASSERT_TRUE(ledger.Release(ReleaseRequest(years.first, years.round)).ok());
  ASSERT_TRUE(years.CarryAll(v1::CarryOver::REST_LAPSE).ok());  // 700 of 1,000 and 500.
  EXPECT_EQ(ledger.Get(years.first)->available_cents(), 0);
  EXPECT_EQ(years.Held(years.first, v1::ACCOUNT_KIND_SOURCE, "municipality"), -1'000 + 467);
  EXPECT_EQ(years.Held(years.first, v1::ACCOUNT_KIND_SOURCE, "corporation"), -500 + 233);
  EXPECT_EQ(ledger.Get(years.first)->appropriated_cents(), 800);
  EXPECT_EQ(ledger.Get(years.second)->available_cents(), 0);
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

TEST(CarryOver, WhenEveryPeriodIsClosedTheBudgetIs) {
  Years years;
  TestSpending& ledger = years.ledger;
  EXPECT_EQ(Reason(ledger.CloseBudget(years.first)), "BUDGET_NOT_CARRIED");
  ASSERT_TRUE(ledger.Release(ReleaseRequest(years.first, years.round)).ok());
  ASSERT_TRUE(years.CarryAll(v1::CarryOver::REST_LAPSE).ok());
  for (int period = 1; period <= 12; ++period) {
    EXPECT_EQ(Reason(ledger.CloseBudget(years.first)), "PERIOD_OPEN");
    const auto trial = ledger.Trial(years.first);
    v1::ProposeClosingRequest request;
    request.set_request_id(NewId());
    request.set_budget_id(years.first);
    request.set_period_no(period);
    request.set_expected_seq(trial->as_of_seq());
    request.set_trial_balance_hash(trial->trial_balance_hash());
    const auto proposed = ledger.ProposeClosing(request, ledger.treasurer());
    ASSERT_TRUE(proposed.ok()) << proposed.status();
    ASSERT_TRUE(ledger.DecideClosing(*proposed, true, ledger.colleague()).ok());
  }
  ASSERT_TRUE(ledger.CloseBudget(years.first).ok());
  EXPECT_EQ(ledger.Get(years.first)->state(), v1::Budget::STATE_CLOSED);
  EXPECT_EQ(Reason(ledger.CloseBudget(years.first)), "BUDGET_CLOSED");
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

// ── Refusals, in order of precedence ───────────────────────────────────────────────────────────

TEST(CarryOverRefusals, InOrder) {
  Years years;
  TestSpending& ledger = years.ledger;
  const auto all = [&] { return Reason(years.CarryAll(v1::CarryOver::REST_CARRY)); };
  CHECK(ledger.Appropriate(AppropriateRequestOf(years.second, Money::kCentsMax - 699)).ok());
  EXPECT_EQ(Reason(years.Carry({years.path})), "BUDGET_FULL");
  EXPECT_EQ(all(), "POT_HELD");
  const std::string payment = years.Instructed(years.first, 10);
  EXPECT_EQ(all(), "PAYMENTS_OPEN");
  EXPECT_EQ(Reason(years.Carry({years.path})), "PAYMENTS_OPEN");
  EXPECT_TRUE(years.Carry({years.bench}).ok());
  EXPECT_EQ(Reason(years.Carry({years.path, NewId()})), "AWARD_NOT_FOUND");
  ASSERT_TRUE(
      ledger.database()
          .Sql(absl::StrCat("UPDATE ledger.period SET state = 'closing' WHERE budget_id = '",
                            years.second, "'"))
          .ok());
  EXPECT_EQ(Reason(years.Carry({NewId()})), "PERIOD_CLOSED");
  ASSERT_TRUE(ledger.database()
                  .Sql(absl::StrCat("UPDATE ledger.budget SET state = 'closed' WHERE budget_id = '",
                                    years.second, "'"))
                  .ok());
  EXPECT_EQ(Reason(years.Carry({NewId()})), "BUDGET_CLOSED");
  ASSERT_TRUE(ledger.database()
                  .Sql(absl::StrCat("INSERT INTO ledger.finding (budget_id, seq, what) VALUES ('",
                                    years.second, "', 0, 'a test')"))
                  .ok());
  EXPECT_EQ(Reason(years.Carry({NewId()})), "BUDGET_FROZEN");
  for (const std::string& wrong : {years.Opened(2024, "green"), years.Opened(2025), years.first}) {
    years.second = wrong;
    EXPECT_EQ(Reason(years.Carry({NewId()})), "BUDGETS_DO_NOT_FOLLOW");
  }
  auto request = years.Request({NewId()});
  request.set_to_budget_id(NewId());
  EXPECT_EQ(Reason(ledger.CarryOver(request)), "BUDGET_NOT_FOUND");
  request.set_decision_ref("");
  EXPECT_EQ(Reason(ledger.CarryOver(request)), "BAD_TEXT");
  request.set_rest(v1::CarryOver::REST_CARRY);
  EXPECT_EQ(Reason(ledger.CarryOver(request)), "OUT_OF_RANGE");
  request.add_plan_ids(request.plan_ids(0));
  EXPECT_EQ(Reason(ledger.CarryOver(request)), "PLAN_TWICE");
  request.clear_plan_ids();
  request.clear_rest();
  EXPECT_EQ(Reason(ledger.CarryOver(request)), "OUT_OF_RANGE");
}

TEST(CarryOverRefusals, ConditionalMoneyDoesNotLoseItsConditionOnTheWay) {
  Years years;
  const auto opened = [&](int year, const std::string& category) {
    auto request = OpenRequest(years.district);
    request.set_fiscal_year(year);
    request.set_fund("trees");
    if (!category.empty()) {
      request.mutable_condition()->set_category(category);
      request.mutable_condition()->set_deadline(absl::StrCat(year, "-12-31"));
    }
    return years.ledger.Open(request)->budget_id();
  };
  years.first = opened(2020, "green");
  for (const auto& [year, category] : {std::pair(2021, ""), std::pair(2023, "play")}) {
    if (year == 2023) years.first = opened(2022, "green");
    years.second = opened(year, category);
    EXPECT_EQ(Reason(years.CarryAll(v1::CarryOver::REST_CARRY)), "BUDGETS_DO_NOT_FOLLOW");
  }
  years.first = opened(2024, "green");
  years.second = opened(2025, "green");
  EXPECT_TRUE(years.CarryAll(v1::CarryOver::REST_CARRY).ok());
}

TEST(CarryOver, ThePlansThatMoneyIsForMayBeToldInAnyOrder) {
  Years years;
  const auto opened = [&](int year, const std::vector<std::string>& plans) {
    auto request = OpenRequest(years.district);
    request.set_fiscal_year(year);
    request.set_fund("trees");
    for (const std::string& plan : plans) request.mutable_condition()->add_plan_ids(plan);
    request.mutable_condition()->set_deadline(absl::StrCat(year, "-12-31"));
    return years.ledger.Open(request)->budget_id();
  };
  years.first = opened(2020, {years.path, years.bench});
  years.second = opened(2021, {years.bench});
  EXPECT_EQ(Reason(years.CarryAll(v1::CarryOver::REST_CARRY)), "BUDGETS_DO_NOT_FOLLOW");
  years.first = opened(2022, {years.path, years.bench});
  years.second = opened(2023, {years.bench, years.path});
  EXPECT_TRUE(years.CarryAll(v1::CarryOver::REST_CARRY).ok());
}

TEST(CarryOverRefusals, AYearGoesOverAsAWholeWhenItIsOver) {
  Years years;
  const auto year = static_cast<int>(years.ledger.clock().Today().year());
  years.first = years.Opened(year + 1);
  years.second = years.Opened(year + 2);
  EXPECT_EQ(Reason(years.CarryAll(v1::CarryOver::REST_CARRY)), "YEAR_NOT_OVER");
}

// ── What the schema itself refuses, and what the verifier finds ────────────────────────────────

TEST(CarrySchema, ABudgetGoesOnAndNeverBack) {
  Years years;
  ASSERT_TRUE(years.ledger.Release(ReleaseRequest(years.first, years.round)).ok());
  ASSERT_TRUE(years.CarryAll(v1::CarryOver::REST_CARRY).ok());
  const auto stopped = [&](const std::string& sql) {
    return pg::ConstraintOf(years.ledger.database().Sql("BEGIN;" + sql + ";COMMIT"));
  };
  EXPECT_EQ(stopped("UPDATE ledger.budget SET state = 'open'"), "budget_goes_on");
  EXPECT_EQ(stopped("UPDATE ledger.budget SET state = 'closed';"
                    "UPDATE ledger.budget SET state = 'carried'"),
            "budget_goes_on");
}

TEST(CarrySchema, WhatDoesNotComeInIsFound) {
  const std::pair<const char*, const char*> tampering[] = {
      {"UPDATE ledger.entry SET link_id = gen_random_uuid() WHERE type = 14",
       "what was carried out is not what was carried in"},
      {"UPDATE ledger.posting SET amount = amount - 1 WHERE type = 14",
       "what was carried out is not what was carried in"},
      {"UPDATE ledger.commitment SET payee_id = gen_random_uuid() WHERE closed_at IS NULL",
       "what it rests on is not what it says"},
      {"UPDATE ledger.budget SET state = 'carried' WHERE fiscal_year = 2024",
       "it was carried over, and has money left"},
      {"UPDATE ledger.budget SET state = 'closed' WHERE fiscal_year = 2023",
       "it is closed, and its period 1 is not"}};
  for (const auto& [sql, finding] : tampering) {
    Years years;
    ASSERT_TRUE(years.Carry({years.path, years.bench}).ok());
    ASSERT_THAT(years.ledger.Findings(), IsEmpty());
    ASSERT_TRUE(years.ledger.database()
                    .Sql(absl::StrCat("SET session_replication_role = replica;", sql))
                    .ok())
        << sql;
    EXPECT_THAT(years.ledger.Findings(), Contains(HasSubstr(finding))) << sql;
  }
}

TEST(AdjustAwards, WhatWentOverToNextYearIsCorrectedThere) {
  Years years;
  const auto adjust = [&](int64_t path, int64_t bench) {
    return Reason(years.ledger.Adjust(AdjustRequest(
        years.round, 2, {{years.first, path, years.path}, {years.first, bench, years.bench}})));
  };
  ASSERT_TRUE(years.Carry({years.path}).ok());
  EXPECT_EQ(adjust(0, 100), "PLAN_CARRIED_OVER");
  EXPECT_EQ(adjust(699, 100), "PLAN_CARRIED_OVER");
  EXPECT_EQ(adjust(0, 100'000), "PLAN_CARRIED_OVER") << "before INSUFFICIENT_FUNDS";
  ASSERT_TRUE(years.ledger.Commit(years.ledger.CommitRequest(years.first, years.bench, 20)).ok());
  EXPECT_EQ(adjust(0, 10), "PLAN_HAS_SPENDING") << "comes first";
  EXPECT_EQ(adjust(700, 50), "") << "another plan's is still here";
  EXPECT_THAT(years.ledger.Findings(), IsEmpty());
}

TEST(ReleasePot, AnEmptyOneAsksNothingOfBooksThatAreClosed) {
  Years years;
  ASSERT_TRUE(years.ledger.Release(ReleaseRequest(years.first, years.round)).ok());
  ASSERT_TRUE(years.CarryAll(v1::CarryOver::REST_CARRY).ok());
  const auto again = years.ledger.Release(ReleaseRequest(years.first, years.round));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->seq(), 0);
  EXPECT_EQ(Reason(years.ledger.Release(ReleaseRequest(years.first, NewId()))), "BUDGET_CLOSED");
}

// An offer may be open on another pot of the round until long after this one's year went over.
TEST(ReleasePot, OneThatWasAwardedInFullAndWentOverIsInNobodysWay) {
  Years years;
  TestSpending& ledger = years.ledger;
  const std::string round = NewId(), other = years.Opened(2023, "trees");
  ASSERT_TRUE(ledger.Appropriate(AppropriateRequestOf(other, 500)).ok());
  ASSERT_TRUE(ledger.Hold(HoldRequest(years.first, round, 600)).ok());
  ASSERT_TRUE(ledger.Hold(HoldRequest(other, round, 500)).ok());
  ASSERT_TRUE(ledger.Reserve(ReserveRequest(round, 1, {{years.first, 600, years.bench}})).ok());
  ASSERT_TRUE(ledger.Release(ReleaseRequest(years.first, years.round)).ok());
  ASSERT_TRUE(years.CarryAll(v1::CarryOver::REST_CARRY).ok());
  ASSERT_TRUE(ledger.Reserve(ReserveRequest(round, 2, {{other, 300}})).ok());
  const auto released = ledger.Release(ReleaseRequest(years.first, round));
  ASSERT_TRUE(released.ok()) << released.status();
  EXPECT_EQ(released->seq(), 0);
  ASSERT_TRUE(ledger.Release(ReleaseRequest(other, round)).ok());
  EXPECT_EQ(ledger.Get(other)->available_cents(), 200);
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

}  // namespace
}  // namespace smederij::ledger
