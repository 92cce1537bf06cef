#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "services/ballots/tally/election.h"

namespace smederij::ballots::tally {

// What decides between plans that are equal for the rule.
enum class TieBreak { kSupport, kCost, kNumber, kLot };

// How ballots become awards: a rule's name and what a charter adds to it.
struct Rule {
  std::string name{};  // "greedy_votes", "mes_cost_add1_full", … see Rules().

  // Greedy rules only. Without it a plan that does not fit is passed by.
  bool stop_at_first_misfit = false;
  // greedy_votes and greedy_points only: the first plan that does not fit is offered what is left.
  bool partial_award = false;
  // greedy_votes and greedy_points only: what must be left for the first plan that does not fit, as
  // a share of its cost. With partial_award it is offered what is left only then; 0: always. With
  // stop_at_first_misfit alone it is then funded in full, beyond the budget; 0: never.
  uint32_t last_plan_percent_min = 0;

  // Support a plan needs to be considered at all: absolute, and as a share of the weighted ballots
  // in hundredths of a percent, rounded up. The higher of the two holds.
  int64_t support_min = 0;
  uint32_t support_min_basis_points = 0;

  // add1 rules: by how much the endowment per voter grows.
  Rational endowment_step = 1;

  std::vector<TieBreak> tie_order{};  // Empty: support, cost, number. Number always decides last.
  std::vector<uint32_t> lot{};        // Every plan number once, first drawn first; with kLot.
};

// A rule by name, and which ballots it counts.
struct RuleInfo {
  absl::string_view name;
  std::vector<BallotKind> kinds;
  absl::string_view summary;
};

// All rules, in the order to show them.
absl::Span<const RuleInfo> Rules();

// Whether the rule, on such ballots, asks only what all of them together give each plan: then some
// may come as sums (Election::sums). Never true of rankings.
bool NeedsOnlySums(absl::string_view rule, BallotKind kind);

// What is wrong with counting such ballots by `rule`, all mistakes together. Refusal: RULE_INVALID
// with the fields at fault. The lot is checked by Count, which knows the plans.
absl::Status CheckRule(const Rule& rule, BallotKind kind);

}  // namespace smederij::ballots::tally
