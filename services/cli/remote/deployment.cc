#include "services/cli/remote/deployment.h"

#include <utility>

#include "common/base/status_macros.h"

namespace smederij::cli {

absl::StatusOr<Deployment> OpenDeployment(const DeploymentOptions& options) {
  const auto open = [&](const std::string& address) {
    return Endpoint::Open(address, options.authority, options.patience);
  };
  ASSIGN_OR_RETURN(Endpoint registry, open(options.registry));
  ASSIGN_OR_RETURN(Endpoint proposals, open(options.proposals));
  ASSIGN_OR_RETURN(Endpoint ballots, open(options.ballots));
  ASSIGN_OR_RETURN(Endpoint ledger, open(options.ledger));
  return Deployment{.registry = std::move(registry),
                    .proposals = std::move(proposals),
                    .ballots = std::move(ballots),
                    .ledger = std::move(ledger)};
}

}  // namespace smederij::cli
