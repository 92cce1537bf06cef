#pragma once

#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/pg/statement.h"
#include "common/pg/transact.h"
#include "services/ledger/domain/audit.h"
#include "services/ledger/domain/books.h"

// Awards: what the writer reads and writes of them.
namespace smederij::ledger {

// Reads into `books`, whose heads are locked, the versions that the commands name, and of rounds
// whose awards are to be replaced every version and every award there is.
absl::Status ReadAwards(pg::Tx& tx, absl::Span<const Command* const> commands, Books& books);

// Stores what became of awards, all changes of a batch together, and their versions. A version that
// another replica stored meanwhile asks for a rerun.
absl::Status StoreAwards(pg::Tx& tx, const std::vector<AwardChange>& changes,
                         const std::vector<std::pair<RoundId, int32_t>>& versions);

// Plans whose awards are not what the entries say that they got.
absl::StatusOr<std::vector<std::string>> WrongAwards(pg::Tx& tx, BudgetId budget,
                                                     const Audit& audit);

absl::Span<const pg::AnyStatement> AwardStatements();

}  // namespace smederij::ledger
