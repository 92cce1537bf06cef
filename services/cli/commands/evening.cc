#include "services/cli/commands/evening.h"

#include "services/cli/commands/evening_count.h"

namespace smederij::cli {

void AddEvening(CLI::App& program, int& exit_code) {
  CLI::App& evening = *program.add_subcommand("evening", "the polling evening: votes on paper");
  evening.require_subcommand(1);
  AddEveningCount(evening, exit_code);
}

}  // namespace smederij::cli
