#pragma once

#include <cstdint>
#include <map>
#include <set>

#include "services/ballots/domain/manifest.h"

namespace smederij::ballots {

// Counted ballots, by class.
using BallotsByClass = std::map<uint16_t, int64_t>;

// The classes whose ballots are opened to nobody but an auditor: those with fewer than k_min, and
// as many more, smallest first, as it takes until all of them together have k_min. Otherwise the
// totals less what is open would give the small one away. How many ballots a class has is no
// secret: a leaf in the log names its class.
std::set<uint16_t> WithheldClasses(const BallotsByClass& ballots, uint32_t k_min);

}  // namespace smederij::ballots
