#include "services/cli/commands/ledger_export.h"

#include <map>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "services/cli/books/formats.h"
#include "services/cli/books/journal.h"
#include "services/cli/commands/outcome.h"
#include "services/cli/commands/reach.h"
#include "services/cli/files/output.h"
#include "smederij/registry/v1/registry.grpc.pb.h"

namespace smederij::cli {
namespace {

enum class Format { kCsv, kXaf, kJsonl };

struct Options {
  DeploymentOptions deployment;
  std::string budget_id;
  Format format = Format::kCsv;
  XafOptions xaf;
  std::string output;
};

// "Noordveld, general 2026"; the district's id where registry does not know its name.
std::string NameOf(const Endpoint& registry, const ledger::v1::Budget& budget) {
  registry::v1::GetDistrictRequest request;
  request.set_district_id(budget.district_id());
  const auto district = registry.Call(&registry::v1::RegistryService::Stub::GetDistrict, request);
  return absl::StrCat(district.ok() ? district->name() : budget.district_id(), ", ", budget.fund(),
                      " ", budget.fiscal_year());
}

absl::Status Export(const Options& options) {
  ASSIGN_OR_RETURN(const Deployment deployment, OpenDeployment(options.deployment));
  ASSIGN_OR_RETURN(const Journal journal, ReadJournal(deployment.ledger, options.budget_id));
  const Entries entries = ReadEntries(deployment.ledger, journal.budget);
  Output output(options.output);
  if (options.format == Format::kCsv) {
    RETURN_IF_ERROR(WriteCsv(journal, entries, output.stream()));
  } else if (options.format == Format::kJsonl) {
    RETURN_IF_ERROR(WriteJsonl(journal, entries, output.stream()));
  } else {
    XafOptions xaf = options.xaf;
    xaf.day = absl::FormatTime("%Y-%m-%d", absl::Now(), absl::UTCTimeZone());
    xaf.name = NameOf(deployment.registry, journal.budget);
    RETURN_IF_ERROR(WriteXaf(journal, entries, xaf, output.stream()));
  }
  return output.Finish();
}

}  // namespace

void AddLedgerExport(CLI::App& ledger, int& exit_code) {
  static const std::map<std::string, Format> kFormats = {
      {"csv", Format::kCsv}, {"xaf", Format::kXaf}, {"jsonl", Format::kJsonl}};
  auto options = std::make_shared<Options>();
  CLI::App& command = *ledger.add_subcommand("export", "the journal of a budget as a file");
  AddReach(command, options->deployment);
  command.add_option("budget", options->budget_id, "the budget's id")->required();
  command
      .add_option("--format", options->format,
                  "csv for a spreadsheet, xaf (auditfile 3.2) for an auditor, jsonl for programs")
      ->required()
      ->transform(CLI::CheckedTransformer(kFormats));
  command.add_option("--tax-id", options->xaf.tax_id, "xaf: the municipality's fiscal number")
      ->check([](const std::string& text) {
        return text.empty() || text.size() > 30 ? "must be 1 to 30 characters" : "";
      });
  command.add_option("--output", options->output,
                     "a file that is written, or replaced, whole; else standard output");
  command.callback([options, &exit_code] {
    const absl::Status status = Export(*options);
    exit_code = status.ok() ? kDone : Refuse(status);
  });
}

}  // namespace smederij::cli
