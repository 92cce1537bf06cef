#include "services/ledger/domain/draft.h"

#include <map>
#include <utility>

#include "common/base/status_macros.h"
#include "services/ledger/domain/errors.h"

namespace smederij::ledger {

absl::StatusOr<const Book*> StandingBook(const Books& books, BudgetId budget) {
  const auto found = books.by_budget.find(budget);
  if (found == books.by_budget.end()) return BudgetNotFound(budget);
  const Book& book = found->second;
  if (book.frozen) return BudgetFrozen(budget);
  if (book.budget.closed) return BudgetClosed(budget);
  return &book;
}

absl::StatusOr<const Book*> OpenBook(const Books& books, BudgetId budget) {
  ASSIGN_OR_RETURN(const Book* const book, StandingBook(books, budget));
  if (book->period_closed) return PeriodClosed(budget, book->period_no);
  return book;
}

const Account* FindAccount(const Book& book, const AccountKey& key) {
  const auto found = book.accounts.find(key);
  return found == book.accounts.end() ? nullptr : &found->second;
}

Money HeldBy(const Book& book, const AccountKey& key) {
  const Account* const account = FindAccount(book, key);
  return account == nullptr ? Money() : account->balance();
}

Entry DraftEntry(const Book& book, const Command& command, absl::Time now, Draft draft) {
  Entry entry{.budget = book.budget.id,
              .seq = book.head_seq + 1,
              .type = draft.type,
              .period_no = book.period_no,
              .recorded_at = now,
              .request = command.request,
              .actor = draft.actor.empty() ? command.actor : std::move(draft.actor),
              .approver = std::move(draft.approver),
              .decision_ref = std::move(draft.decision_ref),
              .link = draft.link,
              .reverses_seq = draft.reverses_seq,
              .record = draft.record,
              .postings = {},
              .prev_hash = book.head_hash,
              .hash = {}};
  std::map<AccountKey, Account> touched;
  int64_t count = book.account_count;
  const auto take = [&](const AccountKey& key) -> Account& {
    const auto [at, added] = touched.try_emplace(key);
    if (added) {
      const Account* const known = FindAccount(book, key);
      at->second = known != nullptr ? *known : Account{.no = ++count, .key = key};
    }
    return at->second;
  };
  for (const Move& move : draft.moves) {
    Account& from = take(move.from);
    Account& to = take(move.to);
    from.debits += move.amount;
    to.credits += move.amount;
    entry.postings.push_back({.from_no = from.no,
                              .from = move.from,
                              .to_no = to.no,
                              .to = move.to,
                              .amount = move.amount,
                              .from_balance = from.balance(),
                              .to_balance = to.balance()});
  }
  entry.hash = ChainHash(entry.prev_hash, Canonical(entry));
  return entry;
}

Entry DraftEntry(const Book& book, const Command& command, absl::Time now, EntryType type,
                 absl::string_view decision_ref, std::vector<Move> moves, Uuid link,
                 std::optional<Hash> record) {
  return DraftEntry(book, command, now,
                    Draft{.type = type,
                          .decision_ref = std::string(decision_ref),
                          .moves = std::move(moves),
                          .link = link,
                          .record = record});
}

}  // namespace smederij::ledger
