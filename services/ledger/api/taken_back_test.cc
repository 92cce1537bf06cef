// A part of an advance that was a mistake: two people take it back, and it is owed again.
#include "services/ledger/testing/taken_back.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "common/base/error.h"
#include "services/ledger/domain/books.h"
#include "services/ledger/domain/payment.h"
#include "services/ledger/testing/open_advance.h"
#include "services/ledger/testing/second_replica.h"

namespace smederij::ledger {
namespace {

using ::testing::IsEmpty;

template <class T>
std::string Reason(const absl::StatusOr<T>& result) {
  return ReasonOf(result.status());
}

void AtOnce(int threads, const std::function<void(int)>& body) {
  std::vector<std::thread> running;
  for (int i = 0; i < threads; ++i) running.emplace_back([&body, i] { body(i); });
  for (std::thread& thread : running) thread.join();
}

TEST(TakenBack, ReceiptsThatWereAMistakeAreOwedAgain) {
  Mistaken town;
  TestSpending& ledger = town.ledger;
  const auto mistake = town.Account(500, "till 1", "receipt");
  ASSERT_TRUE(mistake.ok()) << mistake.status();
  EXPECT_EQ(mistake->state(), v1::Payment::STATE_SETTLED);
  const auto proposed = town.Propose(mistake->seq());
  ASSERT_TRUE(proposed.ok()) << proposed.status();
  EXPECT_EQ(town.Now().state(), v1::Payment::STATE_SETTLED) << "nothing moves before the second";
  const auto accepted = town.Accept(*proposed);
  ASSERT_TRUE(accepted.ok()) << accepted.status();
  EXPECT_EQ(town.Now().state(), v1::Payment::STATE_ADVANCED);
  EXPECT_EQ(town.Now().accounted_cents(), 0);
  EXPECT_EQ(town.Held(v1::ACCOUNT_KIND_ADVANCED), 500);
  EXPECT_EQ(town.Held(v1::ACCOUNT_KIND_PAID), 0);
  EXPECT_EQ(Reason(ledger.Close(town.of.budget, town.of.commitment)), "ADVANCES_OPEN");
  const auto entries = ledger.Entries(town.of.budget, 100);
  const v1::Entry& back = entries->entries(static_cast<int>(accepted->reversal_seq()) - 1);
  EXPECT_EQ(back.type(), v1::ENTRY_TYPE_REVERSE);
  EXPECT_EQ(back.reverses_seq(), mistake->seq());
  EXPECT_THAT(ledger.Findings(), IsEmpty());
  // Rightly, by the same name and document.
  EXPECT_EQ(town.Account(300, "till 1", "receipt")->accounted_cents(), 300);
  EXPECT_EQ(town.GiveBack(200, "LINE-1")->state(), v1::Payment::STATE_SETTLED);
  EXPECT_TRUE(ledger.Close(town.of.budget, town.of.commitment).ok());
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

TEST(TakenBack, MoneyThatDidNotComeBackIsOwedAgain) {
  Mistaken town;
  const Advance other = OpenAdvance(town.ledger);
  const auto mistake = town.GiveBack(200, "LINE-1");
  ASSERT_TRUE(mistake.ok()) << mistake.status();
  EXPECT_EQ(town.Held(v1::ACCOUNT_KIND_COMMITTED), 500);
  ASSERT_TRUE(town.TakeBack(mistake->seq()).ok());
  EXPECT_EQ(town.Now().returned_cents(), 0);
  EXPECT_EQ(town.Held(v1::ACCOUNT_KIND_COMMITTED), 300);
  EXPECT_EQ(town.Held(v1::ACCOUNT_KIND_ADVANCED), 500);
  // It was the other group's.
  EXPECT_TRUE(town.ledger.GiveBack(other.budget, other.payment, 200, "LINE-1").ok());
  EXPECT_THAT(town.ledger.Findings(), IsEmpty());
}

TEST(TakenBack, APartFreesItsDocumentByThatMuch) {
  Mistaken town;
  TestSpending& ledger = town.ledger;
  const Advance other = OpenAdvance(ledger);
  const auto account = [&](const Advance& of, int64_t cents, int64_t total) {
    return ledger.Account(ReceiptRequest(of, cents, NewId(), "receipt", total), ledger.approver());
  };
  const auto mistake = account(town.of, 200, 300);
  ASSERT_TRUE(mistake.ok()) << mistake.status();
  ASSERT_TRUE(account(other, 100, 300).ok());
  ASSERT_TRUE(town.TakeBack(mistake->seq()).ok());
  const auto refused = account(other, 201, 300);
  EXPECT_EQ(Reason(refused), "DOCUMENT_USED");
  EXPECT_THAT(FactsOf(refused.status()), ::testing::Contains(::testing::Pair("left_cents", "200")));
  EXPECT_EQ(Reason(account(other, 200, 301)), "TOTAL_DIFFERS");
  EXPECT_EQ(Reason(account(other, 200, 300)), "");
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

TEST(TakenBack, WhenNothingOfADocumentCountsItsTotalMayHaveBeenTheMistake) {
  Mistaken town;
  const auto mistake = town.Account(100, "till 1", "receipt", 1'000);
  ASSERT_TRUE(mistake.ok()) << mistake.status();
  ASSERT_TRUE(town.TakeBack(mistake->seq()).ok());
  EXPECT_EQ(Reason(town.Account(100, "till 1", "receipt", 100)), "");
  EXPECT_EQ(Reason(town.Account(1, "till 2", "receipt", 100)), "DOCUMENT_USED");
  EXPECT_THAT(town.ledger.Findings(), IsEmpty());
}

// And again: what was entered rightly may be wrong too.
TEST(TakenBack, OncePerPart) {
  Mistaken town;
  for (int i = 0; i < 3; ++i) {
    const auto part = town.Account(500, "till 1", "receipt");
    ASSERT_TRUE(part.ok()) << part.status();
    ASSERT_TRUE(town.TakeBack(part->seq()).ok());
    EXPECT_EQ(Reason(town.Propose(part->seq())), "ALREADY_REVERSED");
    EXPECT_EQ(Reason(town.Propose(part->seq() + 1)), "NOT_REVERSIBLE") << "what took it back";
  }
  EXPECT_EQ(town.Held(v1::ACCOUNT_KIND_ADVANCED), 500);
  EXPECT_THAT(town.ledger.Findings(), IsEmpty());
}

TEST(TakenBack, OneThatIsRefusedCounts) {
  Mistaken town;
  const auto part = town.Account(500, "till 1", "receipt");
  const auto proposed = town.Propose(part->seq());
  ASSERT_TRUE(
      town.ledger
          .DecideReversal(town.of.budget, proposed->reversal_id(), false, town.ledger.treasurer())
          .ok());
  EXPECT_EQ(town.Now().state(), v1::Payment::STATE_SETTLED);
  EXPECT_EQ(Reason(town.Account(1, "till 1", "receipt")), "WRONG_STATE");
  EXPECT_THAT(town.ledger.Findings(), IsEmpty());
}

TEST(TakenBack, AClosedMonthStaysAsItWasSigned) {
  Mistaken town;
  TestSpending& ledger = town.ledger;
  ledger.clock().Set(InAmsterdam("2026-03-31T12:00:00"));
  const auto part = town.Account(500, "till 1", "receipt");
  const auto signed_then = ledger.Trial(town.of.budget);
  for (int month = 1; month <= 3; ++month) {
    const auto trial = ledger.Trial(town.of.budget);
    v1::ProposeClosingRequest request;
    request.set_request_id(NewId());
    request.set_budget_id(town.of.budget);
    request.set_period_no(month);
    request.set_expected_seq(trial->as_of_seq());
    request.set_trial_balance_hash(trial->trial_balance_hash());
    const auto proposed = ledger.ProposeClosing(request, ledger.treasurer());
    ASSERT_TRUE(proposed.ok()) << proposed.status();
    ASSERT_TRUE(ledger.DecideClosing(*proposed, true, ledger.colleague()).ok());
  }
  const auto taken = town.TakeBack(part->seq());
  ASSERT_TRUE(taken.ok()) << taken.status();
  const auto entries = ledger.Entries(town.of.budget, 100);
  EXPECT_EQ(entries->entries(static_cast<int>(part->seq()) - 1).period_no(), 3);
  EXPECT_EQ(entries->entries(static_cast<int>(taken->reversal_seq()) - 1).period_no(), 4);
  EXPECT_EQ(ledger.Trial(town.of.budget, part->seq())->trial_balance_hash(),
            signed_then->trial_balance_hash());
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

// ── Refusals, in order of precedence ───────────────────────────────────────────────────────────

TEST(TakenBackRefusals, InOrder) {
  Mistaken town;
  TestSpending& ledger = town.ledger;
  const auto part = town.GiveBack(500, "LINE-1");
  const auto proposed = town.Propose(part->seq());
  ASSERT_TRUE(proposed.ok()) << proposed.status();
  const auto accept = [&](const testing::Person& who) {
    return Reason(town.Accept(*proposed, who));
  };
  // What came back was asked for again: it is on its account, and not free.
  const std::string claim =
      ledger.Request(ledger.PaymentRequest(town.of.budget, town.of.commitment, 301, "i 1"))
          ->payment_id();
  EXPECT_EQ(town.Held(v1::ACCOUNT_KIND_COMMITTED), 800);
  const auto refused = town.Accept(*proposed, ledger.colleague());
  EXPECT_EQ(Reason(refused), "INSUFFICIENT_FUNDS");
  EXPECT_THAT(FactsOf(refused.status()), ::testing::Contains(::testing::Pair("held_cents", "499")));
  testing::Person poor = ledger.colleague();
  poor.grants[0].limit_cents = 499;
  EXPECT_EQ(accept(poor), "AMOUNT_OVER_LIMIT");
  ASSERT_TRUE(ledger.Reject(town.of.budget, claim).ok());
  ASSERT_TRUE(ledger.Close(town.of.budget, town.of.commitment).ok());
  const auto closed = town.Accept(*proposed, poor);
  EXPECT_EQ(Reason(closed), "COMMITMENT_CLOSED");
  EXPECT_EQ(closed.status().code(), absl::StatusCode::kFailedPrecondition);
  poor.subject = ledger.requester().subject;  // Who asked for the advance, in another hat.
  EXPECT_EQ(accept(poor), "SELF_APPROVAL");
  poor.subject = ledger.treasurer().subject;
  EXPECT_EQ(accept(poor), "SELF_APPROVAL");
  EXPECT_TRUE(
      ledger.DecideReversal(town.of.budget, proposed->reversal_id(), false, ledger.colleague())
          .ok())
      << "to refuse it is always right";
  EXPECT_EQ(accept(poor), "REVERSAL_DECIDED");
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

// Who asked for the advance may say that something is wrong with it.
TEST(TakenBackRefusals, WhoAskedForTheAdvanceMayPropose) {
  Mistaken town;
  const auto part = town.Account(500, "till 1", "receipt");
  testing::Person requester = town.ledger.requester();
  requester.grants = {{.role = policy::v1::ROLE_BUDGET_HOLDER}};
  const auto proposed =
      town.ledger.ProposeReversal(ReversalRequest(town.of.budget, part->seq()), requester);
  ASSERT_TRUE(proposed.ok()) << proposed.status();
  EXPECT_EQ(Reason(town.Accept(*proposed)), "");
}

TEST(TakenBackRefusals, AStepIsLeftToAccountForItRightly) {
  Mistaken town;
  TestSpending& ledger = town.ledger;
  std::vector<int64_t> seqs;
  for (int steps = 4; steps + 1 < kPaymentStepsMax - 1; ++steps) {
    const auto part = ledger.Account(town.of.budget, town.of.payment, 1, NewId());
    ASSERT_TRUE(part.ok()) << part.status();
    seqs.push_back(part->seq());
  }
  // 498 steps: one back, and the last.
  EXPECT_EQ(Reason(town.TakeBack(seqs[0])), "");
  const auto refused = town.TakeBack(seqs[1]);
  EXPECT_EQ(Reason(refused), "TOO_MANY_PARTS");
  const int64_t owed = 500 - static_cast<int64_t>(seqs.size()) + 1;
  EXPECT_EQ(Reason(ledger.Account(town.of.budget, town.of.payment, owed - 1, "x")),
            "TOO_MANY_PARTS");
  const auto last = ledger.Account(town.of.budget, town.of.payment, owed, "all the rest");
  ASSERT_TRUE(last.ok()) << last.status();
  EXPECT_EQ(last->state(), v1::Payment::STATE_SETTLED);
  EXPECT_EQ(Reason(town.TakeBack(last->seq())), "TOO_MANY_PARTS");
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

// ── Again, and at once ─────────────────────────────────────────────────────────────────────────

TEST(TakenBack, OfManyWhoAcceptAndOneWhoClosesItIsEitherOr) {
  for (int round = 0; round < 3; ++round) {
    Mistaken town;
    const auto part = town.Account(500, "till 1", "receipt");
    const auto proposed = town.Propose(part->seq());
    std::atomic<int> accepted = 0, closed = 0;
    AtOnce(8, [&](int i) {
      if (i % 2 == 0) {
        const auto answer = town.Accept(*proposed);
        EXPECT_TRUE(answer.ok() || Reason(answer) == "REVERSAL_DECIDED" ||
                    Reason(answer) == "COMMITMENT_CLOSED")
            << answer.status();
        accepted += answer.ok();
      } else {
        const auto answer = town.ledger.Close(town.of.budget, town.of.commitment);
        EXPECT_TRUE(answer.ok() || Reason(answer) == "ADVANCES_OPEN" ||
                    Reason(answer) == "COMMITMENT_CLOSED")
            << answer.status();
        closed += answer.ok();
      }
    });
    EXPECT_EQ(accepted + closed, 1);
    EXPECT_THAT(town.ledger.Findings(), IsEmpty());
  }
}

// One replica takes a receipt back while another counts it in another budget: it is free, or it is
// not yet, and never counts twice.
TEST(TakenBack, WhatIsFreeAtOnceCountsOnce) {
  Mistaken town;
  TestSpending& ledger = town.ledger;
  SecondReplica second(ledger);
  const Advance other = OpenAdvance(ledger);
  for (int round = 0; round < 5; ++round) {
    const std::string document = absl::StrCat("receipt ", round);
    const auto part = town.Account(50, NewId(), document);
    ASSERT_TRUE(part.ok()) << part.status();
    const auto proposed = town.Propose(part->seq());
    std::atomic<int> counted = 0;
    AtOnce(7, [&](int i) {
      if (i == 0) {
        EXPECT_EQ(Reason(town.Accept(*proposed)), "");
        return;
      }
      const auto answer = second.server().Ask(&SpendingStub::AccountForAdvance,
                                              ReceiptRequest(other, 50, NewId(), document),
                                              second.server().As(ledger.approver()));
      EXPECT_TRUE(answer.ok() || Reason(answer) == "DOCUMENT_USED") << answer.status();
      counted += answer.ok();
    });
    EXPECT_LE(counted, 1);
    EXPECT_EQ(ledger.Account(ReceiptRequest(other, 50, NewId(), document), ledger.approver()).ok(),
              counted == 0);
  }
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

// What lands in one transaction: a receipt is taken back, and counts again as it should have.
TEST(TakenBack, AndEnteredRightlyMayBeOneBatch) {
  Mistaken town;
  TestSpending& ledger = town.ledger;
  const auto part = town.Account(500, "till 1", "receipt", 900);
  const BudgetId budget(*Uuid::Parse(town.of.budget));
  const RequestId propose = RequestId::Random();
  AccountForAdvance again{.budget = budget,
                          .payment = PaymentId(*Uuid::Parse(town.of.payment)),
                          .amount = Money::Cents(300),
                          .receipt_ref = "till 1",
                          .limit = Money::Cents(300),
                          .total = Money::Cents(300)};
  const std::string document = std::string(25, ' ') + "receipt";
  std::copy(document.begin(), document.end(), again.document_hash.begin());
  const std::vector<Command> commands = {
      {.request = propose,
       .actor = "person:a",
       .person = SubjectId::Random(),
       .what = ProposeReversal{budget, part->seq(), "300, not 500"}},
      {.request = RequestId::Random(),
       .actor = "person:b",
       .person = SubjectId::Random(),
       .what = DecideReversal{budget, IdOfReversal(budget, propose), true, Money::Cents(500)}},
      {.request = RequestId::Random(),
       .actor = "person:b",
       .person = SubjectId::Random(),
       .what = again}};
  absl::BlockingCounter waiting(static_cast<int>(commands.size()));
  for (const Command& command : commands) {
    ledger.writer().Submit({.command = command,
                            .method = "test",
                            .caller = "test",
                            .request_hash = {},
                            .render = [](const Effect&) { return std::string(); }},
                           absl::Now() + absl::Seconds(20),
                           [&waiting](const absl::StatusOr<WriteAnswer>& answer) {
                             EXPECT_TRUE(answer.ok()) << answer.status();
                             waiting.DecrementCount();
                           });
  }
  waiting.Wait();
  EXPECT_EQ(town.Now().accounted_cents(), 300);
  EXPECT_EQ(town.Held(v1::ACCOUNT_KIND_ADVANCED), 200);
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

}  // namespace
}  // namespace smederij::ledger
