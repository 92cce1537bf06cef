#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/pg/sqlstate.h"
#include "services/ledger/domain/closing.h"
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

// A budget of the year of the books' clock, with 1,000 to decide on, and its months.
struct Year {
  TestSpending ledger;
  std::string budget;
  int month = 0;  // That takes what is posted now.

  // As the clock stands, or from `now` on, in Amsterdam.
  explicit Year(const std::string& now = "") {
    if (!now.empty()) ledger.clock().Set(InAmsterdam(now));
    auto open = OpenRequest();
    open.set_fiscal_year(static_cast<int32_t>(ledger.clock().Today().year()));
    budget = ledger.Open(open)->budget_id();
    CHECK(Post().ok());
    month = Month();
  }
  absl::StatusOr<v1::Posted> Post() {
    return ledger.Appropriate(AppropriateRequestOf(budget, 1'000));
  }
  // Of the newest entry.
  int Month() { return ledger.Entries(budget)->entries().rbegin()->period_no(); }
  v1::ProposeClosingRequest Request(int period) {
    const auto trial = ledger.Trial(budget);
    v1::ProposeClosingRequest request;
    request.set_request_id(NewId());
    request.set_budget_id(budget);
    request.set_period_no(period);
    request.set_expected_seq(trial->as_of_seq());
    request.set_trial_balance_hash(trial->trial_balance_hash());
    return request;
  }
  absl::StatusOr<v1::Closing> Propose(int period) {
    return ledger.ProposeClosing(Request(period), ledger.treasurer());
  }
  absl::StatusOr<v1::Closing> Accept(const v1::Closing& closing) {
    return ledger.DecideClosing(closing, true, ledger.colleague());
  }
  // Closes every period up to and with this one.
  void CloseThrough(int period) {
    for (int no = 1; no <= period; ++no) {
      const auto proposed = Propose(no);
      ASSERT_TRUE(proposed.ok()) << proposed.status();
      const auto accepted = Accept(*proposed);
      ASSERT_TRUE(accepted.ok()) << accepted.status();
    }
  }
  std::string Stopped(const std::string& sql) {
    return pg::ConstraintOf(ledger.database().Sql("BEGIN;" + sql + ";COMMIT"));
  }
};

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
  const auto periods = ledger.Periods(year.budget);
  ASSERT_EQ(periods->periods_size(), 12);
  EXPECT_EQ(periods->periods(0).state(), v1::Period::STATE_CLOSED);
  EXPECT_EQ(periods->periods(0).closings(0).trial_balance_hash(), proposed->trial_balance_hash());
  EXPECT_EQ(periods->periods(1).state(), v1::Period::STATE_OPEN);
  EXPECT_EQ(periods->periods(1).first_day(), absl::StrCat(ledger.clock().Today().year(), "-02-01"));
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

TEST(Closings, WhatComesLateGoesToTheNextOpenPeriodAndTheVerifierKnows) {
  Year year("2026-05-15T12:00:00");
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

TEST(Closings, AfterDecemberThereIsNoNextPeriod) {
  Year year("2026-12-15T12:00:00");
  ASSERT_EQ(year.month, 12);
  year.CloseThrough(11);
  const auto proposed = year.Propose(12);
  ASSERT_TRUE(proposed.ok()) << proposed.status();
  EXPECT_EQ(Reason(year.Post()), "PERIOD_CLOSED");  // While it waits for a second person.
  ASSERT_TRUE(year.ledger.DecideClosing(*proposed, false, year.ledger.treasurer()).ok());
  ASSERT_TRUE(year.Post().ok());  // It was refused.
  EXPECT_EQ(year.Month(), 12);
  EXPECT_THAT(year.ledger.Findings(), IsEmpty());
}

TEST(Closings, WhenEveryPeriodIsClosedNothingIsPosted) {
  Year year;
  year.CloseThrough(12);
  EXPECT_EQ(Reason(year.Post()), "PERIOD_CLOSED");
  EXPECT_THAT(year.ledger.Findings(), IsEmpty());
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
      EXPECT_EQ(entry.period_no(), entry.seq() <= proposed->seq() ? year.month : year.month + 1);
    }
    token = page->next_page_token();
  } while (!token.empty());
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

// ── Refusals, in order of precedence ───────────────────────────────────────────────────────────

TEST(ProposeClosingRefusals, InOrder) {
  Year year;
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
  request.set_period_no(2);
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

// ── What the schema itself refuses, and what the verifier finds ────────────────────────────────

TEST(ClosingSchema, APeriodIsClosedByTwoAndNeverReopened) {
  Year year;
  const auto proposed = year.Propose(1);
  EXPECT_EQ(year.Stopped("UPDATE ledger.closing SET state = 'accepted', decided_by = proposed_by,"
                         " decided_at = now(), decided_seq = seq"),
            "closing_accepted_by_another");
  EXPECT_EQ(year.Stopped("UPDATE ledger.closing SET state = 'accepted'"),
            "closing_decided_by_somebody");
  EXPECT_EQ(year.Stopped("UPDATE ledger.closing SET seq = 0"), "closing_keeps_its_facts");
  EXPECT_EQ(year.Stopped("DELETE FROM ledger.closing"), "closing_never_removed");
  EXPECT_EQ(year.Stopped("INSERT INTO ledger.closing SELECT budget_id, gen_random_uuid(),"
                         " period_no, seq, trial_hash, proposed_by, proposed_at, state"
                         " FROM ledger.closing"),
            "closing_one_per_period");
  ASSERT_TRUE(year.Accept(*proposed).ok());
  EXPECT_EQ(year.Stopped("UPDATE ledger.period SET state = 'open' WHERE period_no = 1"),
            "period_never_reopened");
  EXPECT_EQ(year.Stopped("UPDATE ledger.closing SET decided_by = gen_random_uuid()"),
            "closing_decided_once");
}

TEST(ClosingSchema, WhatWasNotSignedIsFound) {
  const std::pair<const char*, const char*> tampering[] = {
      {"UPDATE ledger.closing SET trial_hash = sha256('x')",
       "the trial balance that was signed is not the one after this entry"},
      {"UPDATE ledger.closing SET seq = 0",
       "the trial balance that was signed is not the one after this entry"},
      {"UPDATE ledger.period SET state = 'open' WHERE period_no = 1",
       "period 1 is not what its closings say"},
      {"UPDATE ledger.period SET state = 'closed' WHERE period_no = 2",
       "period 2 is not what its closings say"},
      {"DELETE FROM ledger.closing", "period 1 is not what its closings say"}};
  for (const auto& [sql, finding] : tampering) {
    Year year;
    ASSERT_TRUE(year.Accept(*year.Propose(1)).ok());
    ASSERT_THAT(year.ledger.Findings(), IsEmpty());
    ASSERT_TRUE(year.ledger.database()
                    .Sql(absl::StrCat("SET session_replication_role = replica;", sql))
                    .ok())
        << sql;
    EXPECT_THAT(year.ledger.Findings(), Contains(HasSubstr(finding))) << sql;
  }
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
