#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "services/cli/counted/counted.h"

namespace smederij::cli {

// RFC 4180, UTF-8: a header, and a row for every plan. With `file` each row begins with the path.
std::string CsvHeader(bool file);
std::string CsvRows(const Counted& counted, bool file, Language language);

// A cell as it stands in the file. What a spreadsheet would take for a formula gets an apostrophe
// before it.
std::string CsvCell(absl::string_view text);

}  // namespace smederij::cli
