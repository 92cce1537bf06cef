// Refusals whose order the tests beside their methods do not show: what a closed or frozen budget
// says before all else, and what of two things that stand in the way is told.
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "services/ledger/testing/test_advances.h"

namespace smederij::ledger {
namespace {

template <class T>
std::string Reason(const absl::StatusOr<T>& result) {
  return ReasonOf(result.status());
}

void Do(TestSpending& ledger, const std::string& sql) { CHECK(ledger.database().Sql(sql).ok()); }

TEST(PaymentRefusals, AShutPeriodComesBeforeWhatIsNotThere) {
  Advances town;
  TestSpending& ledger = town.ledger;
  const std::string none = NewId();
  const auto each = [&](const std::string& budget) {
    return std::vector<std::string>{Reason(ledger.Approve(budget, none, ledger.approver())),
                                    Reason(ledger.Reject(budget, none))};
  };
  using Reasons = std::vector<std::string>;
  EXPECT_EQ(each(town.budget), (Reasons{"PAYMENT_NOT_FOUND", "PAYMENT_NOT_FOUND"}));
  Do(ledger, "UPDATE ledger.period SET state = 'closing'");
  EXPECT_EQ(each(town.budget), (Reasons{"PERIOD_CLOSED", "PERIOD_CLOSED"}));
  Do(ledger, "UPDATE ledger.budget SET state = 'closed'");
  EXPECT_EQ(each(town.budget), (Reasons{"BUDGET_CLOSED", "BUDGET_CLOSED"}));
  Do(ledger,
     "INSERT INTO ledger.finding (budget_id, seq, what)"
     " SELECT budget_id, 0, 'a test' FROM ledger.budget");
  EXPECT_EQ(each(town.budget), (Reasons{"BUDGET_FROZEN", "BUDGET_FROZEN"}));
}

TEST(CloseCommitmentRefusals, APaymentUnderWayComesBeforeAnOpenAdvance) {
  Advances town;
  const std::string advance = town.Paid(100);
  const std::string payment = town.Instructed(200);
  EXPECT_EQ(Reason(town.ledger.Close(town.budget, town.commitment)), "PAYMENTS_OPEN");
  ASSERT_TRUE(town.ledger.Fail(town.budget, payment).ok());
  EXPECT_EQ(Reason(town.ledger.Close(town.budget, town.commitment)), "ADVANCES_OPEN");
  ASSERT_TRUE(town.ledger.Account(town.budget, advance, 100, "till 1").ok());
  EXPECT_TRUE(town.ledger.Close(town.budget, town.commitment).ok());
}

TEST(CloseBudgetRefusals, InOrder) {
  Advances town;
  EXPECT_EQ(Reason(town.ledger.CloseBudget(town.budget)), "BUDGET_NOT_CARRIED");
  Do(town.ledger, "UPDATE ledger.budget SET state = 'carried'");
  EXPECT_EQ(Reason(town.ledger.CloseBudget(town.budget)), "PERIOD_OPEN");
  Do(town.ledger, "UPDATE ledger.budget SET state = 'closed'");
  EXPECT_EQ(Reason(town.ledger.CloseBudget(town.budget)), "BUDGET_CLOSED");
  Do(town.ledger,
     "INSERT INTO ledger.finding (budget_id, seq, what)"
     " SELECT budget_id, 0, 'a test' FROM ledger.budget");
  EXPECT_EQ(Reason(town.ledger.CloseBudget(town.budget)), "BUDGET_FROZEN");
}

// A year with money in a pot, an advance that is open and a payment at the bank, each of which
// keeps it from being carried over whole.
TEST(CarryOverRefusals, WhatStandsInTheWayIsToldOneAfterTheOther) {
  TestSpending ledger;
  const std::string district = NewId(), plan = NewId(), round = NewId();
  const auto opened = [&](int year) {
    auto request = OpenRequest(district);
    request.set_fiscal_year(year);
    return ledger.Open(request)->budget_id();
  };
  const int year = static_cast<int>(ledger.clock().Today().year());
  const std::string first = opened(year), second = opened(year + 1);
  ASSERT_TRUE(ledger.Appropriate(AppropriateRequestOf(first, 1'000)).ok());
  ASSERT_TRUE(ledger.Hold(HoldRequest(first, round, 900)).ok());
  ASSERT_TRUE(ledger.Reserve(ReserveRequest(round, 1, {{first, 800, plan}})).ok());
  const std::string commitment =
      ledger.Commit(ledger.CommitRequest(first, plan, 500))->commitment_id();
  const auto paid = [&](const std::string& invoice, bool settled) {
    auto request = ledger.PaymentRequest(first, commitment, 100, invoice);
    request.set_receipts_due("2999-12-31");
    const std::string id = ledger.Request(request)->payment_id();
    CHECK(ledger.Approve(first, id, ledger.approver()).ok());
    CHECK(ledger.Instruct(first, id, invoice).ok());
    if (settled) CHECK(ledger.Settle(first, id).ok());
    return id;
  };
  const std::string advance = paid("1", true), payment = paid("2", false);
  const auto carry = [&] {
    v1::CarryOver request;
    request.set_from_budget_id(first);
    request.set_to_budget_id(second);
    request.set_rest(v1::CarryOver::REST_LAPSE);
    request.set_decision_ref("council");
    return Reason(ledger.CarryOver(request));
  };
  EXPECT_EQ(carry(), "YEAR_NOT_OVER");
  ledger.clock().Set(InAmsterdam(absl::StrCat(year + 1, "-01-15T12:00:00")));
  EXPECT_EQ(carry(), "PAYMENTS_OPEN");
  ASSERT_TRUE(ledger.Fail(first, payment).ok());
  EXPECT_EQ(carry(), "ADVANCES_OPEN");
  ASSERT_TRUE(ledger.Account(first, advance, 100, "till 1").ok());
  EXPECT_EQ(carry(), "POT_HELD");
  ASSERT_TRUE(ledger.Release(ReleaseRequest(first, round)).ok());
  EXPECT_EQ(carry(), "");
}

}  // namespace
}  // namespace smederij::ledger
