// Money that comes back after it was paid.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "services/ledger/testing/open_advance.h"
#include "services/ledger/testing/repaid.h"
#include "services/ledger/testing/second_replica.h"

namespace smederij::ledger {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::Pair;

template <class T>
std::string Reason(const absl::StatusOr<T>& result) {
  return ReasonOf(result.status());
}

TEST(Repayments, ComeBackToTheirCommitment) {
  Repaid town;
  TestSpending& ledger = town.ledger;
  const std::string id = town.Settled(242, 42);
  auto request = ledger.RepayRequest(town.budget, id, 121, "LINE-1", 21);
  request.set_effective_date("2026-01-02");
  const auto back = ledger.Repay(request, ledger.treasurer());
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->state(), v1::Payment::STATE_SETTLED);
  EXPECT_EQ(back->returned_cents(), 121);
  EXPECT_EQ(back->returned_vat_cents(), 21);
  EXPECT_EQ(back->vat_cents(), 42) << "as it was invoiced";
  EXPECT_EQ(town.Held(v1::ACCOUNT_KIND_PAID), 121);
  EXPECT_EQ(town.Held(v1::ACCOUNT_KIND_COMMITTED), 484);
  const v1::Entry entry = town.Entry(back->seq());
  EXPECT_EQ(entry.type(), v1::ENTRY_TYPE_RETURN_PAYMENT);
  EXPECT_EQ(entry.vat_cents(), -21);
  EXPECT_EQ(entry.effective_date(), "2026-01-02");
  EXPECT_EQ(town.Now(id).returned_cents(), 121);
  // The commitment has it again, and may be asked for it.
  EXPECT_EQ(ledger.Commitments(town.budget)->commitments(0).remaining_cents(), 484);
  EXPECT_EQ(Reason(ledger.Request(town.Invoice(485, 0))), "OVER_COMMITMENT");
  EXPECT_EQ(Reason(ledger.Request(town.Invoice(484, 84))), "");
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

TEST(Repayments, ComeInPartsUpToWhatWasPaid) {
  Repaid town;
  const std::string id = town.Settled(300), other = town.Settled(300);
  EXPECT_EQ(Reason(town.Repay(id, 301, "LINE-1")), "OVER_PAYMENT");
  EXPECT_EQ(town.Repay(id, 100, "LINE-1")->returned_cents(), 100);
  const auto refused = town.Repay(id, 201, "LINE-2");
  EXPECT_EQ(Reason(refused), "OVER_PAYMENT");
  EXPECT_THAT(FactsOf(refused.status()), Contains(Pair("left_cents", "200")));
  EXPECT_EQ(town.Repay(id, 200, "LINE-2")->state(), v1::Payment::STATE_SETTLED);
  EXPECT_EQ(Reason(town.Repay(id, 1, "LINE-3")), "OVER_PAYMENT");
  EXPECT_EQ(town.Held(v1::ACCOUNT_KIND_PAID), 300) << "the other's";
  EXPECT_EQ(Reason(town.Repay(other, 300, "LINE-3")), "");
  EXPECT_EQ(town.Held(v1::ACCOUNT_KIND_PAID), 0);
  EXPECT_EQ(town.Held(v1::ACCOUNT_KIND_COMMITTED), 605);
  // What was settled once is not settled again.
  EXPECT_EQ(Reason(town.ledger.Settle(town.budget, id)), "WRONG_STATE");
  EXPECT_EQ(Reason(town.ledger.Fail(town.budget, id)), "WRONG_STATE");
  EXPECT_THAT(town.ledger.Findings(), IsEmpty());
}

// The payee's bank sent it back: the same invoice is paid to the payee's other account.
TEST(Repayments, FreeTheInvoiceWhenAllOfItCameBack) {
  Repaid town;
  TestSpending& ledger = town.ledger;
  auto invoice = town.Invoice(200, 0);
  invoice.set_invoice_ref("F-1");
  const std::string id = town.Instructed(invoice);
  ASSERT_TRUE(ledger.Settle(town.budget, id).ok());
  const auto ask = [&] {
    invoice.set_request_id(NewId());
    return ledger.Request(invoice);
  };
  ASSERT_TRUE(town.Repay(id, 150, "LINE-1").ok());
  EXPECT_EQ(Reason(ask()), "DUPLICATE_INVOICE") << "some of it is paid";
  const int64_t rest = town.Repay(id, 50, "LINE-2")->seq();
  const auto again = ask();
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(Reason(ask()), "DUPLICATE_INVOICE");
  // That it did not come back after all would have the invoice paid twice.
  EXPECT_EQ(Reason(town.TakeBack(rest)), "DUPLICATE_INVOICE");
  ASSERT_TRUE(ledger.Reject(town.budget, again->payment_id()).ok());
  const auto reversals = ledger.Reversals(town.budget);
  ASSERT_EQ(reversals->reversals_size(), 1);
  EXPECT_EQ(Reason(town.Accept(reversals->reversals(0), ledger.colleague())), "");
  EXPECT_EQ(Reason(ask()), "DUPLICATE_INVOICE") << "it is paid again";
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

TEST(Repayments, GoToThePlanWhenTheCommitmentWasClosed) {
  Repaid town;
  TestSpending& ledger = town.ledger;
  const std::string id = town.Settled(242, 42);
  ASSERT_TRUE(ledger.Close(town.budget, town.commitment).ok());
  EXPECT_EQ(town.Held(v1::ACCOUNT_KIND_RESERVED), 758);
  ASSERT_EQ(Reason(town.Repay(id, 142, "LINE-1", 42)), "");
  EXPECT_EQ(town.Held(v1::ACCOUNT_KIND_RESERVED), 900);
  EXPECT_EQ(town.Held(v1::ACCOUNT_KIND_COMMITTED), 0);
  EXPECT_EQ(town.Held(v1::ACCOUNT_KIND_PAID), 100);
  // The plan does with it what it does with its money.
  EXPECT_EQ(Reason(ledger.ReleaseAward(town.budget, town.plan, 901)), "INSUFFICIENT_FUNDS");
  EXPECT_EQ(Reason(ledger.ReleaseAward(town.budget, town.plan, 900)), "");
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

TEST(Repayments, OfWhatReceiptsAccountForComeBackLikewise) {
  Repaid town;
  TestSpending& ledger = town.ledger;
  const std::string id = town.Advanced(500);
  EXPECT_EQ(Reason(town.Repay(id, 1, "LINE-1")), "WRONG_STATE") << "it is open";
  ASSERT_TRUE(ledger.Account(town.budget, id, 300, "till 1").ok());
  ASSERT_TRUE(ledger.GiveBack(town.budget, id, 200, "LINE-1").ok());
  EXPECT_EQ(Reason(ledger.Repay(ledger.RepayRequest(town.budget, id, 1, "LINE-2", 1),
                                ledger.treasurer())),
            "OVER_PAYMENT_VAT")
      << "an advance has none";
  EXPECT_EQ(Reason(town.Repay(id, 301, "LINE-2")), "OVER_PAYMENT");
  const auto back = town.Repay(id, 120, "LINE-2");
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->state(), v1::Payment::STATE_SETTLED);
  EXPECT_EQ(back->accounted_cents(), 300);
  EXPECT_EQ(back->returned_cents(), 320);
  EXPECT_EQ(town.Held(v1::ACCOUNT_KIND_PAID), 180);
  EXPECT_EQ(town.Held(v1::ACCOUNT_KIND_COMMITTED), 425);
  EXPECT_EQ(Reason(town.Repay(id, 181, "LINE-3")), "OVER_PAYMENT");
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

// ── VAT ────────────────────────────────────────────────────────────────────────────────────────

TEST(RepaidVat, IsAtMostWhatThePaymentHasAndAtLeastWhatItCannotKeep) {
  Repaid town;
  const std::string id = town.Settled(121, 21);
  EXPECT_EQ(Reason(town.Repay(id, 100, "LINE-1", 22)), "OVER_PAYMENT_VAT");
  // 20 are left; 21 of VAT do not fit.
  const auto refused = town.Repay(id, 101, "LINE-1", 0);
  EXPECT_EQ(Reason(refused), "OVER_PAYMENT_VAT");
  EXPECT_THAT(FactsOf(refused.status()), Contains(Pair("least_cents", "1")));
  EXPECT_THAT(FactsOf(refused.status()), Contains(Pair("left_cents", "21")));
  EXPECT_EQ(Reason(town.Repay(id, 100, "LINE-1", 0)), "");
  EXPECT_EQ(Reason(town.Repay(id, 21, "LINE-2", 20)), "OVER_PAYMENT_VAT");
  EXPECT_EQ(Reason(town.Repay(id, 21, "LINE-2", 21)), "");
  EXPECT_EQ(town.Now(id).returned_vat_cents(), 21);
  EXPECT_THAT(town.ledger.Findings(), IsEmpty());
}

TEST(RepaidVat, MayBeAskedForAgainAndThenNotTakenBack) {
  Repaid town;
  TestSpending& ledger = town.ledger;
  const std::string id = town.Settled(500, 105);
  EXPECT_EQ(Reason(ledger.Request(town.Invoice(10, 1))), "OVER_COMMITMENT_VAT");
  const auto back = town.Repay(id, 200, "LINE-1", 30);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(Reason(ledger.Request(town.Invoice(50, 31))), "OVER_COMMITMENT_VAT");
  const auto again = ledger.Request(town.Invoice(50, 30));
  ASSERT_TRUE(again.ok()) << again.status();
  // There is money for it, and no VAT.
  EXPECT_EQ(town.Held(v1::ACCOUNT_KIND_COMMITTED), 305);
  const auto proposed = town.Propose(back->seq());
  const auto refused = town.Accept(*proposed, ledger.colleague());
  EXPECT_EQ(Reason(refused), "OVER_COMMITMENT_VAT");
  ASSERT_TRUE(ledger.Reject(town.budget, again->payment_id()).ok());
  const auto taken = town.Accept(*proposed, ledger.colleague());
  ASSERT_TRUE(taken.ok()) << taken.status();
  EXPECT_EQ(town.Entry(taken->reversal_seq()).vat_cents(), 30);
  EXPECT_EQ(town.Now(id).returned_vat_cents(), 0);
  EXPECT_EQ(Reason(ledger.Request(town.Invoice(10, 1))), "OVER_COMMITMENT_VAT");
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

TEST(RepaidVat, GoesOverWithTheCommitment) {
  Repaid town;
  TestSpending& ledger = town.ledger;
  auto next = OpenRequest(ledger.Get(town.budget)->district_id());
  next.set_fiscal_year(2027);
  const std::string to = ledger.Open(next)->budget_id();
  const std::string id = town.Settled(500, 100);
  ASSERT_EQ(Reason(town.Repay(id, 100, "LINE-1", 40)), "");
  v1::CarryOver request;
  request.set_from_budget_id(town.budget);
  request.set_to_budget_id(to);
  request.add_plan_ids(town.plan);
  request.set_decision_ref("council");
  ASSERT_TRUE(ledger.CarryOver(request).ok());
  EXPECT_EQ(ledger.Commitments(to)->commitments(0).amount_cents(), 205);
  EXPECT_EQ(ledger.Commitments(to)->commitments(0).vat_cents(), 45);
  // What comes back later is the plan's, here: the budget as a whole was not carried over.
  ASSERT_EQ(Reason(town.Repay(id, 60, "LINE-2", 60)), "");
  EXPECT_EQ(town.Held(v1::ACCOUNT_KIND_RESERVED), 60);
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

// ── Whose bank line it is ──────────────────────────────────────────────────────────────────────

TEST(Repayments, OneBankLineCountsUpToItsTotalWhateverItIsOf) {
  Repaid town;
  TestSpending& ledger = town.ledger;
  const std::string first = town.Settled(100), second = town.Settled(100);
  const Advance advance = OpenAdvance(ledger);
  const auto repay = [&](const std::string& id, int64_t cents, int64_t total) {
    auto request = ledger.RepayRequest(town.budget, id, cents, "LINE-1");
    request.set_total_cents(total);
    return Reason(ledger.Repay(request, ledger.treasurer()));
  };
  EXPECT_EQ(repay(first, 80, 79), "AMOUNT_OUT_OF_RANGE");
  EXPECT_EQ(repay(first, 80, 250), "");
  EXPECT_EQ(repay(second, 70, 0), "TOTAL_DIFFERS");
  EXPECT_EQ(repay(second, 70, 250), "");
  EXPECT_EQ(Reason(ledger.GiveBack(LineRequest(advance, 101, "LINE-1", 250), ledger.treasurer())),
            "BANK_REFERENCE_USED");
  EXPECT_EQ(Reason(ledger.GiveBack(LineRequest(advance, 99, "LINE-1", 250), ledger.treasurer())),
            "");
  EXPECT_EQ(repay(first, 2, 250), "BANK_REFERENCE_USED");
  EXPECT_EQ(repay(first, 1, 250), "");
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

TEST(Repayments, ARepeatedRequestGetsItsFirstAnswer) {
  Repaid town;
  TestSpending& ledger = town.ledger;
  auto request = ledger.RepayRequest(town.budget, town.Settled(100, 21), 50, "LINE-1", 10);
  const auto first = ledger.Repay(request, ledger.treasurer());
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_TRUE(ledger.Close(town.budget, town.commitment).ok());
  bool replayed = false;
  const auto again = ledger.Repay(request, ledger.treasurer(), &replayed);
  EXPECT_TRUE(replayed);
  EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());
  request.set_vat_cents(11);
  EXPECT_EQ(Reason(ledger.Repay(request, ledger.treasurer())), "REQUEST_ID_REUSED");
}

// Two replicas, of two budgets, know of the same line: its money came back once.
TEST(Repayments, OneLineAtOnceCountsOnce) {
  Repaid town;
  TestSpending& ledger = town.ledger;
  SecondReplica second(ledger);
  const std::string id = town.Settled(400);
  const Advance other = OpenAdvance(ledger);
  for (int round = 0; round < 5; ++round) {
    const std::string line = absl::StrCat("LINE-", round);
    std::atomic<int> counted = 0;
    std::vector<std::thread> running;
    for (int i = 0; i < 8; ++i) {
      running.emplace_back([&, i] {
        const auto answer =
            i % 2 == 0
                ? town.Repay(id, 50, line)
                : second.server().Ask(&SpendingStub::ReturnAdvance, LineRequest(other, 50, line),
                                      second.server().As(ledger.treasurer()));
        EXPECT_TRUE(answer.ok() || Reason(answer) == "BANK_REFERENCE_USED") << answer.status();
        counted += answer.ok();
      });
    }
    for (std::thread& thread : running) thread.join();
    EXPECT_EQ(counted, 1);
  }
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

TEST(Repayments, TheLastCentComesBackOnce) {
  Repaid town;
  SecondReplica second(town.ledger);
  const std::string id = town.Settled(100);
  std::atomic<int> counted = 0;
  std::vector<std::thread> running;
  for (int i = 0; i < 12; ++i) {
    running.emplace_back([&, i] {
      const auto request = TestSpending::RepayRequest(town.budget, id, 40, absl::StrCat("L", i));
      const auto answer = i % 2 == 0
                              ? town.ledger.Repay(request, town.ledger.treasurer())
                              : second.server().Ask(&SpendingStub::ReturnPayment, request,
                                                    second.server().As(town.ledger.treasurer()));
      EXPECT_TRUE(answer.ok() || Reason(answer) == "OVER_PAYMENT") << answer.status();
      counted += answer.ok();
    });
  }
  for (std::thread& thread : running) thread.join();
  EXPECT_EQ(counted, 2);
  EXPECT_EQ(town.Held(v1::ACCOUNT_KIND_PAID), 20);
  EXPECT_THAT(town.ledger.Findings(), IsEmpty());
}

// Whoever is first: it is the commitment's and goes to the plan when that is closed, or goes there
// at once.
TEST(Repayments, AndAnEndOfTheCommitmentMayMeet) {
  for (int round = 0; round < 3; ++round) {
    Repaid town;
    const std::string id = town.Settled(100);
    std::thread closing(
        [&] { EXPECT_EQ(Reason(town.ledger.Close(town.budget, town.commitment)), ""); });
    EXPECT_EQ(Reason(town.Repay(id, 100, "LINE-1")), "");
    closing.join();
    EXPECT_EQ(town.Held(v1::ACCOUNT_KIND_RESERVED), 1'000);
    EXPECT_EQ(town.Held(v1::ACCOUNT_KIND_COMMITTED), 0);
    EXPECT_THAT(town.ledger.Findings(), IsEmpty());
  }
}

TEST(Repayments, AreReadByWhoTookThem) {
  Repaid town;
  TestSpending& ledger = town.ledger;
  const std::string id = town.Settled(242, 42);
  auto request = ledger.RepayRequest(town.budget, id, 100, "LINE-1", 20);
  request.set_total_cents(300);
  const auto back = ledger.Repay(request, ledger.treasurer());
  ASSERT_TRUE(back.ok()) << back.status();
  ASSERT_TRUE(town.TakeBack(back->seq()).ok());
  const auto steps = ledger.Steps(town.budget, id);
  ASSERT_TRUE(steps.ok()) << steps.status();
  ASSERT_EQ(steps->steps_size(), 6);
  const v1::PaymentStep &settled = steps->steps(3), &part = steps->steps(4),
                        &taken = steps->steps(5);
  EXPECT_EQ(settled.total_cents(), 0);
  EXPECT_EQ(settled.vat_cents(), 0);
  EXPECT_EQ(part.from_state(), v1::Payment::STATE_SETTLED);
  EXPECT_EQ(part.to_state(), v1::Payment::STATE_SETTLED);
  EXPECT_EQ(part.taken_by(), ledger.treasurer().subject.ToString());
  EXPECT_EQ(part.amount_cents(), 100);
  EXPECT_EQ(part.vat_cents(), 20);
  EXPECT_EQ(part.return_ref(), "LINE-1");
  EXPECT_EQ(part.total_cents(), 300);
  EXPECT_EQ(part.takes_back_step(), 0);
  EXPECT_EQ(part.taken_back_by_step(), 6);
  EXPECT_EQ(taken.amount_cents(), 100);
  EXPECT_EQ(taken.total_cents(), 0);
  EXPECT_EQ(taken.takes_back_step(), 5);
  EXPECT_EQ(taken.taken_back_by_step(), 0);
}

}  // namespace
}  // namespace smederij::ledger
