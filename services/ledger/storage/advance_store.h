#pragma once

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "common/pg/statement.h"
#include "common/pg/transact.h"
#include "services/ledger/domain/books.h"

// What accounts for advances: receipts, and money that came back; and what came back of other
// payments.
namespace smederij::ledger {

// Reads into `books`, whose entries to be taken back are there, those that are parts of payments.
absl::Status ReadPartsToTakeBack(pg::Tx& tx, Books& books);

// Reads into `books`, whose heads are locked, which of the receipts, documents and bank lines that
// the commands name have counted, and where.
absl::Status ReadParts(pg::Tx& tx, absl::Span<const Command* const> commands, Books& books);

absl::Span<const pg::AnyStatement> AdvanceStatements();

}  // namespace smederij::ledger
