#include "services/ledger/domain/books.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/error.h"
#include "services/ledger/domain/audit.h"

namespace smederij::ledger {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

const DistrictId kDistrict(*Uuid::Parse("11111111-1111-4111-8111-111111111111"));
const MunicipalityId kTown(*Uuid::Parse("22222222-2222-4222-8222-222222222222"));
const RoundId kRound(*Uuid::Parse("33333333-3333-4333-8333-333333333333"));
const PlanId kSwing(*Uuid::Parse("44444444-4444-4444-8444-444444444444"));
const PlanId kBench(*Uuid::Parse("55555555-5555-4555-8555-555555555555"));

Books EmptyBooks() {
  Books books;
  books.now = absl::FromUnixSeconds(1'767'225'600);  // 2026-01-01 00:00:00 UTC
  books.today = absl::CivilDay(2026, 1, 1);
  books.currencies = {"EUR"};
  return books;
}

Command Of(auto what) {
  return {.request = RequestId::Random(), .actor = "service:test", .what = std::move(what)};
}

absl::StatusOr<Effect> Do(Books& books, const Command& command) {
  absl::StatusOr<Effect> effect = Decide(books, command);
  if (effect.ok()) Apply(command, *effect, books);
  return effect;
}

BudgetId Opened(Books& books, const char* fund = "general") {
  const auto effect = Do(books, Of(OpenBudget{kTown, kDistrict, fund, 2026, "EUR"}));
  return effect.value().opened.front().id;
}

Money Euro(int64_t euro) { return Money::Cents(euro * 100); }

Money Balance(const Books& books, BudgetId budget, const AccountKey& key) {
  return books.by_budget.at(budget).accounts.at(key).balance();
}

std::string Reason(const absl::StatusOr<Effect>& effect) { return ReasonOf(effect.status()); }

TEST(Books, EachCommandSeesWhatTheOnesBeforeItLeft) {
  Books books = EmptyBooks();
  const BudgetId budget = Opened(books);
  EXPECT_EQ(Reason(Do(books, Of(HoldPot{budget, kRound, Euro(10), "d"}))), "INSUFFICIENT_FUNDS");
  ASSERT_TRUE(Do(books, Of(Appropriate{budget, "municipality", Euro(10), "d"})).ok());
  ASSERT_TRUE(Do(books, Of(HoldPot{budget, kRound, Euro(10), "d"})).ok());
  EXPECT_EQ(Reason(Do(books, Of(HoldPot{budget, RoundId::Random(), Money::Cents(1), "d"}))),
            "INSUFFICIENT_FUNDS");
  ASSERT_TRUE(Do(books, Of(ReserveAwards{kRound, 1, {{kSwing, budget, Euro(7)}}})).ok());
  EXPECT_EQ(Reason(Do(books, Of(ReserveAwards{kRound, 2, {{kBench, budget, Euro(4)}}}))),
            "INSUFFICIENT_FUNDS");
  ASSERT_TRUE(Do(books, Of(ReserveAwards{kRound, 2, {{kBench, budget, Euro(3)}}})).ok());
  EXPECT_EQ(Balance(books, budget, Pot(kRound)), Money());
  EXPECT_EQ(Balance(books, budget, Reserved(kSwing)), Euro(7));
  EXPECT_EQ(Balance(books, budget, Source("municipality")), Euro(-10));
}

TEST(Books, ARefusalChangesNothing) {
  Books books = EmptyBooks();
  const BudgetId budget = Opened(books);
  ASSERT_TRUE(Do(books, Of(Appropriate{budget, "municipality", Euro(10), "d"})).ok());
  const Hash before = books.by_budget.at(budget).head_hash;
  const int64_t accounts = books.by_budget.at(budget).account_count;
  EXPECT_FALSE(Do(books, Of(HoldPot{budget, kRound, Euro(11), "d"})).ok());
  EXPECT_EQ(books.by_budget.at(budget).head_hash, before);
  EXPECT_EQ(books.by_budget.at(budget).account_count, accounts);
  EXPECT_FALSE(books.by_budget.at(budget).accounts.contains(Pot(kRound)));
}

TEST(Books, AwardsOverSeveralBudgetsShareALinkAndStandOrFallTogether) {
  Books books = EmptyBooks();
  const BudgetId general = Opened(books), green = Opened(books, "green");
  for (const BudgetId budget : {general, green}) {
    ASSERT_TRUE(Do(books, Of(Appropriate{budget, "municipality", Euro(10), "d"})).ok());
    ASSERT_TRUE(Do(books, Of(HoldPot{budget, kRound, Euro(5), "d"})).ok());
  }
  const std::vector<AwardLine> too_much = {{kSwing, general, Euro(5)}, {kSwing, green, Euro(6)}};
  EXPECT_EQ(Reason(Do(books, Of(ReserveAwards{kRound, 1, too_much}))), "INSUFFICIENT_FUNDS");
  EXPECT_EQ(Balance(books, general, Pot(kRound)), Euro(5));
  const Command fits =
      Of(ReserveAwards{kRound, 1, {{kSwing, general, Euro(5)}, {kSwing, green, Euro(4)}}});
  const auto effect = Do(books, fits);
  ASSERT_TRUE(effect.ok());
  ASSERT_THAT(effect->entries, SizeIs(2));
  EXPECT_LT(effect->entries[0].budget, effect->entries[1].budget);
  EXPECT_EQ(effect->entries[0].link, fits.request.uuid());
  EXPECT_EQ(effect->entries[1].link, fits.request.uuid());
}

TEST(Books, ReleasingAnEmptyPotDoesNothing) {
  Books books = EmptyBooks();
  const BudgetId budget = Opened(books);
  ASSERT_TRUE(Do(books, Of(Appropriate{budget, "municipality", Euro(10), "d"})).ok());
  ASSERT_TRUE(Do(books, Of(HoldPot{budget, kRound, Euro(5), "d"})).ok());
  ASSERT_THAT(Do(books, Of(ReleasePot{budget, kRound}))->entries, SizeIs(1));
  EXPECT_THAT(Do(books, Of(ReleasePot{budget, kRound}))->entries, IsEmpty());
  EXPECT_EQ(books.by_budget.at(budget).head_seq, 3);
  EXPECT_EQ(Reason(Do(books, Of(HoldPot{budget, kRound, Euro(5), "d"}))), "POT_EXISTS");
}

TEST(Books, ABudgetHoldsAtMostTheLargestAmount) {
  Books books = EmptyBooks();
  const BudgetId budget = Opened(books);
  const Money most = Money::Cents(Money::kCentsMax);
  ASSERT_TRUE(Do(books, Of(Appropriate{budget, "a", most - Money::Cents(1), "d"})).ok());
  EXPECT_EQ(Reason(Do(books, Of(Appropriate{budget, "b", Money::Cents(2), "d"}))), "BUDGET_FULL");
  EXPECT_TRUE(Do(books, Of(Appropriate{budget, "b", Money::Cents(1), "d"})).ok());
}

TEST(Books, WhatTheyDoPassesTheAuditAndAnEditedEntryDoesNot) {
  Books books = EmptyBooks();
  const Command open = Of(OpenBudget{kTown, kDistrict, "general", 2026, "EUR"});
  const Budget budget = Do(books, open)->opened.front();
  std::vector<Entry> entries;
  for (const Command& command :
       {Of(Appropriate{budget.id, "municipality", Euro(10), "d"}),
        Of(HoldPot{budget.id, kRound, Euro(8), "d"}),
        Of(ReserveAwards{kRound, 1, {{kSwing, budget.id, Euro(3)}, {kBench, budget.id, Euro(2)}}}),
        Of(ReleasePot{budget.id, kRound})}) {
    entries.push_back(Do(books, command)->entries.front());
  }
  const auto audit = [&](const std::vector<Entry>& read) {
    const std::string opening = CanonicalOpening(budget);
    Audit result(budget, opening, OpeningHash(opening));
    for (const Entry& entry : read) {
      result.Read(entry, Canonical(entry),
                  std::vector<EntryType>(entry.postings.size(), entry.type));
    }
    const Book& book = books.by_budget.at(budget.id);
    Standing standing{.head_seq = book.head_seq,
                      .head_hash = book.head_hash,
                      .account_count = book.account_count,
                      .appropriated = book.appropriated,
                      .accounts = {}};
    for (const auto& [key, account] : book.accounts) standing.accounts.push_back(account);
    result.Close(standing);
    return result.findings().size();
  };
  EXPECT_EQ(audit(entries), 0u);
  std::vector<Entry> edited = entries;
  edited[2].postings[0].amount += Money::Cents(1);
  EXPECT_GT(audit(edited), 0u);
  edited = entries;
  edited[1].decision_ref = "another";
  EXPECT_GT(audit(edited), 0u);
  edited = entries;
  edited.pop_back();
  EXPECT_GT(audit(edited), 0u);
  edited = entries;
  std::swap(edited[1], edited[2]);
  EXPECT_GT(audit(edited), 0u);
}

TEST(Budget, ItsIdFollowsFromWhatItIs) {
  const BudgetId id = IdOfBudget(kDistrict, "general", 2026, "EUR");
  EXPECT_EQ(id, IdOfBudget(kDistrict, "general", 2026, "EUR"));
  EXPECT_NE(id, IdOfBudget(kDistrict, "general", 2027, "EUR"));
  EXPECT_NE(id, IdOfBudget(kDistrict, "green", 2026, "EUR"));
  EXPECT_NE(id, IdOfBudget(DistrictId::Random(), "general", 2026, "EUR"));
}

TEST(Budget, ThePeriodsAreTheYearsMonthsWithoutGaps) {
  const auto periods = PeriodsOf(2028);
  EXPECT_EQ(periods[0].first, absl::CivilDay(2028, 1, 1));
  EXPECT_EQ(periods[1].last, absl::CivilDay(2028, 2, 29));
  EXPECT_EQ(periods[11].last, absl::CivilDay(2028, 12, 31));
  for (size_t i = 1; i < 12; ++i) EXPECT_EQ(periods[i].first, periods[i - 1].last + 1);
}

TEST(Budget, WhatIsRecordedOutsideTheYearGoesToItsNearestMonth) {
  EXPECT_EQ(PeriodFor(2026, absl::CivilDay(2025, 11, 5)), 1);
  EXPECT_EQ(PeriodFor(2026, absl::CivilDay(2026, 1, 1)), 1);
  EXPECT_EQ(PeriodFor(2026, absl::CivilDay(2026, 7, 31)), 7);
  EXPECT_EQ(PeriodFor(2026, absl::CivilDay(2026, 12, 31)), 12);
  EXPECT_EQ(PeriodFor(2026, absl::CivilDay(2027, 1, 1)), 12);
}

}  // namespace
}  // namespace smederij::ledger
