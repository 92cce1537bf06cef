#include "services/cli/play/pabulib.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/error.h"

namespace smederij::cli {
namespace {

using registry::v1::BallotRule;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;

constexpr absl::string_view kSound =
    "META\nkey;value\nnum_projects;3\nnum_votes;4\nbudget;1000.50\nvote_type;approval\n"
    "rule;greedy-no-skip\ncurrency;PLN\nunit;Gdynia\ninstance;2024\nmax_length;2\nmin_length;2\n"
    "PROJECTS\nproject_id;cost;name;selected\n"
    "9;600;Slide;1\n10;400.25;;0\n007;999999999;Gone;0\n"
    "VOTES\nvoter_id;vote;age\na;10,9,007;34\nb;10,9;\nc;9,9,10;124\nd;;0\n";

// The script of a file with this content and name, in 2026.
absl::StatusOr<Script> ScriptOf(absl::string_view content,
                                const std::string& name = "Poland_Gdynia_2024__small") {
  const std::string path = absl::StrCat(testing::TempDir(), "/", name, ".pb");
  std::ofstream(path, std::ios::binary) << content;
  absl::StatusOr<Script> script = PabulibScript(path, 2026);
  std::filesystem::remove(path);
  return script;
}

std::string With(absl::string_view from, absl::string_view to) {
  EXPECT_TRUE(absl::StrContains(kSound, from)) << from;
  return absl::StrReplaceAll(kSound, {{from, to}});
}

TEST(PabulibScript, PlansStandInOrderOfIds) {
  const absl::StatusOr<Script> script = ScriptOf(kSound);
  ASSERT_TRUE(script.ok()) << script.status();
  ASSERT_EQ(script->plans.size(), 2u);  // The withdrawn one is left out.
  EXPECT_EQ(script->plans[0].id, "10");
  EXPECT_EQ(script->plans[0].title, "Project 10");
  EXPECT_EQ(script->plans[0].cost_cents, 400'25);
  EXPECT_EQ(script->plans[1].id, "9");
  EXPECT_EQ(script->plans[1].title, "Slide");
  EXPECT_EQ(script->pot_cents, 1000'50);
  EXPECT_EQ(script->currency, "PLN");
  EXPECT_EQ(script->district_name, "Gdynia 2024");
  EXPECT_THAT(*script->official, ElementsAre("9"));
  EXPECT_TRUE(script->official_rule_known);
}

TEST(PabulibScript, ForeignCurrenciesAreKeptOneForOneAndTold) {
  const absl::StatusOr<Script> script = ScriptOf(With("currency;PLN", "currency;JPY"));
  ASSERT_TRUE(script.ok()) << script.status();
  EXPECT_EQ(script->currency, "EUR");
  EXPECT_THAT(script->notes, Contains("the books are kept in EUR: every JPY stands as one"));
}

TEST(PabulibScript, AProjectNobodyChoseIsTold) {
  absl::StatusOr<Script> script = ScriptOf(kSound);
  ASSERT_TRUE(script.ok()) << script.status();
  EXPECT_THAT(script->notes, Not(Contains(HasSubstr("nobody chose"))));
  script = ScriptOf(
      absl::StrReplaceAll(kSound, {{"a;10,9,007", "a;9"}, {"b;10,9", "b;9"}, {"c;9,9,10", "c;9"}}));
  ASSERT_TRUE(script.ok()) << script.status();
  EXPECT_THAT(script->notes, Contains(HasSubstr("nobody chose")));
}

TEST(PabulibScript, BallotsKeepTheirVoterAndLoseRepeatsAndTheWithdrawn) {
  const absl::StatusOr<Script> script = ScriptOf(kSound);
  ASSERT_TRUE(script.ok()) << script.status();
  ASSERT_EQ(script->ballots.size(), 4u);
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ(script->ballots[i].voter, i);
  EXPECT_THAT(script->ballots[0].choices, ElementsAre(Pair(0u, 1u), Pair(1u, 1u)));
  EXPECT_THAT(script->ballots[2].choices, ElementsAre(Pair(1u, 1u), Pair(0u, 1u)));
  EXPECT_THAT(script->ballots[3].choices, IsEmpty());
  EXPECT_THAT(script->notes, Contains(HasSubstr("1 choice that repeats a project")));
  EXPECT_THAT(script->notes, Contains(HasSubstr("1 withdrawn project was left out")));
}

TEST(PabulibScript, EveryAgeIsThatOnTheReferenceDate) {
  const absl::StatusOr<Script> script = ScriptOf(kSound);
  ASSERT_TRUE(script.ok()) << script.status();
  EXPECT_EQ(script->reference_date, "2026-01-01");
  EXPECT_EQ(script->residents[0].birth_date, "1991-07-01");  // 34.
  EXPECT_EQ(script->residents[2].birth_date, "1905-07-01");  // 120, the oldest that may vote.
  EXPECT_EQ(script->residents[3].birth_date, "2025-07-01");  // 0.
  EXPECT_THAT(script->notes, Contains(HasSubstr("birth dates of 1 voter are made up")));
  EXPECT_THAT(script->notes, Contains(HasSubstr("1 voter older than 120")));
}

TEST(PabulibScript, TheDistrictIsTheFilesOwn) {
  const absl::StatusOr<Script> one = ScriptOf(kSound), same = ScriptOf(kSound);
  const absl::StatusOr<Script> changed = ScriptOf(With("9;600;", "9;601;"));
  ASSERT_TRUE(one.ok() && same.ok() && changed.ok());
  EXPECT_EQ(one->district_slug.substr(0, 26),
            "poland-gdynia-2024-small-" + one->district_slug.substr(25, 1));
  EXPECT_EQ(one->district_slug, same->district_slug);
  EXPECT_EQ(one->postcode, same->postcode);
  EXPECT_NE(one->district_slug, changed->district_slug);
  EXPECT_THAT(one->postcode, testing::MatchesRegex("[1-9][0-9][0-9][0-9] [A-Z][A-Z]"));
  const absl::StatusOr<Script> odd = ScriptOf(kSound, "--Żółć__");
  ASSERT_TRUE(odd.ok()) << odd.status();
  EXPECT_NE(one->postcode, odd->postcode);
  EXPECT_THAT(odd->district_slug, testing::MatchesRegex("[a-z0-9]+(-[a-z0-9]+)*"));
}

TEST(PabulibScript, LimitsAreAsWideAsTheBallotsAndToldWhenWidened) {
  absl::StatusOr<Script> script = ScriptOf(kSound);
  ASSERT_TRUE(script.ok()) << script.status();
  EXPECT_EQ(script->charter.ballot_rule().kind(), BallotRule::KIND_APPROVAL);
  EXPECT_EQ(script->charter.ballot_rule().choices_max(), 2u);
  EXPECT_EQ(script->charter.ballot_rule().choices_min(), 2u);
  EXPECT_THAT(script->notes, Not(Contains(HasSubstr("widened"))));
  script = ScriptOf(With("max_length;2\nmin_length;2", "max_length;1\nmin_length;3"));
  ASSERT_TRUE(script.ok()) << script.status();
  EXPECT_EQ(script->charter.ballot_rule().choices_max(), 2u);
  EXPECT_EQ(script->charter.ballot_rule().choices_min(), 2u);
  EXPECT_THAT(script->notes, Contains("max_length was 1 and is widened to 2, which ballots in the "
                                      "file hold"));
  EXPECT_THAT(script->notes, Contains(HasSubstr("min_length was 3")));
}

TEST(PabulibScript, TheCharterIsOneClassAndTheCitysRule) {
  absl::StatusOr<Script> script = ScriptOf(kSound);
  ASSERT_TRUE(script.ok()) << script.status();
  ASSERT_EQ(script->charter.classes_size(), 1);
  EXPECT_EQ(script->charter.classes(0).name(), "all");
  EXPECT_EQ(script->charter.classes(0).age_to(), 120u);
  EXPECT_EQ(script->charter.count_rule().rule(), "greedy_votes");
  EXPECT_TRUE(script->charter.count_rule().stop_at_first_misfit());
  EXPECT_EQ(script->charter.count_rule().support_min(), 0);
  EXPECT_EQ(script->charter.count_rule().endowment_step_cents(), 0);
  EXPECT_EQ(script->charter.k_min(), 1u);

  script = ScriptOf(With("greedy-no-skip", "equalshares/add1"));
  ASSERT_TRUE(script.ok()) << script.status();
  EXPECT_EQ(script->charter.count_rule().rule(), "mes_cost_add1_full");
  EXPECT_EQ(script->charter.count_rule().endowment_step_cents(), 100);

  script = ScriptOf(With("greedy-no-skip", "unknown"));
  ASSERT_TRUE(script.ok()) << script.status();
  EXPECT_EQ(script->charter.count_rule().rule(), "greedy_votes");
  EXPECT_FALSE(script->official_rule_known);
  EXPECT_THAT(script->notes, Contains(HasSubstr("\"unknown\" is not known")));
}

TEST(PabulibScript, PointsKeepTheirNumberAndPointlessChoicesGo) {
  const absl::StatusOr<Script> script =
      ScriptOf(absl::StrReplaceAll(kSound, {{"approval", "cumulative"},
                                            {"voter_id;vote;age", "voter_id;vote;points"},
                                            {"a;10,9,007;34", "a;10,9;3,0"},
                                            {"b;10,9;\n", "b;10,9;1,5\n"},
                                            {"c;9,9,10;124", "c;9,9,10;1,2,4"},
                                            {"d;;0", "d;;"}}));
  ASSERT_TRUE(script.ok()) << script.status();
  EXPECT_THAT(script->ballots[0].choices, ElementsAre(Pair(0u, 3u)));
  EXPECT_THAT(script->ballots[2].choices, ElementsAre(Pair(1u, 3u), Pair(0u, 4u)));
  EXPECT_EQ(script->charter.ballot_rule().points_total_max(), 7u);
  EXPECT_EQ(script->charter.ballot_rule().points_per_plan_max(), 5u);
  EXPECT_EQ(script->charter.count_rule().rule(), "greedy_points");
  EXPECT_THAT(script->notes, Contains(HasSubstr("1 choice of no points")));
}

TEST(PabulibScript, WithoutASelectedColumnNothingIsAnnounced) {
  const absl::StatusOr<Script> script = ScriptOf(absl::StrReplaceAll(
      kSound, {{";selected", ""}, {";Slide;1", ";Slide"}, {"25;;0", "25;"}, {";Gone;0", ";Gone"}}));
  ASSERT_TRUE(script.ok()) << script.status();
  EXPECT_FALSE(script->official.has_value());
}

TEST(PabulibScript, RefusesWhatCannotBePlayed) {
  const absl::Status fraction = ScriptOf(With("9;600;", "9;600.005;")).status();
  EXPECT_EQ(ReasonOf(fraction), "COST_NOT_IN_CENTS");
  EXPECT_THAT(FieldsOf(fraction), ElementsAre(Pair("project 9, cost", testing::_)));
  EXPECT_EQ(ReasonOf(ScriptOf(With("9;600;", "9;0;")).status()), "COST_NOT_IN_CENTS");
  EXPECT_EQ(ReasonOf(ScriptOf(With("budget;1000.50", "budget;1000.505")).status()),
            "COST_NOT_IN_CENTS");
  EXPECT_EQ(ReasonOf(ScriptOf(With("a;10,9,007", "a;10,9,8")).status()), "PB_INVALID");
  EXPECT_EQ(ReasonOf(PabulibScript("/nonexistent.pb", 2026).status()), "FILE_UNREADABLE");
  const size_t votes = kSound.find("a;10");
  const std::string nobody =
      absl::StrReplaceAll(kSound.substr(0, votes), {{"num_votes;4", "num_votes;0"}});
  EXPECT_EQ(ReasonOf(ScriptOf(nobody).status()), "NOBODY_VOTED");
}

}  // namespace
}  // namespace smederij::cli
