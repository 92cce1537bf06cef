#pragma once

#include <cstdint>
#include <vector>

#include "services/ballots/tally/outcome.h"
#include "services/ballots/tally/race.h"

namespace smederij::ballots::tally {

// What greedy rules order by, best first.
enum class GreedyScore {
  kSupport,        // Most votes or points.
  kSupportByCost,  // The same as support times cost per unit of cost: free plans come last.
  kPerCost,        // Support per unit of money.
  kBordaPerCost,   // Borda points per unit of money.
};

// Goes through the plans of `race` once and writes what became of each into `outcome`.
void CountGreedy(const Race& race, GreedyScore score, Outcome& outcome);

// Spends what the plans selected so far in `contest` leave over, most votes first.
void CompleteByVotes(const Race& race, Contest& contest, Outcome& outcome);

}  // namespace smederij::ballots::tally
