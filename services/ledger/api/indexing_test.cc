// A new year's appropriations, taken over from the year before at a rate.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <limits>
#include <map>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/pg/sqlstate.h"
#include "services/ledger/domain/indexings.h"
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

// Two years of a district: in the first 1,000.01 of the town's and 333.33 of a corporation's.
struct Years {
  TestSpending ledger;
  std::string district = NewId(), first = Opened(2026), second = Opened(2027);

  Years() {
    Give(first, "municipality", 1'000'01);
    Give(first, "corporation", 333'33);
  }
  std::string Opened(int year, const std::string& fund = "general") {
    auto request = OpenRequest(district);
    request.set_fiscal_year(year);
    request.set_fund(fund);
    return ledger.Open(request)->budget_id();
  }
  int64_t Give(const std::string& budget, const std::string& source, int64_t cents) {
    auto request = AppropriateRequestOf(budget, cents);
    request.set_source(source);
    const auto posted = ledger.Appropriate(request);
    CHECK(posted.ok());
    return posted->seq();
  }
  v1::IndexAppropriationsRequest Request(int32_t rate) const {
    v1::IndexAppropriationsRequest request;
    request.set_request_id(NewId());
    request.set_budget_id(second);
    request.set_from_budget_id(first);
    request.set_rate_basis_points(rate);
    request.set_decision_ref("programme budget 2027");
    return request;
  }
  absl::StatusOr<v1::Posted> Index(const v1::IndexAppropriationsRequest& request,
                                   bool* replayed = nullptr) {
    return ledger.server().Ask(&BooksStub::IndexAppropriations, request, ledger.Treasurer(),
                               replayed);
  }
  absl::StatusOr<v1::Posted> Index(int32_t rate) { return Index(Request(rate)); }
  int64_t Promised(const std::string& budget, const std::string& source) {
    return -ledger.Balance(budget, v1::ACCOUNT_KIND_SOURCE, source);
  }
  void TakeBack(const std::string& budget, int64_t seq) {
    const auto proposed = ledger.ProposeReversal(ReversalRequest(budget, seq), ledger.treasurer());
    ASSERT_TRUE(proposed.ok()) << proposed.status();
    const auto decided =
        ledger.DecideReversal(budget, proposed->reversal_id(), true, ledger.colleague());
    ASSERT_TRUE(decided.ok()) << decided.status();
  }
};

TEST(IndexAppropriations, AppropriatesEverySourceAgainAtTheRateInOneEntry) {
  Years years;
  const auto posted = years.Index(230);
  ASSERT_TRUE(posted.ok()) << posted.status();
  EXPECT_EQ(posted->seq(), 1);
  EXPECT_EQ(years.Promised(years.second, "municipality"), 1'023'01);  // 1,023.0102…
  EXPECT_EQ(years.Promised(years.second, "corporation"), 341'00);     // 340.9966…
  EXPECT_EQ(years.ledger.Get(years.second)->available_cents(), 1'364'01);
  EXPECT_EQ(years.ledger.Get(years.second)->appropriated_cents(), 1'364'01);
  const auto entries = years.ledger.Entries(years.second);
  ASSERT_EQ(entries->entries_size(), 1);
  const v1::Entry& entry = entries->entries(0);
  EXPECT_EQ(entry.type(), v1::ENTRY_TYPE_INDEX_APPROPRIATIONS);
  EXPECT_EQ(entry.postings_size(), 2);
  EXPECT_EQ(entry.decision_ref(), "programme budget 2027");
  EXPECT_EQ(entry.record_hash().size(), 32);
  EXPECT_EQ(years.ledger.Get(years.first)->head_seq(), 2);  // Nothing happens there.
  EXPECT_THAT(years.ledger.Findings(), IsEmpty());
}

TEST(IndexAppropriations, CountsWhatTheCouncilDecidedWhateverBecameOfIt) {
  Years years;
  TestSpending& ledger = years.ledger;
  years.TakeBack(years.first, years.Give(years.first, "corporation", 50'00));
  years.TakeBack(years.first, years.Give(years.first, "province", 9'00));  // All of it.
  // Spent, and what is left lapses: the sources promised it all the same.
  const std::string round = NewId(), plan = NewId();
  ASSERT_TRUE(ledger.Hold(HoldRequest(years.first, round, 100)).ok());
  ASSERT_TRUE(ledger.Reserve(ReserveRequest(round, 1, {{years.first, 100, plan}})).ok());
  ledger.clock().Set(InAmsterdam("2027-01-04T09:00:00"));
  v1::CarryOver carry;
  carry.set_from_budget_id(years.first);
  carry.set_to_budget_id(years.second);
  carry.set_rest(v1::CarryOver::REST_LAPSE);
  carry.set_decision_ref("council 2027-1");
  ASSERT_TRUE(ledger.CarryOver(carry).ok());
  EXPECT_LT(years.Promised(years.first, "municipality"), 1'000'01);
  const auto posted = years.Index(0);  // The old year is carried over, and read all the same.
  ASSERT_TRUE(posted.ok()) << posted.status();
  EXPECT_EQ(years.Promised(years.second, "municipality"), 1'000'01);
  EXPECT_EQ(years.Promised(years.second, "corporation"), 333'33);
  EXPECT_EQ(years.Promised(years.second, "province"), 0);
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

TEST(IndexAppropriations, YearAfterYearOnTopOfWhatIsThere) {
  Years years;
  years.Give(years.second, "province", 7'00);  // A source that the first year has not,
  years.Give(years.second, "municipality", 5'00);
  ASSERT_TRUE(years.Index(1'000).ok());
  EXPECT_EQ(years.Promised(years.second, "municipality"), 5'00 + 1'100'01);
  years.first = years.second;
  years.second = years.Opened(2028);
  ASSERT_TRUE(years.Index(-5'000).ok());
  EXPECT_EQ(years.Promised(years.second, "province"), 3'50);
  EXPECT_EQ(years.Promised(years.second, "municipality"), 552'51);  // 552.505
  EXPECT_EQ(years.Promised(years.second, "corporation"), 183'33);   // 183.33 of 366.66
  EXPECT_THAT(years.ledger.Findings(), IsEmpty());
}

TEST(IndexAppropriations, ItsEntryCanBeTakenBackAndIsNotMadeAgain) {
  Years years;
  ASSERT_TRUE(years.Index(230).ok());
  years.TakeBack(years.second, 1);
  EXPECT_EQ(years.ledger.Get(years.second)->appropriated_cents(), 0);
  EXPECT_EQ(Reason(years.Index(250)), "ALREADY_INDEXED");
  years.Give(years.second, "municipality", 1'025'01);  // By hand.
  years.first = years.second;
  years.second = years.Opened(2028);
  ASSERT_TRUE(years.Index(0).ok());
  EXPECT_EQ(years.ledger.Get(years.second)->appropriated_cents(), 1'025'01);
  EXPECT_THAT(years.ledger.Findings(), IsEmpty());
}

TEST(IndexAppropriations, HasADayOfItsOwn) {
  Years years;
  auto request = years.Request(230);
  request.set_effective_date("2026-06-30");
  ASSERT_TRUE(years.Index(request).ok());
  const v1::Entry entry = years.ledger.Entries(years.second)->entries(0);
  EXPECT_EQ(entry.effective_date(), "2026-06-30");
  EXPECT_EQ(entry.canonical().substr(0, 17), "smederij-entry-v3");
  EXPECT_THAT(years.ledger.Findings(), IsEmpty());
}

TEST(IndexAppropriations, ARepeatedRequestGetsTheFirstAnswer) {
  Years years;
  const auto request = years.Request(230);
  const auto first = years.Index(request);
  years.Give(years.first, "municipality", 1'00);  // Another sum by now.
  bool replayed = false;
  const auto again = years.Index(request, &replayed);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(replayed);
  EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());
  auto other = request;
  other.set_rate_basis_points(231);
  EXPECT_EQ(Reason(years.Index(other)), "REQUEST_ID_REUSED");
  EXPECT_THAT(years.ledger.Findings(), IsEmpty());  // As the year before stood then.
}

// Many at once, each with a request of its own, while the council goes on appropriating.
TEST(IndexAppropriations, OfManyAtOnceOneDoesIt) {
  Years years;
  std::atomic<int> done = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      if (i % 2 == 1) years.Give(years.first, absl::StrCat("source-", i), 10'00);
      const auto posted = years.Index(100 * i);
      if (posted.ok()) return static_cast<void>(++done);
      EXPECT_EQ(Reason(posted), "ALREADY_INDEXED");
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(done, 1);
  EXPECT_EQ(years.ledger.Get(years.second)->head_seq(), 1);
  EXPECT_THAT(years.ledger.Findings(), IsEmpty());
}

TEST(IndexAppropriationsRefusals, InOrder) {
  Years years;
  TestSpending& ledger = years.ledger;
  auto request = years.Request(kRateMin);
  const auto refused = [&] {
    request.set_request_id(NewId());
    return Reason(years.Index(request));
  };
  // From the last one to the first.
  const std::string full = years.Opened(2028);
  years.Give(full, "municipality", Money::kCentsMax);
  const std::string after = years.Opened(2029);
  request.set_budget_id(after);
  request.set_from_budget_id(full);
  request.set_rate_basis_points(1);
  EXPECT_EQ(refused(), "BUDGET_FULL");
  request.set_rate_basis_points(0);
  years.Give(after, "municipality", 1);
  EXPECT_EQ(refused(), "BUDGET_FULL");
  // Also when it is more than any budget holds.
  request.set_rate_basis_points(1);
  for (const int64_t limit : {Money::kCentsMax - 1, int64_t{1}}) {
    ledger.treasurer().grants = {{.role = policy::v1::ROLE_TREASURER, .limit_cents = limit}};
    EXPECT_EQ(refused(), "AMOUNT_OVER_LIMIT") << limit;
  }
  ledger.treasurer().grants = {{.role = policy::v1::ROLE_TREASURER, .limit_cents = 1'333'34 - 1}};
  request.set_rate_basis_points(0);
  EXPECT_EQ(refused(), "AMOUNT_OVER_LIMIT");
  request.set_rate_basis_points(kRateMin);
  EXPECT_EQ(refused(), "NOTHING_TO_INDEX");
  request = years.Request(0);
  EXPECT_EQ(refused(), "AMOUNT_OVER_LIMIT");
  ledger.treasurer().grants = {{.role = policy::v1::ROLE_TREASURER, .limit_cents = 1'333'34}};
  EXPECT_EQ(refused(), "");
  request.set_rate_basis_points(kRateMin);
  EXPECT_EQ(refused(), "ALREADY_INDEXED");
  request.set_effective_date("2025-12-31");
  EXPECT_EQ(refused(), "EFFECTIVE_DATE_TOO_EARLY");
  request.set_effective_date("2099-12-31");
  EXPECT_EQ(refused(), "EFFECTIVE_DATE_AHEAD");
  const auto tamper = [&](const std::string& sql) {
    ASSERT_TRUE(ledger.database().Sql(sql).ok()) << sql;
  };
  tamper(absl::StrCat("UPDATE ledger.period SET state = 'closing' WHERE budget_id = '",
                      years.second, "'"));
  EXPECT_EQ(refused(), "PERIOD_CLOSED");
  tamper(absl::StrCat("UPDATE ledger.budget SET state = 'closed' WHERE budget_id = '", years.second,
                      "'"));
  EXPECT_EQ(refused(), "BUDGET_CLOSED");
  tamper(absl::StrCat("INSERT INTO ledger.finding (budget_id, seq, what) VALUES ('", years.first,
                      "', 0, 'a test')"));
  EXPECT_EQ(refused(), "BUDGET_FROZEN");  // The year that is only read.
  for (const std::string& from :
       {years.second, full, years.Opened(2026, "trees"), years.Opened(2025)}) {
    request.set_from_budget_id(from);
    EXPECT_EQ(refused(), "BUDGETS_DO_NOT_FOLLOW");
  }
  request.set_from_budget_id(years.first);
  EXPECT_EQ(Reason(ledger.server().Ask(&BooksStub::IndexAppropriations, request,
                                       ledger.server().As(ledger.holder()))),
            "ROLE_NOT_HELD");
  testing::Person stranger;
  stranger.grants = {{.role = policy::v1::ROLE_TREASURER}};
  EXPECT_EQ(Reason(ledger.server().Ask(&BooksStub::IndexAppropriations, request,
                                       ledger.server().As(stranger))),
            "OTHER_MUNICIPALITY");
  request.set_from_budget_id(NewId());
  EXPECT_EQ(refused(), "BUDGET_NOT_FOUND");
  request.set_effective_date("2026-02-30");
  EXPECT_EQ(refused(), "BAD_DATE");
  request.set_decision_ref("");
  EXPECT_EQ(refused(), "BAD_TEXT");
  for (const int32_t rate : {kRateMin - 1, kRateMax + 1, std::numeric_limits<int32_t>::min(),
                             std::numeric_limits<int32_t>::max()}) {
    request.set_rate_basis_points(rate);
    EXPECT_EQ(refused(), "OUT_OF_RANGE");
  }
  request.set_from_budget_id("x");
  EXPECT_EQ(refused(), "BAD_ID");
}

TEST(IndexAppropriationsRefusals, ConditionalMoneyIsOfAnotherPurpose) {
  Years years;
  const auto opened = [&](int year, const std::string& category) {
    auto request = OpenRequest(years.district);
    request.set_fiscal_year(year);
    request.set_fund("trees");
    request.mutable_condition()->set_category(category);
    request.mutable_condition()->set_deadline(absl::StrCat(year, "-12-31"));
    return years.ledger.Open(request)->budget_id();
  };
  years.first = opened(2026, "green");
  years.Give(years.first, "corporation", 100);
  years.second = opened(2027, "play");
  EXPECT_EQ(Reason(years.Index(0)), "BUDGETS_DO_NOT_FOLLOW");
  years.first = opened(2028, "green");
  years.Give(years.first, "corporation", 100);
  years.second = opened(2029, "green");
  EXPECT_TRUE(years.Index(0).ok());
  EXPECT_THAT(years.ledger.Findings(), IsEmpty());
}

// ── What the schema itself refuses, and what the verifier finds ────────────────────────────────

TEST(IndexingSchema, ABudgetIsIndexedOnceAndItStays) {
  Years years;
  ASSERT_TRUE(years.Index(230).ok());
  const auto stopped = [&](const std::string& sql) {
    return pg::ConstraintOf(years.ledger.database().Sql("BEGIN;" + sql + ";COMMIT"));
  };
  const std::string insert = "INSERT INTO ledger.indexing SELECT ";
  EXPECT_EQ(stopped(insert + "budget_id, from_budget_id, 0, 1, 1 FROM ledger.indexing"),
            "indexing_once_per_budget");
  EXPECT_EQ(stopped(insert + "from_budget_id, from_budget_id, 0, 1, 1 FROM ledger.indexing"),
            "indexing_of_another");
  EXPECT_EQ(stopped(insert + "from_budget_id, budget_id, 10001, 1, 1 FROM ledger.indexing"),
            "indexing_rate_range");
  EXPECT_EQ(stopped(insert + "from_budget_id, budget_id, 0, 9, 1 FROM ledger.indexing"),
            "indexing_from_entry");
  EXPECT_EQ(stopped(insert + "from_budget_id, budget_id, 0, 1, 9 FROM ledger.indexing"),
            "indexing_entry");
  EXPECT_EQ(stopped("UPDATE ledger.indexing SET rate = 0"), "indexing_append_only");
  EXPECT_EQ(stopped("DELETE FROM ledger.indexing"), "indexing_append_only");
}

TEST(IndexingSchema, WhatWasChangedIsFound) {
  const std::pair<const char*, const char*> tampering[] = {
      {"UPDATE ledger.indexing SET rate = 231", "what it rests on is not what it says"},
      {"UPDATE ledger.indexing SET rate = 231",
       "is not what was appropriated the year before, at its rate"},
      {"UPDATE ledger.indexing SET from_seq = 1", "what it rests on is not what it says"},
      {"UPDATE ledger.indexing SET from_seq = 1",
       "is not what was appropriated the year before, at its rate"},
      {"DELETE FROM ledger.indexing", "what it rests on is not there"},
      {"UPDATE ledger.posting SET amount = amount + 1 WHERE type = 18",
       "is not what was appropriated the year before, at its rate"},
      {"UPDATE ledger.posting SET amount = amount + 100 WHERE type = 1 AND seq = 1",
       "is not what was appropriated the year before, at its rate"}};
  for (const auto& [sql, finding] : tampering) {
    Years years;
    ASSERT_TRUE(years.Index(230).ok());
    ASSERT_THAT(years.ledger.Findings(), IsEmpty());
    ASSERT_TRUE(years.ledger.database()
                    .Sql(absl::StrCat("SET session_replication_role = replica;", sql))
                    .ok())
        << sql;
    EXPECT_THAT(years.ledger.Findings(), Contains(HasSubstr(finding))) << sql;
  }
}

}  // namespace
}  // namespace smederij::ledger
