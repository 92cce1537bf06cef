#pragma once

#include <iostream>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "common/base/error.h"

namespace smederij::cli {

// What a command ends with: 0 it did what was asked; 1 it was refused or failed, told in one
// sentence on standard error; 2 the command line was wrong; 3, of `play` alone: another version
// began what is there, and asked otherwise under the same ids.
inline constexpr int kDone = 0;
inline constexpr int kRefused = 1;
inline constexpr int kUsage = 2;
inline constexpr int kOtherVersion = 3;

// Prints the refusal, the facts its sentence does not tell, and the fields at fault, and gives the
// exit code. `about` is the file it is about, where there is one.
inline int Refuse(const absl::Status& status, absl::string_view about = "") {
  const std::string reason = ReasonOf(status);
  std::cerr << "smederij: " << about << (about.empty() ? "" : ": ") << status.message();
  if (!reason.empty()) std::cerr << " (" << reason << ")";
  for (const auto& [fact, value] : FactsOf(status)) {
    if (!absl::StrContains(status.message(), value)) std::cerr << ' ' << fact << '=' << value;
  }
  std::cerr << '\n';
  for (const auto& [field, wrong] : FieldsOf(status)) {
    std::cerr << "  " << field << ": " << wrong << '\n';
  }
  return kRefused;
}

}  // namespace smederij::cli
