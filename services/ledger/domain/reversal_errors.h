#pragma once

#include "common/base/error.h"
#include "services/ledger/domain/entry.h"
#include "services/ledger/domain/reversal.h"

// Refusals that concern taking an entry back.
namespace smederij::ledger {

inline Error EntryNotFound(BudgetId budget, int64_t seq) {
  return Error(kNotFound, "ENTRY_NOT_FOUND", "the budget has no such entry")
      .With("budget_id", budget.ToString())
      .With("seq", seq);
}

inline Error NotReversible(const Entry& entry) {
  return Error(
             kFailedPrecondition, "NOT_REVERSIBLE",
             "entries of this type go back by the next step of what they belong to, or not at all")
      .With("budget_id", entry.budget.ToString())
      .With("seq", entry.seq)
      .With("type", NameOf(entry.type));
}

inline Error AwardChangedSince(BudgetId budget, int64_t seq, int64_t changed_seq) {
  return Error(kFailedPrecondition, "AWARD_CHANGED_SINCE",
               "the plan's award was changed after it gave this back, and counted with it: adjust "
               "the awards instead")
      .With("budget_id", budget.ToString())
      .With("seq", seq)
      .With("changed_seq", changed_seq);
}

inline Error AlreadyReversed(BudgetId budget, int64_t seq) {
  return Error(kFailedPrecondition, "ALREADY_REVERSED", "the entry was taken back before")
      .With("budget_id", budget.ToString())
      .With("seq", seq);
}

inline Error ReversalPending(const Reversal& reversal) {
  return Error(kFailedPrecondition, "REVERSAL_PENDING",
               "taking this entry back was proposed, and waits for a second person")
      .With("reversal_id", reversal.id.ToString())
      .With("seq", reversal.seq);
}

inline Error ReversalNotFound(ReversalId reversal) {
  return Error(kNotFound, "REVERSAL_NOT_FOUND", "the budget has no such reversal")
      .With("reversal_id", reversal.ToString());
}

inline Error ReversalDecided(const Reversal& reversal) {
  return Error(kFailedPrecondition, "REVERSAL_DECIDED", "the reversal was accepted or refused")
      .With("reversal_id", reversal.id.ToString());
}

}  // namespace smederij::ledger
