#pragma once

#include <optional>
#include <string>

#include "common/config/common.h"
#include "services/ballots/api/signers.h"

namespace smederij::ballots {

// Everything ballots is told from outside, read once.
struct Config {
  config::Common common;
  config::Guard guard;
  std::string registry_address;
  std::optional<Signers> signers;  // serve
};

// Mistakes go to `source`: ask source.status() afterwards.
Config ReadConfig(config::Source& source);

}  // namespace smederij::ballots
