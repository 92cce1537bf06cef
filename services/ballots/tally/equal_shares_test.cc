#include "services/ballots/tally/equal_shares.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/ballots/tally/testing/small_election.h"

namespace smederij::ballots::tally {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

struct EdgeCase {
  std::string name;
  std::string rule;
  std::string budget;
  std::vector<SmallPlan> plans;
  std::vector<std::vector<std::string>> ballots;
  std::vector<std::string> selected;
};

class ShareEdges : public testing::TestWithParam<EdgeCase> {};

TEST_P(ShareEdges, AreDecidedAsWritten) {
  Election election = MakeElection(GetParam().budget, GetParam().plans);
  for (const auto& ballot : GetParam().ballots) AddBallot(election, ballot);
  EXPECT_EQ(IdsOf(election, MustCount(election, MakeRule(GetParam().rule))), GetParam().selected);
}

const std::vector<SmallPlan> kFiveAndFive = {{"a", "5"}, {"b", "5"}};
const std::vector<std::vector<std::string>> kOneEach = {{"a"}, {"b"}};

INSTANTIATE_TEST_SUITE_P(
    All, ShareEdges,
    testing::ValuesIn<EdgeCase>({
        {"free_by_cost", "mes_cost", "5", {{"z", "0"}, {"a", "5"}}, {{"a", "z"}}, {"a"}},
        {"free_by_card", "mes_card", "5", {{"a", "5"}, {"z", "0"}}, {{"a", "z"}}, {"z", "a"}},
        {"free_unsupported", "mes_card", "5", {{"z", "0"}}, {{}}, {}},
        {"free_unsupported_u", "mes_cost_add1u", "5", {{"z", "0"}}, {{}}, {"z"}},
        {"dearer_than_budget", "mes_cost", "5", {{"a", "6"}}, {{"a"}}, {}},
        {"dearer_ends_growing",
         "mes_cost_add1_full",
         "5",
         {{"a", "6"}, {"b", "4"}},
         {{"a"}, {"b"}, {"a"}},
         {}},
        {"exactly_what_they_hold", "mes_cost", "6", {{"a", "4"}}, {{"a"}, {"a"}, {}}, {"a"}},
        {"one_cent_more", "mes_cost", "6", {{"a", "4.01"}}, {{"a"}, {"a"}, {}}, {}},
        {"blank_ballots_count", "mes_cost", "6", {{"a", "4"}}, {{"a"}, {"a"}, {}, {}}, {}},
        {"no_ballots", "mes_cost_add1_full", "6", {{"a", "4"}}, {}, {}},
        {"no_budget", "mes_cost_add1_full", "0", {{"a", "4"}}, {{"a"}}, {}},
        {"no_plans", "mes_cost_add1_full", "6", {}, {{}}, {}},
        {"all_affordable_not_bought",
         "mes_cost",
         "10",
         {{"a", "6"}, {"b", "4"}},
         {{"a"}, {"b"}},
         {"b"}},
        {"all_affordable_add1",
         "mes_cost_add1",
         "10",
         {{"a", "6"}, {"b", "4"}},
         {{"a"}, {"b"}},
         {"b", "a"}},
        {"neither_of_two", "mes_cost", "5", kFiveAndFive, kOneEach, {}},
        {"neither_of_two_add1", "mes_cost_add1", "5", kFiveAndFive, kOneEach, {}},
        {"neither_of_two_add1u", "mes_cost_add1u", "5", kFiveAndFive, kOneEach, {"a"}},
        {"all_bought_ends_growing",
         "mes_cost_add1_full",
         "100",
         kFiveAndFive,
         kOneEach,
         {"a", "b"}},
        {"tie_by_number",
         "mes_cost",
         "4",
         {{"a", "4"}, {"b", "4"}},
         {{"a", "b"}, {"a", "b"}},
         {"a"}},
        {"tie_by_support", "mes_card", "4", {{"b", "2"}, {"a", "4"}}, {{"a", "b"}, {"a"}}, {"a"}},
        {"tie_by_cost", "mes_cost", "4", {{"a", "4"}, {"b", "2"}}, {{"a", "b"}, {"a", "b"}}, {"b"}},
    }),
    [](const auto& tested) { return tested.param.name; });

TEST(EqualShares, TellsWhatSupportersHeldAndWhatWasMissing) {
  Election election = MakeElection("12", {{"a", "8"}, {"b", "5"}});
  AddBallot(election, {"a", "b"});
  AddBallot(election, {"a", "b"});
  AddBallot(election, {"a"});
  const Outcome outcome = MustCount(election, MakeRule("mes_cost"));
  EXPECT_THAT(IdsOf(election, outcome), ElementsAre("a"));
  EXPECT_EQ(Explain(election, outcome, "a", {"share", "supporters", "endowment"}),
            "FUNDED_BY_SHARES share=8/3 supporters=3 endowment=4");
  EXPECT_EQ(Explain(election, outcome, "b", {"held", "missing", "supporters"}),
            "SHARES_FELL_SHORT held=8/3 missing=7/3 supporters=2");
}

TEST(EqualShares, TellsALostTie) {
  Election election = MakeElection("4", {{"a", "4"}, {"b", "4"}});
  AddBallot(election, {"a", "b"}, 2);
  const Outcome outcome = MustCount(election, MakeRule("mes_cost"));
  EXPECT_EQ(Explain(election, outcome, "b", {"against", "decided_by", "held"}),
            "TIE_LOST against=1 decided_by=number held=0");
}

TEST(EqualShares, ThePoorGiveAllTheyHaveAndTheRestShare) {
  Election election = MakeElection("30", {{"a", "20"}, {"b", "16"}});
  AddBallot(election, {"a"});
  AddBallot(election, {"a", "b"});
  AddBallot(election, {"b"});
  // Equally many want either, so the cheaper goes first: 8 each. a's supporters then hold 10 + 2.
  EXPECT_THAT(IdsOf(election, MustCount(election, MakeRule("mes_cost"))), ElementsAre("b"));
  // With 14 each they would hold 14 + 6, enough for a: but the two cost more than there is.
  const Outcome outcome = MustCount(election, MakeRule("mes_cost_add1_full"));
  EXPECT_THAT(IdsOf(election, outcome), ElementsAre("b"));
  EXPECT_EQ(outcome.contests[0].endowment, 13);
  EXPECT_EQ(outcome.contests[0].endowments, 5u);
  EXPECT_EQ(Explain(election, outcome, "a", {"against", "decided_by", "held", "missing"}),
            "TIE_LOST against=2 decided_by=cost held=18 missing=2");
  election.budget = 36;
  EXPECT_THAT(IdsOf(election, MustCount(election, MakeRule("mes_cost_add1"))),
              ElementsAre("b", "a"));
}

TEST(EqualShares, TheStepIsTheCharters) {
  Election election = MakeElection("30", {{"a", "20"}, {"b", "16"}});
  AddBallot(election, {"a"});
  AddBallot(election, {"a", "b"});
  AddBallot(election, {"b"});
  Rule rule = MakeRule("mes_cost_add1_full");
  rule.endowment_step = FromText("0.01");
  const Outcome outcome = MustCount(election, rule);
  EXPECT_EQ(outcome.contests[0].endowment, FromText("13.99"));
  EXPECT_EQ(outcome.contests[0].endowments, 401u);
}

TEST(EqualShares, AMillionStepsThatChangeNothingTakeNoTime) {
  // One voter alone wants what nobody can pay for a long time, in the smallest of steps.
  Election election = MakeElection("1000", {{"a", "400"}, {"b", "300"}, {"z", "98765432.1"}});
  AddBallot(election, {"a", "b"}, 5);
  AddBallot(election, {"a"}, 4);
  AddBallot(election, {"z"});
  Rule rule = MakeRule("mes_cost_add1_full");
  rule.endowment_step = FromText("0.01");
  const Outcome outcome = MustCount(election, rule);
  EXPECT_THAT(IdsOf(election, outcome), ElementsAre("a", "b"));
  EXPECT_EQ(outcome.contests[0].endowment, FromText("98765432.09"));
  EXPECT_EQ(outcome.contests[0].endowments, 9'876'533'211u);
}

TEST(EqualShares, GrowingMayLoseAPlanAgain) {
  // The rule is not monotone, and the last feasible run is what counts.
  Election election = MakeElection("20", {{"a", "12"}, {"b", "6"}, {"c", "9"}});
  AddBallot(election, {"a", "b"});
  AddBallot(election, {"a", "c"});
  AddBallot(election, {"b"});
  const Outcome early = MustCount(election, MakeRule("mes_cost_add1"));
  const Outcome full = MustCount(election, MakeRule("mes_cost_add1_full"));
  EXPECT_LE(early.contests[0].endowment, full.contests[0].endowment);
  EXPECT_LE(full.spent, election.budget);
}

TEST(EqualShares, OnceOneOfAGroupWinsTheOthersLeave) {
  Election election = MakeElection("20", {{"a", "8", "site"}, {"b", "4", "site"}, {"c", "6", ""}});
  AddBallot(election, {"a", "b", "c"}, 3);
  AddBallot(election, {"a", "c"});
  for (const char* rule : {"mes_cost", "mes_cost_add1_full", "mes_cost_add1u", "mes_card"}) {
    const Outcome outcome = MustCount(election, MakeRule(rule));
    const bool by_card = std::string(rule) == "mes_card";  // b is better per unit of money.
    EXPECT_THAT(IdsOf(election, outcome), UnorderedElementsAre(by_card ? "b" : "a", "c")) << rule;
    EXPECT_EQ(Explain(election, outcome, by_card ? "a" : "b", {"winner"}),
              by_card ? "EXCLUDED_BY_WINNER winner=2" : "EXCLUDED_BY_WINNER winner=1");
  }
}

TEST(EqualShares, OfFreePlansInAGroupTheBetterWins) {
  Election election =
      MakeElection("5", {{"a", "0", "site"}, {"b", "0", "site"}, {"c", "5", "site"}});
  AddBallot(election, {"b", "c"});
  AddBallot(election, {"a", "b", "c"});
  const Outcome outcome = MustCount(election, MakeRule("mes_card"));
  EXPECT_THAT(IdsOf(election, outcome), ElementsAre("b"));
  EXPECT_EQ(Explain(election, outcome, "c", {"winner"}), "EXCLUDED_BY_WINNER winner=2");
}

TEST(EqualShares, BelowTheThresholdNobodyPays) {
  Election election = MakeElection("10", {{"a", "4"}, {"b", "4"}});
  AddBallot(election, {"a"}, 2);
  AddBallot(election, {"b"});
  Rule rule = MakeRule("mes_cost_add1_full");
  rule.support_min = 2;
  const Outcome outcome = MustCount(election, rule);
  EXPECT_THAT(IdsOf(election, outcome), ElementsAre("a"));
  EXPECT_EQ(Explain(election, outcome, "b"), "BELOW_THRESHOLD");
}

TEST(EqualShares, EveryPotIsAContestOfItsOwnOverAllVoters) {
  Election election = MakeElection("0", {{"a", "4", "", "green"}, {"b", "4", "", "grey"}});
  election.pots = {{"green", 8}, {"grey", 7}};
  AddBallot(election, {"a", "b"});
  AddBallot(election, {});
  const Outcome outcome = MustCount(election, MakeRule("mes_cost"));
  EXPECT_THAT(IdsOf(election, outcome), ElementsAre("a"));  // 4 each is enough, 3.5 is not.
}

TEST(EqualShares, BordaGivesTheLastPlaceNothing) {
  Election election = MakeElection("4", {{"a", "2"}, {"b", "2"}}, BallotKind::kRanking);
  AddBallot(election, {"a", "b"});
  EXPECT_THAT(IdsOf(election, MustCount(election, MakeRule("mes_borda"))), ElementsAre("a"));
  EXPECT_THAT(IdsOf(election, MustCount(election, MakeRule("mes_points"))), ElementsAre("a", "b"));
}

TEST(Phragmen, StopsAtTheFirstThatDoesNotFit) {
  Election election = MakeElection("10", {{"a", "6"}, {"b", "5"}, {"c", "4"}, {"d", "11"}});
  AddBallot(election, {"a", "b", "d"}, 2);
  AddBallot(election, {"a", "c", "d"});
  const Outcome outcome = MustCount(election, MakeRule("phragmen"));
  // a: 2 each. Then b: (5 + 4) / 2, c: (4 + 2) / 1.
  EXPECT_THAT(IdsOf(election, outcome), ElementsAre("a"));
  EXPECT_EQ(Explain(election, outcome, "a", {"load"}), "FUNDED load=2");
  EXPECT_EQ(Explain(election, outcome, "b", {"left", "missing"}), "NO_MONEY_LEFT left=4 missing=1");
  EXPECT_EQ(Explain(election, outcome, "c", {"stopped_by"}), "COUNT_STOPPED stopped_by=2");
  EXPECT_EQ(Explain(election, outcome, "d", {"pot"}), "DEARER_THAN_POT pot=10");
}

TEST(Phragmen, StopsWhenAnyOfATieDoesNotFit) {
  Election election = MakeElection("5", {{"a", "4"}, {"b", "2"}, {"c", "2"}});
  AddBallot(election, {"a"}, 2);
  AddBallot(election, {"b"});
  AddBallot(election, {"c"});
  EXPECT_THAT(IdsOf(election, MustCount(election, MakeRule("phragmen"))), ElementsAre("a"));
}

TEST(Phragmen, UnsupportedPlansAreOneTieAtTheEnd) {
  Election fits = MakeElection("9", {{"a", "4"}, {"b", "3"}, {"c", "2"}});
  AddBallot(fits, {"a"});
  EXPECT_THAT(IdsOf(fits, MustCount(fits, MakeRule("phragmen"))), ElementsAre("a", "c", "b"));
  Election short_of = MakeElection("6", {{"a", "4"}, {"b", "3"}, {"c", "2"}});
  AddBallot(short_of, {"a"});
  EXPECT_THAT(IdsOf(short_of, MustCount(short_of, MakeRule("phragmen"))), ElementsAre("a"));
}

TEST(Phragmen, OnceOneOfAGroupWinsTheOthersLeave) {
  Election election = MakeElection("10", {{"a", "4", "site"}, {"b", "5", "site"}, {"c", "6"}});
  AddBallot(election, {"a", "b", "c"}, 2);
  const Outcome outcome = MustCount(election, MakeRule("phragmen"));
  EXPECT_THAT(IdsOf(election, outcome), ElementsAre("a", "c"));
  EXPECT_EQ(Explain(election, outcome, "b", {"winner"}), "EXCLUDED_BY_WINNER winner=1");
}

}  // namespace
}  // namespace smederij::ballots::tally
