#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "services/ledger/domain/closing.h"
#include "services/ledger/testing/test_closings.h"

namespace smederij::ledger {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::Pair;

template <class T>
std::string Reason(const absl::StatusOr<T>& result) {
  return ReasonOf(result.status());
}

TEST(Closings, TwoPeopleSignATrialBalanceAndThePeriodIsClosed) {
  Year year;
  TestSpending& ledger = year.ledger;
  const auto proposed = year.Propose(1);
  ASSERT_TRUE(proposed.ok()) << proposed.status();
  EXPECT_EQ(proposed->state(), v1::Closing::STATE_PROPOSED);
  EXPECT_EQ(proposed->seq(), 1);
  EXPECT_EQ(ledger.Periods(year.budget)->periods(0).state(), v1::Period::STATE_CLOSING);
  const auto accepted = year.Accept(*proposed);
  ASSERT_TRUE(accepted.ok()) << accepted.status();
  EXPECT_EQ(accepted->state(), v1::Closing::STATE_ACCEPTED);
  EXPECT_EQ(accepted->decided_by(), ledger.colleague().subject.ToString());
  EXPECT_EQ(proposed->entry_seq(), 0);
  EXPECT_EQ(accepted->entry_seq(), 2);
  const auto entries = ledger.Entries(year.budget);
  const v1::Entry& entry = *entries->entries().rbegin();
  EXPECT_EQ(entry.seq(), 2);
  EXPECT_EQ(entry.type(), v1::ENTRY_TYPE_CLOSE_PERIOD);
  EXPECT_EQ(entry.period_no(), 1);
  EXPECT_EQ(entry.postings_size(), 0);
  EXPECT_EQ(entry.decision_ref(), "closing " + accepted->closing_id());
  const auto periods = ledger.Periods(year.budget);
  ASSERT_EQ(periods->periods_size(), 12);
  EXPECT_EQ(periods->periods(0).state(), v1::Period::STATE_CLOSED);
  EXPECT_EQ(periods->periods(0).closings(0).trial_balance_hash(), proposed->trial_balance_hash());
  EXPECT_EQ(periods->periods(1).state(), v1::Period::STATE_OPEN);
  EXPECT_EQ(periods->periods(1).first_day(), "2026-02-01");
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

TEST(Closings, WhatComesLateGoesToTheNextOpenPeriodAndTheVerifierKnows) {
  Year year("2026-05-31T12:00:00");
  ASSERT_EQ(year.month, 5);
  year.CloseThrough(year.month - 1);
  const auto proposed = year.Propose(year.month);
  ASSERT_TRUE(proposed.ok()) << proposed.status();
  ASSERT_TRUE(year.Post().ok());  // While it waits for a second person.
  EXPECT_EQ(year.Month(), year.month + 1);
  EXPECT_THAT(year.ledger.Findings(), IsEmpty());
  ASSERT_TRUE(year.ledger.DecideClosing(*proposed, false, year.ledger.treasurer()).ok());
  ASSERT_TRUE(year.Post().ok());  // It was refused.
  EXPECT_EQ(year.Month(), year.month);
  EXPECT_THAT(year.ledger.Findings(), IsEmpty());
  const auto again = year.Propose(year.month);
  ASSERT_TRUE(again.ok()) << again.status();
  ASSERT_TRUE(year.Accept(*again).ok());
  ASSERT_TRUE(year.Post().ok());
  EXPECT_EQ(year.Month(), year.month + 1);
  EXPECT_THAT(year.ledger.Findings(), IsEmpty());
}

// In its place comes nothing, so whatever is left has to have gone over before.
TEST(Closings, DecemberIsTheLastThingThatHappens) {
  Year year("2027-01-15T12:00:00");
  ASSERT_EQ(year.month, 12) << "what is recorded after the year goes there";
  TestSpending& ledger = year.ledger;
  year.CloseThrough(11);
  ledger.clock().Set(InAmsterdam("2026-12-30T12:00:00"));
  EXPECT_EQ(Reason(year.Propose(12)), "PERIOD_NOT_OVER") << "comes first";
  ledger.clock().Set(InAmsterdam("2027-01-15T12:00:00"));
  EXPECT_EQ(Reason(year.Propose(12)), "BUDGET_NOT_CARRIED");
  auto wrong = year.Request(12);
  wrong.set_expected_seq(0);
  EXPECT_EQ(Reason(ledger.ProposeClosing(wrong, ledger.treasurer())), "BUDGET_NOT_CARRIED")
      << "before SEQ_DIFFERS";
  ASSERT_TRUE(year.Post().ok());
  EXPECT_EQ(year.Month(), 12);
  ASSERT_TRUE(year.CarryOver().ok());
  const auto proposed = year.Propose(12);
  ASSERT_TRUE(proposed.ok()) << proposed.status();
  ASSERT_TRUE(year.Accept(*proposed).ok());
  EXPECT_EQ(Reason(year.Post()), "BUDGET_CLOSED");
  EXPECT_THAT(ledger.Findings(), IsEmpty());
  ASSERT_TRUE(ledger.CloseBudget(year.budget).ok());
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

TEST(Closings, APeriodIsClosedOnItsLastDayAtTheEarliest) {
  Year year("2026-05-30T23:59:00");
  year.CloseThrough(4);
  const auto refused = year.Propose(5);
  EXPECT_EQ(Reason(refused), "PERIOD_NOT_OVER");
  EXPECT_THAT(FactsOf(refused.status()),
              ::testing::IsSupersetOf(std::vector<std::pair<const std::string, std::string>>{
                  {"period_no", "5"}, {"last_day", "2026-05-31"}, {"today", "2026-05-30"}}));
  auto wrong = year.Request(5);
  wrong.set_expected_seq(0);
  EXPECT_EQ(Reason(year.ledger.ProposeClosing(wrong, year.ledger.treasurer())), "PERIOD_NOT_OVER")
      << "before SEQ_DIFFERS";
  EXPECT_EQ(Reason(year.Propose(6)), "EARLIER_PERIOD_OPEN") << "before it";
  year.ledger.clock().Set(InAmsterdam("2026-05-31T00:00:00"));
  EXPECT_TRUE(year.Propose(5).ok());
}

TEST(Closings, ARepeatedRequestGetsTheFirstAnswer) {
  Year year;
  const auto request = year.Request(1);
  const auto first = year.ledger.ProposeClosing(request, year.ledger.treasurer());
  ASSERT_TRUE(year.Accept(*first).ok());
  bool replayed = false;
  const auto again = year.ledger.ProposeClosing(request, year.ledger.treasurer(), &replayed);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(replayed);
  EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());
}

// Everybody posts into the period that is being closed at that moment: what was acknowledged before
// is in the trial balance that was signed, what came after is in the next period.
TEST(Closings, NothingSlipsIntoAPeriodThatIsBeingClosed) {
  Year year("2026-11-30T12:00:00");
  ASSERT_EQ(year.month, 11);
  year.CloseThrough(year.month - 1);
  TestSpending& ledger = year.ledger;
  constexpr int kEarlyMax = 200;
  std::atomic<bool> closed = false, stop = false;
  std::atomic<int> late = 0, early = 0;
  std::vector<std::thread> posting;
  for (int i = 0; i < 6; ++i) {
    posting.emplace_back([&] {
      while (!stop) {
        const bool before = closed;
        if (!before && early >= kEarlyMax) {  // Else whoever signs would look again for ever.
          std::this_thread::yield();
          continue;
        }
        const auto posted = year.Post();
        ASSERT_TRUE(posted.ok()) << posted.status();
        ++(before ? late : early);
      }
    });
  }
  absl::StatusOr<v1::Closing> proposed = absl::UnavailableError("not yet");
  // Whoever signs while others post has to look again until nothing came between.
  while (!proposed.ok()) {
    proposed = year.Propose(year.month);
    ASSERT_TRUE(proposed.ok() || Reason(proposed) == "SEQ_DIFFERS") << proposed.status();
  }
  closed = true;
  while (late < 10) std::this_thread::yield();
  ASSERT_TRUE(year.Accept(*proposed).ok());
  stop = true;
  for (std::thread& thread : posting) thread.join();
  std::string token;
  do {
    const auto page = ledger.Entries(year.budget, 500, token);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const v1::Entry& entry : page->entries()) {
      if (entry.type() == v1::ENTRY_TYPE_CLOSE_PERIOD) continue;
      EXPECT_EQ(entry.period_no(), entry.seq() <= proposed->seq() ? year.month : year.month + 1);
    }
    token = page->next_page_token();
  } while (!token.empty());
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

// ── Refusals, in order of precedence ───────────────────────────────────────────────────────────

// What the bank was told in a month holds that month up, and those after it: a district that pays
// every day can close the last month all the same.
TEST(ProposeClosingRefusals, WhatTheBankWasToldLaterHoldsNothingUp) {
  Year year("2026-01-31T12:00:00");
  TestSpending& ledger = year.ledger;
  const std::string plan = NewId(), budget = ledger.Awarded(plan, 100);
  year.budget = budget;
  const std::string commitment =
      ledger.Commit(ledger.CommitRequest(budget, plan, 100))->commitment_id();
  const auto told = [&](const std::string& invoice) {
    const std::string payment =
        ledger.Request(ledger.PaymentRequest(budget, commitment, 10, invoice))->payment_id();
    EXPECT_TRUE(ledger.Approve(budget, payment, ledger.approver()).ok());
    EXPECT_TRUE(ledger.Instruct(budget, payment, invoice).ok());
    return payment;
  };
  const std::string january = told("1");
  ledger.clock().Set(InAmsterdam("2026-02-28T12:00:00"));
  const std::string february = told("2");
  const auto refused = year.Propose(1);
  EXPECT_EQ(Reason(refused), "OPEN_CLEARING");
  EXPECT_THAT(FactsOf(refused.status()), Contains(Pair("clearing_cents", "10")))
      << "of January alone";
  ASSERT_TRUE(ledger.Settle(budget, january).ok());
  ASSERT_TRUE(year.Accept(*year.Propose(1)).ok());
  EXPECT_EQ(Reason(year.Propose(2)), "OPEN_CLEARING");
  ASSERT_TRUE(ledger.Fail(budget, february).ok());
  EXPECT_TRUE(year.Propose(2).ok());
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

TEST(ProposeClosingRefusals, InOrder) {
  Year year("2026-01-31T12:00:00");
  TestSpending& ledger = year.ledger;
  const std::string plan = NewId(), budget = ledger.Awarded(plan, 100);
  const std::string commitment =
      ledger.Commit(ledger.CommitRequest(budget, plan, 100))->commitment_id();
  const std::string payment =
      ledger.Request(ledger.PaymentRequest(budget, commitment, 10, "invoice 1"))->payment_id();
  ASSERT_TRUE(ledger.Approve(budget, payment, ledger.approver()).ok());
  ASSERT_TRUE(ledger.Instruct(budget, payment, "BANK-1").ok());
  year.budget = budget;
  auto request = year.Request(1);
  const auto refused = [&] { return Reason(ledger.ProposeClosing(request, ledger.treasurer())); };
  request.set_trial_balance_hash(std::string(32, 'x'));
  EXPECT_EQ(refused(), "OPEN_CLEARING");
  request.set_expected_seq(request.expected_seq() - 1);
  EXPECT_EQ(refused(), "SEQ_DIFFERS");
  request.set_period_no(7);
  EXPECT_EQ(refused(), "EARLIER_PERIOD_OPEN");
  ASSERT_TRUE(ledger.Settle(budget, payment).ok());
  request.set_period_no(1);
  request.set_expected_seq(request.expected_seq() + 2);
  EXPECT_EQ(refused(), "HASH_MISMATCH");
  const auto proposed = year.Propose(1);
  ASSERT_TRUE(proposed.ok()) << proposed.status();
  EXPECT_EQ(refused(), "CLOSING_PENDING");
  EXPECT_EQ(Reason(year.Propose(2)), "EARLIER_PERIOD_OPEN");
  ASSERT_TRUE(year.Accept(*proposed).ok());
  EXPECT_EQ(refused(), "PERIOD_CLOSED");
  ASSERT_TRUE(ledger.database().Sql("UPDATE ledger.budget SET state = 'closed'").ok());
  EXPECT_EQ(refused(), "BUDGET_CLOSED");
  ASSERT_TRUE(ledger.database()
                  .Sql("INSERT INTO ledger.finding (budget_id, seq, what)"
                       " SELECT budget_id, 0, 'a test' FROM ledger.budget")
                  .ok());
  EXPECT_EQ(refused(), "BUDGET_FROZEN");
  EXPECT_EQ(Reason(ledger.ProposeClosing(request, ledger.holder())), "ROLE_NOT_HELD");
  request.set_budget_id(NewId());
  EXPECT_EQ(refused(), "BUDGET_NOT_FOUND");
  request.set_trial_balance_hash("short");
  EXPECT_EQ(refused(), "BAD_HASH");
  request.set_expected_seq(-1);
  EXPECT_EQ(refused(), "OUT_OF_RANGE");
  request.set_expected_seq(1);
  for (const int period : {0, 13, -1}) {
    request.set_period_no(period);
    EXPECT_EQ(refused(), "OUT_OF_RANGE");
  }
}

TEST(DecideClosingRefusals, InOrder) {
  Year year;
  TestSpending& ledger = year.ledger;
  v1::Closing closing = *year.Propose(1);
  closing.set_trial_balance_hash(std::string(32, 'x'));
  EXPECT_EQ(Reason(ledger.DecideClosing(closing, true, ledger.colleague())), "HASH_MISMATCH");
  EXPECT_EQ(Reason(ledger.DecideClosing(closing, true, ledger.treasurer())), "SELF_APPROVAL");
  ASSERT_TRUE(ledger.DecideClosing(closing, false, ledger.treasurer()).ok());
  EXPECT_EQ(Reason(ledger.DecideClosing(closing, true, ledger.treasurer())), "CLOSING_DECIDED");
  closing.set_closing_id(NewId());
  EXPECT_EQ(Reason(ledger.DecideClosing(closing, true, ledger.treasurer())), "CLOSING_NOT_FOUND");
  ASSERT_TRUE(ledger.database().Sql("UPDATE ledger.budget SET state = 'closed'").ok());
  EXPECT_EQ(Reason(ledger.DecideClosing(closing, true, ledger.treasurer())), "BUDGET_CLOSED");
}

// ── Which period took an entry ─────────────────────────────────────────────────────────────────

TEST(Taking, IsTheFirstPeriodThatWasNotShutWhenTheEntryWasPosted) {
  const auto closing = [](int16_t period, int64_t seq, Closing::State state, int64_t decided) {
    Closing of;
    of.period_no = period;
    of.seq = seq;
    of.state = state;
    of.decided_seq = decided;
    return of;
  };
  const std::vector<Closing> closings = {closing(1, 5, Closing::State::kAccepted, 7),
                                         closing(2, 8, Closing::State::kRefused, 10),
                                         closing(2, 12, Closing::State::kProposed, 0)};
  EXPECT_EQ(Taking(closings, 1, 5), 1);  // The newest entry when it was proposed.
  EXPECT_EQ(Taking(closings, 1, 6), 2);  // Closing and closed are the same to an entry.
  EXPECT_EQ(Taking(closings, 1, 8), 2);
  EXPECT_EQ(Taking(closings, 1, 9), 3);  // Both are shut.
  EXPECT_EQ(Taking(closings, 1, 10), 3);
  EXPECT_EQ(Taking(closings, 1, 11), 2);  // Refused.
  EXPECT_EQ(Taking(closings, 2, 13), 3);
  EXPECT_EQ(Taking(closings, 4, 9), 4);
  EXPECT_EQ(Taking({closing(12, 0, Closing::State::kAccepted, 0)}, 12, 1), 13);
}

}  // namespace
}  // namespace smederij::ledger
