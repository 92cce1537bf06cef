#pragma once

#include "absl/status/status.h"
#include "services/ballots/tally/election.h"
#include "services/ballots/tally/outcome.h"
#include "services/ballots/tally/rule.h"

namespace smederij::ballots::tally {

// Checks an outcome by its own trace: that every step is what the rule takes next, that every cent
// adds up, and that nothing more could be taken at the end. Follows the definitions with a purse
// per ballot and shares none of the engines' code, so an outcome that both agree on was found in
// two ways. `election` and `rule` must pass the checks of Count.
//
// Where the endowment grows it follows the run that counts; that no earlier endowment ended the
// growth, only counting again tells.
//
// Refusal: TRACE_INVALID with the facts category, step (from 1) and wrong.
absl::Status Replay(const Election& election, const Rule& rule, const Outcome& outcome);

}  // namespace smederij::ballots::tally
