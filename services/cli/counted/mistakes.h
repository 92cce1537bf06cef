#pragma once

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/base/error.h"

namespace smederij::cli {

// What is wrong with a set of flags, to be told together.
class Mistakes {
 public:
  void Add(absl::string_view flag, absl::string_view wrong) {
    std::string& told = told_[std::string(flag)];
    absl::StrAppend(&told, told.empty() ? "" : "; ", wrong);
  }

  // OK when there are none.
  absl::Status Finish(absl::string_view reason, absl::string_view sentence) const {
    if (told_.empty()) return absl::OkStatus();
    Error error(kInvalidArgument, reason, sentence);
    for (const auto& [flag, wrong] : told_) error = std::move(error).At(flag, wrong);
    return error;
  }

 private:
  std::map<std::string, std::string> told_{};
};

}  // namespace smederij::cli
