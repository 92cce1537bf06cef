#pragma once

#include "absl/status/statusor.h"
#include "services/ledger/domain/books.h"

// Taking entries back: the decisions of books.h that are about corrections.
namespace smederij::ledger {

absl::StatusOr<Effect> Decide(const Books& books, const Command& command,
                              const ProposeReversal& propose);
absl::StatusOr<Effect> Decide(const Books& books, const Command& command,
                              const DecideReversal& decide);

// The books after what `effect` says of reversals; its entries are Apply's.
void ApplyReversals(const Effect& effect, Books& books);

}  // namespace smederij::ledger
