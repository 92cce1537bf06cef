#pragma once

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/pg/statement.h"
#include "common/pg/transact.h"
#include "services/ledger/domain/books.h"

// Reversals: what the writer reads and writes of them, and what readers see.
namespace smederij::ledger {

// Reads into `books`, whose heads are locked, the reversals that the commands name, the entries
// they are about, and other reversals of the same entries.
absl::Status ReadReversals(pg::Tx& tx, absl::Span<const Command* const> commands, Books& books);

// Stores reversals in the order in which they were decided, after the entries they posted.
absl::Status StoreReversals(pg::Tx& tx, const Books& books, const std::vector<Reversal>& reversals);

// The place of a reversal in its budget's list; nothing before the first.
struct ReversalPlace {
  absl::Time proposed_at = absl::UnixEpoch();
  ReversalId id;
};
absl::StatusOr<std::vector<Reversal>> ListReversals(pg::Tx& tx, BudgetId budget,
                                                    const ReversalPlace& after, int64_t limit);

// Entries that took something back otherwise than two people decided, or that were decided on and
// are not there.
absl::StatusOr<std::vector<int64_t>> UndecidedReversals(pg::Tx& tx, BudgetId budget);

absl::Span<const pg::AnyStatement> ReversalStatements();

}  // namespace smederij::ledger
