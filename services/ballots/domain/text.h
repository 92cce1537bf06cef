#pragma once

#include "absl/strings/string_view.h"

namespace smederij::ballots {

// True for text that looks the same to everybody who reads it: valid UTF-8 of 1 … `bytes_max`
// bytes, without control characters, direction overrides or invisible marks, and without white
// space at either end.
bool IsPlainText(absl::string_view text, size_t bytes_max);

}  // namespace smederij::ballots
