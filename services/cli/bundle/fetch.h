#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "services/ballots/bundle/bundle.h"
#include "services/cli/remote/endpoint.h"

namespace smederij::cli {

// Everything that is published about a certified round; with an auditor's token for ballots also
// the openings of classes too small for the public. Refusals: those of the calls, and
// CHECKPOINT_BEHIND (the end of the log is not signed yet).
absl::StatusOr<ballots::bundle::Contents> FetchBundle(const Endpoint& ballots,
                                                      const std::string& round_id,
                                                      const std::string& auditor_token);

}  // namespace smederij::cli
