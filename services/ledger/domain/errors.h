#pragma once

#include "absl/strings/string_view.h"
#include "common/base/error.h"
#include "common/base/id.h"
#include "common/base/money.h"
#include "services/ledger/domain/budget.h"

// Every refusal of the ledger, one function each. Their order of precedence is the README's.
namespace smederij::ledger {

inline Error BudgetNotFound(BudgetId budget) {
  return Error(kNotFound, "BUDGET_NOT_FOUND", "there is no such budget")
      .With("budget_id", budget.ToString());
}

inline Error UnknownCurrency(absl::string_view currency) {
  return Error(kFailedPrecondition, "UNKNOWN_CURRENCY", "no budget is kept in this currency")
      .With("currency", currency);
}

inline Error DistrictElsewhere(DistrictId district) {
  return Error(kPermissionDenied, "OTHER_MUNICIPALITY",
               "the district's budgets belong to another municipality")
      .With("district_id", district.ToString());
}

inline Error BudgetExists(BudgetId budget) {
  return Error(kAlreadyExists, "BUDGET_EXISTS",
               "the district has a budget of this fund, year and currency")
      .With("budget_id", budget.ToString());
}

// Whether it is more than somebody may decide about. A grant of the largest amount there is has no
// limit: a sum may be more than that, and is refused for what it is.
inline bool OverLimit(Money amount, Money limit) {
  return amount > limit && limit < Money::Cents(Money::kCentsMax);
}

inline Error AmountOverLimit(Money amount, Money limit) {
  return Error(kPermissionDenied, "AMOUNT_OVER_LIMIT",
               "the amount is more than the caller may decide about")
      .With("amount_cents", amount.cents())
      .With("limit_cents", limit.cents());
}

inline Error BudgetFrozen(BudgetId budget) {
  return Error(kFailedPrecondition, "BUDGET_FROZEN",
               "the books are not what their entries say; nothing is posted until an auditor has "
               "looked")
      .With("budget_id", budget.ToString());
}

inline Error BudgetClosed(const Budget& budget) {
  const bool carried = budget.state == Budget::State::kCarried;
  return Error(kFailedPrecondition, "BUDGET_CLOSED", "the budget's books are closed")
      .With("budget_id", budget.id.ToString())
      .With("state", carried ? "CARRIED" : "CLOSED");
}

inline Error EffectiveDateAhead(absl::CivilDay effective, absl::CivilDay today) {
  return Error(kFailedPrecondition, "EFFECTIVE_DATE_AHEAD",
               "what happened cannot have happened after today")
      .With("effective_date", absl::FormatCivilTime(effective))
      .With("today", absl::FormatCivilTime(today));
}

inline Error EffectiveDateTooEarly(BudgetId budget, absl::CivilDay effective,
                                   absl::CivilDay earliest) {
  return Error(kFailedPrecondition, "EFFECTIVE_DATE_TOO_EARLY",
               "nothing of a fiscal year happened before the year that precedes it")
      .With("budget_id", budget.ToString())
      .With("effective_date", absl::FormatCivilTime(effective))
      .With("earliest", absl::FormatCivilTime(earliest));
}

inline Error PeriodClosed(BudgetId budget, int period_no) {
  return Error(kFailedPrecondition, "PERIOD_CLOSED",
               "the period that would take the entry is closed")
      .With("budget_id", budget.ToString())
      .With("period_no", period_no);
}

inline Error BudgetFull(BudgetId budget, Money appropriated, Money came_over) {
  return Error(kFailedPrecondition, "BUDGET_FULL", "a budget holds at most 10^15 cents")
      .With("budget_id", budget.ToString())
      .With("appropriated_cents", appropriated.cents())
      .With("came_over_cents", came_over.cents());
}

inline Error PotExists(BudgetId budget, RoundId round) {
  return Error(kFailedPrecondition, "POT_EXISTS", "the round already has its pot in this budget")
      .With("budget_id", budget.ToString())
      .With("round_id", round.ToString());
}

inline Error PotNotFound(BudgetId budget, RoundId round) {
  return Error(kFailedPrecondition, "POT_NOT_FOUND", "the round has no pot in this budget")
      .With("budget_id", budget.ToString())
      .With("round_id", round.ToString());
}

inline Error AwardsAlreadyReserved(RoundId round, int32_t version) {
  return Error(kFailedPrecondition, "AWARDS_ALREADY_RESERVED",
               "this version of the round's awards was reserved before")
      .With("round_id", round.ToString())
      .With("award_version", version);
}

inline Error PlanTwice(PlanId plan, BudgetId budget) {
  return Error(kInvalidArgument, "PLAN_TWICE", "a plan has two lines of one budget")
      .With("plan_id", plan.ToString())
      .With("budget_id", budget.ToString());
}

inline Error InsufficientFunds(BudgetId budget, Money asked, Money held) {
  return Error(kFailedPrecondition, "INSUFFICIENT_FUNDS", "the account does not hold that much")
      .With("budget_id", budget.ToString())
      .With("asked_cents", asked.cents())
      .With("held_cents", held.cents());
}

inline Error SeqNotReached(BudgetId budget, int64_t asked, int64_t head) {
  return Error(kFailedPrecondition, "SEQ_NOT_REACHED", "the budget has no such entry yet")
      .With("budget_id", budget.ToString())
      .With("as_of_seq", asked)
      .With("head_seq", head);
}

}  // namespace smederij::ledger
