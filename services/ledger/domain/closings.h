#pragma once

#include "absl/status/statusor.h"
#include "services/ledger/domain/books.h"

// The end of a month: the decisions of books.h that are about periods.
namespace smederij::ledger {

absl::StatusOr<Effect> Decide(const Books& books, const Command& command,
                              const ProposeClosing& propose);
absl::StatusOr<Effect> Decide(const Books& books, const Command& command,
                              const DecideClosing& decide);

// The books after what `effect` says of closings.
void ApplyClosings(const Effect& effect, Books& books);

// Which period of `book` takes what is recorded on `today`: the month's, or the first after it that
// is open. None when all of them are shut.
void PlaceInPeriod(absl::CivilDay today, Book& book);

}  // namespace smederij::ledger
