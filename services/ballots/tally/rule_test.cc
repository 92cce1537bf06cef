#include "services/ballots/tally/rule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/error.h"
#include "services/ballots/tally/testing/small_election.h"

namespace smederij::ballots::tally {
namespace {

using testing::ElementsAre;
using testing::Pair;

std::vector<std::string> FieldsAtFault(const absl::Status& status) {
  std::vector<std::string> fields;
  for (const Fact& field : FieldsOf(status)) fields.push_back(field.first);
  return fields;
}

TEST(Rules, EachCountsItsKindsOfBallotsAndNoOthers) {
  for (const RuleInfo& info : Rules()) {
    for (const BallotKind kind :
         {BallotKind::kApproval, BallotKind::kChooseOne, BallotKind::kKnapsack, BallotKind::kPoints,
          BallotKind::kRanking}) {
      const bool fits = std::count(info.kinds.begin(), info.kinds.end(), kind) > 0;
      Election election = MakeElection("10", {{"a", "10"}}, kind);
      AddBallot(election, {"a"});
      const absl::StatusOr<Outcome> outcome =
          Count(election, MakeRule(std::string(info.name.data(), info.name.size())));
      EXPECT_EQ(outcome.ok(), fits) << info.name << " " << NameOf(kind);
      EXPECT_EQ(ReasonOf(outcome.status()), fits ? "" : "RULE_INVALID");
    }
  }
}

TEST(Rules, AllMistakesAreToldTogether) {
  Rule rule = MakeRule("mes_cost");
  rule.stop_at_first_misfit = true;
  rule.partial_award = true;
  rule.last_plan_percent_min = 101;
  rule.support_min = -1;
  rule.support_min_basis_points = 10'001;
  rule.endowment_step = 0;
  rule.tie_order = {TieBreak::kCost, TieBreak::kCost};
  const absl::Status status = CheckRule(rule, BallotKind::kPoints);
  EXPECT_EQ(ReasonOf(status), "RULE_INVALID");
  EXPECT_THAT(FieldsAtFault(status),
              testing::IsSupersetOf({"endowment_step", "last_plan_percent_min", "name",
                                     "partial_award", "stop_at_first_misfit", "support_min",
                                     "support_min_basis_points", "tie_order"}));
}

struct Case {
  std::string name;
  Rule rule;
  std::string field;  // At fault; empty for a good rule.
};

Rule With(std::string name, void (*change)(Rule&)) {
  Rule rule = MakeRule(std::move(name));
  change(rule);
  return rule;
}

class RuleChecks : public testing::TestWithParam<Case> {};

TEST_P(RuleChecks, NameTheFieldAtFault) {
  const absl::Status status = CheckRule(GetParam().rule, BallotKind::kApproval);
  if (GetParam().field.empty()) {
    EXPECT_TRUE(status.ok()) << status;
  } else {
    EXPECT_THAT(FieldsAtFault(status), ElementsAre(GetParam().field));
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, RuleChecks,
    testing::ValuesIn<Case>({
        {"known", MakeRule("greedy_votes"), ""},
        {"unknown", MakeRule("greedy"), "name"},
        {"partial", With("greedy_votes", [](Rule& r) { r.partial_award = true; }), ""},
        {"partial_by_cost", With("greedy_card", [](Rule& r) { r.partial_award = true; }),
         "partial_award"},
        {"no_skip", With("greedy_card", [](Rule& r) { r.stop_at_first_misfit = true; }), ""},
        {"no_skip_phragmen", With("phragmen", [](Rule& r) { r.stop_at_first_misfit = true; }),
         "stop_at_first_misfit"},
        {"percent_of_a_part",
         With("greedy_votes",
              [](Rule& r) {
                r.partial_award = true;
                r.last_plan_percent_min = 80;
              }),
         ""},
        {"percent_without_stop",
         With("greedy_votes", [](Rule& r) { r.last_plan_percent_min = 80; }),
         "last_plan_percent_min"},
        {"number_before_cost",
         With("greedy_votes",
              [](Rule& r) {
                r.tie_order = {TieBreak::kNumber, TieBreak::kCost};
              }),
         "tie_order"},
        {"lot_last",
         With("greedy_votes",
              [](Rule& r) {
                r.tie_order = {TieBreak::kCost, TieBreak::kLot};
              }),
         ""},
    }),
    [](const auto& tested) { return tested.param.name; });

TEST(Rules, ALotNamesEveryPlanOnce) {
  Election election = MakeElection("10", {{"a", "10"}, {"b", "10"}});
  Rule rule = MakeRule("greedy_votes");
  rule.tie_order = {TieBreak::kSupport, TieBreak::kLot};
  for (const std::vector<uint32_t>& lot :
       {std::vector<uint32_t>{}, {1}, {1, 1}, {1, 2, 3}, {1, 3}}) {
    rule.lot = lot;
    EXPECT_THAT(FieldsAtFault(Count(election, rule).status()), ElementsAre("lot"));
  }
  rule.lot = {2, 1};
  EXPECT_THAT(IdsOf(election, MustCount(election, rule)), ElementsAre("b"));
}

TEST(Elections, AllMistakesAreToldTogether) {
  Election election = MakeElection("10", {{"a", "-1"}, {"a", "9007199254740993"}});
  election.plans[1].number = 1;
  election.ballots.Add({Choice{0}, Choice{0}});
  election.ballots.Add({Choice{2}});
  election.ballots.Add({Choice{0}}, 0);
  const absl::Status status = Count(election, MakeRule("greedy_votes")).status();
  EXPECT_EQ(ReasonOf(status), "ELECTION_INVALID");
  EXPECT_THAT(FieldsAtFault(status),
              ElementsAre("ballots[0]", "ballots[1]", "ballots[2]", "plans[0].cost",
                          "plans[1].cost", "plans[1].id", "plans[1].number"));
}

TEST(Elections, AmountsFitTogether) {
  // Alone either would do; together they need hundredths of a huge sum.
  Election election = MakeElection("9007199254740992", {{"a", "1"}});
  EXPECT_TRUE(CheckElection(election).ok());
  election.plans[0].cost = FromText("0.01");
  EXPECT_THAT(FieldsAtFault(CheckElection(election)), ElementsAre("budget"));
}

TEST(Elections, ABallotThatChoosesOneChoosesAtMostOne) {
  Election election = MakeElection("10", {{"a", "1"}, {"b", "1"}}, BallotKind::kChooseOne);
  AddBallot(election, {});
  AddBallot(election, {"a"});
  EXPECT_TRUE(CheckElection(election).ok());
  AddBallot(election, {"a", "b"});
  EXPECT_THAT(FieldsAtFault(CheckElection(election)), ElementsAre("ballots[2]"));
}

TEST(Elections, PlansOfPotsHaveOne) {
  Election election = MakeElection("0", {{"a", "1", "", "green"}, {"b", "1", "", "grey"}});
  election.pots = {{"green", 1}, {"green", 2}};
  EXPECT_THAT(FieldsAtFault(CheckElection(election)),
              ElementsAre("plans[1].category", "pots[1].category"));
}

}  // namespace
}  // namespace smederij::ballots::tally
