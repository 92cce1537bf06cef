#include "services/ledger/domain/conditions.h"

#include <algorithm>

#include "common/base/status_macros.h"
#include "services/ledger/domain/apportion.h"
#include "services/ledger/domain/carry_errors.h"
#include "services/ledger/domain/condition_errors.h"

namespace smederij::ledger {
namespace {

// A round holds some of it, or a plan was ever given some.
bool InUse(const Book& book) {
  return std::any_of(book.accounts.begin(), book.accounts.end(), [](const auto& of) {
    const Account& account = of.second;
    return account.key.kind == AccountKind::kReserved ||
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
  if (left > book->appropriated) {
    return LapseOverSources(give_back.budget, left, book->appropriated);
  }
  Effect effect;
  if (left == Money()) return effect;
  effect.entries = {DraftEntry(*book, command, books.now, EntryType::kReturnFunds,
                               give_back.decision_ref, ToSources(*book, left))};
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

std::vector<Move> ToSources(const Book& book, Money left) {
  std::vector<AccountKey> sources;
  std::vector<Money> promised;
  for (const auto& [key, account] : book.accounts) {
    if (key.kind != AccountKind::kSource || account.balance() >= Money()) continue;
    sources.push_back(key);
    promised.push_back(Money() - account.balance());
  }
  const std::vector<Money> parts = Apportion(left, promised);
  std::vector<Move> moves;
  for (size_t i = 0; i < sources.size(); ++i) {
    if (parts[i] > Money()) moves.push_back({Available(), sources[i], parts[i]});
  }
  return moves;
}

}  // namespace smederij::ledger
