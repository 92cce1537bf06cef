#pragma once

#include "absl/strings/string_view.h"

namespace smederij::ballots::tally {

// Where the first byte stands that is not part of well-formed UTF-8 (no surrogates, no overlong
// forms); npos when there is none.
size_t FirstInvalidUtf8(absl::string_view text);

}  // namespace smederij::ballots::tally
