#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/ballots/bundle/bundle.h"

namespace smederij::cli {

// Every file of a bundle's folder. What begins with a dot is the system's own and passed over.
// Refusals: FILE_UNREADABLE, FILE_TOO_LARGE, both with the path.
absl::StatusOr<ballots::bundle::Files> ReadFolder(const std::string& path);

// Writes a bundle as a folder that appears whole or not at all. Refusals: OUTPUT_EXISTS (there is
// something in it), OUTPUT_UNWRITABLE.
absl::Status WriteFolder(const std::string& path, const ballots::bundle::Files& files);

}  // namespace smederij::cli
