#include "services/cli/commands/ledger_codes.h"

#include <google/protobuf/util/json_util.h>

#include <memory>
#include <string>
#include <utility>

#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/cli/commands/acting.h"
#include "services/cli/files/pabulib_file.h"
#include "smederij/ledger/v1/books.grpc.pb.h"

namespace smederij::cli {
namespace {

namespace v1 = ledger::v1;
using Books = v1::BooksService::Stub;

struct Options : Acting {
  std::string file, municipality;
  int version = 0;
};

// The file is what `show --json` prints; only its codes count. A name that is not known is a
// mistake: nothing in it is skipped.
absl::Status Set(const Options& options) {
  ASSIGN_OR_RETURN(const std::string text, ReadBytes(options.file));
  v1::LedgerCodes codes;
  const auto read = google::protobuf::util::JsonStringToMessage(text, &codes);
  if (!read.ok()) {
    return Error(kInvalidArgument, "BAD_FILE",
                 "the file is not of the form that show --json prints")
        .At("file", std::string(read.message()));
  }
  v1::SetLedgerCodesRequest request;
  request.set_version(options.version);
  *request.mutable_codes() = codes.codes();
  return Act(options, &Books::SetLedgerCodes, std::move(request));
}

absl::Status Show(const Options& options) {
  ASSIGN_OR_RETURN(const Deployment deployment, OpenDeployment(options.deployment));
  v1::GetLedgerCodesRequest request;
  request.set_municipality_id(options.municipality);
  request.set_version(options.version);
  ASSIGN_OR_RETURN(const v1::LedgerCodes codes,
                   deployment.ledger.Call(&Books::GetLedgerCodes, request));
  Print(codes, options.json);
  return absl::OkStatus();
}

}  // namespace

void AddLedgerCodes(CLI::App& ledger, int& exit_code) {
  CLI::App& codes =
      *ledger.add_subcommand("codes", "what a municipality calls accounts and entries");
  codes.require_subcommand(1);
  AddActing(codes, exit_code, "set", "replaces all of them; exports use them, the books do not",
            &Set)
      .Takes("file", &Options::file, "JSON, as show --json prints it")
      .Takes("--version", &Options::version, "the one after the newest, as show says");
  auto options = std::make_shared<Options>();
  CLI::App& show = *codes.add_subcommand("show", "the newest, or an earlier version");
  AddReach(show, options->deployment);
  show.add_option("municipality", options->municipality, "the municipality's id")->required();
  show.add_option("--version", options->version, "an earlier version");
  show.add_flag("--json", options->json, "one line of JSON");
  show.callback([options, &exit_code] {
    const absl::Status status = Show(*options);
    exit_code = status.ok() ? kDone : Refuse(status);
  });
}

}  // namespace smederij::cli
