#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "services/cli/counted/charter.h"
#include "services/cli/counted/counted.h"

namespace smederij::cli {

// Counts an election in the Pabulib format. `path` only names it. Refusals: PB_INVALID, those of
// ApplyCharter, of Count.
absl::StatusOr<Counted> CountText(const std::string& path, std::string text,
                                  const Charter& charter);

// Reads and counts a file. Refusals: those of ReadBytes, of CountText.
absl::StatusOr<Counted> CountFile(const std::string& path, const Charter& charter);

}  // namespace smederij::cli
