#include "services/cli/commands/ledger_verify.h"

#include <iostream>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/cli/commands/outcome.h"
#include "services/cli/commands/reach.h"
#include "services/cli/commands/show.h"
#include "smederij/ledger/v1/ledger.grpc.pb.h"

namespace smederij::cli {
namespace {

namespace v1 = ledger::v1;
using Ledger = v1::LedgerService::Stub;
using v1::Verification;

constexpr absl::Duration kPollEvery = absl::Milliseconds(200);
constexpr absl::Duration kWalkMax = absl::Minutes(10);

struct Options {
  DeploymentOptions deployment;
  std::string budget_id;
  std::string token;
  bool json = false;
};

absl::StatusOr<Verification> Get(const Deployment& deployment, const std::string& budget_id) {
  v1::GetVerificationRequest request;
  request.set_budget_id(budget_id);
  return deployment.ledger.Call(&Ledger::GetVerification, request);
}

// With a token: asks for a walk, and waits for its end.
absl::StatusOr<Verification> Ask(const Options& options) {
  ASSIGN_OR_RETURN(const Deployment deployment, OpenDeployment(options.deployment));
  if (options.token.empty()) return Get(deployment, options.budget_id);
  v1::RequestVerificationRequest request;
  request.set_budget_id(options.budget_id);
  ASSIGN_OR_RETURN(Verification verification,
                   deployment.ledger.Call(&Ledger::RequestVerification, request, options.token));
  const absl::Time until = absl::Now() + kWalkMax;
  while (verification.state() == Verification::STATE_PENDING) {
    if (absl::Now() > until) {
      return Error(kUnavailable, "VERIFICATION_TAKES_LONG",
                   "the walk has not ended yet; ask again later, without a token");
    }
    absl::SleepFor(kPollEvery);
    ASSIGN_OR_RETURN(verification, Get(deployment, options.budget_id));
  }
  return verification;
}

void Print(const Verification& verification) {
  std::cout << Verification::State_Name(verification.state()).substr(6);
  if (verification.has_verify_time()) {
    std::cout << "  1 to " << verification.seq() << ", walked "
              << Instant(verification.verify_time().seconds());
  }
  std::cout << '\n';
  for (const Verification::Finding& finding : verification.findings()) {
    std::cout << "  " << Instant(finding.find_time().seconds()) << "  "
              << (finding.whole_ledger() ? "the whole ledger"
                  : finding.seq() == 0   ? "the books"
                                         : absl::StrCat("entry ", finding.seq()))
              << ": " << finding.sentence() << '\n';
  }
}

int Run(const Options& options) {
  const absl::StatusOr<Verification> verification = Ask(options);
  if (!verification.ok()) return Refuse(verification.status());
  if (options.json) {
    std::cout << ToJson(*verification) << '\n';
  } else {
    Print(*verification);
  }
  return verification->findings().empty() ? kDone : kRefused;
}

}  // namespace

void AddLedgerVerify(CLI::App& ledger, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App& command = *ledger.add_subcommand(
      "verify", "whether a budget's books are what their entries say; ends with 1 when not");
  AddReach(command, options->deployment);
  command.add_option("budget", options->budget_id, "the budget's id")->required();
  command
      .add_option("--token", options->token,
                  "a treasurer's or auditor's: derive the books again now, and wait for it")
      ->envname("SMEDERIJ_TOKEN");
  command.add_flag("--json", options->json, "one line of JSON");
  command.callback([options, &exit_code] { exit_code = Run(*options); });
}

}  // namespace smederij::cli
