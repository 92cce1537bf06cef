#pragma once

#include "common/base/error.h"
#include "services/ledger/domain/budget.h"

// Refusals that concern the end of a year.
namespace smederij::ledger {

inline Error BudgetsDoNotFollow(BudgetId from, BudgetId to) {
  return Error(kFailedPrecondition, "BUDGETS_DO_NOT_FOLLOW",
               "one year goes on in the same fund of the same district in the next year, for "
               "the same purpose and in the same currency")
      .With("from_budget_id", from.ToString())
      .With("to_budget_id", to.ToString());
}

inline Error YearNotOver(BudgetId budget, int32_t fiscal_year) {
  return Error(kFailedPrecondition, "YEAR_NOT_OVER",
               "a budget is carried over as a whole when its year is over")
      .With("budget_id", budget.ToString())
      .With("fiscal_year", fiscal_year);
}

inline Error PotHeld(BudgetId budget, const Account& pot) {
  return Error(kFailedPrecondition, "POT_HELD", "a round still has money in its pot")
      .With("budget_id", budget.ToString())
      .With("round_id", pot.key.reference)
      .With("pot_cents", pot.balance().cents());
}

inline Error BudgetNotCarried(BudgetId budget) {
  return Error(kFailedPrecondition, "BUDGET_NOT_CARRIED",
               "what is left in the budget has to be carried over first, or to lapse")
      .With("budget_id", budget.ToString());
}

inline Error PeriodOpen(BudgetId budget, int period_no) {
  return Error(kFailedPrecondition, "PERIOD_OPEN", "a period of the budget is not closed")
      .With("budget_id", budget.ToString())
      .With("period_no", period_no);
}

}  // namespace smederij::ledger
