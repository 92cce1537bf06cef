#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/pg/statement.h"
#include "common/pg/transact.h"
#include "services/ledger/domain/audit.h"

namespace smederij::ledger {

// What an entry says it rests on.
struct RecordedEntry {
  EntryType type = EntryType::kOpenCommitment;
  Hash record{};
};

// Compares a budget's commitments and payments, as the tables have them, with the records that its
// entries carry: a supplier, a term, an amount, a requester or an approver that was changed since
// is found, and so is an entry whose commitment or payment is not there.
absl::StatusOr<std::vector<Finding>> VerifyRecords(pg::Tx& tx, BudgetId budget,
                                                   std::map<int64_t, RecordedEntry> entries);

absl::Span<const pg::AnyStatement> RecordStatements();

}  // namespace smederij::ledger
