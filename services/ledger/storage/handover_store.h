#pragma once

#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/pg/statement.h"
#include "common/pg/transact.h"
#include "services/ledger/domain/books.h"

// Handovers: what the writer reads and writes of them, and what readers see.
namespace smederij::ledger {

// Reads into `books`, whose heads are locked, the handovers that the commands name, and those that
// wait in the budgets of which one is proposed.
absl::Status ReadHandovers(pg::Tx& tx, absl::Span<const Command* const> commands, Books& books);

// Stores handovers in the order in which they were decided, after the entries they posted.
absl::Status StoreHandovers(pg::Tx& tx, const Books& books, const std::vector<Handover>& handovers);

// As it stands now; what it hands over stays as it is. None when the budget has no such handover.
absl::StatusOr<std::optional<Handover>> FindHandover(pg::Tx& tx, BudgetId budget, HandoverId id);

// The place of a handover in its budget's list; nothing before the first.
struct HandoverPlace {
  absl::Time proposed_at = absl::UnixEpoch();
  HandoverId id;
};
absl::StatusOr<std::vector<Handover>> ListHandovers(pg::Tx& tx, BudgetId budget,
                                                    const HandoverPlace& after, int64_t limit);

// Entries that handed something over otherwise than two people decided, or that were decided on
// and are not there; but for those of the time when one person was enough.
absl::StatusOr<std::vector<int64_t>> UndecidedHandovers(pg::Tx& tx, BudgetId budget);

absl::Span<const pg::AnyStatement> HandoverStatements();

}  // namespace smederij::ledger
