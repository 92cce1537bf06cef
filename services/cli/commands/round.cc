#include "services/cli/commands/round.h"

#include <iostream>
#include <memory>
#include <string>

#include "absl/strings/str_format.h"
#include "common/base/status_macros.h"
#include "services/cli/commands/outcome.h"
#include "services/cli/commands/reach.h"
#include "services/cli/commands/show.h"
#include "smederij/proposals/v1/proposals.grpc.pb.h"

namespace smederij::cli {
namespace {

namespace v1 = proposals::v1;
using Step = v1::RoundExplanation::Step;

struct Options {
  DeploymentOptions deployment;
  std::string round_id;
  bool json = false;
};

const char* Mark(Step::State state) {
  switch (state) {
    case Step::STATE_DONE:
      return "done";
    case Step::STATE_NEXT:
      return "next";
    case Step::STATE_SKIPPED:
      return "skip";
    default:
      return "";
  }
}

void Print(const v1::RoundExplanation& explanation) {
  const v1::Round& round = explanation.round();
  std::cout << round.title() << "  " << v1::Round::Phase_Name(round.phase()).substr(6)
            << (round.demonstration() ? "  (a demonstration)" : "")
            << (round.blocked() ? "  BLOCKED" : "") << '\n';
  if (!round.waits_for().empty()) std::cout << "waits for: " << round.waits_for() << '\n';
  for (const Step& step : explanation.steps()) {
    std::cout << absl::StreamFormat("  %-5s %-20s %-24s %s\n", Mark(step.state()), step.name(),
                                    Instant(step.done_time().seconds()), step.sentence());
  }
}

absl::Status Explain(const Options& options) {
  ASSIGN_OR_RETURN(const Deployment deployment, OpenDeployment(options.deployment));
  v1::ExplainRoundRequest request;
  request.set_round_id(options.round_id);
  ASSIGN_OR_RETURN(const v1::RoundExplanation explanation,
                   deployment.proposals.Call(&v1::ProposalsService::Stub::ExplainRound, request));
  if (options.json) {
    std::cout << ToJson(explanation) << '\n';
  } else {
    Print(explanation);
  }
  return absl::OkStatus();
}

}  // namespace

void AddRound(CLI::App& program, int& exit_code) {
  CLI::App& round = *program.add_subcommand("round", "rounds");
  round.require_subcommand(1);
  auto options = std::make_shared<Options>();
  CLI::App& explain =
      *round.add_subcommand("explain", "where a round is, step by step, and what it waits for");
  AddReach(explain, options->deployment);
  explain.add_option("round", options->round_id, "the round's id")->required();
  explain.add_flag("--json", options->json, "one line of JSON");
  explain.callback([options, &exit_code] {
    const absl::Status status = Explain(*options);
    exit_code = status.ok() ? kDone : Refuse(status);
  });
}

}  // namespace smederij::cli
