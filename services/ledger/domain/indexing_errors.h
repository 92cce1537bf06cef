#pragma once

#include "common/base/error.h"
#include "services/ledger/domain/budget.h"

// Refusals that concern appropriations taken over from the year before.
namespace smederij::ledger {

inline Error AlreadyIndexed(BudgetId budget) {
  return Error(kFailedPrecondition, "ALREADY_INDEXED",
               "the budget took last year's appropriations over before")
      .With("budget_id", budget.ToString());
}

inline Error NothingToIndex(BudgetId from, int32_t rate) {
  return Error(kFailedPrecondition, "NOTHING_TO_INDEX",
               "at this rate nothing is left of what was appropriated last year")
      .With("from_budget_id", from.ToString())
      .With("rate_basis_points", rate);
}

}  // namespace smederij::ledger
