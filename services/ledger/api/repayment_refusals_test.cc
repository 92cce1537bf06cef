// What is refused of money that comes back, in order of precedence; and how it is taken back when
// it did not come back after all.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "services/ledger/domain/payment.h"
#include "services/ledger/testing/repaid.h"
#include "services/ledger/testing/test_advances.h"

namespace smederij::ledger {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::Pair;

template <class T>
std::string Reason(const absl::StatusOr<T>& result) {
  return ReasonOf(result.status());
}

TEST(ReturnPaymentRefusals, InOrder) {
  Repaid town;
  TestSpending& ledger = town.ledger;
  const std::string id = town.Settled(242, 42);
  ASSERT_EQ(Reason(town.Repay(id, 100, "LINE-1", 20)), "");
  testing::Person both = ledger.requester();
  both.grants = {{.role = policy::v1::ROLE_TREASURER}};
  auto request = ledger.RepayRequest(town.budget, id, 143, "LINE-2", 23);
  const auto ask = [&](const testing::Person& who) {
    request.set_request_id(NewId());
    return Reason(ledger.Repay(request, who));
  };
  const testing::Person& who = ledger.treasurer();
  // From the last to the first: each is told before the ones that still apply.
  request.set_amount_cents(142);
  EXPECT_EQ(ask(who), "OVER_PAYMENT_VAT");
  request.set_amount_cents(143);
  EXPECT_EQ(ask(who), "OVER_PAYMENT");
  auto shared = ledger.RepayRequest(town.budget, id, 1, "LINE-3");
  shared.set_total_cents(200);
  ASSERT_TRUE(ledger.Repay(shared, who).ok());
  request.set_bank_ref("LINE-3");
  request.set_total_cents(201);
  EXPECT_EQ(ask(who), "TOTAL_DIFFERS");
  request.set_amount_cents(200);
  EXPECT_EQ(ask(who), "BANK_REFERENCE_USED");
  EXPECT_EQ(ask(both), "SELF_APPROVAL");
  const std::string instructed = town.Instructed(town.Invoice(10, 0));
  request.set_payment_id(instructed);
  EXPECT_EQ(ask(both), "WRONG_STATE");
  request.set_payment_id(town.Advanced(10));
  EXPECT_EQ(ask(both), "WRONG_STATE");
  request.set_payment_id(ledger.Request(town.Invoice(1, 0))->payment_id());
  EXPECT_EQ(ask(both), "WRONG_STATE");
  request.set_payment_id(NewId());
  EXPECT_EQ(ask(both), "PAYMENT_NOT_FOUND");
  request.set_effective_date("2024-12-31");
  EXPECT_EQ(ask(both), "EFFECTIVE_DATE_TOO_EARLY");
  request.set_effective_date("2999-12-31");
  EXPECT_EQ(ask(both), "EFFECTIVE_DATE_AHEAD");
  ASSERT_TRUE(ledger.database().Sql("UPDATE ledger.period SET state = 'closing'").ok());
  EXPECT_EQ(ask(both), "PERIOD_CLOSED");
  ASSERT_TRUE(ledger.database().Sql("UPDATE ledger.budget SET state = 'carried'").ok());
  EXPECT_EQ(ask(both), "BUDGET_CLOSED");
  ASSERT_TRUE(ledger.database()
                  .Sql("INSERT INTO ledger.finding (budget_id, seq, what)"
                       " SELECT budget_id, 1, 'a test' FROM ledger.commitment LIMIT 1")
                  .ok());
  EXPECT_EQ(ask(both), "BUDGET_FROZEN");
  EXPECT_EQ(ledger.Repay(request, ledger.approver()).status().code(),
            absl::StatusCode::kPermissionDenied);
  both.municipality = MunicipalityId::Random();
  EXPECT_EQ(ask(both), "OTHER_MUNICIPALITY");
  request.set_budget_id(NewId());
  EXPECT_EQ(ask(both), "BUDGET_NOT_FOUND");
  // The shape first, fields in their order.
  request.set_effective_date("tomorrow");
  EXPECT_EQ(ask(both), "BAD_DATE");
  request.set_total_cents(199);
  EXPECT_EQ(ask(both), "AMOUNT_OUT_OF_RANGE");
  for (const std::string& bad : {std::string(), std::string(36, 'x'), std::string("a\nb")}) {
    request.set_bank_ref(bad);
    EXPECT_EQ(ask(both), "BAD_TEXT");
  }
  for (const int64_t bad : {int64_t{-1}, int64_t{201}, INT64_MAX, INT64_MIN}) {
    request.set_vat_cents(bad);
    EXPECT_EQ(ask(both), "AMOUNT_OUT_OF_RANGE");
  }
  for (const int64_t bad : {int64_t{0}, int64_t{-1}, Money::kCentsMax + 1, INT64_MIN}) {
    request.set_amount_cents(bad);
    EXPECT_EQ(ask(both), "AMOUNT_OUT_OF_RANGE");
  }
  request.set_payment_id("x");
  EXPECT_EQ(ask(both), "BAD_ID");
}

TEST(ReturnPaymentRefusals, SumsOfTheLargestThereAreStaySums) {
  Repaid town;
  const std::string id = town.Settled(100, 21);
  EXPECT_EQ(Reason(town.Repay(id, Money::kCentsMax, "L", Money::kCentsMax)), "OVER_PAYMENT");
  EXPECT_EQ(Reason(town.Repay(id, 21, "L", 21)), "");
}

TEST(ReturnPaymentRefusals, TheBudgetWasCarriedOver) {
  Repaid town;
  TestSpending& ledger = town.ledger;
  auto next = OpenRequest(ledger.Get(town.budget)->district_id());
  next.set_fiscal_year(2027);
  const std::string to = ledger.Open(next)->budget_id();
  const std::string id = town.Settled(100);
  // Unless the tests run on a later day.
  if (ledger.clock().Today() <= absl::CivilDay(2026, 12, 31)) {
    ledger.clock().Set(InAmsterdam("2027-01-05T12:00:00"));
  }
  v1::CarryOver request;
  request.set_from_budget_id(town.budget);
  request.set_to_budget_id(to);
  request.set_rest(v1::CarryOver::REST_CARRY);
  request.set_decision_ref("council");
  const auto carried = ledger.CarryOver(request);
  ASSERT_TRUE(carried.ok()) << carried.status();
  EXPECT_EQ(Reason(town.Repay(id, 100, "LINE-1")), "BUDGET_CLOSED");
  EXPECT_EQ(Reason(ledger.Repay(to, id, 100, "LINE-1")), "PAYMENT_NOT_FOUND");
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

TEST(Repayments, EndInAtMostSoManyParts) {
  Repaid town;
  const std::string id = town.Settled(600);
  int parts = 0;
  absl::StatusOr<v1::Payment> answer;
  for (; parts < kPaymentStepsMax; ++parts) {
    answer = town.Repay(id, 1, absl::StrCat("line ", parts));
    if (!answer.ok()) break;
  }
  EXPECT_EQ(Reason(answer), "TOO_MANY_PARTS");
  EXPECT_THAT(FactsOf(answer.status()), Contains(Pair("left_cents", absl::StrCat(600 - parts))));
  EXPECT_EQ(parts, kPaymentStepsMax - 5);  // Asked for, approved, told, paid; and the last.
  EXPECT_EQ(Reason(town.Repay(id, 600 - parts, "all the rest")), "");
  EXPECT_EQ(Reason(town.TakeBack(answer.ok() ? answer->seq() : 10)), "TOO_MANY_PARTS");
  EXPECT_THAT(town.ledger.Findings(), IsEmpty());
}

// ── Taken back ─────────────────────────────────────────────────────────────────────────────────

TEST(RepaymentTakenBack, AndItIsPaidAgain) {
  Repaid town;
  TestSpending& ledger = town.ledger;
  const std::string id = town.Settled(242, 42);
  const auto mistake = town.Repay(id, 200, "LINE-1", 42);
  ASSERT_TRUE(mistake.ok()) << mistake.status();
  const auto taken = town.TakeBack(mistake->seq());
  ASSERT_TRUE(taken.ok()) << taken.status();
  const v1::Payment now = town.Now(id);
  EXPECT_EQ(now.state(), v1::Payment::STATE_SETTLED);
  EXPECT_EQ(now.returned_cents(), 0);
  EXPECT_EQ(now.returned_vat_cents(), 0);
  EXPECT_EQ(town.Held(v1::ACCOUNT_KIND_PAID), 242);
  EXPECT_EQ(town.Held(v1::ACCOUNT_KIND_COMMITTED), 363);
  const v1::Entry entry = town.Entry(taken->reversal_seq());
  EXPECT_EQ(entry.type(), v1::ENTRY_TYPE_REVERSE);
  EXPECT_EQ(entry.reverses_seq(), mistake->seq());
  EXPECT_EQ(entry.vat_cents(), 42);
  EXPECT_EQ(Reason(town.Propose(mistake->seq())), "ALREADY_REVERSED");
  EXPECT_EQ(Reason(town.Propose(taken->reversal_seq())), "NOT_REVERSIBLE");
  EXPECT_THAT(ledger.Findings(), IsEmpty());
  // Rightly, of the same line.
  EXPECT_EQ(Reason(town.Repay(id, 100, "LINE-1", 21)), "");
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

TEST(RepaymentTakenBack, AlsoWhenItsCommitmentWasClosedBefore) {
  Repaid town;
  TestSpending& ledger = town.ledger;
  const std::string id = town.Settled(242, 42);
  ASSERT_TRUE(ledger.Close(town.budget, town.commitment).ok());
  const auto mistake = town.Repay(id, 200, "LINE-1", 42);
  ASSERT_TRUE(mistake.ok()) << mistake.status();
  EXPECT_EQ(town.Held(v1::ACCOUNT_KIND_RESERVED), 958);
  const auto proposed = town.Propose(mistake->seq());
  // The plan spent it: it has gone on.
  ASSERT_TRUE(ledger.ReleaseAward(town.budget, town.plan, 759).ok());
  const auto refused = town.Accept(*proposed, ledger.colleague());
  EXPECT_EQ(Reason(refused), "INSUFFICIENT_FUNDS");
  EXPECT_THAT(FactsOf(refused.status()), Contains(Pair("held_cents", "199")));
  ASSERT_TRUE(town.Repay(id, 1, "LINE-2").ok());
  EXPECT_EQ(Reason(town.Accept(*proposed, ledger.colleague())), "");
  EXPECT_EQ(town.Held(v1::ACCOUNT_KIND_RESERVED), 0);
  EXPECT_EQ(town.Held(v1::ACCOUNT_KIND_PAID), 241);
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

TEST(RepaymentTakenBack, RefusalsInOrder) {
  Repaid town;
  TestSpending& ledger = town.ledger;
  const std::string id = town.Settled(500, 105);
  const auto part = town.Repay(id, 300, "LINE-1", 100);
  const auto proposed = town.Propose(part->seq());
  ASSERT_TRUE(proposed.ok()) << proposed.status();
  // Asked for again: 105 and 300 are there, 200 of it are asked for, and so is the VAT.
  const auto claim = ledger.Request(town.Invoice(106, 1));
  ASSERT_TRUE(claim.ok()) << claim.status();
  EXPECT_EQ(Reason(town.Accept(*proposed, ledger.colleague())), "INSUFFICIENT_FUNDS");
  testing::Person poor = ledger.colleague();
  poor.grants[0].limit_cents = 299;
  EXPECT_EQ(Reason(town.Accept(*proposed, poor)), "AMOUNT_OVER_LIMIT");
  ASSERT_TRUE(ledger.Reject(town.budget, claim->payment_id()).ok());
  // It went on with the rest of its commitment.
  ASSERT_TRUE(ledger.Close(town.budget, town.commitment).ok());
  EXPECT_EQ(Reason(town.Accept(*proposed, poor)), "COMMITMENT_CLOSED");
  poor.subject = ledger.requester().subject;  // Who asked for the payment, in another hat.
  EXPECT_EQ(Reason(town.Accept(*proposed, poor)), "SELF_APPROVAL");
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

// Receipts whose money came back since are not owed again.
TEST(RepaymentTakenBack, ReceiptsOfWhichMoneyCameBackStay) {
  Repaid town;
  TestSpending& ledger = town.ledger;
  ASSERT_EQ(town.Settled(100).empty(), false) << "other money that was paid for the plan";
  const std::string id = town.Advanced(500);
  const auto first = ledger.Account(town.budget, id, 300, "till 1");
  const auto second = ledger.Account(town.budget, id, 200, "till 2");
  ASSERT_TRUE(second.ok()) << second.status();
  const auto back = town.Repay(id, 250, "LINE-1");
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(town.Held(v1::ACCOUNT_KIND_PAID), 350);
  const auto refused = town.TakeBack(first->seq());
  EXPECT_EQ(Reason(refused), "INSUFFICIENT_FUNDS");
  EXPECT_THAT(FactsOf(refused.status()), Contains(Pair("held_cents", "250")));
  // Others can be; the advance is open then, and what came back of it can be taken back all the
  // same.
  ASSERT_EQ(Reason(town.TakeBack(second->seq())), "");
  EXPECT_EQ(town.Now(id).state(), v1::Payment::STATE_ADVANCED);
  EXPECT_EQ(Reason(town.Repay(id, 1, "LINE-2")), "WRONG_STATE");
  EXPECT_THAT(ledger.Findings(), IsEmpty());
  ASSERT_EQ(Reason(town.TakeBack(back->seq())), "");
  EXPECT_EQ(town.Now(id).state(), v1::Payment::STATE_ADVANCED);
  EXPECT_EQ(town.Now(id).returned_cents(), 0);
  EXPECT_EQ(town.Held(v1::ACCOUNT_KIND_PAID), 400);
  EXPECT_EQ(town.Held(v1::ACCOUNT_KIND_ADVANCED), 200);
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

}  // namespace
}  // namespace smederij::ledger
