#pragma once

#include <fstream>
#include <ostream>
#include <string>

#include "absl/status/status.h"

namespace smederij::cli {

// Where a command writes what it was asked for, as it comes: standard output, or a file that
// appears, or is replaced, whole.
class Output {
 public:
  explicit Output(std::string path);  // Empty: standard output.
  ~Output();
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  std::ostream& stream();
  // Must be called at the end: without it no file appears. Refusal: OUTPUT_UNWRITABLE.
  absl::Status Finish();

 private:
  const std::string path_;
  std::string beside_{};  // Under another name until it is whole.
  std::ofstream file_{};
  int error_ = 0;
};

}  // namespace smederij::cli
