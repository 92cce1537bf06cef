#pragma once

#include <iostream>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"

namespace smederij::cli {

// What a command ends with: 0 it did what was asked; 1 it was refused or failed, told in one
// sentence on standard error; 2 the command line was wrong.
inline constexpr int kDone = 0;
inline constexpr int kRefused = 1;
inline constexpr int kUsage = 2;

// Prints the refusal, its facts and the fields at fault, and gives the exit code.
inline int Refuse(const absl::Status& status) {
  const std::string reason = ReasonOf(status);
  std::cerr << "smederij: " << status.message();
  if (!reason.empty()) std::cerr << " (" << reason << ")";
  for (const auto& [fact, value] : FactsOf(status)) std::cerr << ' ' << fact << '=' << value;
  std::cerr << '\n';
  for (const auto& [field, wrong] : FieldsOf(status)) {
    std::cerr << "  " << field << ": " << wrong << '\n';
  }
  return kRefused;
}

}  // namespace smederij::cli
