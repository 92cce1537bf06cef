#pragma once

#include "absl/status/status.h"
#include "services/cli/play/stage.h"

namespace smederij::cli {

// The registrar imports the script's residents in one stream. Refusals: registry's.
absl::Status ImportResidents(const Stage& stage);

}  // namespace smederij::cli
