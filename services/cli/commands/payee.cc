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

constexpr int kPageSize = 500;

struct Options : Acting {
  std::string municipality, payee, name, iban;
  int version = 0;
  bool waiting = false;
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

absl::Status Show(const Options& options) {
  ASSIGN_OR_RETURN(const Deployment deployment, OpenDeployment(options.deployment));
  ASSIGN_OR_RETURN(const std::string token, ReadToken(options.token_file));
  v1::GetPayeeRequest request;
  request.set_payee_id(options.payee);
  request.set_iban_version(options.version);
  ASSIGN_OR_RETURN(const v1::PayeeDetails payee,
                   deployment.ledger.Call(&Payees::GetPayee, request, token));
  Print(payee, options.json);
  return absl::OkStatus();
}

absl::Status List(const Options& options) {
  ASSIGN_OR_RETURN(const Deployment deployment, OpenDeployment(options.deployment));
  ASSIGN_OR_RETURN(const std::string token, ReadToken(options.token_file));
  v1::ListPayeesRequest request;
  request.set_municipality_id(options.municipality);
  request.set_iban_change_waiting(options.waiting);
  request.set_page_size(kPageSize);
  do {
    ASSIGN_OR_RETURN(const v1::ListPayeesResponse page,
                     deployment.ledger.Call(&Payees::ListPayees, request, token));
    for (const v1::PayeeDetails& payee : page.payees()) Print(payee, options.json);
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

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
  AddActing(payee, exit_code, "show", "a payee and its accounts", &Show)
      .Takes("payee", &Options::payee, id)
      .May("--version", &Options::version,
           "only the account of this version, as a payment names it");
  const auto list = AddActing(payee, exit_code, "list", "every payee of a municipality", &List)
                        .Takes("municipality", &Options::municipality, "the municipality's id");
  list.app.add_flag("--waiting", list.options.waiting,
                    "only those of whom another account waits for a second person");
}

}  // namespace smederij::cli
