#include "services/ballots/tally/rule.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"

namespace smederij::ballots::tally {
namespace {

constexpr uint32_t kBasisPointsMax = 10'000;

std::vector<RuleInfo> MakeRules() {
  using K = BallotKind;
  const std::vector<K> votes = {K::kApproval, K::kChooseOne, K::kKnapsack};
  const std::vector<K> graded = {K::kPoints, K::kRanking};
  const std::vector<K> points = {K::kPoints}, ranking = {K::kRanking};
  return {
      {"greedy_votes", votes, "most votes first"},
      {"greedy_points", graded, "most points first"},
      {"greedy_cost", votes, "most votes first, as satisfaction by cost"},
      {"greedy_card", votes, "most votes per unit of money first"},
      {"greedy_points_per_cost", points, "most points per unit of money first"},
      {"greedy_borda_per_cost", ranking, "most Borda points per unit of money first"},
      {"mes_cost", votes, "Equal Shares, one endowment"},
      {"mes_cost_add1", votes, "Equal Shares, growing endowment, until nothing more fits"},
      {"mes_cost_add1_full", votes, "Equal Shares, growing endowment, until overspending"},
      {"mes_cost_add1u", votes, "mes_cost_add1, then most votes first"},
      {"mes_cost_add1_fullu", votes, "mes_cost_add1_full, then most votes first"},
      {"mes_cost_inc1pct", votes, "Equal Shares, growing by 1 %, until nothing more fits"},
      {"mes_cost_inc1pctu", votes, "mes_cost_inc1pct, then most votes first"},
      {"mes_card", votes, "Equal Shares, every plan worth the same"},
      {"mes_points", graded, "Equal Shares by points"},
      {"mes_points_add1", graded, "by points, growing endowment, until nothing more fits"},
      {"mes_points_add1_full", graded, "by points, growing endowment, until overspending"},
      {"mes_points_inc1pct", graded, "by points, growing by 1 %, until nothing more fits"},
      {"mes_points_cost", points, "Equal Shares by points times cost"},
      {"mes_borda", ranking, "Equal Shares by Borda points"},
      {"phragmen", votes, "sequential Phragmén"},
  };
}

// Collects what is wrong, to be told together.
struct Mistakes {
  Error error{kInvalidArgument, "RULE_INVALID", "the rule cannot be used"};
  bool any = false;

  void Add(absl::string_view field, absl::string_view wrong) {
    error = std::move(error).At(field, wrong);
    any = true;
  }
};

void CheckOptions(const Rule& rule, Mistakes& mistakes) {
  const bool greedy = absl::StartsWith(rule.name, "greedy_");
  const bool by_support = rule.name == "greedy_votes" || rule.name == "greedy_points";
  if (rule.stop_at_first_misfit && !greedy) {
    mistakes.Add("stop_at_first_misfit", "only goes with greedy rules");
  }
  if (rule.partial_award && !by_support) {
    mistakes.Add("partial_award", "only goes with greedy_votes and greedy_points");
  }
  if (rule.last_plan_percent_min > 0) {
    if (!by_support || !(rule.stop_at_first_misfit || rule.partial_award)) {
      mistakes.Add("last_plan_percent_min",
                   "only goes with greedy_votes and greedy_points that stop at the first misfit or "
                   "award it in part");
    }
    if (rule.last_plan_percent_min > 100) mistakes.Add("last_plan_percent_min", "is over 100");
  }
  if (rule.endowment_step <= 0) mistakes.Add("endowment_step", "must be above zero");
}

void CheckTies(const Rule& rule, Mistakes& mistakes) {
  std::vector<TieBreak> seen = rule.tie_order;
  std::sort(seen.begin(), seen.end());
  if (std::adjacent_find(seen.begin(), seen.end()) != seen.end()) {
    mistakes.Add("tie_order", "names a criterion twice");
  }
  const auto number = std::find(rule.tie_order.begin(), rule.tie_order.end(), TieBreak::kNumber);
  const auto lot = std::find(rule.tie_order.begin(), rule.tie_order.end(), TieBreak::kLot);
  const bool decided = number != rule.tie_order.end() || lot != rule.tie_order.end();
  if (decided && std::min(number, lot) + 1 != rule.tie_order.end()) {
    mistakes.Add("tie_order", "names a criterion that can never decide");
  }
}

}  // namespace

absl::Span<const RuleInfo> Rules() {
  static const auto& rules = *new std::vector<RuleInfo>(MakeRules());
  return rules;
}

bool NeedsOnlySums(absl::string_view rule, BallotKind kind) {
  return absl::StartsWith(rule, "greedy_") && kind != BallotKind::kRanking;
}

absl::Status CheckRule(const Rule& rule, BallotKind kind) {
  Mistakes mistakes;
  const absl::Span<const RuleInfo> rules = Rules();
  const auto named = [&](const RuleInfo& info) { return info.name == rule.name; };
  const auto info = std::find_if(rules.begin(), rules.end(), named);
  if (info == rules.end()) {
    mistakes.Add("name", absl::StrCat("there is no rule \"", rule.name, "\""));
  } else if (std::find(info->kinds.begin(), info->kinds.end(), kind) == info->kinds.end()) {
    mistakes.Add("name", absl::StrCat(rule.name, " does not count ", NameOf(kind), " ballots"));
  }
  CheckOptions(rule, mistakes);
  if (rule.support_min < 0) mistakes.Add("support_min", "is below zero");
  if (rule.support_min_basis_points > kBasisPointsMax) {
    mistakes.Add("support_min_basis_points", "is over 10000");
  }
  CheckTies(rule, mistakes);
  if (!mistakes.any) return absl::OkStatus();
  return mistakes.error;
}

}  // namespace smederij::ballots::tally
