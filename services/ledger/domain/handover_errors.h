#pragma once

#include "common/base/error.h"
#include "services/ledger/domain/handover.h"

// Refusals that concern money that leaves a budget.
namespace smederij::ledger {

inline Error NothingToHandOver(BudgetId budget) {
  return Error(kFailedPrecondition, "NOTHING_TO_HAND_OVER",
               "there is nothing left that could be handed over")
      .With("budget_id", budget.ToString());
}

inline Error HandoverPending(const Handover& handover) {
  return Error(kFailedPrecondition, "HANDOVER_PENDING",
               "handing over money of this budget was proposed, and waits for a second person")
      .With("budget_id", handover.budget.ToString())
      .With("handover_id", handover.id.ToString());
}

inline Error HandoverNotFound(HandoverId handover) {
  return Error(kNotFound, "HANDOVER_NOT_FOUND", "the budget has no such handover")
      .With("handover_id", handover.ToString());
}

inline Error HandoverDecided(const Handover& handover) {
  return Error(kFailedPrecondition, "HANDOVER_DECIDED", "the handover was accepted or refused")
      .With("handover_id", handover.id.ToString());
}

inline Error HandoverDiffers(const Handover& handover, const HandoverAmounts& now) {
  return Error(kFailedPrecondition, "HANDOVER_DIFFERS",
               "it comes to other amounts by now than was proposed: refuse it, and propose it anew")
      .With("handover_id", handover.id.ToString())
      .With("proposed_carried_cents", handover.amounts.carried.cents())
      .With("proposed_returned_cents", handover.amounts.returned.cents())
      .With("carried_cents", now.carried.cents())
      .With("returned_cents", now.returned.cents());
}

}  // namespace smederij::ledger
