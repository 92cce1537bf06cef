#pragma once

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/ledger/domain/books.h"
#include "services/ledger/domain/draft.h"

// Money with a condition: the decisions of books.h that are about giving it, or giving it back.
namespace smederij::ledger {

absl::StatusOr<Effect> Decide(const Books& books, const Command& command,
                              const ReturnFunds& give_back);

// Whether the budget's money may go to the plan of `line` today. Refusal: CONDITION_UNMET.
absl::Status MeetsCondition(const Books& books, const AwardLine& line);

// `left` from what is available back to the sources, as they promised: to the cent by largest
// remainder. They promised at least that.
std::vector<Move> ToSources(const Book& book, Money left);

}  // namespace smederij::ledger
