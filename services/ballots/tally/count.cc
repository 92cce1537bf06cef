#include "services/ballots/tally/count.h"

#include <algorithm>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ballots/tally/equal_shares.h"
#include "services/ballots/tally/greedy.h"
#include "services/ballots/tally/phragmen.h"
#include "services/ballots/tally/race.h"

namespace smederij::ballots::tally {
namespace {

// How a rule's name is run.
using Run = void (*)(const Race&, Outcome&);

template <GreedyScore score>
void RunGreedy(const Race& race, Outcome& outcome) {
  CountGreedy(race, score, outcome);
}

template <Utility utility, Growth growth>
void RunShares(const Race& race, Outcome& outcome) {
  CountEqualShares(race, utility, growth, outcome);
}

template <Growth growth>
void RunSharesThenVotes(const Race& race, Outcome& outcome) {
  CountEqualShares(race, Utility::kCost, growth, outcome);
  CompleteByVotes(race, outcome.contests.back(), outcome);
}

constexpr std::pair<absl::string_view, Run> kRuns[] = {
    {"greedy_votes", RunGreedy<GreedyScore::kSupport>},
    {"greedy_points", RunGreedy<GreedyScore::kSupportByCost>},
    {"greedy_cost", RunGreedy<GreedyScore::kSupportByCost>},
    {"greedy_card", RunGreedy<GreedyScore::kPerCost>},
    {"greedy_points_per_cost", RunGreedy<GreedyScore::kPerCost>},
    {"greedy_borda_per_cost", RunGreedy<GreedyScore::kBordaPerCost>},
    {"mes_cost", RunShares<Utility::kCost, Growth::kNone>},
    {"mes_cost_add1", RunShares<Utility::kCost, Growth::kStep>},
    {"mes_cost_add1_full", RunShares<Utility::kCost, Growth::kStepFull>},
    {"mes_cost_inc1pct", RunShares<Utility::kCost, Growth::kPercent>},
    {"mes_cost_add1u", RunSharesThenVotes<Growth::kStep>},
    {"mes_cost_add1_fullu", RunSharesThenVotes<Growth::kStepFull>},
    {"mes_cost_inc1pctu", RunSharesThenVotes<Growth::kPercent>},
    {"mes_card", RunShares<Utility::kCard, Growth::kNone>},
    {"mes_points", RunShares<Utility::kPoints, Growth::kNone>},
    {"mes_points_add1", RunShares<Utility::kPoints, Growth::kStep>},
    {"mes_points_add1_full", RunShares<Utility::kPoints, Growth::kStepFull>},
    {"mes_points_inc1pct", RunShares<Utility::kPoints, Growth::kPercent>},
    {"mes_points_cost", RunShares<Utility::kPointsCost, Growth::kNone>},
    {"mes_borda", RunShares<Utility::kBorda, Growth::kNone>},
    {"phragmen", CountPhragmen},
};

Run RunOf(absl::string_view name) {
  for (const auto& [rule, run] : kRuns) {
    if (rule == name) return run;
  }
  CHECK(false);  // Every rule of Rules() has a row.
}

absl::Status CheckLot(const Election& election, const Rule& rule) {
  const bool wanted = std::find(rule.tie_order.begin(), rule.tie_order.end(), TieBreak::kLot) !=
                      rule.tie_order.end();
  if (!wanted) return absl::OkStatus();
  std::vector<uint32_t> lot = rule.lot, numbers;
  for (const Plan& plan : election.plans) numbers.push_back(plan.number);
  std::sort(lot.begin(), lot.end());
  std::sort(numbers.begin(), numbers.end());
  if (lot == numbers) return absl::OkStatus();
  return Error(kInvalidArgument, "RULE_INVALID", "the rule cannot be used")
      .At("lot", "must name every plan number once");
}

// The smallest unit that writes every amount of the election as a whole number.
Integer ScaleOf(const Election& election) {
  Integer scale = election.budget.get_den();
  for (const Plan& plan : election.plans) scale = lcm(scale, plan.cost.get_den());
  for (const Pot& pot : election.pots) scale = lcm(scale, pot.amount.get_den());
  return scale;
}

int64_t Scaled(const Rational& amount, const Integer& scale) {
  const Rational scaled = amount * scale;
  return scaled.get_num().get_si();  // CheckElection bounded it.
}

void NumberGroups(const Election& election, Race& race) {
  absl::flat_hash_map<absl::string_view, int32_t> numbers;
  for (const Plan& plan : election.plans) {
    int32_t group = -1;
    if (!plan.exclusive_group.empty()) {
      group = numbers.try_emplace(plan.exclusive_group, race.groups).first->second;
      race.groups = static_cast<int32_t>(numbers.size());
    }
    race.group.push_back(group);
  }
}

std::vector<uint32_t> TieRanks(const TieOrder& ties, const std::vector<int64_t>& support) {
  std::vector<uint32_t> order(support.size()), rank(support.size());
  for (uint32_t plan = 0; plan < order.size(); ++plan) order[plan] = plan;
  std::sort(order.begin(), order.end(),
            [&](uint32_t a, uint32_t b) { return ties.Before(a, support[a], b, support[b]); });
  for (uint32_t place = 0; place < order.size(); ++place) rank[order[place]] = place;
  return rank;
}

// Plans below the threshold leave before any rule; what is left stands in its contest.
void SetAside(const Race& race, Outcome& outcome) {
  for (uint32_t plan = 0; plan < race.plans(); ++plan) {
    const int64_t support = race.tally.support[plan];
    PlanOutcome& result = outcome.plans[plan];
    result.support = support;
    if (support >= outcome.threshold) continue;
    result.reason = Reason::kBelowThreshold;
    result.facts = Facts({AmountFact(race, "cost", race.cost[plan]),
                          CountFact("support", support),
                          CountFact("threshold", outcome.threshold),
                          CountFact("missing_support", outcome.threshold - support),
                          {"unit", std::string(race.unit())}});
  }
}

void RunContest(Race& race, const std::string& category, const Rational& budget, bool all, Run run,
                Outcome& outcome) {
  race.category = category;
  race.budget = Scaled(budget, race.scale);
  for (uint32_t plan = 0; plan < race.plans(); ++plan) {
    const bool here = all || race.election.plans[plan].category == category;
    race.in[plan] = here && race.tally.support[plan] >= outcome.threshold;
  }
  run(race, outcome);
  outcome.spent += outcome.contests.back().spent;
}

}  // namespace

absl::StatusOr<Outcome> Count(const Election& election, const Rule& rule) {
  RETURN_IF_ERROR(CheckRule(rule, election.kind));
  RETURN_IF_ERROR(CheckLot(election, rule));
  if (!election.sums.empty() && !NeedsOnlySums(rule.name, election.kind)) {
    return Error(kInvalidArgument, "RULE_INVALID", "the rule cannot be used")
        .At("name", "looks at single ballots, and of some only the sum is known");
  }
  RETURN_IF_ERROR(CheckElection(election));
  const TieOrder ties(rule, election);
  const Support tally = CountSupport(election);
  Race race{.election = election, .rule = rule, .tally = tally, .ties = ties};
  race.scale = ScaleOf(election);
  for (const Plan& plan : election.plans) race.cost.push_back(Scaled(plan.cost, race.scale));
  race.tie_rank = TieRanks(ties, tally.support);
  race.in.assign(race.plans(), false);
  NumberGroups(election, race);

  Outcome outcome{.voters = tally.voters, .threshold = ThresholdOf(rule, tally.voters)};
  outcome.plans.resize(race.plans());
  SetAside(race, outcome);
  const Run run = RunOf(rule.name);
  if (election.pots.empty()) RunContest(race, "", election.budget, true, run, outcome);
  for (const Pot& pot : election.pots) {
    RunContest(race, pot.category, pot.amount, false, run, outcome);
  }
  return outcome;
}

}  // namespace smederij::ballots::tally
