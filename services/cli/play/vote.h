#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/cli/play/stage.h"

namespace smederij::cli {

struct VotingTime {
  int64_t ballots = 0;     // Cast by this run.
  absl::Duration elapsed;  // Over all of them.
  absl::Duration issuing;  // Of it, summed over the voters: asking for credentials.
  absl::Duration casting;  // Of it, summed over the voters: casting.
  int at_once = 0;         // Voters who voted side by side.
};

// Every voter of the script signs in, fetches a blind-signed credential, and casts one ballot over
// a connection that carries no identity. Several voters at once. Does nothing when voting has
// ended. Refusals: those of registry and ballots, with the voter's place in the script.
absl::StatusOr<VotingTime> Vote(Stage& stage);

}  // namespace smederij::cli
