#include "services/ledger/domain/conditions.h"

#include <algorithm>

#include "common/base/status_macros.h"
#include "services/ledger/domain/condition_errors.h"
#include "services/ledger/domain/draft.h"
#include "services/ledger/domain/sources.h"

namespace smederij::ledger {
namespace {

// A round holds some of it, or a plan was ever given some.
bool InUse(const Book& book) {
  return std::any_of(book.accounts.begin(), book.accounts.end(), [](const auto& of) {
    const Account& account = of.second;
    return account.key.kind == AccountKind::kReserved ||
           account.key.kind == AccountKind::kCommitted ||
           (account.key.kind == AccountKind::kPot && account.balance() > Money());
  });
}

}  // namespace

absl::StatusOr<Effect> Decide(const Books& books, const Command& command,
                              const ReturnFunds& give_back) {
  ASSIGN_OR_RETURN(const Book* const book, OpenBook(books, give_back.budget, command));
  const std::optional<Condition>& condition = book->budget.condition;
  if (!condition) return NotConditional(give_back.budget);
  // Before the deadline it takes a decision that says so, and nobody who counts on the money.
  const bool over = books.today > condition->deadline;
  if (!over && (!give_back.unmet || InUse(*book))) {
    return ConditionPending(give_back.budget, condition->deadline);
  }
  const Money left = HeldBy(*book, Available());
  Effect effect;
  if (left == Money()) return effect;
  BySource sources = LeftOf(*book);
  effect.entries = {DraftEntry(*book, command, books.now, EntryType::kReturnFunds,
                               give_back.decision_ref, ToSources(*book, TakeFrom(sources, left)))};
  return effect;
}

absl::Status MeetsCondition(const Books& books, const AwardLine& line) {
  const std::optional<Condition>& condition = books.by_budget.at(line.budget).budget.condition;
  if (!condition) return absl::OkStatus();
  const auto& plans = condition->plans;
  const bool meant = std::find(plans.begin(), plans.end(), line.plan) != plans.end() ||
                     (!line.category.empty() && line.category == condition->category);
  if (meant && books.today <= condition->deadline) return absl::OkStatus();
  return ConditionUnmet(line.budget, line.plan, condition->deadline);
}

}  // namespace smederij::ledger
