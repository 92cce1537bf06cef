#pragma once

#include <string>

#include "services/cli/books/year.h"
#include "services/cli/document/phrase.h"

namespace smederij::cli {

// A page about a district's money of a year, for everybody: one file, for a phone and for paper,
// with a picture, and every amount of it in a table.
std::string YearHtml(const YearReport& report, Language language);

}  // namespace smederij::cli
