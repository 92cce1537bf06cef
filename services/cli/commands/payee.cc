#include "services/cli/commands/payee.h"

#include <iostream>
#include <string>
#include <utility>

#include "common/base/status_macros.h"
#include "services/cli/commands/acting.h"
#include "smederij/ledger/v1/payee.grpc.pb.h"

namespace smederij::cli {
namespace {

namespace v1 = ledger::v1;
using Payees = v1::PayeeService::Stub;

constexpr absl::string_view kFromInput = "-";

struct Options : Acting {
  std::string payee, name, iban;
  int version = 0;
};

// What stands on a command line can be read by everybody on the machine: "-" reads it from standard
// input instead.
std::string IbanOf(const Options& options) {
  if (options.iban != kFromInput) return options.iban;
  std::string line;
  std::getline(std::cin, line);
  return line;
}

absl::Status Add(const Options& options) {
  v1::RegisterPayeeRequest request;
  request.set_name(options.name);
  request.set_iban(IbanOf(options));
  return Act(options, &Payees::RegisterPayee, std::move(request));
}

absl::Status Propose(const Options& options) {
  v1::ProposeIbanRequest request;
  request.set_payee_id(options.payee);
  request.set_iban(IbanOf(options));
  return Act(options, &Payees::ProposeIban, std::move(request));
}

absl::Status Decide(const Options& options, bool accept) {
  v1::DecideIbanRequest request;
  request.set_payee_id(options.payee);
  request.set_version(options.version);
  request.set_accept(accept);
  return Act(options, &Payees::DecideIban, std::move(request));
}
absl::Status Accept(const Options& options) { return Decide(options, true); }
absl::Status RefuseIt(const Options& options) { return Decide(options, false); }

}  // namespace

void AddPayees(CLI::App& ledger, int& exit_code) {
  CLI::App& payee = *ledger.add_subcommand("payee", "whom the ledger pays");
  payee.require_subcommand(1);
  const char* const id = "the payee's id";
  const char* const iban = "the account number; - reads it from standard input";
  AddActing(payee, exit_code, "add", "registers a payee", &Add)
      .Takes("--name", &Options::name, "as it stands on invoices")
      .Takes("--iban", &Options::iban, iban);
  AddActing(payee, exit_code, "propose-iban", "proposes another account; somebody else accepts it",
            &Propose)
      .Takes("payee", &Options::payee, id)
      .Takes("--iban", &Options::iban, iban);
  const auto decide = [&](const char* name, const char* description,
                          absl::Status (*run)(const Options&)) {
    AddActing(payee, exit_code, name, description, run)
        .Takes("payee", &Options::payee, id)
        .Takes("--version", &Options::version, "which proposal, as propose-iban showed it");
  };
  decide("accept-iban", "says that it is right: checked with the payee by a way known before",
         &Accept);
  decide("refuse-iban", "leaves the account as it is", &RefuseIt);
}

}  // namespace smederij::cli
