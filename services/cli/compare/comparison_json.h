#pragma once

#include <string>

#include "services/cli/compare/comparison.h"

namespace smederij::cli {

// One line of JSON: file, kind, ballots, budget, plans, decided (ids in code point order, null when
// the file does not tell) and rules, each with what it adds to its name, who wins, what is spent,
// how many voters got at least one plan, how many they got together, what groups of voters got,
// and whether it is what the city decided. Amounts are exact texts.
std::string ToJson(const Comparison& comparison);

}  // namespace smederij::cli
