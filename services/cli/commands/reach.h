#pragma once

#include <CLI/CLI.hpp>

#include "services/cli/remote/deployment.h"

namespace smederij::cli {

// The options with which every command that talks to services finds them: --registry, --proposals,
// --ballots, --ledger, --authority, --patience; each also from the environment (SMEDERIJ_REGISTRY
// …).
void AddReach(CLI::App& command, DeploymentOptions& options);

}  // namespace smederij::cli
