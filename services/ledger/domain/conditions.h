#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/ledger/domain/books.h"

// Money with a condition: the decisions of books.h that are about giving it, or giving it back.
namespace smederij::ledger {

absl::StatusOr<Effect> Decide(const Books& books, const Command& command,
                              const ReturnFunds& give_back);

// Whether the budget's money may go to the plan of `line` today. Refusal: CONDITION_UNMET.
absl::Status MeetsCondition(const Books& books, const AwardLine& line);

}  // namespace smederij::ledger
