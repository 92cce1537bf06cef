#pragma once

#include <ostream>
#include <sstream>
#include <string>

#include "absl/status/status.h"

namespace smederij::cli {

// Where a command writes what it was asked for: standard output as it comes, or a file that
// appears, or is replaced, whole.
class Output {
 public:
  explicit Output(std::string path);  // Empty: standard output.

  std::ostream& stream();
  // Must be called at the end: without it no file appears. Refusal: OUTPUT_UNWRITABLE.
  absl::Status Finish();

 private:
  const std::string path_;
  std::ostringstream text_{};
};

}  // namespace smederij::cli
