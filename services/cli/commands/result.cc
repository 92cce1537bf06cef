#include "services/cli/commands/result.h"

#include <iostream>
#include <memory>
#include <string>

#include "absl/strings/str_format.h"
#include "common/base/status_macros.h"
#include "services/cli/commands/outcome.h"
#include "services/cli/commands/reach.h"
#include "services/cli/commands/show.h"
#include "smederij/ballots/v1/ballots.grpc.pb.h"

namespace smederij::cli {
namespace {

namespace v1 = ballots::v1;
using v1::PlanResult;

struct Options {
  DeploymentOptions deployment;
  std::string round_id;
  bool json = false;
};

void Print(const v1::Result& result) {
  if (result.demonstration()) std::cout << "A demonstration: this binds nobody.\n";
  std::cout << absl::StreamFormat("rule %s, pot %s, awarded %s\n", result.rule(),
                                  Amount(result.pot_cents()), Amount(result.awarded_cents()));
  for (const v1::ClassTurnout& turnout : result.turnout()) {
    std::cout << absl::StreamFormat("  class %d: %d may vote, %d fetched a credential",
                                    turnout.class_id(), turnout.roll_size(), turnout.issued());
    if (turnout.withheld()) {
      std::cout << "; too few ballots to tell how many\n";
    } else {
      std::cout << absl::StreamFormat(", %d ballots, %d of them blank\n", turnout.ballots(),
                                      turnout.blank());
    }
  }
  for (const PlanResult& plan : result.plans()) {
    std::cout << absl::StreamFormat("  %3d  %-11s %14s  support %d\n       %s\n", plan.number(),
                                    PlanResult::Decision_Name(plan.decision()).substr(9),
                                    Amount(plan.award_cents()), plan.support(), plan.sentence());
  }
}

absl::Status Show(const Options& options) {
  ASSIGN_OR_RETURN(const Deployment deployment, OpenDeployment(options.deployment));
  v1::GetResultRequest request;
  request.set_round_id(options.round_id);
  ASSIGN_OR_RETURN(const v1::Result result,
                   deployment.ballots.Call(&v1::BallotsService::Stub::GetResult, request));
  if (options.json) {
    std::cout << ToJson(result) << '\n';
  } else {
    Print(result);
  }
  return absl::OkStatus();
}

}  // namespace

void AddResult(CLI::App& program, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App& command =
      *program.add_subcommand("result", "the certified result of a round, a reason for every plan");
  AddReach(command, options->deployment);
  command.add_option("round", options->round_id, "the round's id")->required();
  command.add_flag("--json", options->json, "one line of JSON");
  command.callback([options, &exit_code] {
    const absl::Status status = Show(*options);
    exit_code = status.ok() ? kDone : Refuse(status);
  });
}

}  // namespace smederij::cli
