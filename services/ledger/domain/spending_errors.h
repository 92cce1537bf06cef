#pragma once

#include "common/base/error.h"
#include "services/ledger/domain/commitment.h"

// Refusals that concern money after its award.
namespace smederij::ledger {

inline Error AwardNotFound(BudgetId budget, PlanId plan) {
  return Error(kFailedPrecondition, "AWARD_NOT_FOUND",
               "nothing was ever awarded to the plan from this budget")
      .With("budget_id", budget.ToString())
      .With("plan_id", plan.ToString());
}

inline Error CommitmentNotFound(CommitmentId commitment) {
  return Error(kNotFound, "COMMITMENT_NOT_FOUND", "the budget has no such commitment")
      .With("commitment_id", commitment.ToString());
}

inline Error CommitmentClosed(CommitmentId commitment) {
  return Error(kFailedPrecondition, "COMMITMENT_CLOSED", "the commitment was closed")
      .With("commitment_id", commitment.ToString());
}

}  // namespace smederij::ledger
