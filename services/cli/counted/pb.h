#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "services/cli/counted/counted.h"

namespace smederij::cli {

// The counted file with what the count says: support, who won, and the rule. Refusals:
// PB_CANNOT_SAY when the charter has what the format has no words for; those of WritePb.
absl::StatusOr<std::string> ToPb(const Counted& counted);

}  // namespace smederij::cli
