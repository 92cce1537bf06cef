#pragma once

#include <string>
#include <vector>

#include "services/ballots/tally/pb.h"
#include "services/cli/play/script.h"

namespace smederij::cli {

// The rules a Pabulib election is played by: one class, its ballot limits where the ballots keep
// them and as wide as the ballots go where they do not, the rule its city used or the nearest one.
// Adds a sentence to `notes` for everything that is not as the file has it.
registry::v1::Charter PabulibCharter(const ballots::tally::PbFile& file,
                                     const std::vector<ScriptBallot>& ballots,
                                     std::vector<std::string>& notes);

}  // namespace smederij::cli
