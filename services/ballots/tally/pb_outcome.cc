// What a count says, as the format says it.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ballots/tally/pb_export.h"

namespace smederij::ballots::tally {
namespace {

constexpr absl::string_view kThreshold = "min_project_score_threshold";

bool IsGraded(const Election& election) {
  return election.kind == BallotKind::kPoints || election.kind == BallotKind::kRanking;
}

// Support, cost, number: how everybody reads a file that says nothing of ties.
bool HasUsualTies(const Rule& rule) {
  constexpr TieBreak kUsual[] = {TieBreak::kSupport, TieBreak::kCost, TieBreak::kNumber};
  if (rule.tie_order.empty()) return true;
  return rule.tie_order.size() >= 2 &&
         std::equal(rule.tie_order.begin(), rule.tie_order.end(), std::begin(kUsual));
}

// Pabulib's word for exactly this rule, or ours.
std::string WordFor(const Rule& rule, int64_t threshold) {
  const bool usual = HasUsualTies(rule) && !rule.partial_award;
  if (usual && rule.name == "mes_cost_add1_full" && threshold == 0 && rule.endowment_step == 1) {
    return "equalshares/add1";
  }
  const bool by_support = rule.name == "greedy_votes" || rule.name == "greedy_points";
  if (!usual || !by_support) return rule.name;
  if (rule.last_plan_percent_min > 0) {
    return rule.last_plan_percent_min == 80 && threshold == 0 ? "greedy-custom" : rule.name;
  }
  if (rule.stop_at_first_misfit) return "greedy-no-skip";
  return threshold > 0 ? "greedy-threshold" : "greedy";
}

// By plan: how many ballots name it.
std::vector<int64_t> CountVotes(const Election& election) {
  std::vector<int64_t> votes(election.plans.size(), 0);
  for (size_t row = 0; row < election.ballots.size(); ++row) {
    const BallotView ballot = election.ballots[row];
    for (const Choice& choice : ballot.choices) votes[choice.plan] += ballot.weight;
  }
  return votes;
}

absl::string_view SelectedText(const PlanOutcome& plan) {
  const bool extra = plan.reason == Reason::kFundedNearlyFitted;
  return plan.decision == Decision::kPartial  ? "2"
         : plan.decision == Decision::kFunded ? (extra ? "2" : "1")
                                              : "0";
}

// By row of PROJECTS: the plan it is. Fails where there is none, or not as many.
absl::StatusOr<std::vector<size_t>> PlansOfRows(const PbSheet& projects, const Election& election) {
  absl::flat_hash_map<absl::string_view, size_t> plan_of;
  for (size_t at = 0; at < election.plans.size(); ++at) plan_of.emplace(election.plans[at].id, at);
  std::vector<size_t> plans;
  const int ids = projects.Column("project_id");
  for (size_t row = 0; row < projects.rows.size(); ++row) {
    const auto found = plan_of.find(PbTrim(projects.Cell(row, ids)));
    if (found == plan_of.end()) break;
    plans.push_back(found->second);
    plan_of.erase(found);
  }
  if (plans.size() == projects.rows.size() && plan_of.empty()) return plans;
  return Error(kInvalidArgument, "OUTCOME_OF_ANOTHER_ELECTION",
               "the outcome is not of the election in the document")
      .With("plans", election.plans.size())
      .With("rows", projects.rows.size());
}

}  // namespace

absl::StatusOr<PbDocument> WithOutcome(PbDocument document, const Election& election,
                                       const Rule& rule, const Outcome& outcome) {
  PbSheet& projects = document.projects;
  ASSIGN_OR_RETURN(const std::vector<size_t> plans, PlansOfRows(projects, election));
  const std::vector<int64_t> votes = CountVotes(election);
  const size_t votes_column = projects.AddColumn("votes");
  std::optional<size_t> score_column;
  if (IsGraded(election)) score_column = projects.AddColumn("score");
  const size_t selected_column = projects.AddColumn("selected");
  for (size_t row = 0; row < plans.size(); ++row) {
    const PlanOutcome& plan = outcome.plans[plans[row]];
    projects.SetCell(row, votes_column, absl::StrCat(votes[plans[row]]));
    if (score_column) projects.SetCell(row, *score_column, absl::StrCat(plan.support));
    projects.SetCell(row, selected_column, SelectedText(plan));
  }
  document.SetMeta("num_projects", absl::StrCat(projects.rows.size()));
  document.SetMeta("num_votes", absl::StrCat(document.votes.rows.size()));
  document.SetMeta("rule", WordFor(rule, outcome.threshold));
  if (outcome.threshold > 0) {
    document.SetMeta(kThreshold, absl::StrCat(outcome.threshold));
  } else {
    document.RemoveMeta(kThreshold);
  }
  return document;
}

}  // namespace smederij::ballots::tally
