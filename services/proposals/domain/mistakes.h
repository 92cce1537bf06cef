#pragma once

#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/base/error.h"

namespace smederij::proposals {

// Everything wrong with one thing that came from outside, so that all of it is told at once.
class Mistakes {
 public:
  void Unless(bool right, absl::string_view field, absl::string_view wrong) {
    if (!right) found_.emplace_back(field, wrong);
  }
  absl::Status Refuse(Error error) const {
    if (found_.empty()) return absl::OkStatus();
    for (const auto& [field, wrong] : found_) error = std::move(error).At(field, wrong);
    return error;
  }

 private:
  std::vector<Fact> found_;
};

}  // namespace smederij::proposals
