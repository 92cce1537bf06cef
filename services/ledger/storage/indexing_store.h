#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/pg/statement.h"
#include "common/pg/transact.h"
#include "services/ledger/domain/books.h"

// Appropriations taken over from the year before: what the writer and the walk read and write.
namespace smederij::ledger {

// Reads into `books`, whose heads are locked: what the councils of the years before decided on,
// and whether the budgets have taken something over before.
absl::Status ReadIndexings(pg::Tx& tx, absl::Span<const Command* const> commands, Books& books);
// The accounts that this takes: a source of one year may be one of the next.
std::vector<std::pair<BudgetId, AccountKey>> IndexedAccounts(
    absl::Span<const Command* const> commands, const Books& books);

// After all entries.
absl::Status StoreIndexings(pg::Tx& tx, const std::vector<Indexing>& indexings);

absl::StatusOr<std::optional<Indexing>> IndexingOf(pg::Tx& tx, BudgetId budget);

// What the entry of an indexing is not, a sentence; empty when it is what last year's books and the
// rate give.
absl::StatusOr<std::string> CheckIndexing(pg::Tx& tx, const Indexing& indexing);

absl::Span<const pg::AnyStatement> IndexingStatements();

}  // namespace smederij::ledger
