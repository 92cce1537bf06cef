#pragma once

#include <functional>
#include <ostream>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/cli/play/report.h"
#include "services/cli/play/script.h"
#include "services/cli/remote/deployment.h"
#include "services/cli/remote/tokens.h"

namespace smederij::cli {

// The year it is, where a play begins.
int ThisYear();

// Plays a whole round through the public API, from an empty district to reserved money, in the
// first year from `year_from` on whose round is not done yet: a play that was broken off is taken
// up, one that is done is followed by the next year's. `make_script` tells what is played in a
// year. Progress goes to `progress`, the outcome to `out`. Refusals are the services' own.
absl::StatusOr<Summary> Play(const Deployment& deployment, Tokens& tokens,
                             const std::function<Script(int year)>& make_script, int year_from,
                             const std::string& voters_secret, std::ostream& progress,
                             std::ostream& out);

}  // namespace smederij::cli
