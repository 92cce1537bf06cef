#pragma once

#include "absl/status/statusor.h"
#include "services/ledger/domain/books.h"

// Money that comes back after it was paid: the decision of books.h about it.
namespace smederij::ledger {

absl::StatusOr<Effect> Decide(const Books& books, const Command& command,
                              const ReturnPayment& back);

}  // namespace smederij::ledger
