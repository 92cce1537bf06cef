#include "services/cli/commands/reach.h"

#include "absl/time/time.h"

namespace smederij::cli {

void AddReach(CLI::App& command, DeploymentOptions& options) {
  const auto address = [&](const char* flag, const char* environment, std::string& value) {
    command.add_option(flag, value, "host:port")->envname(environment)->capture_default_str();
  };
  address("--registry", "SMEDERIJ_REGISTRY", options.registry);
  address("--proposals", "SMEDERIJ_PROPOSALS", options.proposals);
  address("--ballots", "SMEDERIJ_BALLOTS", options.ballots);
  address("--ledger", "SMEDERIJ_LEDGER", options.ledger);
  command
      .add_option("--authority", options.authority,
                  "PEM file of the authority behind the services' certificates")
      ->envname("SMEDERIJ_AUTHORITY")
      ->required();
  command
      .add_option_function<int>(
          "--patience",
          [&options](const int& seconds) { options.patience = absl::Seconds(seconds); },
          "seconds to wait for a service that is away (10)")
      ->check(CLI::Range(0, 3600));
}

}  // namespace smederij::cli
