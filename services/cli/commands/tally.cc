#include "services/cli/commands/tally.h"

#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ballots/tally/count.h"
#include "services/ballots/tally/pb.h"
#include "services/cli/commands/counted.h"
#include "services/cli/commands/outcome.h"
#include "services/cli/files/pabulib_file.h"

namespace smederij::cli {
namespace {

namespace tally = ballots::tally;

constexpr size_t kWarningsShown = 5;

struct Options {
  std::vector<std::string> paths;
  std::string rule;
  bool no_skip = false;
  bool partial = false;
  int64_t threshold = 0;
  bool explain = false;
  bool json = false;
};

// The rule asked for, or else the one META names.
absl::StatusOr<tally::Rule> RuleFor(const Options& options, const tally::PbFile& file) {
  tally::Rule rule;
  rule.name = options.rule;
  if (options.rule.empty()) {
    std::optional<tally::Rule> official = tally::OfficialRule(file);
    if (!official) {
      return Error(kInvalidArgument, "RULE_NOT_KNOWN",
                   "the file does not name a rule we know; choose one with --rule")
          .With("meta_rule", file.Meta("rule"));
    }
    rule = *std::move(official);
  }
  rule.stop_at_first_misfit |= options.no_skip;
  rule.partial_award = options.partial;
  if (options.partial) rule.last_plan_percent_min = 0;
  if (options.threshold > 0) rule.support_min = options.threshold;
  return rule;
}

absl::StatusOr<Counted> CountFile(const Options& options, const std::string& path) {
  Counted counted{.path = path, .file = {}, .rule = {}, .outcome = {}};
  ASSIGN_OR_RETURN(counted.file, ReadPabulib(path));
  ASSIGN_OR_RETURN(counted.rule, RuleFor(options, counted.file));
  ASSIGN_OR_RETURN(counted.outcome, tally::Count(counted.file.election, counted.rule));
  return counted;
}

void Warn(const Counted& counted) {
  const tally::PbFile& file = counted.file;
  for (size_t i = 0; i < std::min(file.warnings.size(), kWarningsShown); ++i) {
    const tally::PbWarning& warning = file.warnings[i];
    std::cerr << "smederij: " << counted.path << ": "
              << (warning.line > 0 ? absl::StrCat("line ", warning.line, ", ") : "")
              << warning.field << ": " << warning.text << '\n';
  }
  if (file.warnings_total > kWarningsShown) {
    std::cerr << "smederij: " << counted.path << ": " << file.warnings_total - kWarningsShown
              << " more of that kind\n";
  }
}

// Counts every file; one that is refused does not keep the others from being counted.
int Run(const Options& options) {
  int code = kDone;
  for (const std::string& path : options.paths) {
    const absl::StatusOr<Counted> counted = CountFile(options, path);
    if (!counted.ok()) {
      code = Refuse(counted.status(), path);
      continue;
    }
    if (options.json) {
      std::cout << ToJson(*counted, options.explain) << '\n';
      continue;
    }
    Warn(*counted);
    PrintCounted(*counted, options.explain, std::cout);
  }
  return code;
}

}  // namespace

void AddTally(CLI::App& program, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App& command = *program.add_subcommand(
      "tally", "count Pabulib elections (.pb files), with a reason for every plan");
  command.add_option("files", options->paths, "elections, .pb files")->required();
  std::vector<std::string> names;
  std::string rules = "Rules:\n";
  for (const tally::RuleInfo& rule : tally::Rules()) {
    names.emplace_back(rule.name);
    absl::StrAppend(&rules, "  ", rule.name, std::string(24 - rule.name.size(), ' '), rule.summary,
                    "\n");
  }
  command.add_option("--rule", options->rule, "a rule's name; without it the one the file names")
      ->check(CLI::IsMember(names));
  command.add_flag("--no-skip", options->no_skip,
                   "greedy rules: stop at the first plan that does not fit");
  command.add_flag("--partial", options->partial,
                   "greedy_votes, greedy_points: the first plan that does not fit gets the rest");
  command.add_option("--threshold", options->threshold, "support a plan needs to be considered")
      ->check(CLI::NonNegativeNumber);
  command.add_flag("--explain", options->explain, "why every plan was or was not funded");
  command.add_flag("--json", options->json, "a line of JSON for every file");
  command.footer(rules);
  command.callback([options, &exit_code] { exit_code = Run(*options); });
}

}  // namespace smederij::cli
