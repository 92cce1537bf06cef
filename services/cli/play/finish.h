#pragma once

#include "absl/status/status.h"
#include "services/cli/play/stage.h"

namespace smederij::cli {

// Two officials end the voting of a demonstration.
absl::Status EndVoting(Stage& stage);

// Two officials look at the count and certify it.
absl::Status Certify(Stage& stage);

// Groups that were offered part of what they asked say yes; returns when the round is done.
absl::Status FollowTheMoney(Stage& stage);

}  // namespace smederij::cli
