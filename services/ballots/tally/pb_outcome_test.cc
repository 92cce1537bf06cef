#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_replace.h"
#include "services/ballots/tally/count.h"
#include "services/ballots/tally/pb_export.h"
#include "services/ballots/tally/testing/small_election.h"
#include "services/ballots/tally/testing/small_pb.h"
#include "services/ballots/tally/testing/written_pb.h"

namespace smederij::ballots::tally {
namespace {

using testing::ElementsAre;

// Which word META has for a rule; `threshold` is of the ballots' 2.
struct Word {
  std::string name;
  Rule rule;
  std::string word;
  std::string threshold = "";
};

class PbWords : public testing::TestWithParam<Word> {};

TEST_P(PbWords, SayExactlyTheRule) {
  const PbFile file = MustRead(kSmallPb);
  const Rule& rule = GetParam().rule;
  const absl::StatusOr<Outcome> outcome = Count(file.election, rule);
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  absl::StatusOr<PbDocument> before = ParsePbDocument(kSmallPb);
  ASSERT_TRUE(before.ok());
  before->SetMeta("min_project_score_threshold", "77");
  const absl::StatusOr<PbDocument> after = WithOutcome(*before, file.election, rule, *outcome);
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_EQ(std::string(after->Meta("rule")), GetParam().word);
  EXPECT_EQ(std::string(after->Meta("min_project_score_threshold")), GetParam().threshold);
  const std::optional<Rule> told = OfficialRule(MustRead(MustWrite(after)));
  ASSERT_EQ(told.has_value(), GetParam().word != rule.name);
  if (!told) return;
  EXPECT_EQ(told->name, rule.name);
  EXPECT_EQ(told->stop_at_first_misfit, rule.stop_at_first_misfit);
  EXPECT_EQ(told->last_plan_percent_min, rule.last_plan_percent_min);
  EXPECT_EQ(told->support_min, outcome->threshold);
}

INSTANTIATE_TEST_SUITE_P(
    All, PbWords,
    testing::ValuesIn<Word>({
        {"greedy", {.name = "greedy_votes"}, "greedy"},
        {"usual_ties",
         {.name = "greedy_votes", .tie_order = {TieBreak::kSupport, TieBreak::kCost}},
         "greedy"},
        {"other_ties", {.name = "greedy_votes", .tie_order = {TieBreak::kNumber}}, "greedy_votes"},
        {"no_skip", {.name = "greedy_votes", .stop_at_first_misfit = true}, "greedy-no-skip"},
        {"no_skip_threshold",
         {.name = "greedy_votes", .stop_at_first_misfit = true, .support_min = 1},
         "greedy-no-skip",
         "1"},
        {"threshold", {.name = "greedy_votes", .support_min = 2}, "greedy-threshold", "2"},
        {"share",
         {.name = "greedy_votes", .support_min_basis_points = 5'000},
         "greedy-threshold",
         "1"},
        {"eighty_percent",
         {.name = "greedy_votes", .stop_at_first_misfit = true, .last_plan_percent_min = 80},
         "greedy-custom"},
        {"ninety_percent",
         {.name = "greedy_votes", .stop_at_first_misfit = true, .last_plan_percent_min = 90},
         "greedy_votes"},
        {"partial", {.name = "greedy_votes", .partial_award = true}, "greedy_votes"},
        {"by_cost", {.name = "greedy_cost"}, "greedy_cost"},
        {"add1_full", {.name = "mes_cost_add1_full"}, "equalshares/add1"},
        {"half_steps",
         {.name = "mes_cost_add1_full", .endowment_step = Rational(1, 2)},
         "mes_cost_add1_full"},
        {"add1", {.name = "mes_cost_add1"}, "mes_cost_add1"},
        {"phragmen", {.name = "phragmen"}, "phragmen"},
    }),
    [](const auto& tested) { return tested.param.name; });

TEST(PbOutcome, SetsTheResultColumnsAndCounts) {
  const std::string text =
      absl::StrReplaceAll(SmallCumulativePb(), {{"cost;name", "cost;selected;latitude"},
                                                {"10;60;", "10;90;7;"},
                                                {"num_votes;2", "num_votes;9"},
                                                {"v1;10,9;3,1", "v1;10,9;3,0"}});
  absl::StatusOr<PbDocument> document = ParsePbDocument(text);
  ASSERT_TRUE(document.ok());
  document->SetMeta("num_votes", "2");
  const PbFile file = MustRead(MustWrite(document));
  document->SetMeta("num_votes", "9");
  Rule rule{.name = "greedy_points", .stop_at_first_misfit = true, .last_plan_percent_min = 50};
  const Outcome outcome = MustCount(file.election, rule);
  const absl::StatusOr<PbDocument> after = WithOutcome(*document, file.election, rule, outcome);
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_THAT(after->projects.header,
              ElementsAre("project_id", "cost", "selected", "latitude", "votes", "score"));
  EXPECT_THAT(after->projects.rows[0], ElementsAre("10", "90", "1", "Park", "1", "3"));
  EXPECT_EQ(after->Meta("num_votes"), "2");
  EXPECT_EQ(after->Meta("rule"), "greedy_points");
}

TEST(PbOutcome, AnExtraRuleIsTwo) {
  Election election = MakeElection("100", {{"a", "60"}, {"b", "50"}, {"c", "10"}});
  AddBallot(election, {"a", "b", "c"});
  AddBallot(election, {"a", "b"});
  AddBallot(election, {"a"});
  const auto selected = [&](const Rule& rule) {
    const absl::StatusOr<PbDocument> after =
        WithOutcome(*DocumentOf(FileOf(election)), election, rule, MustCount(election, rule));
    EXPECT_TRUE(after.ok()) << after.status();
    std::string text;
    for (size_t row = 0; row < after->projects.rows.size(); ++row) {
      text += std::string(after->projects.Cell(row, after->projects.Column("selected")));
    }
    return text;
  };
  EXPECT_EQ(selected({.name = "greedy_votes"}), "101");
  EXPECT_EQ(selected({.name = "greedy_votes", .partial_award = true}), "120");
  EXPECT_EQ(
      selected({.name = "greedy_votes", .stop_at_first_misfit = true, .last_plan_percent_min = 80}),
      "120");
}

TEST(PbOutcome, OfAnotherElectionIsRefused) {
  const PbFile file = MustRead(kSmallPb);
  const Rule rule = MakeRule("greedy_votes");
  const Outcome outcome = MustCount(file.election, rule);
  for (const auto& [from, to] : {std::pair("9;40;Pool\n", ""), std::pair("9;40", "8;40")}) {
    const absl::StatusOr<PbDocument> other =
        ParsePbDocument(absl::StrReplaceAll(kSmallPb, {{from, to}}));
    ASSERT_TRUE(other.ok());
    EXPECT_EQ(ReasonOf(WithOutcome(*other, file.election, rule, outcome).status()),
              "OUTCOME_OF_ANOTHER_ELECTION");
  }
}

}  // namespace
}  // namespace smederij::ballots::tally
