#include "services/cli/commands/check.h"

#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "common/base/money.h"
#include "services/cli/commands/outcome.h"
#include "services/cli/play/pabulib.h"
#include "services/cli/play/play.h"

namespace smederij::cli {
namespace {

void Print(const std::string& path, const Script& script) {
  std::cout << path << " can be played: " << script.plans.size() << " plans, "
            << script.ballots.size() << " ballots, a pot of "
            << ToString(Money::Cents(script.pot_cents)) << " " << script.currency << "\n";
  for (const std::string& note : script.notes) std::cout << "  note: " << note << "\n";
}

// Reads every file as `play` would; one that is refused does not hide the others.
int Run(const std::vector<std::string>& paths) {
  int code = kDone;
  for (const std::string& path : paths) {
    const absl::StatusOr<Script> script = PabulibScript(path, ThisYear());
    if (script.ok()) {
      Print(path, *script);
    } else {
      code = Refuse(script.status(), path);
    }
  }
  return code;
}

}  // namespace

void AddCheck(CLI::App& program, int& exit_code) {
  auto paths = std::make_shared<std::vector<std::string>>();
  CLI::App& command = *program.add_subcommand(
      "check", "whether elections (.pb files) can be played, and what would be made up");
  command.add_option("files", *paths, "elections, .pb files")->required();
  command.callback([paths, &exit_code] { exit_code = Run(*paths); });
}

}  // namespace smederij::cli
