#include "services/ledger/domain/sources.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/error.h"
#include "services/ledger/domain/audit.h"

namespace smederij::ledger {
namespace {

using ::testing::_;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

const DistrictId kDistrict(*Uuid::Parse("11111111-1111-4111-8111-111111111111"));
const MunicipalityId kTown(*Uuid::Parse("22222222-2222-4222-8222-222222222222"));

Money Cents(int64_t cents) { return Money::Cents(cents); }

Money Sum(const BySource& of) {
  Money sum;
  for (const auto& [source, amount] : of) sum += amount;
  return sum;
}

Book BookOf(const std::vector<std::pair<AccountKey, int64_t>>& balances) {
  Book book;
  for (const auto& [key, cents] : balances) {
    Account account{.no = static_cast<int64_t>(book.accounts.size() + 1), .key = key};
    (cents < 0 ? account.debits : account.credits) = Cents(std::abs(cents));
    book.accounts.emplace(key, account);
  }
  return book;
}

TEST(LeftOf, IsWhatASourceGaveLessWhatWentOverAndBack) {
  const Book book = BookOf({{Source("town"), -1'000},
                            {Source("corporation"), -500},
                            {CarriedIn("corporation"), -70},
                            {CarriedIn("province"), -30},
                            {CarriedOut("town"), 300},
                            {CarriedOut("corporation"), 120},
                            {Available(), 1'180}});
  EXPECT_THAT(LeftOf(book), ElementsAre(Pair("corporation", Cents(450)),
                                        Pair("province", Cents(30)), Pair("town", Cents(700))));
}

TEST(LeftOf, WhatWentOverBeforeItWasToldBySourceWasEverybodys) {
  const Book book = BookOf({{Source("town"), -1'000},
                            {Source("corporation"), -500},
                            {CarriedIn("last"), -300},
                            {CarriedOut("next"), 600},
                            {CarriedOut("town"), 100},
                            {Available(), 1'100}});
  // 600 of 900, 500 and 300.
  EXPECT_THAT(LeftOf(book), ElementsAre(Pair("corporation", Cents(324)), Pair("last", Cents(194)),
                                        Pair("next", Cents(0)), Pair("town", Cents(582))));
}

TEST(ToSources, FirstForWhatCameOver) {
  const Book book = BookOf({{Source("town"), -10}, {CarriedIn("town"), -3}, {CarriedIn("x"), -5}});
  std::vector<std::pair<AccountKey, Money>> to;
  for (const Move& move : ToSources(book, {{"town", Cents(7)}, {"x", Cents(5)}})) {
    EXPECT_EQ(move.from, Available());
    to.emplace_back(move.to, move.amount);
  }
  EXPECT_THAT(to, ElementsAre(Pair(CarriedIn("town"), Cents(3)), Pair(Source("town"), Cents(4)),
                              Pair(CarriedIn("x"), Cents(5))));
}

TEST(TakeFrom, NoSourceGivesMoreThanIsLeftOfIt) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  std::mt19937_64 random(seed);
  for (int i = 0; i < 2'000; ++i) {
    // Of all sizes: some of a few cents beside some of billions, and some of nothing.
    BySource left;
    for (uint64_t source = 0; source < 1 + random() % 8; ++source) {
      const uint64_t most = uint64_t{1} << (random() % 46);
      left[absl::StrCat(source)] = Cents(static_cast<int64_t>(random() % most));
    }
    const BySource before = left;
    // All of it, one cent less, or anything.
    const auto held = static_cast<uint64_t>(Sum(left).cents());
    const uint64_t total = random() % 3 == 0 ? held : held - std::min<uint64_t>(held, 1);
    const Money sum =
        Cents(static_cast<int64_t>(random() % 2 == 0 ? total : random() % (held + 1)));
    const BySource taken = TakeFrom(left, sum);
    ASSERT_EQ(Sum(taken), sum);
    for (const auto& [source, amount] : taken) {
      ASSERT_GT(amount, Money());
      ASSERT_LE(amount, before.at(source));
    }
    for (const auto& [source, amount] : before) {
      const auto of = taken.find(source);
      ASSERT_EQ(left.at(source), of == taken.end() ? amount : amount - of->second);
    }
  }
}

TEST(Slices, AreAsManyAsAccountsAndSourcesLessOneAtMost) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  std::mt19937_64 random(seed);
  for (int i = 0; i < 500; ++i) {
    std::vector<Money> accounts;
    BySource parts;
    Money left;
    for (uint64_t n = 0; n < 1 + random() % 10; ++n) {
      accounts.push_back(Cents(static_cast<int64_t>(1 + random() % 1'000)));
      left += accounts.back();
    }
    for (uint64_t n = 0; n < 5 && left > Money(); ++n) {
      const Money part =
          n == 4 ? left : std::min(left, Cents(static_cast<int64_t>(1 + random() % 1'000)));
      parts[absl::StrCat(n)] = part;
      left -= part;
    }
    Slices slices(parts);
    size_t moves = 0;
    BySource given;
    for (const Money account : accounts) {
      Money sum;
      for (const auto& [source, amount] : slices.Next(account)) {
        EXPECT_GT(amount, Money());
        sum += amount;
        given[source] += amount;
        ++moves;
      }
      EXPECT_EQ(sum, account);
    }
    EXPECT_EQ(given, parts);
    EXPECT_LE(moves, accounts.size() + parts.size() - 1);
  }
}

// ── Three years of a district ──────────────────────────────────────────────────────────────────

Command Of(auto what) {
  return {.request = RequestId::Random(),
          .actor = "service:test",
          .person = SubjectId::Random(),
          .what = std::move(what)};
}

// Long after all of them.
struct District {
  Books books;
  std::vector<BudgetId> years;
  std::map<BudgetId, std::vector<Entry>> entries;

  District() {
    books.now = absl::FromUnixSeconds(1'767'225'600);  // 2026-01-01 00:00:00 UTC
    books.today = absl::CivilDay(2026, 1, 1);
    books.currencies = {"EUR"};
    for (const int32_t year : {2020, 2021, 2022, 2023}) {
      const auto opened = Do(OpenBudget{kTown, kDistrict, "general", year, "EUR"});
      years.push_back(opened.value().opened.front().id);
    }
  }
  absl::StatusOr<Effect> Do(auto what) {
    const Command command = Of(std::move(what));
    absl::StatusOr<Effect> effect = Decide(books, command);
    if (!effect.ok()) return effect;
    Apply(command, *effect, books);
    for (const Entry& entry : effect->entries) entries[entry.budget].push_back(entry);
    return effect;
  }
  // By two people.
  absl::StatusOr<Effect> HandOver(const CarryOver& carry) {
    const absl::StatusOr<Effect> proposed = Do(ProposeHandover{carry});
    if (!proposed.ok()) return proposed;
    return Do(DecideHandover{.budget = carry.from,
                             .handover = proposed->handovers.front().id,
                             .accept = true,
                             .limit = Cents(Money::kCentsMax),
                             .what = carry});
  }
  void Give(size_t year, const std::string& source, int64_t cents) {
    const auto given = Do(Appropriate{years[year], source, Cents(cents), "d"});
    CHECK(given.ok());
  }
  absl::StatusOr<Effect> CarryAll(size_t year, CarryOver::Rest rest) {
    return HandOver(CarryOver{.from = years[year],
                              .to = years[year + 1],
                              .plans = {},
                              .whole = true,
                              .rest = rest,
                              .decision_ref = "d"});
  }
  const Book& book(size_t year) const { return books.by_budget.at(years[year]); }

  std::vector<std::string> Findings(size_t year) const {
    const Book& book = books.by_budget.at(years[year]);
    const std::string opening = CanonicalOpening(book.budget);
    Audit audit(book.budget, opening, OpeningHash(opening));
    if (entries.contains(years[year])) {
      for (const Entry& entry : entries.at(years[year])) {
        audit.Read(entry, Canonical(entry),
                   std::vector<EntryType>(entry.postings.size(), entry.type));
      }
    }
    Standing standing{.head_seq = book.head_seq,
                      .head_hash = book.head_hash,
                      .account_count = book.account_count,
                      .appropriated = book.appropriated,
                      .state = book.budget.state,
                      .accounts = {}};
    for (const auto& [key, account] : book.accounts) standing.accounts.push_back(account);
    audit.Close(standing);
    std::vector<std::string> what;
    for (const Finding& finding : audit.findings()) what.push_back(finding.what);
    return what;
  }
};

// What was given over the years of a source is what is left of it in the last one and what it got
// back, to the cent, whoever got how much when.
TEST(CarryOver, NoCentOfASourceGetsLostOverTheYears) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  std::mt19937_64 random(seed);
  for (int i = 0; i < 50; ++i) {
    District district;
    BySource given;
    for (size_t year = 0; year < 3; ++year) {
      for (const char* const source : {"a", "b", "c"}) {
        if (random() % 3 == 0) continue;
        const auto cents = static_cast<int64_t>(1 + random() % 1'000);
        district.Give(year, source, cents);
        given[source] += Cents(cents);
      }
      const Money free = HeldBy(district.book(year), Available());
      const RoundId round = RoundId::Random();
      std::vector<AwardLine> awards;
      std::vector<PlanId> plans;
      Money awarded;
      for (int plan = 0; plan < 3 && awarded < free; ++plan) {
        const Money amount =
            std::min(free - awarded, Cents(1 + static_cast<int64_t>(random() % 300)));
        plans.push_back(PlanId::Random());
        awards.push_back({plans.back(), district.years[year], amount});
        awarded += amount;
      }
      if (awarded > Money()) {
        ASSERT_TRUE(district.Do(HoldPot{district.years[year], round, awarded, "d"}).ok());
        ASSERT_TRUE(district.Do(ReserveAwards{round, 1, awards}).ok());
        // One of them goes ahead, and one of them needs it no more.
        ASSERT_TRUE(district
                        .HandOver(CarryOver{.from = district.years[year],
                                            .to = district.years[year + 1],
                                            .plans = {plans.front()},
                                            .decision_ref = "d"})
                        .ok());
        if (plans.size() > 1) {
          const ReleaseAward release{district.years[year], plans[1],
                                     HeldBy(district.book(year), Reserved(plans[1])), "d"};
          ASSERT_TRUE(district.Do(release).ok());
        }
      }
      const auto rest = random() % 2 == 0 ? CarryOver::Rest::kCarry : CarryOver::Rest::kLapse;
      ASSERT_TRUE(district.CarryAll(year, rest).ok());
      ASSERT_THAT(LeftOf(district.book(year)), Each(Pair(_, Money())));
    }
    for (size_t year = 0; year < 4; ++year) {
      ASSERT_THAT(district.Findings(year), IsEmpty()) << year;
      for (const Entry& entry : district.entries[district.years[year]]) {
        for (const Posting& posting : entry.postings) {
          if (entry.type != EntryType::kCarryOut || !MayOverdraw(posting.to.kind)) continue;
          given[posting.to.reference] -= posting.amount;
        }
      }
    }
    for (const auto& [source, amount] : given) {
      const BySource left = LeftOf(district.book(3));
      const auto of = left.find(source);
      ASSERT_EQ(of == left.end() ? Money() : of->second, amount) << source;
    }
  }
}

TEST(CarryOver, ABudgetHasRoomForWhatCameOverToo) {
  District district;
  district.Give(0, "a", Money::kCentsMax);
  ASSERT_TRUE(district.CarryAll(0, CarryOver::Rest::kCarry).ok());
  const auto refused = district.Do(Appropriate{district.years[1], "a", Cents(1), "d"});
  EXPECT_EQ(ReasonOf(refused.status()), "BUDGET_FULL");
  EXPECT_THAT(FactsOf(refused.status()),
              Contains(Pair("came_over_cents", absl::StrCat(Money::kCentsMax))));
  EXPECT_THAT(FactsOf(refused.status()), Contains(Pair("appropriated_cents", "0")));
}

// A hand that goes by the rules of entries, and takes what is another's.
TEST(Audit, FindsASourceThatGaveMoreThanIsLeftOfIt) {
  const auto written = [](EntryType type, const AccountKey& to) {
    District district;
    district.Give(0, "a", 100);
    district.Give(0, "b", 100);
    const BudgetId budget = district.years[0];
    const Entry entry = DraftEntry(district.book(0), Of(Appropriate{budget, "a", Cents(1), "d"}),
                                   district.books.now, type, "d", {{Available(), to, Cents(101)}},
                                   RequestId::Random().uuid());
    PostEntry(entry, district.books.by_budget.at(budget));
    district.entries[budget].push_back(entry);
    return district.Findings(0);
  };
  EXPECT_THAT(written(EntryType::kCarryOut, CarriedOut("a")),
              ElementsAre("more of source a went over or back than it gave"));
  EXPECT_THAT(written(EntryType::kCarryOut, Source("a")),
              ElementsAre("account 2 gets back more than it gave",
                          "more of source a went over or back than it gave"));
  EXPECT_THAT(written(EntryType::kReturnFunds, CarriedIn("c")),
              Contains("account 4 gets back more than it gave"));
  // What went over under the next budget's id was everybody's.
  EXPECT_THAT(written(EntryType::kCarryOut,
                      CarriedOut(IdOfBudget(kDistrict, "general", 2021, "EUR").ToString())),
              IsEmpty());
}

}  // namespace
}  // namespace smederij::ledger
