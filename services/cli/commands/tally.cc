#include "services/cli/commands/tally.h"

#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "services/cli/commands/charter_flags.h"
#include "services/cli/commands/outcome.h"
#include "services/cli/commands/progress.h"
#include "services/cli/counted/count_file.h"
#include "services/cli/counted/csv.h"
#include "services/cli/counted/html.h"
#include "services/cli/counted/json.h"
#include "services/cli/counted/pb.h"
#include "services/cli/counted/table.h"
#include "services/cli/files/output.h"

namespace smederij::cli {
namespace {

constexpr size_t kWarningsShown = 5;

struct Options {
  std::vector<std::string> paths;
  CharterFlags charter;
  bool explain = false;
  bool json = false;
  bool csv = false;
  bool html = false;
  bool pb = false;
  Language language = Language::kEnglish;
  std::string output;
};

void Warn(const Counted& counted) {
  const ballots::tally::PbFile& file = counted.file;
  for (size_t i = 0; i < std::min(file.warnings.size(), kWarningsShown); ++i) {
    const ballots::tally::PbWarning& warning = file.warnings[i];
    std::cerr << "smederij: " << counted.path << ": "
              << (warning.line > 0 ? absl::StrCat("line ", warning.line, ", ") : "")
              << warning.field << ": " << warning.text << '\n';
  }
  if (file.warnings_total > kWarningsShown) {
    std::cerr << "smederij: " << counted.path << ": " << file.warnings_total - kWarningsShown
              << " more of that kind\n";
  }
}

absl::Status Write(const Options& options, const Counted& counted, std::ostream& out) {
  if (options.json) {
    out << ToJson(counted, options.explain, options.language) << '\n';
    return absl::OkStatus();
  }
  Warn(counted);
  if (options.csv) {
    out << CsvRows(counted, options.paths.size() > 1, options.language);
  } else if (options.html) {
    out << ToHtml(counted, options.language);
  } else if (options.pb) {
    ASSIGN_OR_RETURN(const std::string text, ToPb(counted));
    out << text;
  } else {
    PrintTable(counted, options.explain, options.language, out);
  }
  return absl::OkStatus();
}

absl::Status CountOne(const Options& options, const Charter& charter, const std::string& path,
                      bool first, std::ostream& out) {
  ASSIGN_OR_RETURN(const Counted counted, CountFile(path, charter));
  if (options.csv && first) out << CsvHeader(options.paths.size() > 1);
  return Write(options, counted, out);
}

// Counts every file; one that is refused does not keep the others from being counted.
int Run(const Options& options) {
  const absl::StatusOr<Charter> charter = ParseCharter(options.charter);
  if (!charter.ok()) {
    Refuse(charter.status());
    return kUsage;
  }
  if ((options.html || options.pb) && options.paths.size() > 1) {
    std::cerr << "smederij: --html and --pb are about one file\n";
    return kUsage;
  }
  int code = kDone;
  size_t written = 0;
  Output output(options.output);
  Progress progress("files counted", options.paths.size());
  for (const std::string& path : options.paths) {
    progress.Clear();
    const absl::Status done = CountOne(options, *charter, path, written == 0, output.stream());
    if (done.ok()) {
      ++written;
    } else {
      code = Refuse(done, path);
    }
    progress.Advance();
  }
  if (written == 0) return code;
  const absl::Status finished = output.Finish();
  return finished.ok() ? code : Refuse(finished);
}

}  // namespace

void AddTally(CLI::App& program, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App& command = *program.add_subcommand(
      "tally", "count Pabulib elections (.pb files), with a reason for every plan");
  command.add_option("files", options->paths, "elections, .pb files")->required();
  AddCharterFlags(command, options->charter);
  command.add_flag("--explain", options->explain, "why every plan was or was not funded");
  CLI::Option_group& format = *command.add_option_group("Format", "at most one; else a table");
  format.add_flag("--json", options->json, "a line of JSON for every file");
  format.add_flag("--csv", options->csv, "a row for every plan, for a spreadsheet");
  format.add_flag("--html", options->html, "a page about one file, for everybody; it prints too");
  format.add_flag("--pb", options->pb, "the one file again, with who won and the rule");
  format.require_option(0, 1);
  AddLanguage(command, options->language);
  command.add_option("--output", options->output,
                     "a file that is written, or replaced, whole; else standard output");
  command.callback([options, &exit_code] { exit_code = Run(*options); });
}

}  // namespace smederij::cli
