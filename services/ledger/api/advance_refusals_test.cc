// What is refused of an advance, in order of precedence.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "services/ledger/domain/payment.h"
#include "services/ledger/testing/test_advances.h"

namespace smederij::ledger {
namespace {

using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

template <class T>
std::string Reason(const absl::StatusOr<T>& result) {
  return ReasonOf(result.status());
}

TEST(RequestAdvanceRefusals, InOrder) {
  Advances town;
  TestSpending& ledger = town.ledger;
  ASSERT_TRUE(ledger.Request(ledger.PaymentRequest(town.budget, town.commitment, 1, "i 1")).ok());
  auto past = ledger.PaymentRequest(town.budget, town.commitment, 801, "i 1");
  past.set_receipts_due("2026-01-01");
  EXPECT_EQ(Reason(ledger.Request(past)), "RECEIPTS_DUE_PAST");
  past.set_receipts_due("2999-12-31");
  EXPECT_EQ(Reason(ledger.Request(past)), "DUPLICATE_INVOICE");
  past.set_receipts_due("2026-01-01");
  past.set_commitment_id(NewId());
  EXPECT_EQ(Reason(ledger.Request(past)), "COMMITMENT_NOT_FOUND");
  for (const char* bad : {"2999-02-30", "0000-01-01", "3000-01-01", "2999-1-1", " 2999-12-31",
                          "2999-12-31'; --", "tomorrow"}) {
    EXPECT_EQ(Reason(ledger.Request(town.Request(1, bad))), "BAD_DATE") << bad;
  }
  auto worse = town.Request(0, "tomorrow");
  EXPECT_EQ(Reason(ledger.Request(worse)), "AMOUNT_OUT_OF_RANGE");
}

TEST(RequestAdvanceRefusals, TodayIsNotPast) {
  Advances town;
  const absl::CivilDay today = town.ledger.clock().Today();
  EXPECT_TRUE(town.ledger.Request(town.Request(1, absl::FormatCivilTime(today))).ok());
  EXPECT_EQ(Reason(town.ledger.Request(town.Request(1, absl::FormatCivilTime(today - 1)))),
            "RECEIPTS_DUE_PAST");
}

TEST(AccountForAdvanceRefusals, InOrder) {
  Advances town;
  TestSpending& ledger = town.ledger;
  const std::string id = town.Paid(500), &budget = town.budget;
  ASSERT_TRUE(ledger.Account(budget, id, 100, "till 1").ok());
  testing::Person both = ledger.requester();
  both.grants = {{.role = policy::v1::ROLE_PAYMENT_APPROVER}};
  const auto account = [&](const std::string& payment, int64_t cents, const std::string& receipt,
                           const testing::Person& who) {
    return Reason(ledger.Account(ledger.AccountRequest(budget, payment, cents, receipt), who));
  };
  EXPECT_EQ(account(id, 401, "till 2", ledger.approver()), "OVER_ADVANCE");
  auto again = ledger.AccountRequest(budget, id, 1, "till 3");
  ASSERT_TRUE(ledger.Account(again, ledger.approver()).ok());
  again.set_request_id(NewId());
  again.set_amount_cents(401);
  again.set_receipt_ref("till 4");
  EXPECT_EQ(Reason(ledger.Account(again, ledger.approver())), "DOCUMENT_USED");
  again.set_receipt_ref("till 1");
  EXPECT_EQ(Reason(ledger.Account(again, ledger.approver())), "RECEIPT_USED");
  EXPECT_EQ(account(id, 401, "till 1", ledger.approver()), "RECEIPT_USED");
  // Its limit is that of all its parts together.
  testing::Person poor = ledger.approver();
  poor.grants[0].limit_cents = 110;
  EXPECT_EQ(account(id, 10, "till 1", poor), "AMOUNT_OVER_LIMIT");
  both.grants[0].limit_cents = 110;
  EXPECT_EQ(account(id, 10, "till 1", both), "SELF_APPROVAL");
  both.grants[0].limit_cents = Money::kCentsMax;
  EXPECT_EQ(account(id, 401, "till 1", both), "SELF_APPROVAL");
  const std::string settled = town.Paid(10), instructed = town.Instructed(10);
  ASSERT_TRUE(ledger.Account(budget, settled, 10, "till 1").ok());
  EXPECT_EQ(account(settled, 401, "till 1", both), "WRONG_STATE");
  EXPECT_EQ(account(instructed, 401, "till 1", both), "WRONG_STATE");
  EXPECT_EQ(Reason(ledger.Settle(budget, id)), "WRONG_STATE");
  EXPECT_EQ(Reason(ledger.Fail(budget, id)), "WRONG_STATE");
  const std::string plain =
      ledger.Request(ledger.PaymentRequest(budget, town.commitment, 1, "i 1"))->payment_id();
  EXPECT_EQ(account(plain, 401, "till 1", both), "NOT_AN_ADVANCE");
  EXPECT_EQ(account(NewId(), 401, "till 1", both), "PAYMENT_NOT_FOUND");
  auto dated = ledger.AccountRequest(budget, NewId(), 401, "till 1");
  dated.set_effective_date("2025-02-29");
  dated.set_document_hash("short");
  EXPECT_EQ(Reason(ledger.Account(dated, both)), "BAD_HASH");
  dated.set_document_hash(std::string(32, 'd'));
  EXPECT_EQ(Reason(ledger.Account(dated, both)), "BAD_DATE");
  dated.set_effective_date("2999-12-31");
  EXPECT_EQ(Reason(ledger.Account(dated, both)), "EFFECTIVE_DATE_AHEAD");
  ASSERT_TRUE(ledger.database().Sql("UPDATE ledger.period SET state = 'closing'").ok());
  EXPECT_EQ(account(NewId(), 401, "till 1", both), "PERIOD_CLOSED");
  both.grants[0].limit_cents = 400;
  EXPECT_EQ(account(NewId(), 401, "till 1", both), "AMOUNT_OVER_LIMIT");
  both.municipality = MunicipalityId::Random();
  EXPECT_EQ(account(NewId(), 401, "till 1", both), "OTHER_MUNICIPALITY");
  auto request = ledger.AccountRequest(NewId(), id, 1, "till 2");
  EXPECT_EQ(Reason(ledger.Account(request, both)), "BUDGET_NOT_FOUND");
  request.set_document_hash("short");
  EXPECT_EQ(Reason(ledger.Account(request, both)), "BAD_HASH");
  for (const std::string& bad : {std::string(), std::string(201, 'x'), std::string("a\nb")}) {
    request.set_receipt_ref(bad);
    EXPECT_EQ(Reason(ledger.Account(request, both)), "BAD_TEXT");
  }
  for (const int64_t bad : {int64_t{0}, int64_t{-1}, Money::kCentsMax + 1, INT64_MIN}) {
    request.set_amount_cents(bad);
    EXPECT_EQ(Reason(ledger.Account(request, both)), "AMOUNT_OUT_OF_RANGE");
  }
}

TEST(AccountForAdvanceRefusals, WhatIsTooMuchAtOnceIsTooMuchInParts) {
  Advances town;
  TestSpending& ledger = town.ledger;
  const std::string id = town.Paid(500), &budget = town.budget;
  testing::Person poor = ledger.approver();
  poor.grants[0].limit_cents = 300;
  const auto account = [&](int64_t cents, const testing::Person& who) {
    return ledger.Account(ledger.AccountRequest(budget, id, cents, NewId()), who);
  };
  const auto receipt = ledger.AccountRequest(budget, id, 200, "till 1");
  ASSERT_TRUE(ledger.Account(receipt, poor).ok());
  const auto refused = account(101, poor);
  EXPECT_EQ(Reason(refused), "AMOUNT_OVER_LIMIT");
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(FactsOf(refused.status()),
              UnorderedElementsAre(Pair("amount_cents", "301"), Pair("limit_cents", "300")));
  // Somebody else's parts count too: the limit is of a decision about this money, not of a person.
  EXPECT_EQ(Reason(account(50, ledger.approver())), "");
  EXPECT_EQ(Reason(account(51, poor)), "AMOUNT_OVER_LIMIT");
  EXPECT_EQ(Reason(account(50, poor)), "");
  EXPECT_EQ(Reason(account(1, poor)), "AMOUNT_OVER_LIMIT");
  // What came back is no receipt.
  ASSERT_TRUE(ledger.GiveBack(budget, id, 100, "BACK-1").ok());
  EXPECT_EQ(Reason(account(1, poor)), "AMOUNT_OVER_LIMIT");
  // Sums of the largest there are stay sums.
  EXPECT_EQ(Reason(account(Money::kCentsMax, ledger.approver())), "OVER_ADVANCE");
  poor.grants[0].limit_cents = Money::kCentsMax - 1;
  EXPECT_EQ(Reason(account(Money::kCentsMax - 1, poor)), "AMOUNT_OVER_LIMIT");
  // What was answered stays answered.
  poor.grants[0].limit_cents = 200;
  bool replayed = false;
  EXPECT_TRUE(ledger.Account(receipt, poor, &replayed).ok());
  EXPECT_TRUE(replayed);
  EXPECT_EQ(Reason(account(100, ledger.approver())), "");
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

TEST(ReturnAdvanceRefusals, InOrder) {
  Advances town;
  TestSpending& ledger = town.ledger;
  const std::string id = town.Paid(500), &budget = town.budget;
  ASSERT_TRUE(ledger.GiveBack(budget, id, 100, "BACK-1").ok());
  testing::Person both = ledger.requester();
  both.grants = {{.role = policy::v1::ROLE_TREASURER}};
  const auto back = [&](const std::string& payment, int64_t cents, const std::string& ref,
                        const testing::Person& who) {
    return Reason(ledger.GiveBack(ledger.ReturnRequest(budget, payment, cents, ref), who));
  };
  EXPECT_EQ(back(id, 401, "BACK-2", ledger.treasurer()), "OVER_ADVANCE");
  EXPECT_EQ(back(id, 401, "BACK-1", ledger.treasurer()), "BANK_REFERENCE_USED");
  EXPECT_EQ(back(id, 401, "BACK-1", both), "SELF_APPROVAL");
  const std::string instructed = town.Instructed(10);
  EXPECT_EQ(back(instructed, 401, "BACK-1", both), "WRONG_STATE");
  const std::string plain =
      ledger.Request(ledger.PaymentRequest(budget, town.commitment, 1, "i 1"))->payment_id();
  EXPECT_EQ(back(plain, 401, "BACK-1", both), "NOT_AN_ADVANCE");
  EXPECT_EQ(back(NewId(), 401, "BACK-1", both), "PAYMENT_NOT_FOUND");
  auto dated = ledger.ReturnRequest(budget, NewId(), 401, "");
  dated.set_effective_date("tomorrow");
  EXPECT_EQ(Reason(ledger.GiveBack(dated, both)), "BAD_TEXT");
  dated.set_bank_ref("BACK-1");
  EXPECT_EQ(Reason(ledger.GiveBack(dated, both)), "BAD_DATE");
  dated.set_effective_date("2999-12-31");
  EXPECT_EQ(Reason(ledger.GiveBack(dated, both)), "EFFECTIVE_DATE_AHEAD");
  EXPECT_EQ(back(id, 1, std::string(36, 'x'), both), "BAD_TEXT");
  EXPECT_EQ(back(id, 0, "", both), "AMOUNT_OUT_OF_RANGE");
  testing::Person approver = ledger.approver();
  EXPECT_EQ(
      ledger.GiveBack(ledger.ReturnRequest(budget, id, 1, "BACK-3"), approver).status().code(),
      absl::StatusCode::kPermissionDenied);
  // What a text says stays a text.
  EXPECT_EQ(back(id, 1, "'); DROP TABLE ledger.entry; --", ledger.treasurer()), "");
  EXPECT_EQ(Reason(ledger.Account(budget, id, 1, "=1+1'; DELETE FROM x")), "");
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

TEST(Advances, EndInAtMostSoManyParts) {
  Advances town;
  TestSpending& ledger = town.ledger;
  const std::string id = town.Paid(800);
  int parts = 0;
  absl::StatusOr<v1::Payment> answer;
  for (; parts < kPaymentStepsMax; ++parts) {
    answer = ledger.Account(town.budget, id, 1, absl::StrCat("till ", parts));
    if (!answer.ok()) break;
  }
  EXPECT_EQ(Reason(answer), "TOO_MANY_PARTS");
  EXPECT_EQ(parts, kPaymentStepsMax - 5);  // Asked for, approved, told, paid; and the last.
  answer = ledger.Account(town.budget, id, 800 - parts, "all the rest");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->state(), v1::Payment::STATE_SETTLED);
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

TEST(Advances, AFrozenBudgetTakesNoReceipts) {
  Advances town;
  const std::string id = town.Paid(500);
  ASSERT_TRUE(town.ledger.database()
                  .Sql("INSERT INTO ledger.finding (budget_id, seq, what)"
                       " SELECT budget_id, 1, 'a test' FROM ledger.commitment LIMIT 1;"
                       "UPDATE ledger.budget SET state = 'closed'")
                  .ok());
  EXPECT_EQ(Reason(town.ledger.Account(town.budget, id, 1, "till 1")), "BUDGET_FROZEN");
  EXPECT_EQ(Reason(town.ledger.GiveBack(town.budget, id, 1, "BACK-1")), "BUDGET_FROZEN");
}

}  // namespace
}  // namespace smederij::ledger
