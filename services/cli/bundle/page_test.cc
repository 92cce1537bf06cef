#include "services/cli/bundle/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nlohmann/json.hpp"

namespace smederij::cli {
namespace {

using ballots::bundle::Finding;
using ballots::bundle::Report;
using ballots::bundle::Step;
using ballots::bundle::Verdict;
using ballots::bundle::Wrong;
using ballots::tally::Language;
using ::testing::HasSubstr;
using ::testing::Not;

Report ReportWith(Verdict verdict) {
  Report report;
  for (int i = 0; i < ballots::bundle::kSteps; ++i) {
    report.steps[static_cast<size_t>(i)] = {.step = static_cast<Step>(i), .verdict = verdict};
  }
  return report;
}

TEST(VerifyPage, SaysInBothLanguagesThatEverythingHolds) {
  const Report report = ReportWith(Verdict::kHolds);
  EXPECT_THAT(VerifyPage(report, Language::kEnglish), HasSubstr("VERIFIED: everything holds"));
  EXPECT_THAT(VerifyPage(report, Language::kDutch), HasSubstr("KLOPT: alles klopt"));
  EXPECT_THAT(VerifyJson(report), HasSubstr(R"("outcome":"VERIFIED")"));
}

TEST(VerifyPage, NamesFileLeafAndWhatIsWrong) {
  Report report = ReportWith(Verdict::kHolds);
  report.at(Step::kLog)
      .Find({.wrong = Wrong::kEntryDiffers, .file = "tile/entries/000.p/9", .leaf = 4});
  report.at(Step::kOpenings)
      .Find({.wrong = Wrong::kOpeningWrong, .file = "openings.jsonl", .leaf = 3, .line = 8});
  const std::string page = VerifyPage(report, Language::kEnglish);
  EXPECT_THAT(page, HasSubstr("NOT VERIFIED"));
  EXPECT_THAT(page,
              HasSubstr("tile/entries/000.p/9, leaf 4: the leaf is not the one that was signed"));
  EXPECT_THAT(page, HasSubstr("openings.jsonl, line 8, leaf 3: the ballot was sealed over"));
  EXPECT_THAT(VerifyPage(report, Language::kDutch),
              HasSubstr("openings.jsonl, regel 8, blad 3: de stem is over iets anders"));
  const auto json = nlohmann::json::parse(VerifyJson(report));
  EXPECT_EQ(json["outcome"], "REFUSED");
  EXPECT_EQ(json["steps"][2]["findings"][0]["wrong"], "ENTRY_DIFFERS");
  EXPECT_EQ(json["steps"][2]["findings"][0]["leaf"], 4);
}

TEST(VerifyPage, StaysOnePageHoweverMuchIsWrong) {
  Report report = ReportWith(Verdict::kHolds);
  for (uint64_t i = 0; i < 5000; ++i) {
    report.at(Step::kBallots).Find({.wrong = Wrong::kSignatureWrong, .leaf = i});
  }
  const std::string page = VerifyPage(report, Language::kEnglish);
  EXPECT_THAT(page, HasSubstr("and 4900 more of that"));
  EXPECT_THAT(page, Not(HasSubstr("leaf 100:")));
}

TEST(VerifyPage, SaysHowMuchIsWithheld) {
  Report report = ReportWith(Verdict::kHolds);
  report.at(Step::kCount).verdict = Verdict::kPartial;
  report.withheld = 12;
  EXPECT_THAT(VerifyPage(report, Language::kEnglish), HasSubstr("PARTIAL: what is here holds. 12"));
  EXPECT_THAT(VerifyPage(report, Language::kDutch), HasSubstr("GEDEELTELIJK"));
}

TEST(VerifyPage, IsPlainWhateverTheBytesWere) {
  Report report = ReportWith(Verdict::kHolds);
  report.at(Step::kLog).Find({.wrong = Wrong::kFileUnknown, .file = "\xff\xfe"});
  EXPECT_FALSE(nlohmann::json::parse(VerifyJson(report)).is_discarded());
}

}  // namespace
}  // namespace smederij::cli
