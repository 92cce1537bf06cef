#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/ballots/tally/pb.h"

namespace smederij::cli {

// The bytes of a file. Refusals: FILE_UNREADABLE, FILE_TOO_LARGE (over a GiB), both with the path.
absl::StatusOr<std::string> ReadBytes(const std::string& path);

// A Pabulib election from disk. Refusals: ReadBytes', PB_INVALID with line and field.
absl::StatusOr<ballots::tally::PbFile> ReadPabulib(const std::string& path,
                                                   const ballots::tally::PbOptions& options = {});

}  // namespace smederij::cli
