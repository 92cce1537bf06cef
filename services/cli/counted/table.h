#pragma once

#include <cstddef>
#include <ostream>
#include <string>

#include "absl/strings/string_view.h"
#include "services/cli/counted/counted.h"

namespace smederij::cli {

// A table for people. With `explain` every plan has its reason.
void PrintTable(const Counted& counted, bool explain, Language language, std::ostream& out);

// Text in columns. Widths are in characters, not bytes: names are in every language.
size_t Width(absl::string_view text);
std::string Cut(absl::string_view text, size_t width);  // Ends in "…" where something is gone.
std::string Left(absl::string_view text, size_t width);
std::string Right(absl::string_view text, size_t width);

// An amount with two decimals, or none when it is whole.
std::string Readable(const ballots::tally::Rational& amount);

}  // namespace smederij::cli
