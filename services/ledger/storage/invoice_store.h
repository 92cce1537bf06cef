#pragma once

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "common/pg/statement.h"
#include "common/pg/transact.h"
#include "services/ledger/domain/books.h"

// What counts once, whichever budget it is of: invoices of a payee, and references the bank was
// given.
namespace smederij::ledger {

// Of the invoices that somebody asks to be paid, or whose payment did not come back after all:
// which payments hold them. Commitments and payments are among the books.
absl::Status ReadInvoices(pg::Tx& tx, absl::Span<const Command* const> commands, Books& books);

// Of the references under which the bank is to be told: which it was given before.
absl::Status ReadBankRefs(pg::Tx& tx, absl::Span<const Command* const> commands, Books& books);

absl::Span<const pg::AnyStatement> InvoiceStatements();

}  // namespace smederij::ledger
