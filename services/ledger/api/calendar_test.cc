// To the instant: which month takes an entry, when a year is over, when an objection term is, also
// in the nights in which Amsterdam's clocks go forward or back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/error.h"
#include "services/ledger/api/ledger_api.h"
#include "services/ledger/api/writer.h"
#include "services/ledger/testing/test_spending.h"

namespace smederij::ledger {
namespace {

using ::testing::IsEmpty;

template <class T>
std::string Reason(const absl::StatusOr<T>& result) {
  return ReasonOf(result.status());
}

absl::Time Utc(absl::string_view text) {
  absl::Time time;
  std::string error;
  CHECK(absl::ParseTime(absl::RFC3339_full, text, &time, &error));
  return time;
}

struct Years {
  TestSpending ledger;
  std::string district = NewId();

  std::string Opened(int year) {
    auto request = OpenRequest(district);
    request.set_fiscal_year(year);
    return ledger.Open(request)->budget_id();
  }
  // Of the month that takes what is posted to `budget` at `time`.
  int MonthAt(const std::string& budget, absl::Time time) {
    ledger.clock().Stop(time);
    const auto posted = ledger.Appropriate(AppropriateRequestOf(budget, 100));
    CHECK(posted.ok());
    const auto entries = ledger.Entries(budget, 500);
    const v1::Entry& newest = *entries->entries().rbegin();
    CHECK(newest.record_time().seconds() == absl::ToUnixSeconds(time));
    return newest.period_no();
  }
};

TEST(Calendar, AMonthEndsAtMidnightInAmsterdamInSummerAndInWinter) {
  Years years;
  const std::string budget = years.Opened(2026);
  const std::tuple<const char*, const char*, int> ends[] = {
      {"2026-01-31T22:59:59.999Z", "2026-01-31T23:00:00Z", 1},
      {"2026-03-31T21:59:59.999Z", "2026-03-31T22:00:00Z", 3},  // Summer time since two days,
      {"2026-06-30T21:59:59.999Z", "2026-06-30T22:00:00Z", 6},
      {"2026-10-31T22:59:59.999Z", "2026-10-31T23:00:00Z", 10},  // and winter time since six.
      {"2026-11-30T22:59:59.999Z", "2026-11-30T23:00:00Z", 11}};
  for (const auto& [last, next, month] : ends) {
    EXPECT_EQ(years.MonthAt(budget, Utc(last)), month) << last;
    EXPECT_EQ(years.MonthAt(budget, Utc(next)), month + 1) << next;
  }
  const std::string leap = years.Opened(2028);
  EXPECT_EQ(years.MonthAt(leap, InAmsterdam("2028-02-29T23:59:59.999")), 2);
  EXPECT_EQ(years.MonthAt(leap, InAmsterdam("2028-03-01T00:00:00")), 3);
  EXPECT_THAT(years.ledger.Findings(), IsEmpty());
}

TEST(Calendar, OutsideTheYearItIsTheFirstMonthOrTheLast) {
  Years years;
  const std::string old = years.Opened(2026), next = years.Opened(2027);
  for (const char* time : {"2026-12-31T22:59:59.999Z", "2026-12-31T23:00:00Z"}) {
    EXPECT_EQ(years.MonthAt(old, Utc(time)), 12);
    EXPECT_EQ(years.MonthAt(next, Utc(time)), 1);
  }
  EXPECT_THAT(years.ledger.Findings(), IsEmpty());
}

TEST(Calendar, AYearIsOverAtMidnightInAmsterdam) {
  Years years;
  v1::CarryOver request;
  request.set_from_budget_id(years.Opened(2026));
  request.set_to_budget_id(years.Opened(2027));
  request.set_rest(v1::CarryOver::REST_CARRY);
  request.set_decision_ref("council 2027-1");
  const auto carried_at = [&](const char* time) {
    years.ledger.clock().Stop(InAmsterdam(time));
    return Reason(years.ledger.CarryOver(request));
  };
  EXPECT_EQ(carried_at("2026-12-31T23:59:59.999"), "YEAR_NOT_OVER");
  EXPECT_EQ(carried_at("2027-01-01T00:00:00"), "");
  EXPECT_THAT(years.ledger.Findings(), IsEmpty());
}

// A day of 23 hours and one of 25: who counted in hours would pay an hour early or late.
TEST(Calendar, AnObjectionTermEndsAtMidnightAlsoWhenTheClocksWereChanged) {
  const std::tuple<const char*, const char*, const char*> nights[] = {
      {"2026-03-30", "2026-03-29T21:59:59.999Z", "2026-03-29T22:00:00Z"},
      {"2026-10-26", "2026-10-25T22:59:59.999Z", "2026-10-25T23:00:00Z"},
      {"2027-01-01", "2026-12-31T22:59:59.999Z", "2026-12-31T23:00:00Z"}};
  for (const auto& [day, last, first] : nights) {
    TestSpending ledger;
    const std::string plan = NewId(), budget = ledger.Awarded(plan, 100);
    auto request = ledger.CommitRequest(budget, plan, 100);
    request.set_payable_from(day);
    const std::string commitment = ledger.Commit(request)->commitment_id();
    const std::string payment =
        ledger.Request(ledger.PaymentRequest(budget, commitment, 100, "invoice"))->payment_id();
    ASSERT_TRUE(ledger.Approve(budget, payment, ledger.approver()).ok());
    ledger.clock().Stop(Utc(last));
    EXPECT_EQ(Reason(ledger.Instruct(budget, payment, "bank 1")), "OBJECTION_TERM_RUNNING") << day;
    ledger.clock().Stop(Utc(first));
    EXPECT_EQ(Reason(ledger.Instruct(budget, payment, "bank 1")), "") << day;
  }
}

// The hour that comes twice: two entries of one time on the wall, an hour apart, in their order.
TEST(Calendar, TheHourThatComesTwiceIsOneMonthAndTwoTimes) {
  Years years;
  const std::string budget = years.Opened(2026);
  EXPECT_EQ(years.MonthAt(budget, Utc("2026-10-25T00:30:00Z")), 10);
  EXPECT_EQ(years.MonthAt(budget, Utc("2026-10-25T01:30:00Z")), 10);
  const auto entries = years.ledger.Entries(budget);
  EXPECT_EQ(
      entries->entries(1).record_time().seconds() - entries->entries(0).record_time().seconds(),
      3600);
  EXPECT_EQ(years.MonthAt(budget, Utc("2026-03-29T01:00:00Z")), 3);  // 02:00 that does not come.
  EXPECT_THAT(years.ledger.Findings(), IsEmpty());
}

// What gives no clock goes by the database's: its entries are of now, by the computer's time.
TEST(Calendar, WithoutAClockOfATestItIsTheDatabases) {
  TestLedger ledger;
  const std::string budget = ledger.BudgetOf(100);
  ledger.clock().Stop(InAmsterdam("2020-02-03T04:05:06"));
  pg::Pool pool({.conninfo = ledger.database().app(), .size = 4});
  pg::Pool books({.conninfo = ledger.database().app(), .size = 1});
  obs::Registry metrics;
  Writer writer(books, nullptr, metrics);
  Places places(pool);
  LedgerApi api(pool, writer, places);
  testing::TestServer second("ledger", [&](rpc::Router& router) { api.Mount(router); });
  const absl::Time before = absl::Now();
  ASSERT_TRUE(
      second.Ask(&Stub::HoldPot, HoldRequest(budget, NewId(), 10), TestLedger::Proposals()).ok());
  const auto entries = ledger.Entries(budget);
  const absl::Time recorded = absl::FromUnixSeconds(entries->entries(1).record_time().seconds());
  EXPECT_GE(recorded, before - absl::Seconds(3));
  EXPECT_LE(recorded, absl::Now() + absl::Seconds(2));
}

}  // namespace
}  // namespace smederij::ledger
