#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/cli/remote/endpoint.h"

namespace smederij::cli {

// Where the four services are, as given on the command line or in the environment.
struct DeploymentOptions {
  std::string registry = "127.0.0.1:7400";
  std::string proposals = "127.0.0.1:7401";
  std::string ballots = "127.0.0.1:7402";
  std::string ledger = "127.0.0.1:7403";
  std::string authority;  // PEM file; the services' certificates come from it.
  absl::Duration patience = absl::Seconds(10);
};

// The four services of one deployment. Thread-safe.
struct Deployment {
  Endpoint registry;
  Endpoint proposals;
  Endpoint ballots;
  Endpoint ledger;
};

// Never blocks. Refusal: TLS_FILE_UNREADABLE.
absl::StatusOr<Deployment> OpenDeployment(const DeploymentOptions& options);

}  // namespace smederij::cli
