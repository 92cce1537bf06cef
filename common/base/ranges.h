#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/types/span.h"

namespace smederij {

// Of a list that is a fact: a fact that is longer than the wire takes would be cut in a number.
inline constexpr size_t kRangesBytesMax = 900;

// Numbers in ascending order as people write them: "3, 7-9". At most kRangesBytesMax bytes: what
// does not fit is left out, and how many numbers that are is told: "3, 7-9 and 12 more".
std::string RangesText(absl::Span<const uint32_t> numbers);

}  // namespace smederij
