#include "services/cli/commands/compare.h"

#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "common/base/status_macros.h"
#include "services/cli/commands/charter_flags.h"
#include "services/cli/commands/outcome.h"
#include "services/cli/commands/progress.h"
#include "services/cli/compare/comparison.h"
#include "services/cli/compare/comparison_json.h"
#include "services/cli/compare/comparison_table.h"
#include "services/cli/files/output.h"
#include "services/cli/files/pabulib_file.h"

namespace smederij::cli {
namespace {

struct Options {
  std::vector<std::string> paths;
  bool json = false;
  Language language = Language::kEnglish;
  std::string output;
};

absl::StatusOr<Comparison> CompareFile(const std::string& path) {
  ASSIGN_OR_RETURN(ballots::tally::PbFile file, ReadPabulib(path, {.keep_voters = true}));
  Progress progress("rules counted", RulesFor(file).size());
  return Compare(path, std::move(file), [&progress] { progress.Advance(); });
}

// Compares every file; one that is refused does not keep the others from being compared.
int Run(const Options& options) {
  int code = kDone;
  size_t written = 0;
  Output output(options.output);
  for (const std::string& path : options.paths) {
    const absl::StatusOr<Comparison> comparison = CompareFile(path);
    if (!comparison.ok()) {
      code = Refuse(comparison.status(), path);
      continue;
    }
    if (options.json) {
      output.stream() << ToJson(*comparison) << '\n';
    } else {
      if (written > 0) output.stream() << '\n';
      PrintComparison(*comparison, options.language, output.stream());
    }
    ++written;
  }
  if (written == 0) return code;
  const absl::Status finished = output.Finish();
  return finished.ok() ? code : Refuse(finished);
}

}  // namespace

void AddCompare(CLI::App& program, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App& command = *program.add_subcommand(
      "compare", "what every rule makes of Pabulib elections (.pb files), side by side");
  command.add_option("files", options->paths, "elections, .pb files")->required();
  command.add_flag("--json", options->json, "a line of JSON for every file, with everything");
  AddLanguage(command, options->language);
  command.add_option("--output", options->output,
                     "a file that is written, or replaced, whole; else standard output");
  command.callback([options, &exit_code] { exit_code = Run(*options); });
}

}  // namespace smederij::cli
