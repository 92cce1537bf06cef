#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/pg/statement.h"
#include "common/pg/transact.h"
#include "services/ledger/domain/books.h"

// Payments: what the writer reads and writes of them, and what readers see.
namespace smederij::ledger {

// Reads into `books`, whose heads are locked, the payments that the commands name, and those of
// parts that they want taken back.
absl::Status ReadNamedPayments(pg::Tx& tx, absl::Span<const Command* const> commands, Books& books);
// Reads, when the books' commitments are there: the other payments that claim their money, and
// which of the invoices, receipts and bank references that the commands name are taken.
absl::Status ReadClaims(pg::Tx& tx, absl::Span<const Command* const> commands, Books& books);

// Stores steps in the order in which they were decided, after the entries they posted. An invoice
// or a bank reference that was taken meanwhile from another budget asks for a rerun, and so does a
// document or a bank line of which a part was.
absl::Status StoreSteps(pg::Tx& tx, const Books& books, const std::vector<PaymentStep>& steps);

// The place of a payment in its budget's list; nothing before the first.
struct PaymentPlace {
  absl::Time requested_at = absl::UnixEpoch();
  PaymentId id;
};
struct ListedPayment {
  Payment payment;
  PaymentPlace place;
};
ListedPayment Decode(pg::Columns& row, pg::As<ListedPayment>);

// At most `limit` payments of the budget after `after`, in `state` or, when it is 0, in any; with
// `overdue_on` those of which receipts were due before that day.
absl::StatusOr<std::vector<ListedPayment>> ListPayments(pg::Tx& tx, BudgetId budget, int16_t state,
                                                        std::optional<absl::CivilDay> overdue_on,
                                                        const PaymentPlace& after, int64_t limit);

absl::Span<const pg::AnyStatement> PaymentStatements();

}  // namespace smederij::ledger
