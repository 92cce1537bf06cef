#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "smederij/registry/v1/charter.pb.h"

namespace smederij::cli {

// The choice bytes of a ballot: plan numbers in the voter's order, each with its points (ignored
// where the kind has none). Layout in services/ballots/README.md.
std::string EncodeChoice(registry::v1::BallotRule::Kind kind,
                         const std::vector<std::pair<uint32_t, uint32_t>>& choices);

}  // namespace smederij::cli
