// The command line of Smederij.
#include <CLI/CLI.hpp>

#include "absl/synchronization/mutex.h"
#include "services/cli/commands/bundle.h"
#include "services/cli/commands/check.h"
#include "services/cli/commands/compare.h"
#include "services/cli/commands/evening.h"
#include "services/cli/commands/ledger.h"
#include "services/cli/commands/outcome.h"
#include "services/cli/commands/play.h"
#include "services/cli/commands/result.h"
#include "services/cli/commands/round.h"
#include "services/cli/commands/tally.h"
#include "services/cli/commands/token.h"
#include "services/cli/commands/verify.h"

int main(int argc, char** argv) {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  CLI::App program("Smederij: the back office of neighbourhood democracy", "smederij");
  program.require_subcommand(1);
  program.set_help_all_flag("--help-all", "help on every command");
  int exit_code = smederij::cli::kDone;
  for (const auto add :
       {smederij::cli::AddTally, smederij::cli::AddCompare, smederij::cli::AddRound,
        smederij::cli::AddResult, smederij::cli::AddLedger, smederij::cli::AddPlay,
        smederij::cli::AddCheck, smederij::cli::AddToken, smederij::cli::AddBundle,
        smederij::cli::AddVerify, smederij::cli::AddEvening}) {
    add(program, exit_code);
  }
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // Asking for help is an answer; everything else the parser says no to is wrong usage.
    return program.exit(error) == 0 ? smederij::cli::kDone : smederij::cli::kUsage;
  }
  return exit_code;
}
