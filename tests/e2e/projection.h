#pragma once

#include <string>

#include "tests/e2e/town.h"

namespace smederij::e2e {

// What a played round came to, without ids, times and hashes: plans by number with decision,
// award, support and reason; ballots per class; the books by account. Equal for every undisturbed
// or disturbed run of the same round. `summary` is the last line of `smederij play`.
std::string CanonicalProjection(const Town& town, const std::string& summary);

// The last line of a text.
std::string LastLine(const std::string& text);

}  // namespace smederij::e2e
