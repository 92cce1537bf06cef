#pragma once

#include "absl/status/statusor.h"
#include "services/ledger/domain/books.h"

// The steps of a payment: the decisions of books.h that take a commitment's money to its supplier.
namespace smederij::ledger {

absl::StatusOr<Effect> Decide(const Books& books, const Command& command,
                              const RequestPayment& request);
absl::StatusOr<Effect> Decide(const Books& books, const Command& command,
                              const ApprovePayment& approve);
absl::StatusOr<Effect> Decide(const Books& books, const Command& command,
                              const RejectPayment& reject);
absl::StatusOr<Effect> Decide(const Books& books, const Command& command,
                              const InstructPayment& instruct);
absl::StatusOr<Effect> Decide(const Books& books, const Command& command,
                              const SettlePayment& settle);
absl::StatusOr<Effect> Decide(const Books& books, const Command& command, const FailPayment& fail);

// The step by which `command` brought its payment to `after`, which moves no money yet.
PaymentStep Taken(const Book& book, const Command& command, Payment after);

}  // namespace smederij::ledger
