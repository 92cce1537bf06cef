#pragma once

#include <string>

#include "services/cli/counted/counted.h"

namespace smederij::cli {

// RFC 4180, UTF-8: a header, and a row for every plan. With `file` each row begins with the path.
std::string CsvHeader(bool file);
std::string CsvRows(const Counted& counted, bool file, Language language);

}  // namespace smederij::cli
