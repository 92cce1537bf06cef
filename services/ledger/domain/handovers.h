#pragma once

#include "absl/status/statusor.h"
#include "services/ledger/domain/books.h"

// Money that leaves a budget, by two people: the decisions of books.h that are about handing over.
// What moves, and when it may, carry.h and conditions.h say.
namespace smederij::ledger {

absl::StatusOr<Effect> Decide(const Books& books, const Command& command,
                              const ProposeHandover& propose);
absl::StatusOr<Effect> Decide(const Books& books, const Command& command,
                              const DecideHandover& decide);

// The books after what `effect` says of handovers; its entries are Apply's.
void ApplyHandovers(const Effect& effect, Books& books);

}  // namespace smederij::ledger
