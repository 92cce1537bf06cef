#pragma once

#include "common/base/error.h"
#include "services/ledger/domain/account.h"
#include "services/ledger/domain/budget.h"
#include "services/ledger/domain/closing.h"

// Refusals that concern the end of a period.
namespace smederij::ledger {

inline Error ClosingPending(BudgetId budget, int period_no) {
  return Error(kFailedPrecondition, "CLOSING_PENDING",
               "closing this period was proposed, and waits for a second person")
      .With("budget_id", budget.ToString())
      .With("period_no", period_no);
}

inline Error EarlierPeriodOpen(BudgetId budget, int period_no) {
  return Error(kFailedPrecondition, "EARLIER_PERIOD_OPEN",
               "periods are closed one after the other, and an earlier one is not closed")
      .With("budget_id", budget.ToString())
      .With("period_no", period_no);
}

inline Error PeriodNotOver(BudgetId budget, const Period& period, absl::CivilDay today) {
  return Error(kFailedPrecondition, "PERIOD_NOT_OVER",
               "a period is closed on its last day at the earliest")
      .With("budget_id", budget.ToString())
      .With("period_no", period.no)
      .With("last_day", absl::FormatCivilTime(period.last))
      .With("today", absl::FormatCivilTime(today));
}

inline Error SeqDiffers(BudgetId budget, int64_t expected, int64_t head) {
  return Error(kFailedPrecondition, "SEQ_DIFFERS",
               "the trial balance is not the newest one: look at it again")
      .With("budget_id", budget.ToString())
      .With("expected_seq", expected)
      .With("head_seq", head);
}

inline Error OpenClearing(BudgetId budget, const Account& account) {
  return Error(kFailedPrecondition, "OPEN_CLEARING",
               "the bank has a payment of which it is not known what became of it")
      .With("budget_id", budget.ToString())
      .With("plan_id", account.key.reference)
      .With("clearing_cents", account.balance().cents());
}

inline Error HashMismatch(BudgetId budget, int64_t seq) {
  return Error(kFailedPrecondition, "HASH_MISMATCH",
               "the trial balance that was signed is not the one the books have")
      .With("budget_id", budget.ToString())
      .With("seq", seq);
}

inline Error ClosingNotFound(ClosingId closing) {
  return Error(kNotFound, "CLOSING_NOT_FOUND", "the budget has no such closing")
      .With("closing_id", closing.ToString());
}

inline Error ClosingDecided(ClosingId closing) {
  return Error(kFailedPrecondition, "CLOSING_DECIDED", "the closing was accepted or refused")
      .With("closing_id", closing.ToString());
}

}  // namespace smederij::ledger
