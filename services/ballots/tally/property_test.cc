// Random small elections, full of ties: what must hold whatever the ballots are. Every failure
// prints the seed; SMEDERIJ_SEED repeats it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "services/ballots/tally/sentence.h"
#include "services/ballots/tally/testing/naive.h"
#include "services/ballots/tally/testing/random_election.h"

namespace smederij::ballots::tally {
namespace {

using Ids = naive::Ids;

TEST(Properties, SharesAndPhragmenAreWhatTheirDefinitionsSay) {
  ForRandomElections(80, [](const Election& election, const Rule& given, Dice& dice) {
    Rule rule = given;
    const int parts = dice.Roll(0, 3);  // Fine steps: long stretches where nothing changes.
    rule.endowment_step = Rational(1, parts == 0 ? 7 : parts == 1 ? 60 : 1);
    const naive::Counter naive(election, rule);
    if (rule.name == "phragmen") {
      EXPECT_EQ(SetOf(MustCount(election, rule)), naive.Phragmen());
    } else if (rule.name.starts_with("mes_") && rule.name.back() != 'u') {
      Rational endowment;
      uint64_t endowments = 0;
      const Outcome outcome = MustCount(election, rule);
      EXPECT_EQ(SetOf(outcome), naive.EqualShares(endowment, endowments));
      EXPECT_EQ(outcome.contests[0].endowment, endowment);
      EXPECT_EQ(outcome.contests[0].endowments, endowments);
    }
  });
}

// The same election with plans and ballots in another order, weights written out or merged.
Election Rearranged(const Election& election, Dice& dice, std::vector<uint32_t>& place) {
  Election other;
  other.budget = election.budget;
  other.kind = election.kind;
  std::vector<uint32_t> order(election.plans.size());
  std::iota(order.begin(), order.end(), 0u);
  dice.Shuffle(order);
  place.assign(order.size(), 0);
  for (uint32_t at = 0; at < order.size(); ++at) {
    place[order[at]] = at;
    other.plans.push_back(election.plans[order[at]]);
  }
  std::vector<std::pair<std::vector<Choice>, int64_t>> rows;
  for (size_t row = 0; row < election.ballots.size(); ++row) {
    const BallotView ballot = election.ballots[row];
    std::vector<Choice> choices(ballot.choices.begin(), ballot.choices.end());
    for (Choice& choice : choices) choice.plan = place[choice.plan];
    if (election.kind != BallotKind::kRanking) dice.Shuffle(choices);
    const bool split = dice.Roll(0, 1) == 1;
    for (int64_t copy = 0; split && copy < ballot.weight; ++copy) rows.emplace_back(choices, 1);
    if (!split) rows.emplace_back(choices, ballot.weight);
  }
  dice.Shuffle(rows);
  for (const auto& [choices, weight] : rows) other.ballots.Add(choices, weight);
  return other;
}

TEST(Properties, OrderAndMergingOfInputMeanNothing) {
  ForRandomElections(60, [](const Election& election, const Rule& rule, Dice& dice) {
    std::vector<uint32_t> place;
    const Election other = Rearranged(election, dice, place);
    const Outcome one = MustCount(election, rule), two = MustCount(other, rule);
    EXPECT_EQ(one.voters, two.voters);
    EXPECT_EQ(one.spent, two.spent);
    std::vector<uint32_t> selected;
    for (const uint32_t plan : one.selected) selected.push_back(place[plan]);
    EXPECT_EQ(selected, two.selected);
    for (uint32_t plan = 0; plan < one.plans.size(); ++plan) {
      const PlanOutcome &a = one.plans[plan], &b = two.plans[place[plan]];
      EXPECT_EQ(NameOf(a.reason), NameOf(b.reason));
      EXPECT_EQ(a.facts, b.facts);
      EXPECT_EQ(a.award, b.award);
    }
  });
}

TEST(Properties, MoneyIsNeverExceededAndAddsUp) {
  ForRandomElections(60, [](const Election& election, const Rule& given, Dice& dice) {
    Rule rule = given;
    if (rule.name == "greedy_votes" || rule.name == "greedy_points") {
      rule.partial_award = dice.Roll(0, 1) == 1;
    }
    const Outcome outcome = MustCount(election, rule);
    Rational awarded = 0;
    for (uint32_t plan = 0; plan < outcome.plans.size(); ++plan) {
      const PlanOutcome& result = outcome.plans[plan];
      const Rational& cost = election.plans[plan].cost;
      awarded += result.award;
      const bool funded = result.decision == Decision::kFunded;
      const bool part = result.decision == Decision::kPartial;
      EXPECT_EQ(result.award == cost, funded || cost == 0);
      EXPECT_EQ(result.award > 0 && result.award < cost, part);
      EXPECT_TRUE(funded || part || result.award == 0);
      EXPECT_EQ(result.decision != Decision::kNotFunded, SetOf(outcome).contains(plan));
    }
    EXPECT_LE(awarded, election.budget);
    EXPECT_EQ(awarded, outcome.spent);
    const std::vector<Step>& steps = outcome.contests[0].steps;
    EXPECT_EQ(steps.size(), outcome.selected.size());
    const Rational left = steps.empty() ? election.budget : steps.back().left;
    EXPECT_EQ(left, election.budget - outcome.spent);
  });
}

// What the value of a choice is for the rule.
Rational ValueOf(const BallotView& ballot, size_t place, const Election& election,
                 const std::string& rule) {
  const auto rank = static_cast<long>(ballot.choices.size() - place);
  if (rule.find("borda") != std::string::npos) return rank - 1;
  if (election.kind == BallotKind::kRanking) return rank;
  return election.kind == BallotKind::kPoints ? static_cast<long>(ballot.choices[place].points) : 1;
}

TEST(Properties, PaymentsOfEqualSharesMakeUpTheCostExactly) {
  ForRandomElections(60, [](const Election& election, const Rule& rule, Dice&) {
    if (!rule.name.starts_with("mes_")) return;
    const Outcome outcome = MustCount(election, rule);
    const Contest& contest = outcome.contests[0];
    std::vector<Rational> money(election.ballots.size(), contest.endowment);
    for (const Step& step : contest.steps) {
      if (outcome.plans[step.plan].reason != Reason::kFundedByShares) continue;
      Rational paid = 0;
      for (size_t row = 0; row < election.ballots.size(); ++row) {
        const BallotView ballot = election.ballots[row];
        for (size_t place = 0; place < ballot.choices.size(); ++place) {
          if (ballot.choices[place].plan != step.plan) continue;
          const Rational share = std::min(
              money[row], Rational(step.price * ValueOf(ballot, place, election, rule.name)));
          money[row] -= share;
          paid += share * static_cast<long>(ballot.weight);
        }
      }
      EXPECT_EQ(paid, election.plans[step.plan].cost);
    }
    for (const Rational& left : money) EXPECT_GE(left, 0);
  });
}

TEST(Properties, WhatSharesSayWasHeldIsWhatIsLeft) {
  ForRandomElections(60, [](const Election& election, const Rule& rule, Dice&) {
    if (!rule.name.starts_with("mes_") || rule.name.back() == 'u') return;
    const Outcome outcome = MustCount(election, rule);
    for (uint32_t plan = 0; plan < outcome.plans.size(); ++plan) {
      const PlanOutcome& result = outcome.plans[plan];
      if (result.reason != Reason::kSharesFellShort) continue;
      const Rational held = FromText(FactOf(result, "held"));
      const Rational missing = FromText(FactOf(result, "missing"));
      EXPECT_EQ(held + missing, election.plans[plan].cost);
      EXPECT_GE(held, 0);
      EXPECT_GT(missing, 0);
    }
  });
}

// `more` further supporters of `plan`, who choose nothing else.
Election WithMore(const Election& election, uint32_t plan, int64_t more) {
  Election other = election;
  if (more > 0) other.ballots.Add({Choice{plan, 1}}, more);
  return other;
}

TEST(Properties, GreedyCounterfactualsAreExact) {
  int tried = 0;
  ForRandomElections(80, [&](const Election& election, const Rule& given, Dice& dice) {
    if (!given.name.starts_with("greedy_")) return;
    Rule rule = given;
    rule.stop_at_first_misfit = dice.Roll(0, 1) == 1;
    const bool by_support = rule.name == "greedy_votes" || rule.name == "greedy_points";
    if (by_support && dice.Roll(0, 1) == 1) rule.partial_award = true;
    if (by_support && (rule.stop_at_first_misfit || rule.partial_award)) {
      rule.last_plan_percent_min = static_cast<uint32_t>(dice.Roll(0, 1)) * 80;
    }
    Election grouped = election;
    for (Plan& plan : grouped.plans) {
      if (dice.Roll(0, 2) == 0) plan.exclusive_group.push_back('g');
    }
    const Outcome outcome = MustCount(grouped, rule);
    for (uint32_t plan = 0; plan < outcome.plans.size(); ++plan) {
      const std::string fact = FactOf(outcome.plans[plan], "more_support");
      if (fact.empty() || outcome.plans[plan].decision != Decision::kNotFunded) continue;
      const int64_t more = std::stoll(fact);
      const auto decision = [&](int64_t with) {
        return MustCount(WithMore(grouped, plan, with), rule).plans[plan].decision;
      };
      EXPECT_NE(decision(more - 1), Decision::kFunded);
      EXPECT_EQ(decision(more), Decision::kFunded);
      ++tried;
    }
  });
  EXPECT_GT(tried, 20);
}

TEST(Properties, EveryReasonMakesAWholeSentence) {
  ForRandomElections(40, [](const Election& election, const Rule& rule, Dice&) {
    const Outcome outcome = MustCount(election, rule);
    for (const PlanOutcome& plan : outcome.plans) {
      for (const Language language : {Language::kEnglish, Language::kDutch}) {
        const std::string sentence = SentenceOf(plan.reason, plan.facts, "EUR", language);
        EXPECT_EQ(sentence.find_first_of("?{}[]"), std::string::npos) << sentence;
        EXPECT_EQ(sentence.back(), '.');
      }
    }
  });
}

}  // namespace
}  // namespace smederij::ballots::tally
