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

// An entry that was decided on, before it has its place.
struct Draft {
  EntryType type = EntryType::kAppropriate;
  std::string decision_ref = {};
  std::vector<Move> moves;
  Uuid link = {};
  std::optional<Hash> record = {};
  std::string actor = {};     // Empty: whoever's command it is.
  std::string approver = {};  // Empty: the command's, if it has one.
  int64_t reverses_seq = 0;
  int16_t period_no = 0;  // 0: the one that takes entries now.
};

// "person:<uuid>", as actors and approvers are written.
std::string ActorOf(SubjectId person);

// The budget's book, whether any of its periods takes entries or not. Refusals, first that applies:
// BUDGET_NOT_FOUND, BUDGET_FROZEN, BUDGET_CLOSED.
absl::StatusOr<const Book*> StandingBook(const Books& books, BudgetId budget);

// The budget's book, when it takes entries. Refusals, first that applies: BUDGET_NOT_FOUND,
// BUDGET_FROZEN, BUDGET_CLOSED, PERIOD_CLOSED.
absl::StatusOr<const Book*> OpenBook(const Books& books, BudgetId budget);

// The same for a command that may say on which day it happened: EFFECTIVE_DATE_AHEAD,
// EFFECTIVE_DATE_TOO_EARLY come after those.
absl::StatusOr<const Book*> OpenBook(const Books& books, BudgetId budget, const Command& command);

// The account, or null when it was not there when the book was read, nor made since.
const Account* FindAccount(const Book& book, const AccountKey& key);
// What it holds; nothing when it is not there.
Money HeldBy(const Book& book, const AccountKey& key);

// The next entry of `book`, as drafted; accounts that are not there yet get the next numbers. The
// caller has seen to it that nothing goes below zero; Apply checks.
Entry DraftEntry(const Book& book, const Command& command, absl::Time now, Draft draft);
Entry DraftEntry(const Book& book, const Command& command, absl::Time now, EntryType type,
                 absl::string_view decision_ref, std::vector<Move> moves, Uuid link = {},
                 std::optional<Hash> record = {});

// The book after `entry`, which is its next one.
void PostEntry(const Entry& entry, Book& book);

}  // namespace smederij::ledger
