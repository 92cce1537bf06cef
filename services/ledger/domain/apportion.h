#pragma once

#include <vector>

#include "absl/types/span.h"
#include "common/base/money.h"

namespace smederij::ledger {

// `total` in parts as `weights` are to each other, to the cent: rounded down, and what is left by
// one cent each to those that lost most by it, the first of equals first. Neither total nor weights
// are negative; one weight at least is not zero.
std::vector<Money> Apportion(Money total, absl::Span<const Money> weights);

}  // namespace smederij::ledger
