#pragma once

#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/pg/statement.h"
#include "common/pg/transact.h"
#include "services/ledger/domain/books.h"

// Commitments: what the writer reads and writes of them, and what readers see.
namespace smederij::ledger {

// Reads into `books`, whose heads are locked, the commitments that the commands name or that
// payments there are on, and their payees.
absl::Status ReadSpending(pg::Tx& tx, absl::Span<const Command* const> commands, Books& books);

// Reads what payments ask of the VAT of those commitments.
absl::Status ReadVat(pg::Tx& tx, Books& books);

// Stores commitments in the order in which they were decided: opened ones, and then closed ones.
// After the entries they rest on.
absl::Status StoreSpending(pg::Tx& tx, const Books& books,
                           const std::vector<Commitment>& commitments);

// A commitment and what is left of it.
struct CommitmentState {
  Commitment commitment;
  Money remaining;
};
CommitmentState Decode(pg::Columns& row, pg::As<CommitmentState>);

// At most `limit` commitments of the budget, or of one plan in it, opened after entry `after_seq`.
absl::StatusOr<std::vector<CommitmentState>> ListCommitments(pg::Tx& tx, BudgetId budget,
                                                             std::optional<PlanId> plan,
                                                             int64_t after_seq, int64_t limit);

absl::Span<const pg::AnyStatement> SpendingStatements();

}  // namespace smederij::ledger
