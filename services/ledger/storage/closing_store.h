#pragma once

#include <array>
#include <map>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/pg/statement.h"
#include "common/pg/transact.h"
#include "services/ledger/domain/books.h"

// Periods and their closings: what the writer reads and writes of them, and what readers see.
namespace smederij::ledger {

using PeriodRow = std::tuple<BudgetId, int16_t, int16_t>;  // Budget, number, state.

// Asks, and puts into `books`, whose heads are locked: which periods are not open.
pg::Asked<PeriodRow> AskPeriods(pg::Tx& tx, const std::vector<BudgetId>& ids);
absl::Status PlacePeriods(pg::Asked<PeriodRow> asked, Books& books);
// The closings that the commands name, and every account of a budget whose period or year is to
// end.
absl::Status ReadClosings(pg::Tx& tx, absl::Span<const Command* const> commands, Books& books);

// Stores closings in the order in which they were decided, and what they make of their periods.
// After all entries.
absl::Status StoreClosings(pg::Tx& tx, const Books& books, const std::vector<Closing>& closings);

// By period, and then in order.
absl::StatusOr<std::vector<Closing>> ClosingsOf(pg::Tx& tx, BudgetId budget);
// As the tables have them.
absl::StatusOr<std::array<PeriodState, 12>> PeriodsNow(pg::Tx& tx, BudgetId budget);

absl::Span<const pg::AnyStatement> ClosingStatements();

}  // namespace smederij::ledger
