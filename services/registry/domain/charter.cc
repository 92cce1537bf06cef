#include "services/registry/domain/charter.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/registry/domain/text.h"

namespace smederij::registry {
namespace {

constexpr size_t kClassesMax = 32;
constexpr uint32_t kClassIdMax = 65535;  // Two bytes in every ballot.
constexpr uint32_t kAgeMax = 150;
constexpr uint32_t kWeightMax = 1000;
constexpr uint32_t kChoicesMax = 1000;
constexpr uint32_t kPointsMax = 10'000;
constexpr size_t kLadderMax = 50;
constexpr size_t kCriteriaMax = 100;
constexpr uint32_t kBasisPointsMax = 10'000;
constexpr uint32_t kKMinMax = 10'000;

// Which rule counts which ballots. A knapsack ballot is an approval ballot that fits the pot.
enum Ballots : unsigned { kApprovals = 1, kPointsGiven = 2, kRankings = 4 };
struct RuleRow {
  absl::string_view name;
  unsigned counts;
};
constexpr RuleRow kRules[] = {
    {"greedy_votes", kApprovals},
    {"greedy_cost", kApprovals},
    {"greedy_card", kApprovals},
    {"greedy_points", kPointsGiven | kRankings},
    {"greedy_points_per_cost", kPointsGiven},
    {"greedy_borda_per_cost", kRankings},
    {"phragmen", kApprovals},
    {"mes_cost", kApprovals},
    {"mes_card", kApprovals},
    {"mes_points", kPointsGiven | kRankings},
    {"mes_points_cost", kPointsGiven},
    {"mes_borda", kRankings},
    {"mes_cost_add1", kApprovals},
    {"mes_cost_add1_full", kApprovals},
    {"mes_cost_add1u", kApprovals},
    {"mes_cost_add1_fullu", kApprovals},
    {"mes_cost_inc1pct", kApprovals},
    {"mes_cost_inc1pctu", kApprovals},
    {"mes_points_add1", kPointsGiven | kRankings},
    {"mes_points_add1_full", kPointsGiven | kRankings},
    {"mes_points_inc1pct", kPointsGiven | kRankings},
};

unsigned ShapeOf(BallotKind kind) {
  switch (kind) {
    case BallotKind::kApproval:
    case BallotKind::kChooseOne:
    case BallotKind::kKnapsack:
      return kApprovals;
    case BallotKind::kPoints:
      return kPointsGiven;
    case BallotKind::kRanking:
      return kRankings;
    case BallotKind::kUnspecified:
      break;
  }
  return 0;
}

const RuleRow* FindRule(absl::string_view name) {
  const auto is_it = [name](const RuleRow& row) { return row.name == name; };
  const auto* found = std::find_if(std::begin(kRules), std::end(kRules), is_it);
  return found == std::end(kRules) ? nullptr : found;
}

// The rules that take plans in one order of votes or points: only there does "the first plan that
// does not fit" mean something.
bool MostFirst(absl::string_view rule) {
  return rule == "greedy_votes" || rule == "greedy_cost" || rule == "greedy_points";
}

bool GrowsByUnits(absl::string_view rule) { return absl::StrContains(rule, "_add1"); }

void CheckChoices(const BallotRule& ballot, Mistakes& mistakes) {
  mistakes.AddIf(ballot.choices_max > kChoicesMax, "ballot_rule.choices_max",
                 "must be at most 1000");
  mistakes.AddIf(ballot.choices_max != 0 && ballot.choices_min > ballot.choices_max,
                 "ballot_rule.choices_min", "must not exceed choices_max");
  mistakes.AddIf(ballot.choices_max == 0 && ballot.choices_min > kChoicesMax,
                 "ballot_rule.choices_min", "must be at most 1000");
  if (ballot.kind == BallotKind::kChooseOne) {
    mistakes.AddIf(ballot.choices_min > 1, "ballot_rule.choices_min",
                   "must be 0 or 1 for choose-one");
    mistakes.AddIf(ballot.choices_max > 1, "ballot_rule.choices_max",
                   "must be 0 or 1 for choose-one");
  }
}

void CheckPoints(const BallotRule& ballot, Mistakes& mistakes) {
  const bool points = ballot.kind == BallotKind::kPoints;
  if (!points) {
    const bool any = ballot.points_total_max != 0 || ballot.points_per_plan_max != 0 ||
                     !ballot.points_ladder.empty();
    mistakes.AddIf(any, "ballot_rule.points_total_max", "points belong to KIND_POINTS only");
    return;
  }
  mistakes.AddIf(ballot.points_total_max < 1 || ballot.points_total_max > kPointsMax,
                 "ballot_rule.points_total_max", "must be 1 to 10000");
  mistakes.AddIf(ballot.points_per_plan_max > ballot.points_total_max,
                 "ballot_rule.points_per_plan_max", "must not exceed points_total_max");
  mistakes.AddIf(ballot.points_ladder.size() > kLadderMax, "ballot_rule.points_ladder",
                 "must have at most 50 steps");
  absl::flat_hash_set<uint32_t> seen;
  uint64_t sum = 0;
  for (size_t i = 0; i < ballot.points_ladder.size(); ++i) {
    const uint32_t step = ballot.points_ladder[i];
    const std::string field = absl::StrCat("ballot_rule.points_ladder[", i, "]");
    sum += step;
    mistakes.AddIf(step == 0, field, "must be positive");
    mistakes.AddIf(!seen.insert(step).second, field, "must not repeat");
    mistakes.AddIf(ballot.points_per_plan_max != 0 && step > ballot.points_per_plan_max, field,
                   "must not exceed points_per_plan_max");
  }
  mistakes.AddIf(sum > ballot.points_total_max, "ballot_rule.points_ladder",
                 "must not add up to more than points_total_max");
}

void CheckTies(const CountRule& count, Mistakes& mistakes) {
  absl::flat_hash_set<TieBreak> seen;
  for (size_t i = 0; i < count.tie_order.size(); ++i) {
    const std::string field = absl::StrCat("count_rule.tie_order[", i, "]");
    const TieBreak tie = count.tie_order[i];
    const bool last = i + 1 == count.tie_order.size();
    const bool decides = tie == TieBreak::kNumber || tie == TieBreak::kLot;
    mistakes.AddIf(tie == TieBreak::kUnspecified, field, "must be given");
    mistakes.AddIf(!seen.insert(tie).second, field, "must not repeat");
    mistakes.AddIf(decides && !last, field, "leaves no tie, so it must come last");
    mistakes.AddIf(last && !decides, field, "can leave a tie: end with the number or a lot");
  }
}

void CheckCount(const Charter& charter, Mistakes& mistakes) {
  const CountRule& count = charter.count_rule;
  const BallotKind kind = charter.ballot_rule.kind;
  if (FindRule(count.rule) == nullptr) {
    mistakes.Add("count_rule.rule", "is not the name of a rule");
  } else if (kind != BallotKind::kUnspecified && !CountsBallots(count.rule, kind)) {
    mistakes.Add("count_rule.rule", "does not count ballots of this kind");
  }
  mistakes.AddIf(count.stop_at_first_misfit && !MostFirst(count.rule),
                 "count_rule.stop_at_first_misfit", "belongs to most votes and most points only");
  mistakes.AddIf(count.partial_award && !MostFirst(count.rule), "count_rule.partial_award",
                 "belongs to most votes and most points only");
  mistakes.AddIf(count.partial_award_percent_min > 100, "count_rule.partial_award_percent_min",
                 "must be at most 100");
  mistakes.AddIf(count.partial_award_percent_min > 0 && !count.partial_award,
                 "count_rule.partial_award_percent_min", "belongs to partial_award only");
  mistakes.AddIf(count.support_min < 0 || count.support_min > 1'000'000'000,
                 "count_rule.support_min", "must be 0 to 1000000000");
  mistakes.AddIf(count.support_min_basis_points > kBasisPointsMax,
                 "count_rule.support_min_basis_points", "must be at most 10000");
  mistakes.AddIf(count.endowment_step_cents < 0 || count.endowment_step_cents > Money::kCentsMax,
                 "count_rule.endowment_step_cents", "must be 0 to 10^15 cents");
  mistakes.AddIf(count.endowment_step_cents != 0 && !GrowsByUnits(count.rule),
                 "count_rule.endowment_step_cents", "belongs to the add1 rules only");
  CheckTies(count, mistakes);
}

void CheckCriteria(const std::vector<Criterion>& criteria, Mistakes& mistakes) {
  mistakes.AddIf(criteria.size() > kCriteriaMax, "criteria", "must be at most 100");
  absl::flat_hash_set<absl::string_view> seen;
  for (size_t i = 0; i < criteria.size(); ++i) {
    const std::string at = absl::StrCat("criteria[", i, "].");
    mistakes.AddIf(!IsSlug(criteria[i].criterion_id), at + "criterion_id",
                   "must be 1 to 63 lower case letters, digits and single hyphens");
    mistakes.AddIf(!seen.insert(criteria[i].criterion_id).second, at + "criterion_id",
                   "must not repeat");
    mistakes.AddIf(!IsPlainText(criteria[i].text, 1000), at + "text",
                   "must be 1 to 1000 bytes of plain text");
  }
}

}  // namespace

bool CountsBallots(absl::string_view rule, BallotKind kind) {
  const RuleRow* row = FindRule(rule);
  return row != nullptr && (row->counts & ShapeOf(kind)) != 0;
}

void CheckClasses(const std::vector<VotingClass>& classes, Mistakes& mistakes) {
  mistakes.AddIf(classes.empty(), "classes", "must be at least one");
  mistakes.AddIf(classes.size() > kClassesMax, "classes", "must be at most 32");
  for (size_t i = 0; i < classes.size(); ++i) {
    const VotingClass& one = classes[i];
    const std::string at = absl::StrCat("classes[", i, "].");
    mistakes.AddIf(one.class_id < 1 || one.class_id > kClassIdMax, at + "class_id",
                   "must be 1 to 65535");
    mistakes.AddIf(!IsPlainText(one.name, 100), at + "name",
                   "must be 1 to 100 bytes of plain text");
    mistakes.AddIf(one.age_to > kAgeMax, at + "age_to", "must be at most 150");
    mistakes.AddIf(one.age_from > one.age_to, at + "age_from", "must not exceed age_to");
    mistakes.AddIf(one.weight < 1 || one.weight > kWeightMax, at + "weight", "must be 1 to 1000");
    for (size_t j = 0; j < i; ++j) {
      const VotingClass& other = classes[j];
      mistakes.AddIf(one.class_id == other.class_id, at + "class_id", "must not repeat");
      const bool overlap = one.age_from <= other.age_to && other.age_from <= one.age_to;
      mistakes.AddIf(overlap, at + "age_from", absl::StrCat("overlaps classes[", j, "]"));
    }
  }
}

absl::Status CheckCharter(const Charter& charter) {
  Mistakes mistakes;
  CheckClasses(charter.classes, mistakes);
  mistakes.AddIf(charter.ballot_rule.kind == BallotKind::kUnspecified, "ballot_rule.kind",
                 "must be given");
  CheckChoices(charter.ballot_rule, mistakes);
  CheckPoints(charter.ballot_rule, mistakes);
  CheckCount(charter, mistakes);
  CheckCriteria(charter.criteria, mistakes);
  mistakes.AddIf(charter.plan_cost_cents_max < 0 || charter.plan_cost_cents_max > Money::kCentsMax,
                 "plan_cost_cents_max", "must be 0 to 10^15 cents");
  mistakes.AddIf(charter.k_min < 1 || charter.k_min > kKMinMax, "k_min", "must be 1 to 10000");
  return mistakes.status("BAD_CHARTER", "the charter has mistakes");
}

}  // namespace smederij::registry
