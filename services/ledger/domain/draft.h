#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/ledger/domain/books.h"

// What every decision about a book begins and ends with.
namespace smederij::ledger {

// A movement that was decided on, before it has its place in the books.
struct Move {
  AccountKey from, to;
  Money amount;
};

// The budget's book, when it takes entries. Refusals, first that applies: BUDGET_NOT_FOUND,
// BUDGET_CLOSED, PERIOD_CLOSED.
absl::StatusOr<const Book*> OpenBook(const Books& books, BudgetId budget);

// The account, or null when it was not there when the book was read, nor made since.
const Account* FindAccount(const Book& book, const AccountKey& key);
// What it holds; nothing when it is not there.
Money HeldBy(const Book& book, const AccountKey& key);

// The next entry of `book`, by which `command` makes `moves`; accounts that are not there yet get
// the next numbers. The caller has seen to it that nothing goes below zero; Apply checks.
Entry DraftEntry(const Book& book, const Command& command, absl::Time now, EntryType type,
                 absl::string_view decision_ref, const std::vector<Move>& moves, Uuid link = {},
                 std::optional<Hash> record = {});

}  // namespace smederij::ledger
