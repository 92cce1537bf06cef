#include "services/ballots/tally/replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/error.h"
#include "services/ballots/tally/testing/random_election.h"

namespace smederij::ballots::tally {
namespace {

using testing::Contains;
using testing::Pair;

// What a charter may add to `given`, at random.
Rule RandomRule(const Rule& given, Dice& dice) {
  Rule rule = given;
  const bool greedy = rule.name.starts_with("greedy_");
  const bool by_support = rule.name == "greedy_votes" || rule.name == "greedy_points";
  if (greedy && dice.Roll(0, 1) == 1) rule.stop_at_first_misfit = true;
  if (by_support && dice.Roll(0, 2) == 0) rule.partial_award = true;
  if (by_support && (rule.stop_at_first_misfit || rule.partial_award) && dice.Roll(0, 1) == 1) {
    rule.last_plan_percent_min = 80;
  }
  if (dice.Roll(0, 2) == 0) rule.support_min = dice.Roll(1, 4);
  if (rule.name.find("_add1") != std::string::npos) {
    rule.endowment_step = Rational(1, dice.Roll(0, 3) == 0 ? 7 : 1);
  }
  return rule;
}

// Exclusive groups, withdrawn plans and pots, now and then.
Election Enriched(const Election& given, Dice& dice) {
  Election election = given;
  const bool pots = dice.Roll(0, 3) == 0;
  for (Plan& plan : election.plans) {
    if (dice.Roll(0, 3) == 0) plan.exclusive_group.push_back('g');
    if (dice.Roll(0, 9) == 0) plan.withdrawn = true;
    plan.category.push_back(dice.Roll(0, 1) == 0 ? 'x' : 'y');
  }
  if (pots) election.pots = {{"x", election.budget / 2}, {"y", election.budget / 3}};
  return election;
}

TEST(Replay, BearsOutWhatIsCounted) {
  ForRandomElections(150, [](const Election& given, const Rule& plain, Dice& dice) {
    const Rule rule = RandomRule(plain, dice);
    const Election election = Enriched(given, dice);
    const Outcome outcome = MustCount(election, rule);
    const absl::Status status = Replay(election, rule, outcome);
    EXPECT_TRUE(status.ok()) << status;
  });
}

// Falsifies a counted outcome somewhere; false when it has nothing of the kind.
bool Falsify(Outcome& outcome, const Election& election, int how, Dice& dice) {
  std::vector<Contest*> with_steps;
  for (Contest& contest : outcome.contests) {
    if (!contest.steps.empty()) with_steps.push_back(&contest);
  }
  if (with_steps.empty()) return false;
  Contest& contest = *with_steps[0];
  const auto last = static_cast<int>(contest.steps.size()) - 1;
  Step& step = contest.steps[static_cast<size_t>(dice.Roll(0, last))];
  const Rational little(1, 1'000'000'007);
  switch (how) {
    case 0:
      step.price += little;
      return true;
    case 1:
      step.left += little;
      return true;
    case 2: {  // A winner less, with its money back.
      const uint32_t plan = contest.steps.back().plan;
      PlanOutcome& told = outcome.plans[plan];
      contest.spent -= told.award;
      outcome.spent -= told.award;
      told.award = 0;
      told.decision = Decision::kNotFunded;
      std::erase(outcome.selected, plan);
      contest.steps.pop_back();
      return true;
    }
    case 3:
      if (election.plans.size() < 2) return false;
      step.plan = (step.plan + 1) % static_cast<uint32_t>(election.plans.size());
      return true;
    case 4:
      step.tied.push_back(step.plan);
      return true;
    case 5:
      contest.endowment += little;
      return contest.endowments > 0;
    case 6:
      outcome.plans[step.plan].support += 1;
      return true;
    default:
      outcome.voters += 1;
      return true;
  }
}

TEST(Replay, RefusesEveryFalsifiedTrace) {
  std::map<int, int> tried;
  ForRandomElections(60, [&](const Election& given, const Rule& plain, Dice& dice) {
    const Rule rule = RandomRule(plain, dice);
    const Election election = Enriched(given, dice);
    for (int how = 0; how < 8; ++how) {
      Outcome outcome = MustCount(election, rule);
      if (!Falsify(outcome, election, how, dice)) continue;
      ++tried[how];
      EXPECT_EQ(ReasonOf(Replay(election, rule, outcome)), "TRACE_INVALID") << "falsified " << how;
    }
  });
  for (int how = 0; how < 8; ++how) EXPECT_GT(tried[how], 20) << how;
}

// One plan put in the place of another that the rule takes before it.
TEST(Replay, SaysWhereAndWhatIsWrong) {
  Election election = MakeElection("10", {{"a", "6"}, {"b", "4"}, {"c", "4"}});
  AddBallot(election, {"a"}, 3);
  AddBallot(election, {"b"}, 2);
  AddBallot(election, {"c"}, 1);
  const Rule rule = MakeRule("greedy_votes");
  Outcome outcome = MustCount(election, rule);
  std::swap(outcome.plans[1].award, outcome.plans[2].award);
  std::swap(outcome.plans[1].decision, outcome.plans[2].decision);
  outcome.selected[1] = 2;
  outcome.contests[0].steps[1].plan = 2;
  const absl::Status status = Replay(election, rule, outcome);
  EXPECT_THAT(FactsOf(status), Contains(Pair("step", "2")));
  EXPECT_THAT(FactsOf(status), Contains(Pair("wrong", "another plan comes first")));
}

}  // namespace
}  // namespace smederij::ballots::tally
