#pragma once

#include <cstdint>
#include <vector>

#include "services/ballots/domain/choice.h"
#include "services/ballots/domain/manifest.h"
#include "services/ballots/tally/rule.h"

namespace smederij::ballots {

// A manifest's rule in the words of the count.
tally::BallotKind ToTally(BallotKind kind);
// Plan numbers, all of which are the manifest's, as places in its options, which are the election's
// plans.
std::vector<tally::Choice> ToTally(const Choice& choice, const Manifest& manifest);
tally::Rule ToTally(const CountRule& rule, const std::vector<uint32_t>& lot);

}  // namespace smederij::ballots
