#include "services/cli/commands/ledger_report.h"

#include <memory>
#include <string>

#include "common/base/status_macros.h"
#include "services/cli/books/report.h"
#include "services/cli/commands/charter_flags.h"
#include "services/cli/commands/outcome.h"
#include "services/cli/commands/reach.h"
#include "services/cli/files/output.h"

namespace smederij::cli {
namespace {

struct Options {
  DeploymentOptions deployment;
  std::string district_id;
  int32_t year = 0;
  bool html = false;
  Language language = Language::kEnglish;
  std::string output;
};

absl::Status Report(const Options& options) {
  ASSIGN_OR_RETURN(const Deployment deployment, OpenDeployment(options.deployment));
  ASSIGN_OR_RETURN(const YearReport report,
                   ReadYear(deployment, options.district_id, options.year));
  Output output(options.output);
  output.stream() << YearHtml(report, options.language);
  return output.Finish();
}

}  // namespace

void AddLedgerReport(CLI::App& ledger, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App& command =
      *ledger.add_subcommand("report", "where a district's money of a year went, for everybody");
  AddReach(command, options->deployment);
  command.add_option("district", options->district_id, "the district's id")->required();
  command.add_option("--year", options->year, "the fiscal year")
      ->required()
      ->check(CLI::Range(2000, 2999));
  command.add_flag("--html", options->html, "a page for a phone and for paper")->required();
  AddLanguage(command, options->language);
  command.add_option("--output", options->output,
                     "a file that is written, or replaced, whole; else standard output");
  command.callback([options, &exit_code] {
    const absl::Status status = Report(*options);
    exit_code = status.ok() ? kDone : Refuse(status);
  });
}

}  // namespace smederij::cli
