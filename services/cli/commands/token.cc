#include "services/cli/commands/token.h"

#include <iostream>
#include <map>
#include <memory>
#include <string>

#include "common/base/status_macros.h"
#include "services/cli/commands/outcome.h"
#include "services/cli/commands/reach.h"
#include "services/cli/remote/tokens.h"

namespace smederij::cli {
namespace {

struct Options {
  DeploymentOptions deployment;
  std::string identity_key;
  std::string identity_issuer = "development";
  std::string subject;
  Audience audience = Audience::kRegistry;
};

absl::StatusOr<std::string> Run(const Options& options) {
  ASSIGN_OR_RETURN(const Deployment deployment, OpenDeployment(options.deployment));
  ASSIGN_OR_RETURN(
      const std::unique_ptr<Tokens> tokens,
      Tokens::Open(options.identity_key, options.identity_issuer, deployment.registry));
  return tokens->For(options.subject, options.audience);
}

}  // namespace

void AddToken(CLI::App& program, int& exit_code) {
  static const std::map<std::string, Audience> kAudiences = {{"registry", Audience::kRegistry},
                                                             {"proposals", Audience::kProposals},
                                                             {"ballots", Audience::kBallots},
                                                             {"ledger", Audience::kLedger}};
  auto options = std::make_shared<Options>();
  CLI::App& command = *program.add_subcommand(
      "token", "a bearer token for one service, from a development identity provider");
  AddReach(command, options->deployment);
  command.add_option("--identity-key", options->identity_key, "PEM key of the identity provider")
      ->envname("SMEDERIJ_IDENTITY_KEY")
      ->required();
  command.add_option("--identity-issuer", options->identity_issuer, "its issuer name")
      ->capture_default_str();
  command.add_option("subject", options->subject, "who signs in, say official:treasurer")
      ->required();
  command.add_option("audience", options->audience, "registry, proposals, ballots or ledger")
      ->required()
      ->transform(CLI::CheckedTransformer(kAudiences));
  command.callback([options, &exit_code] {
    const absl::StatusOr<std::string> token = Run(*options);
    if (token.ok()) std::cout << *token << '\n';
    exit_code = token.ok() ? kDone : Refuse(token.status());
  });
}

}  // namespace smederij::cli
