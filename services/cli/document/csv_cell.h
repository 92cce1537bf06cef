#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace smederij::cli {

// A cell as it stands in a file of that separator, RFC 4180. What a spreadsheet would take for a
// formula gets an apostrophe before it.
std::string CsvCell(absl::string_view text, char separator = ',');

}  // namespace smederij::cli
