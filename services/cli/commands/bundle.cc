#include "services/cli/commands/bundle.h"

#include <iostream>
#include <memory>
#include <string>

#include "absl/strings/ascii.h"
#include "common/base/status_macros.h"
#include "services/cli/bundle/fetch.h"
#include "services/cli/bundle/folder.h"
#include "services/cli/commands/outcome.h"
#include "services/cli/commands/reach.h"
#include "services/cli/files/pabulib_file.h"

namespace smederij::cli {
namespace {

struct Options {
  DeploymentOptions deployment;
  std::string round_id;
  std::string output;
  std::string token_file;
};

absl::Status Export(const Options& options) {
  std::string token;
  if (!options.token_file.empty()) {
    ASSIGN_OR_RETURN(token, ReadBytes(options.token_file));
    absl::StripAsciiWhitespace(&token);
  }
  ASSIGN_OR_RETURN(const Deployment deployment, OpenDeployment(options.deployment));
  ASSIGN_OR_RETURN(const ballots::bundle::Contents contents,
                   FetchBundle(deployment.ballots, options.round_id, token));
  ASSIGN_OR_RETURN(const ballots::bundle::Files files, ballots::bundle::ToFiles(contents));
  RETURN_IF_ERROR(WriteFolder(options.output, files));
  std::cerr << "smederij: " << files.size() << " files, " << contents.leaves.size()
            << " leaves of the log, " << contents.openings.size() << " opened ballots\n";
  return absl::OkStatus();
}

}  // namespace

void AddBundle(CLI::App& program, int& exit_code) {
  CLI::App& bundle = *program.add_subcommand("bundle", "a round as files");
  bundle.require_subcommand(1);
  auto options = std::make_shared<Options>();
  CLI::App& command = *bundle.add_subcommand(
      "export", "everything to count a certified round again, as a folder; see verify");
  AddReach(command, options->deployment);
  command.add_option("round", options->round_id, "the round's id")->required();
  command.add_option("--output", options->output, "a folder that is not there yet, or empty")
      ->required();
  command.add_option(
      "--auditor-token", options->token_file,
      "file with an auditor's token for ballots: with classes too small for everyone");
  command.callback([options, &exit_code] {
    const absl::Status status = Export(*options);
    exit_code = status.ok() ? kDone : Refuse(status);
  });
}

}  // namespace smederij::cli
