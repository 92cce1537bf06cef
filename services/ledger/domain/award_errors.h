#pragma once

#include "common/base/error.h"
#include "common/base/id.h"
#include "common/base/money.h"

// Refusals that concern replacing the awards of a round.
namespace smederij::ledger {

inline Error StaleVersion(RoundId round, int32_t version, int32_t latest) {
  return Error(kFailedPrecondition, "STALE_VERSION",
               "awards are replaced by the version that follows the newest one")
      .With("round_id", round.ToString())
      .With("award_version", version)
      .With("latest_version", latest);
}

inline Error AwardsIncomplete(RoundId round, BudgetId budget, PlanId plan) {
  return Error(kFailedPrecondition, "AWARDS_INCOMPLETE",
               "every award there is has to be named, those that end with nothing")
      .With("round_id", round.ToString())
      .With("budget_id", budget.ToString())
      .With("plan_id", plan.ToString());
}

inline Error PlanHasSpending(BudgetId budget, PlanId plan, Money spent, Money award) {
  return Error(kFailedPrecondition, "PLAN_HAS_SPENDING",
               "more than the plan would get was promised to a supplier or paid already")
      .With("budget_id", budget.ToString())
      .With("plan_id", plan.ToString())
      .With("spent_cents", spent.cents())
      .With("award_cents", award.cents());
}

inline Error PlanCarriedOver(BudgetId budget, PlanId plan, Money carried) {
  return Error(kFailedPrecondition, "PLAN_CARRIED_OVER",
               "the plan's money went over to next year's budget")
      .With("budget_id", budget.ToString())
      .With("plan_id", plan.ToString())
      .With("carried_cents", carried.cents());
}

}  // namespace smederij::ledger
