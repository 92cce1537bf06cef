#pragma once

#include "absl/status/statusor.h"
#include "services/ballots/tally/election.h"
#include "services/ballots/tally/outcome.h"
#include "services/ballots/tally/rule.h"

namespace smederij::ballots::tally {

// Counts. A pure function of what is asked: exact, the same for every order of plans and ballots
// and for ballots merged by weight. Takes seconds at most on a city of 100,000 ballots; blocks.
// Refusals, first that applies: RULE_INVALID (also of sums under a rule that looks at single
// ballots), ELECTION_INVALID.
absl::StatusOr<Outcome> Count(const Election& election, const Rule& rule);

}  // namespace smederij::ballots::tally
