#pragma once

#include "absl/status/statusor.h"
#include "services/ledger/domain/books.h"

// The end of a year: the decisions of books.h that are about carrying over.
namespace smederij::ledger {

absl::StatusOr<Effect> Decide(const Books& books, const Command& command, const CarryOver& carry);
absl::StatusOr<Effect> Decide(const Books& books, const Command& command, const CloseBudget& close);

// Whether `to` is next year's budget of the same district, fund, currency and purpose.
bool Follows(const Budget& from, const Budget& to);

}  // namespace smederij::ledger
