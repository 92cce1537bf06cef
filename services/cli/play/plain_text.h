#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace smederij::cli {

// UTF-8 text as one line that every service takes: without controls, invisible characters and marks
// of writing direction, blanks drawn together, cut at a character. Empty when nothing is left.
std::string PlainLine(absl::string_view text, size_t characters_max, size_t bytes_max);

}  // namespace smederij::cli
