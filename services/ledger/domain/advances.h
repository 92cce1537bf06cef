#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/ledger/domain/books.h"

// What became of money that was paid in advance: the decisions of books.h about its parts.
namespace smederij::ledger {

absl::StatusOr<Effect> Decide(const Books& books, const Command& command,
                              const AccountForAdvance& account);
absl::StatusOr<Effect> Decide(const Books& books, const Command& command,
                              const ReturnAdvance& back);

// Whether as much is left of what the part accounts by: by another name, or for another payment, it
// is the same money. Refusals, first that applies: DOCUMENT_USED or BANK_REFERENCE_USED,
// TOTAL_DIFFERS.
absl::Status FitsItsEvidence(const Books& books, const Book& book, const PaymentPart& part);

// Whether this person may take `part` back, and it can be. Refusals, first that applies:
// SELF_APPROVAL, COMMITMENT_CLOSED, TOO_MANY_PARTS.
absl::Status MayTakeBack(const Book& book, const Command& command, const CountedPart& part);

// Whether what the payment has without `part` fits together, its accounts set aside. Refusals,
// first that applies: INSUFFICIENT_FUNDS, OVER_COMMITMENT_VAT, DUPLICATE_INVOICE.
absl::Status FitsWithout(const Books& books, const Book& book, const CountedPart& part);

// The step by which entry `seq` does: the advance is open again by that much, or the payee has
// again what did not come back.
PaymentStep TakingBack(const Book& book, const Command& command, const CountedPart& part,
                       int64_t seq);

// The books after what `step` says of what accounts for advances, and of what came back; it is of
// one of their budgets.
void ApplyPart(const PaymentStep& step, Books& books);

}  // namespace smederij::ledger
