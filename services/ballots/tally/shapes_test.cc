// Elections of odd shapes: every rule counts them, and says of every plan why.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/error.h"
#include "services/ballots/tally/testing/small_election.h"

namespace smederij::ballots::tally {
namespace {

// Plans of no particular cost, and a ballot that chooses all.
Election Some(BallotKind kind) {
  Election election = MakeElection("100", {{"a", "30"}, {"b", "40"}, {"c", "50"}}, kind);
  if (kind == BallotKind::kChooseOne) {
    AddPoints(election, {{"a", 3}});
  } else {
    AddPoints(election, {{"a", 3}, {"b", 2}, {"c", 1}});
  }
  return election;
}

Election NoPlans(BallotKind kind) {
  Election election = MakeElection("100", {}, kind);
  election.ballots.Add({}, 5);
  return election;
}

Election NoBallots(BallotKind kind) {
  return MakeElection("100", {{"a", "30"}, {"b", "0"}, {"c", "500"}}, kind);
}

Election BlankBallots(BallotKind kind) {
  Election election = NoBallots(kind);
  election.ballots.Add({}, kWeightMax);
  return election;
}

Election NoMoney(BallotKind kind) {
  Election election = Some(kind);
  election.budget = 0;
  return election;
}

Election NoCosts(BallotKind kind) {
  Election election = Some(kind);
  for (Plan& plan : election.plans) plan.cost = 0;
  return election;
}

Election AllTooDear(BallotKind kind) {
  Election election = Some(kind);
  for (Plan& plan : election.plans) plan.cost += 100;
  return election;
}

// The largest amounts, weights and support that are counted.
Election Largest(BallotKind kind) {
  Election election = Some(kind);
  election.budget = Rational(kAmountMax);
  for (Plan& plan : election.plans) plan.cost = Rational(kAmountMax - plan.number);
  const BallotView first = election.ballots[0];
  const std::vector<Choice> choices(first.choices.begin(), first.choices.end());
  for (int copy = 0; copy < 1'000; ++copy) election.ballots.Add(choices, kWeightMax);
  return election;
}

struct Shape {
  std::string name;
  Election (*make)(BallotKind kind);
};

class Shapes : public testing::TestWithParam<Shape> {};

TEST_P(Shapes, AreCountedByEveryRule) {
  for (const RuleInfo& info : Rules()) {
    SCOPED_TRACE(std::string(info.name));
    Election election = GetParam().make(info.kinds.front());
    Rule rule = MakeRule(std::string(info.name));
    // A step that fits the money: how many endowments there are is no matter of shape.
    rule.endowment_step = std::max<Rational>(1, election.budget / 1'000);
    const absl::StatusOr<Outcome> outcome = Count(election, rule);
    ASSERT_TRUE(outcome.ok()) << outcome.status();
    EXPECT_LE(outcome->spent, election.budget);
    ASSERT_EQ(outcome->plans.size(), election.plans.size());
    Rational awarded = 0;
    for (const PlanOutcome& plan : outcome->plans) {
      awarded += plan.award;
      EXPECT_FALSE(plan.facts.empty());
    }
    EXPECT_EQ(awarded, outcome->spent);
  }
}

INSTANTIATE_TEST_SUITE_P(All, Shapes,
                         testing::ValuesIn<Shape>({
                             {"one_voter_choosing_all", Some},
                             {"no_plans", NoPlans},
                             {"no_ballots", NoBallots},
                             {"blank_ballots", BlankBallots},
                             {"no_money", NoMoney},
                             {"no_costs", NoCosts},
                             {"all_dearer_than_the_budget", AllTooDear},
                             {"largest", Largest},
                         }),
                         [](const auto& tested) { return tested.param.name; });

// One step further than what is counted, and the field at fault.
struct Beyond {
  std::string name;
  void (*change)(Election&);
  std::string field;
};

class BeyondLimits : public testing::TestWithParam<Beyond> {};

TEST_P(BeyondLimits, IsRefusedByEveryRule) {
  for (const RuleInfo& info : Rules()) {
    SCOPED_TRACE(std::string(info.name));
    Election election = Some(info.kinds.front());
    GetParam().change(election);
    const absl::Status refusal = Count(election, MakeRule(std::string(info.name))).status();
    EXPECT_EQ(ReasonOf(refusal), "ELECTION_INVALID");
    const std::vector<Fact> fields = FieldsOf(refusal);
    ASSERT_FALSE(fields.empty());
    EXPECT_EQ(fields[0].first, GetParam().field);
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, BeyondLimits,
    testing::ValuesIn<Beyond>({
        {"budget", [](Election& election) { election.budget = Rational(kAmountMax) + 1; },
         "budget"},
        {"cost", [](Election& election) { election.plans[2].cost = Rational(kAmountMax) + 1; },
         "plans[2].cost"},
        {"cost_in_cents",
         [](Election& election) {
           election.plans[0].cost = Rational(1, 100);
           election.plans[1].cost = Rational(kAmountMax / 10);
         },
         "plans[1].cost"},
        {"cost_below_zero", [](Election& election) { election.plans[0].cost = -1; },
         "plans[0].cost"},
        {"weight", [](Election& election) { election.ballots.Add({}, kWeightMax + 1); },
         "ballots[1]"},
        {"weight_zero", [](Election& election) { election.ballots.Add({}, 0); }, "ballots[1]"},
    }),
    [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace smederij::ballots::tally
