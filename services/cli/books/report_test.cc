#include "services/cli/books/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "services/cli/books/testing/small_books.h"

namespace smederij::cli {
namespace {

namespace v1 = ledger::v1;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kRound[] = "70000000-0000-4000-8000-000000000001";
constexpr char kSlide[] = "70000000-0000-4000-8000-000000000003";
constexpr char kCommitment[] = "70000000-0000-4000-8000-000000000004";

YearReport ReportOf(const SmallBooks& books) {
  YearReport report{.district_id = "d", .district = "Noordveld", .year = 2026, .currencies = {{}}};
  Year& year = report.currencies.front();
  year.currency = "EUR";
  year.plan_of[kCommitment] = kSlide;
  year.budgets = {books.journal.budget};
  year.available = books.journal.accounts[0].balance_cents();
  for (const v1::Entry& entry : books.entries) year.Add(books.journal, entry);
  for (const v1::AccountBalance& account : books.journal.accounts) {
    if (account.kind() < v1::ACCOUNT_KIND_RESERVED ||
        account.kind() == v1::ACCOUNT_KIND_CARRIED_OUT ||
        account.kind() == v1::ACCOUNT_KIND_CARRIED_IN) {
      continue;
    }
    v1::PlanMoney money;
    money.set_plan_id(account.kind() == v1::ACCOUNT_KIND_COMMITTED ? kSlide : account.reference());
    auto* const part = money.add_parts();
    part->set_kind(account.kind());
    part->set_balance_cents(account.balance_cents());
    year.Add(money);
  }
  year.pots[kRound].title = "Voorjaarsronde";
  year.plans[kSlide].number = 7;
  year.plans[kSlide].title = "Glijbaan <b>\"X\"</b>";
  return report;
}

TEST(Year, AddsUpToWhatWasGiven) {
  const YearReport report = ReportOf(MakeSmallBooks());
  const Year& year = report.currencies.front();
  EXPECT_EQ(year.all().given, 1'234'567'05);
  EXPECT_EQ(year.in_plans(), 8'000'11);
  EXPECT_EQ(year.in_pots(), 0);
  EXPECT_EQ(year.available + year.in_plans() + year.in_pots(), year.all_in());
  const Year::Pot& pot = year.pots.at(kRound);
  EXPECT_EQ(pot.held, 9'000'00);
  EXPECT_EQ(pot.awarded, 8'000'11);
  EXPECT_EQ(pot.given_back, 999'89);
}

// A long strike: money comes over from last year, reserved and committed, and goes over to the
// next.
TEST(Year, TellsWhatCameOverAndWhatGoesOver) {
  SmallBooks books = MakeSmallBooks();
  books.Account(v1::ACCOUNT_KIND_CARRIED_IN, "housing-corporation");
  books.Account(v1::ACCOUNT_KIND_COMMITTED, kCommitment);
  books.Account(v1::ACCOUNT_KIND_CARRIED_OUT, "municipality");
  books.Post(v1::ENTRY_TYPE_CARRY_IN, "d", {{6, 5, 500'00}, {6, 1, 20'00}});
  books.Post(v1::ENTRY_TYPE_CARRY_IN, "d", {{6, 7, 100'00}});
  books.Post(v1::ENTRY_TYPE_CARRY_OUT, "d", {{5, 8, 8'000'10}, {1, 8, 7'00}});
  books.Post(v1::ENTRY_TYPE_CARRY_OUT, "d", {{7, 8, 60'00}});
  const YearReport report = ReportOf(books);
  const Year& year = report.currencies.front();
  EXPECT_EQ(year.all().given, 1'234'567'05);
  EXPECT_EQ(year.all().came_over, 620'00);
  EXPECT_EQ(year.givers.at("housing-corporation").came_over, 620'00);
  EXPECT_EQ(year.all().went_over, 8'067'10);
  EXPECT_EQ(year.givers.at("municipality").went_over, 8'067'10);
  EXPECT_EQ(year.all_in(), 1'235'187'05);
  EXPECT_EQ(year.plans.at(kSlide).came_over, 600'00);
  EXPECT_EQ(year.plans.at(kSlide).went_over, 8'060'10);
  EXPECT_EQ(year.plans.at(kSlide).total(), 8'600'10);
  EXPECT_EQ(year.available + year.in_plans() + year.in_pots() + year.all().went_over,
            year.all_in());
  const std::string page = YearHtml(report, Language::kDutch);
  EXPECT_THAT(page, HasSubstr("Van vorig jaar"));
  EXPECT_THAT(page, HasSubstr("Naar volgend jaar"));
  EXPECT_THAT(page, HasSubstr("Lopende plannen"));
  EXPECT_THAT(page, HasSubstr("€\u00A08.060,10"));
  const std::string without = YearHtml(ReportOf(MakeSmallBooks()), Language::kDutch);
  for (const char* words : {"Van vorig jaar", "Naar volgend jaar", "Lopende plannen"}) {
    EXPECT_THAT(without, Not(HasSubstr(words)));
  }
}

// What lapses goes back to who gave it, last year or this one; what was corrected was never given.
TEST(Year, TellsWhatEveryGiverGotBack) {
  SmallBooks books = MakeSmallBooks();
  books.Account(v1::ACCOUNT_KIND_CARRIED_IN, "housing-corporation");
  books.Account(v1::ACCOUNT_KIND_CARRIED_IN, "70000000-0000-4000-8000-000000000077");
  books.Post(v1::ENTRY_TYPE_CARRY_IN, "d", {{6, 1, 300'00}, {7, 1, 10'00}});
  books.Post(v1::ENTRY_TYPE_APPROPRIATE, "d", {{2, 1, 5'00}});
  books.Post(v1::ENTRY_TYPE_REVERSE, "d", {{1, 2, 5'00}});
  books.Post(v1::ENTRY_TYPE_RELEASE_AWARD, "d", {{5, 1, 3'000'00}});
  books.Post(v1::ENTRY_TYPE_CARRY_OUT, "d", {{1, 6, 120'00}, {1, 7, 4'00}, {1, 2, 76'00}});
  const YearReport report = ReportOf(books);
  const Year& year = report.currencies.front();
  EXPECT_EQ(year.all().given, 1'234'567'05);
  EXPECT_EQ(year.givers.at("housing-corporation").given_back, 120'00);
  EXPECT_EQ(year.givers.at("").came_over, 10'00);
  EXPECT_EQ(year.givers.at("").given_back, 4'00);
  EXPECT_EQ(year.all().given_back, 200'00);
  EXPECT_EQ(year.available + year.in_plans() + year.in_pots() + year.all().given_back,
            year.all_in());
  const std::string page = YearHtml(report, Language::kDutch);
  EXPECT_THAT(page, HasSubstr("Terug naar wie het gaf"));
  EXPECT_THAT(page, HasSubstr("niet per gever bekend"));
  EXPECT_THAT(page, HasSubstr("€\u00A0120<"));
  // In the picture, too, what was given back is not free any more.
  const std::string picture =
      page.substr(page.find("<svg"), page.find("</svg>") - page.find("<svg"));
  EXPECT_THAT(picture, HasSubstr("€\u00A0200<"));
  EXPECT_EQ(year.available, 1'229'676'94);
  EXPECT_THAT(picture, HasSubstr("€\u00A01.229.676,94"));
}

TEST(YearReport, HasEveryAmountAsTextInEitherLanguage) {
  const YearReport report = ReportOf(MakeSmallBooks());
  const std::string dutch = YearHtml(report, Language::kDutch);
  EXPECT_THAT(dutch, HasSubstr("<html lang=\"nl\">"));
  EXPECT_THAT(dutch, HasSubstr("Noordveld in 2026"));
  EXPECT_THAT(dutch, HasSubstr("€\u00A01.234.567,05"));
  EXPECT_THAT(dutch, HasSubstr("Voorjaarsronde"));
  EXPECT_THAT(dutch, HasSubstr("de gemeente"));
  EXPECT_THAT(dutch, HasSubstr("Nog te besteden"));
  const std::string english = YearHtml(report, Language::kEnglish);
  EXPECT_THAT(english, HasSubstr("<html lang=\"en\">"));
  EXPECT_THAT(english, HasSubstr("€8,000.10"));
  EXPECT_THAT(english, HasSubstr("the municipality"));
}

TEST(YearReport, TellsTheVatOfTheYear) {
  SmallBooks books = MakeSmallBooks();
  EXPECT_THAT(YearHtml(ReportOf(books), Language::kDutch), Not(HasSubstr("Btw")));
  books.Account(v1::ACCOUNT_KIND_CLEARING, kSlide);
  books.Account(v1::ACCOUNT_KIND_PAID, kSlide);
  books.Post(v1::ENTRY_TYPE_SETTLE_PAYMENT, "d", {{6, 7, 121'00}});
  books.entries.back().set_vat_cents(21'00);
  books.Post(v1::ENTRY_TYPE_SETTLE_PAYMENT, "d", {{6, 7, 109'00}});
  books.entries.back().set_vat_cents(9'01);
  const std::string page = YearHtml(ReportOf(books), Language::kDutch);
  EXPECT_THAT(page, HasSubstr("Btw die de gemeente terugvraagt"));
  EXPECT_THAT(page, HasSubstr("€\u00A030,01"));
}

TEST(YearReport, TellsWhatWasPaidAndCameBack) {
  SmallBooks books = MakeSmallBooks();
  books.Account(v1::ACCOUNT_KIND_CLEARING, kSlide);
  books.Account(v1::ACCOUNT_KIND_PAID, kSlide);
  books.Account(v1::ACCOUNT_KIND_COMMITTED, kCommitment);
  books.Post(v1::ENTRY_TYPE_SETTLE_PAYMENT, "d", {{6, 7, 121'00}});
  books.entries.back().set_vat_cents(21'00);
  const YearReport before = ReportOf(books);
  EXPECT_THAT(YearHtml(before, Language::kDutch), Not(HasSubstr("teruggekomen")));
  books.Post(v1::ENTRY_TYPE_RETURN_PAYMENT, "d", {{7, 8, 30'11}});
  books.entries.back().set_vat_cents(-1'00);
  books.Post(v1::ENTRY_TYPE_RETURN_PAYMENT, "d", {{7, 5, 50'00}});
  // One of them did not come back after all.
  books.Post(v1::ENTRY_TYPE_REVERSE, "d", {{5, 7, 50'00}});
  const YearReport report = ReportOf(books);
  EXPECT_EQ(report.currencies[0].came_back, 30'11);
  EXPECT_EQ(report.currencies[0].vat, 20'00);
  const std::string page = YearHtml(report, Language::kDutch);
  EXPECT_THAT(page, HasSubstr("Betaald, en teruggekomen bij plannen"));
  EXPECT_THAT(page, HasSubstr("€\u00A030,11"));
  // It was the plan's all the while: nothing was given back to the district.
  EXPECT_EQ(report.currencies[0].plans.at(kSlide).released, 0);
  EXPECT_EQ(report.currencies[0].plans.at(kSlide).total(),
            before.currencies[0].plans.at(kSlide).total());
}

TEST(YearReport, IsOneFileThatFetchesAndRunsNothing) {
  const std::string page = YearHtml(ReportOf(MakeSmallBooks()), Language::kEnglish);
  for (const char* part : {"<script", "http://", "https://", "src=", "@import", "<link", "url("}) {
    EXPECT_THAT(page, Not(HasSubstr(part)));
  }
  EXPECT_THAT(page, HasSubstr("default-src &#39;none&#39;"));
}

TEST(YearReport, NoTitleGetsOutOfItsElement) {
  const std::string page = YearHtml(ReportOf(MakeSmallBooks()), Language::kDutch);
  EXPECT_THAT(page, Not(HasSubstr("<b>\"X\"")));
  EXPECT_THAT(page, HasSubstr("7. Glijbaan &lt;b&gt;"));
}

TEST(YearReport, FrozenBooksAreToldBeforeAnyAmount) {
  SmallBooks books = MakeSmallBooks();
  books.journal.budget.set_frozen(true);
  const std::string page = YearHtml(ReportOf(books), Language::kEnglish);
  EXPECT_LT(page.find("Something is wrong"), page.find("In short"));
}

TEST(YearReport, APictureOfNothingIsStillAPage) {
  SmallBooks books;
  books.journal.budget.set_fiscal_year(2026);
  books.Account(v1::ACCOUNT_KIND_AVAILABLE, "");
  YearReport report = ReportOf(books);
  report.currencies.front().pots.clear();
  report.currencies.front().plans.clear();
  EXPECT_THAT(YearHtml(report, Language::kEnglish), HasSubstr("No plan got money yet."));
}

// A plan that needs less gives the rest back, and part of that is taken back again.
TEST(Year, TellsWhatAPlanGaveBack) {
  SmallBooks books = MakeSmallBooks();
  books.Post(v1::ENTRY_TYPE_RELEASE_AWARD, "d", {{5, 1, 3'000'00}});
  books.Post(v1::ENTRY_TYPE_REVERSE, "d", {{1, 5, 1'000'00}});
  const YearReport report = ReportOf(books);
  const Year& year = report.currencies.front();
  const Year::Plan& slide = year.plans.at(kSlide);
  EXPECT_EQ(slide.total(), 8'000'10);
  EXPECT_EQ(slide.released, 2'000'00);
  EXPECT_EQ(slide.parts.at(v1::ACCOUNT_KIND_RESERVED), 6'000'10);
  const std::string page = YearHtml(report, Language::kEnglish);
  EXPECT_THAT(page, HasSubstr("€6,000.10"));
  EXPECT_THAT(page, HasSubstr("€2,000<"));
  // In the picture, too, all but what plans kept is free.
  const std::string picture =
      page.substr(page.find("<svg"), page.find("</svg>") - page.find("<svg"));
  EXPECT_EQ(year.available, 1'228'566'94);
  EXPECT_THAT(picture, HasSubstr("€1,228,566.94"));
  EXPECT_THAT(picture, HasSubstr("€6,000.10"));
  EXPECT_THAT(picture, Not(HasSubstr("€8,000.10")));
}

// For whoever wants to see it: SMEDERIJ_REPORT_PAGE=file writes the page of a busy year.
TEST(YearReport, ManyPlansShareThePictureWithTheOthers) {
  SmallBooks books;
  books.journal.budget = MakeSmallBooks().journal.budget;
  books.Account(v1::ACCOUNT_KIND_AVAILABLE, "");
  books.Account(v1::ACCOUNT_KIND_SOURCE, "municipality");
  books.Account(v1::ACCOUNT_KIND_SOURCE, "housing-corporation");
  books.Account(v1::ACCOUNT_KIND_POT, kRound);
  books.Account(v1::ACCOUNT_KIND_POT, "70000000-0000-4000-8000-000000000099");
  books.Post(v1::ENTRY_TYPE_APPROPRIATE, "council", {{2, 1, 40'000'00}});
  books.Post(v1::ENTRY_TYPE_APPROPRIATE, "letter", {{3, 1, 15'000'00}});
  books.Post(v1::ENTRY_TYPE_HOLD_POT, "plan", {{1, 4, 30'000'00}});
  books.Post(v1::ENTRY_TYPE_HOLD_POT, "plan", {{1, 5, 12'000'00}});
  std::vector<SmallBooks::Move> moves;
  for (int i = 0; i < 12; ++i) {
    books.Account(v1::ACCOUNT_KIND_RESERVED,
                  absl::StrCat("70000000-0000-4000-8000-0000000001", i + 10));
    moves.push_back({i < 9 ? 4 : 5, 6 + i, (13 - i) * 300'00 + 5 * i});
  }
  books.Post(v1::ENTRY_TYPE_RESERVE_AWARDS, "", moves);
  books.Post(v1::ENTRY_TYPE_RELEASE_POT, "", {{4, 1, 2'000'00}});
  YearReport report = ReportOf(books);
  Year& year = report.currencies.front();
  year.plans.erase(kSlide);
  year.pots["70000000-0000-4000-8000-000000000099"].title = "Najaarsronde";
  uint32_t number = 0;
  for (auto& [id, plan] : year.plans) {
    plan.number = ++number;
    plan.title = number % 3 == 0 ? "Speeltuin aan de Eikenlaan met een glijbaan" : "Bankjes";
  }
  const std::string page = YearHtml(report, Language::kDutch);
  EXPECT_THAT(page, HasSubstr("nog 5 plannen"));
  const char* const path = std::getenv("SMEDERIJ_REPORT_PAGE");
  if (path != nullptr) std::ofstream(path) << page;
}

}  // namespace
}  // namespace smederij::cli
