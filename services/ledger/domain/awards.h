#pragma once

#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "services/ledger/domain/books.h"

// What plans get: the decisions of books.h that are about awards.
namespace smederij::ledger {

absl::StatusOr<Effect> Decide(const Books& books, const Command& command,
                              const ReserveAwards& awards);
absl::StatusOr<Effect> Decide(const Books& books, const Command& command,
                              const AdjustAwards& adjust);

// The accounts a command about awards may touch, but those of commitments.
std::vector<std::pair<BudgetId, AccountKey>> AwardAccountsOf(const Command& command);

// The books after what `command` and its effect say of awards; entries are Apply's.
void ApplyAwards(const Command& command, const Effect& effect, Books& books);

}  // namespace smederij::ledger
