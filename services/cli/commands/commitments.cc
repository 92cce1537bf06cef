#include "services/cli/commands/commitments.h"

#include <memory>
#include <string>

#include "common/base/status_macros.h"
#include "services/cli/commands/outcome.h"
#include "services/cli/commands/reach.h"
#include "services/cli/commands/sign_in.h"
#include "services/cli/commands/spending_print.h"
#include "smederij/ledger/v1/spending.grpc.pb.h"

namespace smederij::cli {
namespace {

namespace v1 = ledger::v1;

constexpr int kPageSize = 500;

struct Options {
  DeploymentOptions deployment;
  std::string token_file, budget, plan;
  bool open = false, json = false;
};

absl::Status List(const Options& options) {
  ASSIGN_OR_RETURN(const Deployment deployment, OpenDeployment(options.deployment));
  std::string token;
  if (!options.token_file.empty()) {
    ASSIGN_OR_RETURN(token, ReadToken(options.token_file));
  }
  v1::ListCommitmentsRequest request;
  request.set_budget_id(options.budget);
  request.set_plan_id(options.plan);
  request.set_page_size(kPageSize);
  do {
    ASSIGN_OR_RETURN(
        const v1::ListCommitmentsResponse page,
        deployment.ledger.Call(&v1::SpendingService::Stub::ListCommitments, request, token));
    for (const v1::Commitment& commitment : page.commitments()) {
      if (!options.open || !commitment.closed()) Print(commitment, options.json);
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

}  // namespace

void AddCommitments(CLI::App& ledger, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App& app = *ledger.add_subcommand("commitments", "what is promised to suppliers");
  AddReach(app, options->deployment);
  app.add_option("budget", options->budget, "the budget's id")->required();
  // Not from the environment: whoever may not read payments reads this without a token.
  app.add_option("--token-file", options->token_file,
                 "of somebody who may read payments: with the supplier of each");
  app.add_option("--plan", options->plan, "only of this plan");
  app.add_flag("--open", options->open, "only those that are not ended");
  app.add_flag("--json", options->json, "a line of JSON for each");
  app.callback([options, &exit_code] {
    const absl::Status status = List(*options);
    exit_code = status.ok() ? kDone : Refuse(status);
  });
}

}  // namespace smederij::cli
