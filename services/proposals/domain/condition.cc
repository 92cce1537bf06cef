#include "services/proposals/domain/condition.h"

#include <algorithm>

#include "common/base/status_macros.h"
#include "services/proposals/domain/errors.h"

namespace smederij::proposals {
namespace {

// Fewer is earlier: how many plans the pot is for.
int Breadth(const Pot& pot) { return pot.plan != PlanId() ? 0 : pot.category.empty() ? 2 : 1; }

}  // namespace

std::string ContestOf(const std::vector<Pot>& pots, absl::string_view category) {
  bool divided = false;
  for (const Pot& pot : pots) {
    if (pot.category.empty()) continue;
    if (pot.category == category) return pot.category;
    divided = true;
  }
  return divided ? std::string(kOtherPlans) : "";
}

std::string ContestOf(const std::vector<Pot>& pots, const Pot& pot) {
  return ContestOf(pots, absl::string_view(pot.category));
}

bool HasPot(const std::vector<Pot>& pots, absl::string_view contest) {
  return std::any_of(pots.begin(), pots.end(), [&](const Pot& pot) {
    return IsContested(pot) && ContestOf(pots, pot) == contest;
  });
}

Money OwnMoney(PlanId plan, const std::vector<Pot>& pots) {
  Money own;
  for (const Pot& pot : pots) {
    if (!IsContested(pot) && pot.plan == plan) own += pot.amount;
  }
  return own;
}

Money AsksOf(const Plan& plan, const std::vector<Pot>& pots) {
  return plan.cost - OwnMoney(plan.id, pots);
}

bool MayPay(const Pot& pot, PlanId plan, absl::string_view category) {
  if (!IsContested(pot)) return pot.plan == plan;
  return pot.category.empty() || pot.category == category;
}

std::vector<size_t> PotsFor(const std::vector<Pot>& pots, PlanId plan, absl::string_view category) {
  std::vector<size_t> paying;
  for (size_t i = 0; i < pots.size(); ++i) {
    if (MayPay(pots[i], plan, category)) paying.push_back(i);
  }
  std::stable_sort(paying.begin(), paying.end(),
                   [&](size_t a, size_t b) { return Breadth(pots[a]) < Breadth(pots[b]); });
  return paying;
}

absl::Status CheckDeadlines(const std::vector<Pot>& pots, const Instants& instants) {
  const absl::Time last = instants.answer_until.value_or(instants.cast_until);
  const absl::CivilDay ends = absl::ToCivilDay(last, absl::UTCTimeZone());
  for (const Pot& pot : pots) {
    if (pot.deadline && *pot.deadline <= ends) {
      return DeadlineTooEarly(pot.budget, *pot.deadline, ends);
    }
  }
  return absl::OkStatus();
}

absl::Status MayAddPot(const Round& round, const Pot& pot, const Plan* plan, absl::Time now) {
  if (round.pot_approval) return PotAlreadyApproved(round.id);
  RETURN_IF_ERROR(MayForge(round, now));
  if (round.pots.size() >= kPotsMax) return TooManyPots(kPotsMax);
  for (const Pot& held : round.pots) {
    if (held.budget == pot.budget) return PotExists(pot.budget);
  }
  RETURN_IF_ERROR(CheckDeadlines({pot}, round.instants));
  if (plan != nullptr && AsksOf(*plan, round.pots) <= pot.amount) {
    return NothingLeftToAsk(plan->number, AsksOf(*plan, round.pots), pot.amount);
  }
  std::vector<Pot> all = round.pots;
  all.push_back(pot);
  return CheckPots(all);
}

}  // namespace smederij::proposals
