#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <thread>

#include "absl/synchronization/blocking_counter.h"
#include "common/base/error.h"
#include "services/ledger/api/writer.h"
#include "services/ledger/domain/books.h"
#include "services/ledger/testing/test_spending.h"

namespace smederij::ledger {
namespace {

using ::testing::IsEmpty;

void AtOnce(int threads, const std::function<void(int)>& body) {
  std::vector<std::thread> running;
  for (int i = 0; i < threads; ++i) running.emplace_back([&body, i] { body(i); });
  for (std::thread& thread : running) thread.join();
}

// Counts right answers; the others have to be refused for `reason`.
struct Outcome {
  std::string reason;
  std::atomic<int> done = 0;

  template <class T>
  void Take(const absl::StatusOr<T>& answer) {
    if (answer.ok()) {
      ++done;
    } else {
      EXPECT_EQ(ReasonOf(answer.status()), reason) << answer.status();
    }
  }
};

TEST(SpendingRaces, TheLastEuroOfACommitmentIsAskedForOnce) {
  TestSpending ledger;
  const std::string plan = NewId(), budget = ledger.Awarded(plan, 100);
  const std::string commitment =
      ledger.Commit(ledger.CommitRequest(budget, plan, 100))->commitment_id();
  Outcome outcome{.reason = "OVER_COMMITMENT"};
  AtOnce(12, [&](int) {
    outcome.Take(ledger.Request(ledger.PaymentRequest(budget, commitment, 100, NewId())));
  });
  EXPECT_EQ(outcome.done, 1);
}

TEST(SpendingRaces, TheLastEuroOfAnAwardIsCommittedOrGivenBackButNotBoth) {
  TestSpending ledger;
  const std::string plan = NewId(), budget = ledger.Awarded(plan, 100);
  Outcome outcome{.reason = "INSUFFICIENT_FUNDS"};
  AtOnce(12, [&](int i) {
    if (i % 2 == 0) {
      outcome.Take(ledger.Commit(ledger.CommitRequest(budget, plan, 100)));
    } else {
      outcome.Take(ledger.ReleaseAward(budget, plan, 100));
    }
  });
  EXPECT_EQ(outcome.done, 1);
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

TEST(SpendingRaces, ApproversAtOnceApproveAsOftenAsIsNeeded) {
  TestSpending ledger;
  const std::string plan = NewId(), budget = ledger.Awarded(plan, 6'000'00);
  const std::string commitment =
      ledger.Commit(ledger.CommitRequest(budget, plan, 6'000'00))->commitment_id();
  const std::string id =
      ledger.Request(ledger.PaymentRequest(budget, commitment, 6'000'00, "invoice 1"))
          ->payment_id();
  std::vector<testing::Person> approvers;
  for (int i = 0; i < 8; ++i) {
    approvers.push_back(ledger.Somebody(policy::v1::ROLE_PAYMENT_APPROVER));
  }
  Outcome outcome{.reason = "WRONG_STATE"};
  AtOnce(8, [&](int i) {
    outcome.Take(ledger.Approve(budget, id, approvers[static_cast<size_t>(i)]));
  });
  EXPECT_EQ(outcome.done, 2);
  const auto page = ledger.Payments(budget, v1::Payment::STATE_APPROVED);
  ASSERT_EQ(page->payments_size(), 1);
  EXPECT_EQ(page->payments(0).approved_by_size(), 2);
}

TEST(SpendingRaces, ABankIsInstructedAndSettlesOnce) {
  TestSpending ledger;
  const std::string plan = NewId(), budget = ledger.Awarded(plan, 100);
  const std::string commitment =
      ledger.Commit(ledger.CommitRequest(budget, plan, 100))->commitment_id();
  const std::string id =
      ledger.Request(ledger.PaymentRequest(budget, commitment, 60, "invoice 1"))->payment_id();
  ASSERT_TRUE(ledger.Approve(budget, id, ledger.approver()).ok());
  Outcome instructed{.reason = "WRONG_STATE"}, ended{.reason = "WRONG_STATE"};
  AtOnce(8, [&](int) { instructed.Take(ledger.Instruct(budget, id, NewId().substr(0, 30))); });
  EXPECT_EQ(instructed.done, 1);
  AtOnce(8, [&](int i) {
    if (i % 2 == 0) {
      ended.Take(ledger.Settle(budget, id));
    } else {
      ended.Take(ledger.Fail(budget, id));
    }
  });
  EXPECT_EQ(ended.done, 1);
  EXPECT_EQ(ledger.Balance(budget, v1::ACCOUNT_KIND_CLEARING, plan), 0);
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

// Budgets have no head in common: what keeps an invoice from being paid twice is the schema.
TEST(SpendingRaces, AnInvoiceIsAskedForFromOneBudgetOnly) {
  TestSpending ledger;
  std::vector<std::pair<std::string, std::string>> commitments;
  for (int i = 0; i < 6; ++i) {
    const std::string plan = NewId(), budget = ledger.Awarded(plan, 100);
    commitments.emplace_back(
        budget, ledger.Commit(ledger.CommitRequest(budget, plan, 100))->commitment_id());
  }
  Outcome outcome{.reason = "DUPLICATE_INVOICE"};
  AtOnce(6, [&](int i) {
    const auto& [budget, commitment] = commitments[static_cast<size_t>(i)];
    outcome.Take(ledger.Request(ledger.PaymentRequest(budget, commitment, 1, "invoice 1")));
  });
  EXPECT_EQ(outcome.done, 1);
}

// Without waiting for any: what then lands in one transaction is as it comes.
void Submit(TestSpending& ledger, std::vector<Command> commands) {
  absl::BlockingCounter waiting(static_cast<int>(commands.size()));
  for (Command& command : commands) {
    Write write{.command = std::move(command),
                .method = "test",
                .caller = "test",
                .request_hash = {},
                .render = [](const Effect&) { return std::string(); }};
    ledger.writer().Submit(std::move(write), absl::Now() + absl::Seconds(20),
                           [&waiting](const absl::StatusOr<WriteAnswer>& answer) {
                             EXPECT_TRUE(answer.ok()) << answer.status();
                             waiting.DecrementCount();
                           });
  }
  waiting.Wait();
}

// A client that knows how ids follow from requests may send every step without waiting for the one
// before it; what then lands in one transaction is decided and stored as if it had not.
TEST(SpendingRaces, AllStepsOfAPaymentMayBeInOneBatch) {
  TestSpending ledger;
  const std::string plan = NewId(), id = ledger.Awarded(plan, 100);
  const BudgetId budget(*Uuid::Parse(id));
  const RequestId open = RequestId::Random(), request = RequestId::Random();
  const CommitmentId commitment = IdOfCommitment(budget, open);
  const PaymentId payment = IdOfPayment(budget, request);
  const SubjectId anna = SubjectId::Random(), bert = SubjectId::Random(),
                  cleo = SubjectId::Random();
  std::vector<Command> commands = {
      {.request = open,
       .actor = "person:a",
       .person = anna,
       .what = OpenCommitment{.budget = budget,
                              .plan = PlanId(*Uuid::Parse(plan)),
                              .payee = PayeeId(*Uuid::Parse(ledger.payee())),
                              .amount = Money::Cents(100),
                              .quote_ref = "q",
                              .decision_ref = "d",
                              .document_hash = {},
                              .decision_date = absl::CivilDay(2026, 1, 1)}},
      {.request = request,
       .actor = "person:a",
       .person = anna,
       .what = RequestPayment{budget, commitment, Money::Cents(60), "invoice 1"}},
      {.request = RequestId::Random(),
       .actor = "person:b",
       .person = bert,
       .what = ApprovePayment{budget, payment, Money::Cents(60)}},
      {.request = RequestId::Random(),
       .actor = "person:c",
       .person = cleo,
       .what = InstructPayment{budget, payment, "BANK-1"}},
      {.request = RequestId::Random(),
       .actor = "person:a",
       .person = anna,
       .what = SettlePayment{budget, payment}},
      {.request = RequestId::Random(),
       .actor = "person:a",
       .person = anna,
       .what = CloseCommitment{budget, commitment}}};
  Submit(ledger, std::move(commands));
  EXPECT_EQ(ledger.Balance(id, v1::ACCOUNT_KIND_PAID, plan), 60);
  EXPECT_EQ(ledger.Balance(id, v1::ACCOUNT_KIND_RESERVED, plan), 40);
  EXPECT_EQ(ledger.Payments(id, v1::Payment::STATE_SETTLED)->payments_size(), 1);
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

// Also an advance that is partly accounted for in the transaction that first stores it.
TEST(SpendingRaces, AnAdvanceAndItsReceiptsMayBeInOneBatch) {
  TestSpending ledger;
  const std::string plan = NewId(), id = ledger.Awarded(plan, 100);
  const std::string commitment =
      ledger.Commit(ledger.CommitRequest(id, plan, 100))->commitment_id();
  const BudgetId budget(*Uuid::Parse(id));
  const RequestId request = RequestId::Random();
  const PaymentId payment = IdOfPayment(budget, request);
  RequestPayment advance{budget, CommitmentId(*Uuid::Parse(commitment)), Money::Cents(60), "1"};
  advance.receipts_due = absl::CivilDay(2999, 12, 31);
  const SubjectId anna = SubjectId::Random(), bert = SubjectId::Random();
  Submit(ledger, {{.request = request, .actor = "person:a", .person = anna, .what = advance},
                  {.request = RequestId::Random(),
                   .actor = "person:b",
                   .person = bert,
                   .what = ApprovePayment{budget, payment, Money::Cents(60)}},
                  {.request = RequestId::Random(),
                   .actor = "person:b",
                   .person = bert,
                   .what = InstructPayment{budget, payment, "BANK-1"}},
                  {.request = RequestId::Random(),
                   .actor = "person:b",
                   .person = bert,
                   .what = SettlePayment{budget, payment}},
                  {.request = RequestId::Random(),
                   .actor = "person:b",
                   .person = bert,
                   .what = AccountForAdvance{budget,
                                             payment,
                                             Money::Cents(25),
                                             "receipt",
                                             {},
                                             Money::Cents(25),
                                             Money::Cents(25)}}});
  EXPECT_EQ(ledger.Balance(id, v1::ACCOUNT_KIND_ADVANCED, plan), 35);
  EXPECT_EQ(ledger.Payments(id, v1::Payment::STATE_ADVANCED)->payments(0).accounted_cents(), 25);
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

}  // namespace
}  // namespace smederij::ledger
