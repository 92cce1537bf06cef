#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "services/ballots/tally/count.h"

// For tests: elections written in a line or two.
namespace smederij::ballots::tally {

struct SmallPlan {
  std::string id;
  std::string cost;
  std::string exclusive_group{};
  std::string category{};
  bool withdrawn = false;
};

// A ballot: the ids of plans and their points; points only matter where ballots have them.
using SmallBallot = std::vector<std::pair<std::string, uint32_t>>;

// Plans are numbered in the order given, from 1.
inline Election MakeElection(const std::string& budget, const std::vector<SmallPlan>& plans,
                             BallotKind kind = BallotKind::kApproval) {
  Election election;
  election.currency = "EUR";
  election.budget = FromText(budget);
  election.kind = kind;
  for (const SmallPlan& small : plans) {
    Plan plan;
    plan.id = small.id;
    plan.number = static_cast<uint32_t>(election.plans.size()) + 1;
    plan.cost = FromText(small.cost);
    plan.exclusive_group = small.exclusive_group;
    plan.category = small.category;
    plan.withdrawn = small.withdrawn;
    election.plans.push_back(plan);
  }
  return election;
}

inline uint32_t PlanOf(const Election& election, const std::string& id) {
  for (uint32_t plan = 0; plan < election.plans.size(); ++plan) {
    if (election.plans[plan].id == id) return plan;
  }
  CHECK(false);
}

inline void AddPoints(Election& election, const SmallBallot& ballot, int64_t weight = 1) {
  std::vector<Choice> choices;
  for (const auto& [id, points] : ballot) choices.push_back({PlanOf(election, id), points});
  election.ballots.Add(choices, weight);
}

inline void AddBallot(Election& election, const std::vector<std::string>& ids, int64_t weight = 1) {
  SmallBallot ballot;
  for (const std::string& id : ids) ballot.emplace_back(id, 1);
  AddPoints(election, ballot, weight);
}

inline Rule MakeRule(const std::string& name) {
  Rule rule;
  rule.name = name;
  return rule;
}

inline Outcome MustCount(const Election& election, const Rule& rule) {
  absl::StatusOr<Outcome> outcome = Count(election, rule);
  CHECK(outcome.ok());
  return *std::move(outcome);
}

inline std::vector<std::string> IdsOf(const Election& election, const Outcome& outcome) {
  std::vector<std::string> ids;
  for (const uint32_t plan : outcome.selected) ids.push_back(election.plans[plan].id);
  return ids;
}

inline std::string FactOf(const PlanOutcome& plan, const std::string& name) {
  for (const Fact& fact : plan.facts) {
    if (fact.first == name) return fact.second;
  }
  return "";
}

// "REASON fact=value …" with the facts named.
inline std::string Explain(const Election& election, const Outcome& outcome, const std::string& id,
                           const std::vector<std::string>& facts = {}) {
  const PlanOutcome& plan = outcome.plans[PlanOf(election, id)];
  std::string text(NameOf(plan.reason));
  for (const std::string& fact : facts) {
    absl::StrAppend(&text, " ", fact, "=", FactOf(plan, fact));
  }
  return text;
}

}  // namespace smederij::ballots::tally
