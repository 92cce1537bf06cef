#pragma once

#include "absl/time/civil_time.h"
#include "common/base/error.h"
#include "services/ledger/domain/budget.h"

// Refusals that concern money with a condition.
namespace smederij::ledger {

inline Error ConditionUnmet(BudgetId budget, PlanId plan, absl::CivilDay deadline) {
  return Error(kFailedPrecondition, "CONDITION_UNMET",
               "the budget's money is for other plans, or was to be awarded before today")
      .With("budget_id", budget.ToString())
      .With("plan_id", plan.ToString())
      .With("deadline", absl::FormatCivilTime(deadline));
}

inline Error ConditionOver(BudgetId budget, absl::CivilDay deadline) {
  return Error(
             kFailedPrecondition, "CONDITION_OVER",
             "the day by which the money was to be awarded has passed: what no plan has goes back "
             "to its sources, let it lapse")
      .With("budget_id", budget.ToString())
      .With("deadline", absl::FormatCivilTime(deadline));
}

inline Error NotConditional(BudgetId budget) {
  return Error(kFailedPrecondition, "NOT_CONDITIONAL",
               "the budget's money has no condition that could be unmet")
      .With("budget_id", budget.ToString());
}

inline Error ConditionPending(BudgetId budget, absl::CivilDay deadline) {
  return Error(kFailedPrecondition, "CONDITION_PENDING",
               "the money can still be awarded as it was meant")
      .With("budget_id", budget.ToString())
      .With("deadline", absl::FormatCivilTime(deadline));
}

}  // namespace smederij::ledger
