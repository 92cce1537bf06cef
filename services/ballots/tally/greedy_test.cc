#include "services/ballots/tally/greedy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/ballots/tally/testing/small_election.h"

namespace smederij::ballots::tally {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Three plans with 3, 2 and 1 votes.
Election ThreeTwoOne(const std::string& budget, const std::string& a, const std::string& b,
                     const std::string& c) {
  Election election = MakeElection(budget, {{"a", a}, {"b", b}, {"c", c}});
  AddBallot(election, {"a", "b", "c"});
  AddBallot(election, {"a", "b"});
  AddBallot(election, {"a"});
  return election;
}

TEST(Greedy, PassesByWhatDoesNotFit) {
  const Election election = ThreeTwoOne("10", "6", "5", "4");
  const Outcome outcome = MustCount(election, MakeRule("greedy_votes"));
  EXPECT_THAT(IdsOf(election, outcome), ElementsAre("a", "c"));
  EXPECT_EQ(outcome.spent, 10);
  EXPECT_EQ(Explain(election, outcome, "b", {"left", "missing", "more_support", "against"}),
            "NO_MONEY_LEFT left=4 missing=1 more_support=1 against=1");
}

TEST(Greedy, StopsAtTheFirstMisfitWhereTheCharterSaysSo) {
  const Election election = ThreeTwoOne("10", "6", "5", "4");
  Rule rule = MakeRule("greedy_votes");
  rule.stop_at_first_misfit = true;
  const Outcome outcome = MustCount(election, rule);
  EXPECT_THAT(IdsOf(election, outcome), ElementsAre("a"));
  EXPECT_EQ(Explain(election, outcome, "b"), "NO_MONEY_LEFT");
  EXPECT_EQ(Explain(election, outcome, "c", {"stopped_by", "more_support", "against"}),
            "COUNT_STOPPED stopped_by=2 more_support=1 against=2");
}

TEST(Greedy, AWithdrawnPlanIsPassedByWithoutStopping) {
  Election election = MakeElection("10", {{"a", "999999999", "", "", true}, {"b", "10"}});
  AddBallot(election, {"a"});
  Rule rule = MakeRule("greedy_votes");
  rule.stop_at_first_misfit = true;
  const Outcome outcome = MustCount(election, rule);
  EXPECT_THAT(IdsOf(election, outcome), ElementsAre("b"));
  EXPECT_EQ(Explain(election, outcome, "a"), "WITHDRAWN");
}

TEST(Greedy, OffersWhatIsLeftToTheFirstThatDoesNotFit) {
  for (const bool stop : {false, true}) {
    const Election election = ThreeTwoOne("10", "6", "5", "3");
    Rule rule = MakeRule("greedy_votes");
    rule.partial_award = true;
    rule.stop_at_first_misfit = stop;
    const Outcome outcome = MustCount(election, rule);
    EXPECT_THAT(IdsOf(election, outcome), ElementsAre("a", "b"));
    EXPECT_EQ(outcome.plans[1].decision, Decision::kPartial);
    EXPECT_EQ(outcome.plans[1].award, 4);
    EXPECT_EQ(Explain(election, outcome, "b", {"award", "missing"}),
              "PARTIALLY_FUNDED award=4 missing=1");
    EXPECT_EQ(Explain(election, outcome, "c"), stop ? "COUNT_STOPPED" : "NO_MONEY_LEFT");
  }
}

TEST(Greedy, OffersNothingWhenNothingIsLeft) {
  const Election election = ThreeTwoOne("6", "6", "5", "0");
  Rule rule = MakeRule("greedy_votes");
  rule.partial_award = true;
  const Outcome outcome = MustCount(election, rule);
  EXPECT_THAT(IdsOf(election, outcome), ElementsAre("a", "c"));
  EXPECT_EQ(Explain(election, outcome, "b"), "NO_MONEY_LEFT");
}

TEST(Greedy, OffersPartOnlyWhenEnoughOfTheCostIsLeft) {
  Rule rule = MakeRule("greedy_votes");
  rule.partial_award = true;
  rule.last_plan_percent_min = 80;
  for (const auto& [budget, offered] : {std::pair("10", true), {"9.99", false}}) {
    const Election election = ThreeTwoOne(budget, "6", "5", "3.99");
    const Outcome outcome = MustCount(election, rule);
    EXPECT_EQ(Explain(election, outcome, "b"), offered ? "PARTIALLY_FUNDED" : "NO_MONEY_LEFT");
    // Only the first that does not fit is ever asked; the next one gets what it fits in.
    EXPECT_EQ(Explain(election, outcome, "c"), offered ? "NO_MONEY_LEFT" : "FUNDED");
  }
  const Election election = ThreeTwoOne("9", "6", "5", "3.5");
  const Outcome outcome = MustCount(election, rule);
  EXPECT_EQ(Explain(election, outcome, "b"), "NO_MONEY_LEFT");
  EXPECT_EQ(Explain(election, outcome, "c"), "NO_MONEY_LEFT");
}

TEST(Greedy, FundsTheStoppingPlanWhenEnoughOfItsCostIsLeft) {
  Rule rule = MakeRule("greedy_votes");
  rule.stop_at_first_misfit = true;
  rule.last_plan_percent_min = 80;
  for (const auto& [budget, funded] : {std::pair("10", true), {"9.99", false}}) {
    const Election election = ThreeTwoOne(budget, "6", "5", "1");
    const Outcome outcome = MustCount(election, rule);
    EXPECT_EQ(Explain(election, outcome, "b"), funded ? "FUNDED_NEARLY_FITTED" : "NO_MONEY_LEFT");
    EXPECT_EQ(Explain(election, outcome, "c"), "COUNT_STOPPED");
    EXPECT_EQ(outcome.spent, funded ? 11 : 6);
  }
  // Dearer than the pot, but first it would nearly have fitted.
  const Election election = ThreeTwoOne("8", "1", "10", "0");
  EXPECT_EQ(Explain(election, MustCount(election, rule), "b", {"more_support"}),
            "NO_MONEY_LEFT more_support=2");
}

TEST(Greedy, LeavesOutWhatIsBelowTheThreshold) {
  const Election election = ThreeTwoOne("100", "1", "1", "1");
  Rule rule = MakeRule("greedy_votes");
  rule.support_min = 2;
  const Outcome outcome = MustCount(election, rule);
  EXPECT_THAT(IdsOf(election, outcome), ElementsAre("a", "b"));
  EXPECT_EQ(Explain(election, outcome, "c", {"support", "threshold", "missing_support"}),
            "BELOW_THRESHOLD support=1 threshold=2 missing_support=1");
}

TEST(Greedy, ThresholdsInPercentAreRoundedUpOverWeightedBallots) {
  Election election = ThreeTwoOne("100", "1", "1", "1");
  AddBallot(election, {}, 5);  // Blank ones count: 8 in all.
  Rule rule = MakeRule("greedy_votes");
  rule.support_min = 1;
  rule.support_min_basis_points = 2'500;  // 2 of 8.
  EXPECT_EQ(MustCount(election, rule).threshold, 2);
  rule.support_min_basis_points = 2'501;
  EXPECT_EQ(MustCount(election, rule).threshold, 3);
  rule.support_min = 4;
  EXPECT_EQ(MustCount(election, rule).threshold, 4);
}

TEST(Greedy, OnceOneOfAGroupWinsTheOthersLeave) {
  Election election = MakeElection("10", {{"a", "8", "site"}, {"b", "2", "site"}, {"c", "2"}});
  AddBallot(election, {"a", "b"});
  AddBallot(election, {"a"});
  const Outcome outcome = MustCount(election, MakeRule("greedy_votes"));
  EXPECT_THAT(IdsOf(election, outcome), ElementsAre("a", "c"));
  EXPECT_EQ(Explain(election, outcome, "b", {"winner", "more_support"}),
            "EXCLUDED_BY_WINNER winner=1 more_support=1");
}

TEST(Greedy, AGroupThatCannotBeFundedExcludesNobody) {
  Election election = MakeElection("5", {{"a", "8", "site"}, {"b", "2", "site"}});
  AddBallot(election, {"a"});
  EXPECT_THAT(IdsOf(election, MustCount(election, MakeRule("greedy_votes"))), ElementsAre("b"));
}

TEST(Greedy, EveryPotIsAContestOfItsOwn) {
  Election election =
      MakeElection("0", {{"a", "6", "", "green"}, {"b", "4", "", "grey"}, {"c", "5", "", "green"}});
  election.pots = {{"green", 10}, {"grey", 4}};
  AddBallot(election, {"a", "b", "c"});
  const Outcome outcome = MustCount(election, MakeRule("greedy_votes"));
  EXPECT_THAT(IdsOf(election, outcome), ElementsAre("c", "b"));
  ASSERT_EQ(outcome.contests.size(), 2u);
  EXPECT_EQ(outcome.contests[0].spent, 5);
  EXPECT_EQ(outcome.contests[1].spent, 4);
  EXPECT_EQ(outcome.spent, 9);
}

TEST(Greedy, TiesGoBySupportThenCostThenNumber) {
  Election election = MakeElection("3", {{"a", "3"}, {"b", "2"}, {"c", "2"}});
  AddBallot(election, {"a", "b", "c"});
  const Outcome outcome = MustCount(election, MakeRule("greedy_votes"));
  EXPECT_THAT(IdsOf(election, outcome), ElementsAre("b"));
  EXPECT_EQ(Explain(election, outcome, "c", {"against", "decided_by", "more_support"}),
            "TIE_LOST against=2 decided_by=number more_support=1");
  EXPECT_EQ(Explain(election, outcome, "a", {"against", "decided_by"}),
            "TIE_LOST against=2 decided_by=cost");
}

struct EdgeCase {
  std::string name;
  std::string rule;
  std::string budget;
  std::vector<SmallPlan> plans;
  std::vector<std::vector<std::string>> ballots;
  std::vector<std::string> selected;
};

class GreedyEdges : public testing::TestWithParam<EdgeCase> {};

TEST_P(GreedyEdges, AreDecidedAsWritten) {
  Election election = MakeElection(GetParam().budget, GetParam().plans);
  for (const auto& ballot : GetParam().ballots) AddBallot(election, ballot);
  EXPECT_EQ(IdsOf(election, MustCount(election, MakeRule(GetParam().rule))), GetParam().selected);
}

INSTANTIATE_TEST_SUITE_P(
    All, GreedyEdges,
    testing::ValuesIn<EdgeCase>({
        {"free_supported", "greedy_card", "5", {{"a", "5"}, {"z", "0"}}, {{"a", "z"}}, {"z", "a"}},
        {"free_by_cost",
         "greedy_cost",
         "5",
         {{"z", "0"}, {"a", "5"}},
         {{"z"}, {"a", "z"}},
         {"a", "z"}},
        {"free_by_votes",
         "greedy_votes",
         "5",
         {{"z", "0"}, {"a", "5"}},
         {{"z"}, {"a", "z"}},
         {"z", "a"}},
        {"free_unsupported", "greedy_votes", "0", {{"z", "0"}, {"a", "1"}}, {{"a"}}, {"z"}},
        {"dearer_than_budget", "greedy_votes", "5", {{"a", "6"}, {"b", "5"}}, {{"a"}}, {"b"}},
        {"exactly_what_is_left",
         "greedy_votes",
         "5.5",
         {{"a", "2.25"}, {"b", "3.25"}},
         {{"a"}},
         {"a", "b"}},
        {"no_supporters_but_fits",
         "greedy_votes",
         "5",
         {{"a", "4"}, {"b", "1"}},
         {{"a"}},
         {"a", "b"}},
        {"no_ballots", "greedy_votes", "5", {{"b", "3"}, {"a", "2"}, {"c", "1"}}, {}, {"c", "a"}},
        {"no_budget", "greedy_votes", "0", {{"a", "1"}}, {{"a"}}, {}},
        {"blank_ballots", "greedy_votes", "1", {{"a", "1"}, {"b", "1"}}, {{}, {"b"}, {}}, {"b"}},
        {"no_plans", "greedy_votes", "1", {}, {{}}, {}},
        {"per_cost", "greedy_card", "10", {{"a", "10"}, {"b", "1"}}, {{"a"}, {"a", "b"}}, {"b"}},
    }),
    [](const auto& tested) { return tested.param.name; });

TEST(Greedy, PointsAndRankingsCountAsSupport) {
  Election points = MakeElection("1", {{"a", "1"}, {"b", "1"}}, BallotKind::kPoints);
  AddPoints(points, {{"a", 2}, {"b", 3}});
  AddPoints(points, {{"a", 2}});
  EXPECT_THAT(IdsOf(points, MustCount(points, MakeRule("greedy_points"))), ElementsAre("a"));

  Election ranking = MakeElection("1", {{"a", "1"}, {"b", "1"}, {"c", "1"}}, BallotKind::kRanking);
  AddBallot(ranking, {"b", "a", "c"});
  AddBallot(ranking, {"a"});  // A short ballot gives its only plan 1, not 3.
  const Outcome outcome = MustCount(ranking, MakeRule("greedy_points"));
  EXPECT_EQ(outcome.plans[0].support, 3);
  EXPECT_EQ(outcome.plans[1].support, 3);
  EXPECT_EQ(outcome.plans[2].support, 1);
  EXPECT_THAT(IdsOf(ranking, outcome), ElementsAre("a"));
}

}  // namespace
}  // namespace smederij::ballots::tally
