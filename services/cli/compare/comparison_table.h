#pragma once

#include <ostream>

#include "services/cli/compare/comparison.h"
#include "services/cli/counted/counted.h"

namespace smederij::cli {

// A table for people, at most 100 characters wide: what each rule makes of the file, who wins by
// which rule, and where the money goes.
void PrintComparison(const Comparison& comparison, Language language, std::ostream& out);

}  // namespace smederij::cli
