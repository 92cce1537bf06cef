#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/base/error.h"

namespace smederij::registry {

// Everything wrong with one thing that came from outside, so that all of it is told at once.
class Mistakes {
 public:
  // `field` is a path: "classes[1].age_to".
  void Add(absl::string_view field, absl::string_view wrong) {
    found_.emplace_back(std::string(field), std::string(wrong));
  }
  void AddIf(bool is_wrong, absl::string_view field, absl::string_view wrong) {
    if (is_wrong) Add(field, wrong);
  }

  bool empty() const { return found_.empty(); }
  size_t size() const { return found_.size(); }

  // OK when there is none; otherwise INVALID_ARGUMENT `reason` with every field.
  absl::Status status(absl::string_view reason, absl::string_view sentence) const {
    if (found_.empty()) return absl::OkStatus();
    Error error = Error(kInvalidArgument, reason, sentence).With("mistakes", found_.size());
    for (const auto& [field, wrong] : found_) error = std::move(error).At(field, wrong);
    return error;
  }

 private:
  std::vector<std::pair<std::string, std::string>> found_ = {};
};

}  // namespace smederij::registry
