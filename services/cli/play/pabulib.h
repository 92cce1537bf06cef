#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "services/cli/play/script.h"

namespace smederij::cli {

// A Pabulib election as a script: every voter a resident, every project an idea and a plan, every
// row a ballot. One class, `all`; limits are widened to what the file holds, duplicate ids on a
// ballot dropped, birth dates taken from the age column in `year` or invented; notes say so.
// Refusals: the reader's, with line and field; COST_NOT_IN_CENTS.
absl::StatusOr<Script> PabulibScript(const std::string& path, int year);

}  // namespace smederij::cli
