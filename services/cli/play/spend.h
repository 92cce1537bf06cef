#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/cli/play/stage.h"
#include "services/cli/remote/deployment.h"

namespace smederij::cli {

// What the round reserved, by plan, as the ledger's entries tell: it stays the same whatever
// becomes of the money.
absl::StatusOr<std::map<std::string, int64_t>> ReservedByRound(const Stage& stage);

// What becomes of the first two awards, where the script tells that far: both are committed to a
// supplier, one invoice is paid on two people's word, and what the first plan did not need is given
// back. Refusals: the services'.
absl::Status SpendAwards(Stage& stage);

// Whether SpendAwards came to its end in this budget.
absl::StatusOr<bool> SpendingEnded(const Deployment& deployment, const std::string& budget_id);

}  // namespace smederij::cli
