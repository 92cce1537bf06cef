#include "services/cli/commands/play.h"

#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/crypto/bytes.h"
#include "common/crypto/key_file.h"
#include "services/cli/commands/outcome.h"
#include "services/cli/commands/reach.h"
#include "services/cli/play/demonstration.h"
#include "services/cli/play/pabulib.h"
#include "services/cli/play/play.h"

namespace smederij::cli {
namespace {

struct Options {
  DeploymentOptions deployment;
  std::string pb;
  std::string identity_key;
  std::string identity_issuer;
  std::string voters_secret;
};

absl::StatusOr<Summary> Run(const Options& options) {
  ASSIGN_OR_RETURN(const auto secret, crypto::ReadKeyFile(options.voters_secret));
  std::function<Script(int)> make_script = Demonstration;
  if (!options.pb.empty()) {
    ASSIGN_OR_RETURN(Script script, PabulibScript(options.pb, ThisYear()));
    make_script = [script = std::move(script)](int) { return script; };
  }
  ASSIGN_OR_RETURN(const Deployment deployment, OpenDeployment(options.deployment));
  ASSIGN_OR_RETURN(
      const std::unique_ptr<Tokens> tokens,
      Tokens::Open(options.identity_key, options.identity_issuer, deployment.registry));
  return Play(deployment, *tokens, make_script, ThisYear(), crypto::ToBytes(secret), std::cerr,
              std::cout);
}

}  // namespace

void AddPlay(CLI::App& program, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App& command = *program.add_subcommand(
      "play", "play a whole round: residents, plans, votes, count, awards (a demonstration)");
  AddReach(command, options->deployment);
  command.add_option("--pb", options->pb, "a Pabulib election to play instead of the built-in one")
      ->check(CLI::ExistingFile);
  command
      .add_option("--identity-key", options->identity_key,
                  "PEM key of a development identity provider that the deployment trusts")
      ->required();
  command.add_option("--identity-issuer", options->identity_issuer, "its issuer name")->required();
  command
      .add_option("--voters-secret", options->voters_secret,
                  "file of 32 bytes that stand in for the secrets on voters' devices")
      ->required();
  command.callback([options, &exit_code] {
    const absl::StatusOr<Summary> summary = Run(*options);
    // A play's ids follow from what is played, so nobody else asks under them.
    if (ReasonOf(summary.status()) == "REQUEST_ID_REUSED") {
      std::cerr
          << "smederij: another version began to play here, and asked for something else than "
             "this one does (REQUEST_ID_REUSED)\n";
      exit_code = kOtherVersion;
      return;
    }
    if (!summary.ok()) {
      exit_code = Refuse(summary.status());
      return;
    }
    std::cout << summary->ToJson() << std::endl;
    exit_code = summary->Good() ? kDone : kRefused;
  });
}

}  // namespace smederij::cli
