#pragma once

#include <cstdint>
#include <vector>

#include "services/ballots/domain/manifest.h"
#include "services/ballots/tally/rule.h"

namespace smederij::ballots {

// A manifest's rule in the words of the count.
tally::BallotKind ToTally(BallotKind kind);
tally::Rule ToTally(const CountRule& rule, const std::vector<uint32_t>& lot);

}  // namespace smederij::ballots
