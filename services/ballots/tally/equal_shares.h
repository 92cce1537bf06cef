#pragma once

#include "services/ballots/tally/electorate.h"
#include "services/ballots/tally/outcome.h"
#include "services/ballots/tally/race.h"

namespace smederij::ballots::tally {

// How the endowment per voter grows from budget / voters, and when that ends.
enum class Growth {
  kNone,      // One run.
  kStep,      // By the rule's endowment_step, until nothing more fits or too much is spent.
  kStepFull,  // By the rule's endowment_step, until too much is spent.
  kPercent,   // By 1 % of the first, until nothing more fits or too much is spent.
};

// Counts `race` by the Method of Equal Shares. Writes a contest and what became of each plan.
void CountEqualShares(const Race& race, Utility utility, Growth growth, Outcome& outcome);

}  // namespace smederij::ballots::tally
