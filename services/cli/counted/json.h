#pragma once

#include <string>

#include "services/cli/counted/counted.h"

namespace smederij::cli {

// One line of JSON for programs: file, rule, selected (ids in code point order), order (the same in
// order of selection), budget, spent, left, ballots, threshold, warnings. With `explain` also plans
// with their reasons, contests with every step of the count, and groups: what the groups of voters
// that the file tells apart got. Amounts are exact texts.
std::string ToJson(const Counted& counted, bool explain, Language language);

}  // namespace smederij::cli
