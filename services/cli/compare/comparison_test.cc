// Every rule side by side.
#include "services/cli/compare/comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "services/cli/compare/comparison_json.h"
#include "services/cli/compare/comparison_table.h"
#include "services/cli/counted/table.h"
#include "services/cli/counted/testing/small_file.h"

namespace smederij::cli {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

Comparison MustCompare(absl::string_view text) {
  absl::StatusOr<ballots::tally::PbFile> file = ballots::tally::ReadPb(text, {.keep_voters = true});
  CHECK(file.ok());
  absl::StatusOr<Comparison> comparison = Compare("noordveld.pb", *std::move(file), [] {});
  CHECK(comparison.ok());
  return *std::move(comparison);
}

std::string Printed(const Comparison& comparison, Language language) {
  std::ostringstream out;
  PrintComparison(comparison, language, out);
  return out.str();
}

TEST(Comparison, HasEveryRuleOfTheBallots) {
  const Comparison approval = MustCompare(kSmallElection);
  size_t rules = 0;
  for (const ballots::tally::RuleInfo& info : ballots::tally::Rules()) {
    rules += info.kinds[0] == ballots::tally::BallotKind::kApproval ? 1 : 0;
  }
  EXPECT_EQ(approval.rules.size(), rules);
  const Comparison ranking = MustCompare(
      absl::StrReplaceAll(kSmallElection, {{"vote_type;approval", "vote_type;ordinal"}}));
  EXPECT_EQ(ranking.rules[0].rule.name, "greedy_points");
}

TEST(Comparison, TheCitysOwnRuleComesFirstWhereItIsMoreThanAName) {
  EXPECT_TRUE(MustCompare(kSmallElection).rules[0].of_the_city);
  const Comparison stops =
      MustCompare(absl::StrReplaceAll(kSmallElection, {{"rule;greedy", "rule;greedy-no-skip"}}));
  EXPECT_TRUE(stops.rules[0].of_the_city);
  EXPECT_TRUE(stops.rules[0].rule.stop_at_first_misfit);
  EXPECT_EQ(stops.rules[1].rule.name, "greedy_votes");
  EXPECT_FALSE(stops.rules[1].of_the_city);
}

TEST(Comparison, TellsWhichRuleIsWhatTheCityDecided) {
  const Comparison comparison = MustCompare(kSmallElection);
  ASSERT_TRUE(comparison.decided.has_value());
  EXPECT_TRUE(comparison.rules[0].as_decided);
  const Comparison untold =
      MustCompare(absl::StrReplaceAll(kSmallElection, {{";selected", ";district"}}));
  EXPECT_FALSE(untold.decided.has_value());
  EXPECT_FALSE(untold.rules[0].as_decided);
  EXPECT_EQ(json::parse(ToJson(untold))["decided"], nullptr);
  EXPECT_EQ(json::parse(ToJson(untold))["rules"][0]["as_decided"], nullptr);
}

TEST(Comparison, CallsAfterEachRule) {
  absl::StatusOr<ballots::tally::PbFile> file = ballots::tally::ReadPb(kSmallElection);
  ASSERT_TRUE(file.ok());
  size_t called = 0;
  const absl::StatusOr<Comparison> comparison =
      Compare("x.pb", *std::move(file), [&called] { ++called; });
  ASSERT_TRUE(comparison.ok());
  EXPECT_EQ(called, comparison->rules.size());
}

TEST(Comparison, JsonHasEverything) {
  const json compared = json::parse(ToJson(MustCompare(kSmallElection)));
  EXPECT_EQ(compared["file"], "noordveld.pb");
  EXPECT_EQ(compared["kind"], "approval");
  EXPECT_THAT(compared["decided"], ElementsAre("2", "9"));
  EXPECT_EQ(compared["plans"].size(), 4u);
  const json votes = compared["rules"].at(0);
  EXPECT_EQ(votes["rule"], "greedy_votes");
  EXPECT_THAT(votes["selected"], ElementsAre("2", "9"));
  EXPECT_EQ(votes["spent"], "100");
  EXPECT_EQ(votes["satisfied"], 5);
  EXPECT_EQ(votes["awards"], 7);
  EXPECT_EQ(votes["money"], "100");
  EXPECT_EQ(votes["as_decided"], true);
}

// A hundred voters, two ages, two sexes, plans with names of all lengths.
std::string Town(int plans) {
  std::string text = absl::StrCat("META\nkey;value\nnum_projects;", plans,
                                  "\nnum_votes;100\nbudget;123456789.01\nvote_type;approval\n"
                                  "rule;greedy-threshold\nmin_project_score_threshold;2\n"
                                  "currency;EUR\nPROJECTS\nproject_id;cost;name;selected\n");
  for (int plan = 0; plan < plans; ++plan) {
    absl::StrAppend(&text, "BO.D17.2025/", plan, ";", 10'000'000 + plan, ";",
                    std::string(static_cast<size_t>(plan), 'm'), " één plein;0\n");
  }
  absl::StrAppend(&text, "VOTES\nvoter_id;vote;age;sex;voting_method\n");
  for (int voter = 0; voter < 100; ++voter) {
    absl::StrAppend(&text, voter, ";BO.D17.2025/", voter % plans, ",BO.D17.2025/",
                    (voter + 1) % plans, ";", voter, ";", voter % 2 == 0 ? "F" : "M",
                    ";a rather long way of voting ", voter % 3, "\n");
  }
  return text;
}

TEST(Comparison, TheTableIsNoWiderThanAHundredCharacters) {
  for (const int plans : {5, 40, 100}) {
    for (const Language language : {Language::kEnglish, Language::kDutch}) {
      const std::string table = Printed(MustCompare(Town(plans)), language);
      for (const absl::string_view line : absl::StrSplit(table, '\n')) {
        EXPECT_LE(Width(line), 100u) << line;
      }
      EXPECT_EQ(table.find('$'), std::string::npos);
    }
  }
}

TEST(Comparison, WhoWinsIsAMatrixWhereThatCanBeRead) {
  const std::string few = Printed(MustCompare(Town(5)), Language::kEnglish);
  EXPECT_THAT(few, HasSubstr("who wins, by the numbers of the rules"));
  const std::string many = Printed(MustCompare(Town(100)), Language::kEnglish);
  EXPECT_THAT(many, Not(HasSubstr("who wins, by the numbers of the rules")));
  EXPECT_THAT(many, HasSubstr(" plans win by every rule, "));
}

TEST(Comparison, TheTableSpeaksBothLanguages) {
  const Comparison comparison = MustCompare(Town(5));
  EXPECT_THAT(Printed(comparison, Language::kEnglish),
              HasSubstr("* the rule that the file names, at least 2 support"));
  EXPECT_THAT(Printed(comparison, Language::kEnglish), HasSubstr("where the money goes, by sex"));
  EXPECT_THAT(Printed(comparison, Language::kDutch),
              HasSubstr("* de regel die het bestand noemt, minstens 2 steun"));
  EXPECT_THAT(Printed(comparison, Language::kDutch),
              HasSubstr("waar het geld heen gaat, naar leeftijd"));
}

TEST(Comparison, AnElectionWithoutBallotsCanBeCompared) {
  const std::string text = absl::StrReplaceAll(
      kSmallElection.substr(0, kSmallElection.find("a;9,10;8")), {{"num_votes;6", "num_votes;0"}});
  EXPECT_THAT(Printed(MustCompare(text), Language::kEnglish), HasSubstr("0 (0%)"));
}

}  // namespace
}  // namespace smederij::cli
