// The table, JSON, CSV and .pb of a counted file.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "services/cli/counted/csv.h"
#include "services/cli/counted/json.h"
#include "services/cli/counted/pb.h"
#include "services/cli/counted/table.h"
#include "services/cli/counted/testing/small_file.h"
#include "services/cli/document/csv_cell.h"

namespace smederij::cli {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

json Parsed(const Counted& counted, bool explain) {
  return json::parse(ToJson(counted, explain, Language::kEnglish));
}

TEST(Table, CountsCharactersNotBytes) {
  EXPECT_EQ(Width("één"), 3u);
  EXPECT_EQ(Left("één", 5), "één  ");
  EXPECT_EQ(Right("één", 5), "  één");
  EXPECT_EQ(Cut("één plein", 4), "één …");
  EXPECT_EQ(Cut("één", 3), "één");
  EXPECT_EQ(Width("e\u0301\u0301n"), 2u);
  EXPECT_EQ(Cut("e\u0301n!", 1), "e\u0301…");
}

TEST(Table, NamesThePots) {
  std::ostringstream out;
  const CharterFlags pots{.pots = {"play=70", "green=10", "rest=20", "play,rest=0"}};
  PrintTable(MustCountText(kSmallElection, pots), true, Language::kEnglish, out);
  EXPECT_THAT(out.str(), HasSubstr("pot play: 60 of 70 spent"));
}

TEST(Json, WithoutExplainingItHasWhatWasDecided) {
  const json counted = Parsed(MustCountText(kSmallElection), false);
  std::vector<std::string> keys;
  for (const auto& [key, value] : counted.items()) keys.push_back(key);
  EXPECT_THAT(keys, ElementsAre("ballots", "budget", "file", "left", "order", "rule", "selected",
                                "spent", "threshold", "warnings"));
  EXPECT_THAT(counted["selected"], ElementsAre("2", "9"));
  EXPECT_THAT(counted["order"], ElementsAre("9", "2"));
}

TEST(Json, ExplainsEveryStep) {
  const json counted = Parsed(MustCountText(kSmallElection, {.rule = "mes_card"}), true);
  const json contest = counted["contests"].at(0);
  EXPECT_EQ(contest["endowment"], "50/3");
  ASSERT_GE(contest["steps"].size(), 1u);
  EXPECT_EQ(contest["steps"].at(0)["plan"], "2");
  EXPECT_EQ(contest["steps"].at(0)["price"], "40/3");
  EXPECT_EQ(contest["steps"].at(0)["left"], "60");
}

// Ballots of many voters, so that groups are large enough to be shown.
std::string ManyVoters() {
  std::string text(kSmallElection.substr(0, kSmallElection.find("a;9,10;8")));
  for (int i = 0; i < 6; ++i) absl::StrAppend(&text, "k", i, ";9;8;F;internet\n");
  for (int i = 0; i < 7; ++i) absl::StrAppend(&text, "o", i, ";2;70;M;internet\n");
  return absl::StrReplaceAll(text, {{"num_votes;6", "num_votes;13"}});
}

TEST(Json, TellsWhatGroupsOfVotersGot) {
  const json counted = Parsed(MustCountText(ManyVoters()), true);
  ASSERT_EQ(counted["groups"].size(), 2u);
  EXPECT_EQ(counted["groups"][0]["by"], "age");
  const json young = counted["groups"][0]["groups"].at(0);
  EXPECT_EQ(young["group"], "0-11");
  EXPECT_EQ(young["ballots"], 6);
  EXPECT_EQ(young["satisfied"], 6);
  EXPECT_EQ(young["money"], "60");
  EXPECT_EQ(counted["groups"][1]["by"], "sex");
  EXPECT_EQ(counted["all"]["money"], "100");
}

TEST(Json, ShowsNoGroupOfAFew) {
  const json counted = Parsed(MustCountText(kSmallElection), true);
  EXPECT_EQ(counted["groups"], json::array());
}

TEST(Csv, HasARowForEveryPlan) {
  const Counted counted = MustCountText(kSmallElection);
  EXPECT_EQ(CsvHeader(false), "number,id,name,decision,award,cost,support,reason,sentence\r\n");
  const std::string rows = CsvRows(counted, false, Language::kEnglish);
  const std::vector<std::string> lines = absl::StrSplit(rows, "\r\n");
  ASSERT_EQ(lines.size(), 5u);
  EXPECT_THAT(lines[0], testing::StartsWith("4,9,Slide,funded,60,60,4,FUNDED,"));
  EXPECT_THAT(rows, HasSubstr(",\"Bench, long\","));
  EXPECT_EQ(lines[4], "");
}

TEST(Csv, NamesTheFileWhereThereAreSeveral) {
  EXPECT_THAT(CsvHeader(true), testing::StartsWith("file,number,"));
  EXPECT_THAT(CsvRows(MustCountText(kSmallElection), true, Language::kEnglish),
              testing::StartsWith("noordveld.pb,4,9,"));
}

TEST(Csv, NothingIsAFormula) {
  EXPECT_THAT(CsvRows(MustCountText(kSmallElection), false, Language::kEnglish),
              HasSubstr(",'=1+1,"));
  for (const char* cell : {"=1", "+1", "-1", "@SUM(A1)", "\tx"}) {
    EXPECT_EQ(CsvCell(cell), absl::StrCat("'", cell));
  }
  EXPECT_EQ(CsvCell("\rx"), "\"'\rx\"");
}

TEST(Csv, CellsAreQuotedWhereTheyMustBe) {
  EXPECT_EQ(CsvCell("plain; text"), "plain; text");
  EXPECT_EQ(CsvCell("say \"hi\""), "\"say \"\"hi\"\"\"");
  EXPECT_EQ(CsvCell("two\nlines"), "\"two\nlines\"");
  EXPECT_EQ(CsvCell(""), "");
}

TEST(Pb, IsTheFileAgainWithWhoWon) {
  const Counted counted = MustCountText(kSmallElection, {.rule = "mes_cost_add1_full"});
  const absl::StatusOr<std::string> text = ToPb(counted);
  ASSERT_TRUE(text.ok()) << text.status();
  const Counted again = MustCountText(*text);
  EXPECT_EQ(again.rule.name, "mes_cost_add1_full");
  for (uint32_t plan = 0; plan < again.file.plans.size(); ++plan) {
    const bool funded = counted.outcome.plans[plan].decision == ballots::tally::Decision::kFunded;
    EXPECT_EQ(again.file.plans[plan].selected, funded ? 1 : 0);
  }
}

TEST(Pb, DoesNotKeepSilentOnWhatItCannotSay) {
  const CharterFlags flags{.exclusive = {"9,2"}, .weights = {"sex=F:2"}};
  const absl::Status status = ToPb(MustCountText(kSmallElection, flags)).status();
  EXPECT_EQ(ReasonOf(status), "PB_CANNOT_SAY");
  ASSERT_EQ(FieldsOf(status).size(), 2u);
  EXPECT_EQ(FieldsOf(status)[0].first, "--exclusive");
}

}  // namespace
}  // namespace smederij::cli
