#include "services/cli/compare/comparison.h"

#include <algorithm>

#include "common/base/status_macros.h"

namespace smederij::cli {
namespace {

using ballots::tally::GroupShares;
using ballots::tally::PbFile;
using ballots::tally::Rule;
using ballots::tally::RuleInfo;

// Whether a rule is more than its name.
bool HasOptions(const Rule& rule) {
  return rule.stop_at_first_misfit || rule.last_plan_percent_min > 0 || rule.support_min > 0;
}

absl::Status CountBy(const Comparison& comparison, RuleResult& result) {
  const ballots::tally::Election& election = comparison.file.election;
  ASSIGN_OR_RETURN(result.outcome, Count(election, result.rule));
  const std::vector<uint32_t> together(election.ballots.size(), 0);
  const auto share_out = [&](const std::vector<uint32_t>& group_of, size_t groups) {
    return ShareOut(election, result.rule, result.outcome, group_of, groups);
  };
  result.all = share_out(together, 1);
  for (const Division& division : comparison.divisions) {
    result.divisions.push_back(share_out(division.group_of, division.groups.size()));
  }
  const std::vector<uint32_t>& selected = result.outcome.selected;
  result.as_decided = comparison.decided &&
                      *comparison.decided == std::set<uint32_t>(selected.begin(), selected.end());
  return absl::OkStatus();
}

}  // namespace

std::optional<std::set<uint32_t>> DecidedIn(const PbFile& file) {
  std::set<uint32_t> decided;
  bool told = false;
  for (uint32_t plan = 0; plan < file.plans.size(); ++plan) {
    told |= file.plans[plan].selected.has_value();
    // 2 and 3 won too: by an extra rule, from extra money.
    if (file.plans[plan].selected.value_or(0) > 0) decided.insert(plan);
  }
  if (!told) return std::nullopt;
  return decided;
}

std::vector<RuleResult> RulesFor(const PbFile& file) {
  std::vector<RuleResult> rules;
  const std::optional<Rule> official = OfficialRule(file);
  if (official && HasOptions(*official)) rules.push_back({.rule = *official, .of_the_city = true});
  for (const RuleInfo& info : ballots::tally::Rules()) {
    const bool counts =
        std::find(info.kinds.begin(), info.kinds.end(), file.election.kind) != info.kinds.end();
    if (!counts) continue;
    Rule rule;
    rule.name = std::string(info.name);
    const bool same = official && !HasOptions(*official) && official->name == rule.name;
    rules.push_back({.rule = rule, .of_the_city = same});
  }
  return rules;
}

absl::StatusOr<Comparison> Compare(const std::string& path, PbFile file,
                                   const std::function<void()>& counted) {
  Comparison comparison{.path = path, .file = std::move(file)};
  comparison.divisions = Divide(comparison.file);
  comparison.decided = DecidedIn(comparison.file);
  comparison.rules = RulesFor(comparison.file);
  for (RuleResult& result : comparison.rules) {
    RETURN_IF_ERROR(CountBy(comparison, result));
    counted();
  }
  return comparison;
}

}  // namespace smederij::cli
