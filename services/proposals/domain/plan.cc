#include "services/proposals/domain/plan.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "services/proposals/domain/condition.h"
#include "services/proposals/domain/errors.h"

namespace smederij::proposals {
namespace {

constexpr size_t kExclusiveGroupMax = 60;
constexpr size_t kCategoryMax = 60;

bool IsSlug(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return c == '-' || absl::ascii_isdigit(static_cast<unsigned char>(c)) ||
           absl::ascii_islower(static_cast<unsigned char>(c));
  });
}

// The form of the ledger: no hyphen at an end, nor two in a row.
bool IsCategory(absl::string_view text) {
  return text.size() <= kCategoryMax && IsSlug(text) && !absl::StartsWith(text, "-") &&
         !absl::EndsWith(text, "-") && !absl::StrContains(text, "--");
}

const Check* CheckOf(const Plan& plan, absl::string_view criterion) {
  for (const Check& check : plan.checks) {
    if (check.criterion == criterion) return &check;
  }
  return nullptr;
}

}  // namespace

absl::string_view Name(PlanState state) {
  switch (state) {
    case PlanState::kForged:
      return "FORGED";
    case PlanState::kAdmitted:
      return "ADMITTED";
    case PlanState::kLeftOut:
      return "LEFT_OUT";
    case PlanState::kSelected:
      return "SELECTED";
    case PlanState::kOffered:
      return "OFFERED";
    case PlanState::kNotSelected:
      return "NOT_SELECTED";
    case PlanState::kDeclined:
      return "DECLINED";
    case PlanState::kFunded:
      return "FUNDED";
  }
  return "UNKNOWN";
}

bool Group::Has(SubjectId subject) const {
  return std::find(members.begin(), members.end(), subject) != members.end();
}

absl::Status CheckForged(const std::vector<IdeaId>& ideas, std::optional<Horizon> horizon,
                         absl::string_view exclusive_group, absl::string_view category) {
  std::vector<Fact> wrong;
  if (ideas.empty()) wrong.emplace_back("idea_ids", "must name at least one idea");
  if (ideas.size() > kIdeasMax) wrong.emplace_back("idea_ids", "must name at most 50 ideas");
  absl::flat_hash_set<IdeaId> seen;
  for (size_t i = 0; i < ideas.size(); ++i) {
    if (!seen.insert(ideas[i]).second) {
      wrong.emplace_back(absl::StrCat("idea_ids[", i, "]"), "must not name an idea twice");
    }
  }
  if (!horizon) wrong.emplace_back("horizon", "must be given");
  if (exclusive_group.size() > kExclusiveGroupMax || !IsSlug(exclusive_group)) {
    wrong.emplace_back("exclusive_group", "must be at most 60 lower case letters, digits, hyphens");
  }
  if (!IsCategory(category)) {
    wrong.emplace_back("category", "must be at most 60 lower case letters, digits, single hyphens");
  }
  if (wrong.empty()) return absl::OkStatus();
  Error error = BadPlan();
  for (const auto& [field, what] : wrong) error = std::move(error).At(field, what);
  return error;
}

absl::Status MayCheck(const Round& round, const Plan& plan, absl::string_view criterion,
                      absl::Time now) {
  RETURN_IF_ERROR(MayForge(round, now));
  if (plan.state != PlanState::kForged) return WrongState(Name(plan.state));
  const std::vector<std::string>& criteria = round.charter.criteria;
  if (std::find(criteria.begin(), criteria.end(), criterion) == criteria.end()) {
    return CriterionNotFound(criterion);
  }
  return absl::OkStatus();
}

absl::Status MayAdmit(const Round& round, const Plan& plan, absl::Time now) {
  RETURN_IF_ERROR(MayForge(round, now));
  if (plan.state != PlanState::kForged) return WrongState(Name(plan.state));
  std::vector<std::string> unchecked, unmet;
  for (const std::string& criterion : round.charter.criteria) {
    const Check* check = CheckOf(plan, criterion);
    if (check == nullptr) {
      unchecked.push_back(criterion);
    } else if (!check->met) {
      unmet.push_back(criterion);
    }
  }
  if (!unchecked.empty()) return CriteriaUnchecked(unchecked);
  if (!unmet.empty()) return CriteriaNotMet(unmet);
  const Money cap = round.charter.plan_cost_max;
  if (cap > Money() && AsksOf(plan, round.pots) > cap) {
    return OverCap(AsksOf(plan, round.pots), cap);
  }
  // It could win a vote that no money is for.
  const std::string contest = ContestOf(round.pots, plan.category);
  if (!HasPot(round.pots, contest)) return NoPotForPlan(plan.number, plan.category);
  return absl::OkStatus();
}

absl::Status MayAnswer(const Round& round, const Group& group, const Plan& plan, SubjectId subject,
                       absl::Time now) {
  if (!group.Has(subject)) return NotAMember(group.id);
  const bool lapsed = round.instants.answer_until && now >= *round.instants.answer_until;
  if (plan.state != PlanState::kOffered || lapsed) return NoOfferOpen(plan.id);
  return absl::OkStatus();
}

}  // namespace smederij::proposals
