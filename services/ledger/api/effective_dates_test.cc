// The day on which something happened outside, beside the day on which it was recorded.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/pg/sqlstate.h"
#include "services/ledger/testing/test_spending.h"

namespace smederij::ledger {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

template <class T>
std::string Reason(const absl::StatusOr<T>& result) {
  return ReasonOf(result.status());
}

// 2 April 2026, a budget of that year in which 1,000 are reserved for a plan.
struct Town {
  TestSpending ledger;
  std::string plan = NewId(), budget;

  Town() {
    ledger.clock().Set(InAmsterdam("2026-04-02T09:00:00"));
    budget = ledger.Awarded(plan, 1'000);
  }
  template <class Response, class Request>
  absl::StatusOr<Response> Ask(grpc::Status (SpendingStub::*method)(grpc::ClientContext*,
                                                                    const Request&, Response*),
                               Request request, const testing::Person& who, const std::string& day,
                               bool* replayed = nullptr) {
    request.set_effective_date(day);
    return ledger.server().Ask(method, request, ledger.server().As(who), replayed);
  }
  template <class Request>
  Request Step(const std::string& payment) {
    Request request;
    request.set_request_id(NewId());
    request.set_budget_id(budget);
    request.set_payment_id(payment);
    return request;
  }
  std::string Committed(const std::string& day = "", int64_t cents = 100) {
    const auto committed = Ask(&SpendingStub::OpenCommitment,
                               ledger.CommitRequest(budget, plan, cents), ledger.holder(), day);
    CHECK(committed.ok());
    return committed->commitment_id();
  }
  // A payment of a commitment that is approved; an advance, when receipts are due.
  std::string Approved(const std::string& commitment, const std::string& receipts_due = "") {
    auto request = ledger.PaymentRequest(budget, commitment, 10, NewId());
    request.set_receipts_due(receipts_due);
    const std::string payment = ledger.Request(request)->payment_id();
    CHECK(ledger.Approve(budget, payment, ledger.approver()).ok());
    return payment;
  }
  absl::StatusOr<v1::Payment> Instruct(const std::string& payment, const std::string& day) {
    auto request = Step<v1::InstructPaymentRequest>(payment);
    request.set_bank_ref(NewId().substr(0, 30));
    return Ask(&SpendingStub::InstructPayment, request, ledger.treasurer(), day);
  }
  absl::StatusOr<v1::Posted> Appropriate(const std::string& day) {
    auto request = AppropriateRequestOf(budget, 10);
    request.set_effective_date(day);
    return ledger.Appropriate(request);
  }
  v1::Entry Newest() { return *ledger.Entries(budget, 500)->entries().rbegin(); }
};

TEST(EffectiveDates, StandInTheEntryAndLeaveItsPeriodAlone) {
  Town town;
  ASSERT_TRUE(town.Appropriate("2025-11-07").ok());
  v1::Entry entry = town.Newest();
  EXPECT_EQ(entry.effective_date(), "2025-11-07");
  EXPECT_EQ(entry.period_no(), 4);  // Of when it was recorded.
  EXPECT_EQ(entry.canonical().substr(0, 17), "smederij-entry-v3");
  EXPECT_THAT(entry.canonical(), HasSubstr("2025-11-07"));
  ASSERT_TRUE(town.Appropriate("").ok());
  entry = town.Newest();
  EXPECT_EQ(entry.effective_date(), "");
  EXPECT_EQ(entry.canonical().substr(0, 17), "smederij-entry-v1");
  EXPECT_THAT(town.ledger.Findings(), IsEmpty());
}

TEST(EffectiveDates, EveryStepThatAPersonRecordsMayHaveOne) {
  Town town;
  TestSpending& ledger = town.ledger;
  std::vector<std::string> days;
  const auto note = [&] { days.push_back(town.Newest().effective_date()); };
  const std::string commitment = town.Committed("2026-03-01");
  note();
  const std::string paid = town.Approved(commitment), failed = town.Approved(commitment);
  const std::string advance = town.Approved(commitment, "2026-12-31");
  for (const std::string& payment : {paid, failed, advance}) {
    ASSERT_TRUE(town.Instruct(payment, "2026-03-02").ok());
    note();
  }
  ASSERT_TRUE(town.Ask(&SpendingStub::SettlePayment, town.Step<v1::SettlePaymentRequest>(paid),
                       ledger.treasurer(), "2026-03-03")
                  .ok());
  note();
  auto fail = town.Step<v1::FailPaymentRequest>(failed);
  fail.set_reason("account closed");
  ASSERT_TRUE(town.Ask(&SpendingStub::FailPayment, fail, ledger.treasurer(), "2026-03-04").ok());
  note();
  ASSERT_TRUE(ledger.Settle(town.budget, advance).ok());
  ASSERT_TRUE(town.Ask(&SpendingStub::AccountForAdvance,
                       ledger.AccountRequest(town.budget, advance, 4, "till 1"), ledger.approver(),
                       "2026-03-20")
                  .ok());
  note();
  ASSERT_TRUE(town.Ask(&SpendingStub::ReturnAdvance,
                       ledger.ReturnRequest(town.budget, advance, 6, "BACK-1"), ledger.treasurer(),
                       "2026-03-21")
                  .ok());
  note();
  v1::CloseCommitmentRequest close;
  close.set_request_id(NewId());
  close.set_budget_id(town.budget);
  close.set_commitment_id(commitment);
  ASSERT_TRUE(town.Ask(&SpendingStub::CloseCommitment, close, ledger.holder(), "2026-03-05").ok());
  note();
  v1::ReleaseAwardRequest release;
  release.set_request_id(NewId());
  release.set_budget_id(town.budget);
  release.set_plan_id(town.plan);
  release.set_amount_cents(5);
  release.set_decision_ref("final account");
  ASSERT_TRUE(town.Ask(&SpendingStub::ReleaseAward, release, ledger.holder(), "2026-03-06").ok());
  note();
  EXPECT_THAT(days,
              ElementsAre("2026-03-01", "2026-03-02", "2026-03-02", "2026-03-02", "2026-03-03",
                          "2026-03-04", "2026-03-20", "2026-03-21", "2026-03-05", "2026-03-06"));
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

TEST(EffectiveDates, AlsoMoneyThatIsGivenBack) {
  Town town;
  auto open = OpenRequest();
  open.set_fund("trees");
  open.mutable_condition()->set_category("green");
  open.mutable_condition()->set_deadline("2026-03-31");
  town.budget = town.ledger.Open(open)->budget_id();
  ASSERT_TRUE(town.Appropriate("2025-01-01").ok());
  ASSERT_TRUE(town.ledger.Return(town.budget, false, "2026-04-01").ok());
  EXPECT_EQ(town.Newest().effective_date(), "2026-04-01");
  EXPECT_THAT(town.ledger.Findings(), IsEmpty());
}

TEST(EffectiveDates, WhatComesLateGoesToTheNextOpenPeriodWithItsOldDay) {
  Town town;
  town.ledger.clock().Set(InAmsterdam("2026-04-30T12:00:00"));
  for (int period = 1; period <= 4; ++period) {
    const auto trial = town.ledger.Trial(town.budget);
    v1::ProposeClosingRequest request;
    request.set_request_id(NewId());
    request.set_budget_id(town.budget);
    request.set_period_no(period);
    request.set_expected_seq(trial->as_of_seq());
    request.set_trial_balance_hash(trial->trial_balance_hash());
    const auto proposed = town.ledger.ProposeClosing(request, town.ledger.treasurer());
    ASSERT_TRUE(town.ledger.DecideClosing(*proposed, true, town.ledger.colleague()).ok());
  }
  ASSERT_TRUE(town.Appropriate("2026-03-30").ok());
  EXPECT_EQ(town.Newest().period_no(), 5);
  EXPECT_EQ(town.Newest().effective_date(), "2026-03-30");
  EXPECT_THAT(town.ledger.Findings(), IsEmpty());
}

TEST(EffectiveDates, TheFirstAndTheLastDayThereMayBe) {
  Town town;
  EXPECT_TRUE(town.Appropriate("2025-01-01").ok());
  EXPECT_EQ(Reason(town.Appropriate("2024-12-31")), "EFFECTIVE_DATE_TOO_EARLY");
  EXPECT_TRUE(town.Appropriate("2026-04-02").ok());
  EXPECT_EQ(Reason(town.Appropriate("2026-04-03")), "EFFECTIVE_DATE_AHEAD");
  const auto refused = town.Appropriate("2026-04-03");
  EXPECT_THAT(FactsOf(refused.status()),
              Contains(std::pair<const std::string, std::string>("today", "2026-04-02")));
  // Today in Amsterdam, to the instant.
  town.ledger.clock().Stop(InAmsterdam("2026-04-02T23:59:59.999"));
  EXPECT_EQ(Reason(town.Appropriate("2026-04-03")), "EFFECTIVE_DATE_AHEAD");
  town.ledger.clock().Stop(InAmsterdam("2026-04-03T00:00:00"));
  EXPECT_TRUE(town.Appropriate("2026-04-03").ok());
  EXPECT_THAT(town.ledger.Findings(), IsEmpty());
}

TEST(EffectiveDates, ADayThatIsNoneIsRefusedBeforeAnythingElse) {
  Town town;
  for (const char* bad :
       {"2026-02-30", "0000-01-01", "2026-13-01", "2026-1-1", "20260101", "today", " 2026-01-01",
        "2026-01-01 ", "1999-12-31", "3000-01-01", "2026-02-29", "2026-01-01T00:00:00Z", "-"}) {
    EXPECT_EQ(Reason(town.Appropriate(bad)), "BAD_DATE") << bad;
  }
  town.budget = NewId();  // There is none.
  EXPECT_EQ(Reason(town.Appropriate("2026-02-30")), "BAD_DATE");
  EXPECT_EQ(Reason(town.Appropriate("2026-02-28")), "BUDGET_NOT_FOUND");
}

TEST(EffectiveDates, TheirRefusalsComeAfterThoseOfTheBooksAndBeforeAllOthers) {
  Town town;
  TestSpending& ledger = town.ledger;
  const std::string ahead = "2026-04-03", early = "2024-12-31", none = NewId();
  const auto bank = [&](auto request) {
    request.set_bank_ref("b");
    return request;
  };
  const auto why = [&](auto request) {
    request.set_reason("r");
    return request;
  };
  const std::vector<std::function<std::string(const std::string&)>> steps = {
      [&](const std::string& day) {
        return Reason(town.Ask(&SpendingStub::OpenCommitment,
                               ledger.CommitRequest(town.budget, none, 1), ledger.holder(), day));
      },
      [&](const std::string& day) {
        v1::CloseCommitmentRequest request;
        request.set_request_id(NewId());
        request.set_budget_id(town.budget);
        request.set_commitment_id(none);
        return Reason(town.Ask(&SpendingStub::CloseCommitment, request, ledger.holder(), day));
      },
      [&](const std::string& day) {
        v1::ReleaseAwardRequest request;
        request.set_request_id(NewId());
        request.set_budget_id(town.budget);
        request.set_plan_id(none);
        request.set_amount_cents(5);
        request.set_decision_ref("x");
        return Reason(town.Ask(&SpendingStub::ReleaseAward, request, ledger.holder(), day));
      },
      [&](const std::string& day) {
        return Reason(town.Ask(&SpendingStub::InstructPayment,
                               bank(town.Step<v1::InstructPaymentRequest>(none)),
                               ledger.treasurer(), day));
      },
      [&](const std::string& day) {
        return Reason(town.Ask(&SpendingStub::SettlePayment,
                               town.Step<v1::SettlePaymentRequest>(none), ledger.treasurer(), day));
      },
      [&](const std::string& day) {
        return Reason(town.Ask(&SpendingStub::FailPayment,
                               why(town.Step<v1::FailPaymentRequest>(none)), ledger.treasurer(),
                               day));
      },
      [&](const std::string& day) {
        return Reason(town.Ask(&SpendingStub::AccountForAdvance,
                               ledger.AccountRequest(town.budget, none, 1, "till 1"),
                               ledger.approver(), day));
      },
      [&](const std::string& day) {
        return Reason(town.Ask(&SpendingStub::ReturnAdvance,
                               ledger.ReturnRequest(town.budget, none, 1, "BACK-1"),
                               ledger.treasurer(), day));
      },
      [&](const std::string& day) { return Reason(ledger.Return(town.budget, false, day)); }};
  const std::vector<std::string> next = {
      "AWARD_NOT_FOUND",   "COMMITMENT_NOT_FOUND", "AWARD_NOT_FOUND",
      "PAYMENT_NOT_FOUND", "PAYMENT_NOT_FOUND",    "PAYMENT_NOT_FOUND",
      "PAYMENT_NOT_FOUND", "PAYMENT_NOT_FOUND",    "NOT_CONDITIONAL"};
  for (size_t i = 0; i < steps.size(); ++i) {
    EXPECT_EQ(steps[i](ahead), "EFFECTIVE_DATE_AHEAD") << i;
    EXPECT_EQ(steps[i](early), "EFFECTIVE_DATE_TOO_EARLY") << i;
    EXPECT_EQ(steps[i]("2026-04-01"), next[i]) << i;
  }
  ASSERT_TRUE(ledger.database().Sql("UPDATE ledger.period SET state = 'closing'").ok());
  for (size_t i = 0; i < steps.size(); ++i) EXPECT_EQ(steps[i](ahead), "PERIOD_CLOSED") << i;
}

TEST(EffectiveDates, AreAheadOfABudgetOfTheYearAfterNext) {  // Both apply: the first one is told.
  Town town;
  auto open = OpenRequest();
  open.set_fiscal_year(2028);
  town.budget = town.ledger.Open(open)->budget_id();
  EXPECT_EQ(Reason(town.Appropriate("2026-12-31")), "EFFECTIVE_DATE_AHEAD");
  EXPECT_EQ(Reason(town.Appropriate("2026-04-01")), "EFFECTIVE_DATE_TOO_EARLY");
  EXPECT_TRUE(town.Appropriate("").ok());
}

TEST(EffectiveDates, AnotherDayIsAnotherRequest) {
  Town town;
  auto request = AppropriateRequestOf(town.budget, 10);
  request.set_effective_date("2026-01-02");
  const auto first = town.ledger.Appropriate(request);
  bool replayed = false;
  const auto again = town.ledger.Appropriate(request, &replayed);
  EXPECT_TRUE(replayed);
  EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());
  request.set_effective_date("2026-01-03");
  EXPECT_EQ(Reason(town.ledger.Appropriate(request)), "REQUEST_ID_REUSED");
  request.clear_effective_date();
  EXPECT_EQ(Reason(town.ledger.Appropriate(request)), "REQUEST_ID_REUSED");
}

// Sent many times at once around midnight: one effect, and one day.
TEST(EffectiveDates, OneRequestSentManyTimesAtOnceHasOneDay) {
  Town town;
  auto request = AppropriateRequestOf(town.budget, 10);
  request.set_effective_date("2026-04-02");
  const int64_t before = town.Newest().seq();
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] { EXPECT_TRUE(town.ledger.Appropriate(request).ok()); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(town.Newest().seq(), before + 1);
  EXPECT_EQ(town.Newest().effective_date(), "2026-04-02");
}

// ── What the schema itself refuses, and what the verifier finds ────────────────────────────────

TEST(EffectiveDateSchema, NothingHappensAfterItIsRecordedAndOnlyWhatPeopleRecordHasADay) {
  Town town;
  const auto stopped = [&](const std::string& type, const std::string& day) {
    return pg::ConstraintOf(town.ledger.database().Sql(
        absl::StrCat("BEGIN; INSERT INTO ledger.entry (budget_id, seq, prev_seq, prev_hash, "
                     "canonical, hash, type,"
                     " period_no, recorded_at, request_id, actor, decision_ref, effective_date)"
                     " SELECT budget_id, seq + 1, seq, hash, '', sha256(hash), ",
                     type, ", period_no, recorded_at, gen_random_uuid(), actor, '', '", day,
                     "' FROM ledger.entry WHERE seq = 3; COMMIT")));
  };
  EXPECT_EQ(stopped("1", "2026-04-03"), "entry_effective_date_not_ahead");
  EXPECT_EQ(stopped("2", "2026-04-02"), "entry_effective_date_of_step");
  EXPECT_EQ(stopped("1", "2026-04-02"), "");
}

TEST(EffectiveDateSchema, WhatWasChangedIsFound) {
  const std::pair<const char*, const char*> tampering[] = {
      {"UPDATE ledger.entry SET effective_date = '2026-02-02' WHERE seq = 4",
       "its canonical bytes are not what its columns and postings say"},
      {"UPDATE ledger.entry SET effective_date = NULL WHERE seq = 4",
       "its canonical bytes are not what its columns and postings say"},
      {"UPDATE ledger.entry SET effective_date = '2026-02-02' WHERE seq = 1",
       "its canonical bytes are not what its columns and postings say"},
      {"UPDATE ledger.entry SET effective_date = '2024-12-31' WHERE seq = 4",
       "says that it happened on a day it cannot"},
      {"UPDATE ledger.entry SET effective_date = '2026-02-02' WHERE seq = 2",
       "says that it happened on a day it cannot"},
      {"ALTER TABLE ledger.entry DROP CONSTRAINT entry_effective_date_not_ahead;"
       "UPDATE ledger.entry SET effective_date = '2026-04-03' WHERE seq = 4",
       "says that it happened after it was recorded"}};
  for (const auto& [sql, finding] : tampering) {
    Town town;
    ASSERT_TRUE(town.Appropriate("2026-01-02").ok());
    ASSERT_THAT(town.ledger.Findings(), IsEmpty());
    ASSERT_TRUE(town.ledger.database()
                    .Sql(absl::StrCat("SET session_replication_role = replica;", sql))
                    .ok())
        << sql;
    EXPECT_THAT(town.ledger.Findings(), Contains(HasSubstr(finding))) << sql;
  }
}

}  // namespace
}  // namespace smederij::ledger
