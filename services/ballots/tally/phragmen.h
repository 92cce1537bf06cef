#pragma once

#include "services/ballots/tally/outcome.h"
#include "services/ballots/tally/race.h"

namespace smederij::ballots::tally {

// Counts `race` by sequential Phragmén: every plan's cost is spread over its supporters so that
// the greatest load stays smallest; the first that does not fit ends the count.
void CountPhragmen(const Race& race, Outcome& outcome);

}  // namespace smederij::ballots::tally
