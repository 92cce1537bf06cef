#include "services/cli/commands/result.h"

#include <iostream>
#include <memory>
#include <string>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "services/cli/commands/charter_flags.h"
#include "services/cli/commands/outcome.h"
#include "services/cli/commands/reach.h"
#include "services/cli/commands/show.h"
#include "smederij/ballots/v1/ballots.grpc.pb.h"

namespace smederij::cli {
namespace {

namespace v1 = ballots::v1;
using v1::PlanResult;

using v1::Manifest;

struct Options {
  DeploymentOptions deployment;
  std::string round_id;
  Language language = Language::kEnglish;
  bool explain = false;
  bool json = false;
};

std::string TitleOf(const Manifest& manifest, uint32_t number) {
  for (const v1::Option& option : manifest.options()) {
    if (option.number() == number) return option.title();
  }
  return "";
}

std::string NameOfClass(const Manifest& manifest, uint32_t class_id) {
  for (const v1::ElectionClass& one : manifest.classes()) {
    if (one.class_id() == class_id) return one.name();
  }
  return "";
}

void PrintTurnout(const Manifest& manifest, const v1::ClassTurnout& turnout) {
  std::cout << absl::StreamFormat("  %s: %d may vote, %d fetched a credential",
                                  NameOfClass(manifest, turnout.class_id()), turnout.roll_size(),
                                  turnout.issued());
  if (turnout.withheld()) {
    std::cout << "; too few ballots to tell how many\n";
  } else {
    std::cout << absl::StreamFormat(", %d ballots, %d of them blank", turnout.ballots(),
                                    turnout.blank());
    if (turnout.marked() > 0) {
      std::cout << absl::StreamFormat("; %d of them on paper, of %d handed out, %d invalid besides",
                                      turnout.paper(), turnout.marked(), turnout.invalid());
    }
    std::cout << '\n';
  }
}

void PrintSteps(const Manifest& manifest, const v1::Contest& contest) {
  std::cout << "how it was counted" << (contest.category().empty() ? "" : ", ")
            << contest.category() << ":\n";
  if (contest.endowments() > 0) {
    std::cout << "  every voter had " << contest.endowment() << " to spend\n";
  }
  for (const v1::CountStep& step : contest.steps()) {
    std::cout << absl::StreamFormat("  %3d  %14s left  %s", step.number(),
                                    Amount(step.left_cents()), TitleOf(manifest, step.number()));
    if (step.tied_size() > 0) std::cout << "; as good: " << absl::StrJoin(step.tied(), ", ");
    std::cout << '\n';
  }
}

void Print(const Manifest& manifest, const v1::Result& result, const Options& options) {
  std::cout << manifest.title() << '\n';
  if (result.demonstration()) std::cout << "A demonstration: this binds nobody.\n";
  std::cout << absl::StreamFormat("rule %s, pot %s %s, awarded %s\n", result.rule(),
                                  Amount(result.pot_cents()), manifest.currency(),
                                  Amount(result.awarded_cents()));
  for (const v1::ClassTurnout& turnout : result.turnout()) PrintTurnout(manifest, turnout);
  for (const PlanResult& plan : result.plans()) {
    const bool dutch = options.language == Language::kDutch;
    std::cout << absl::StreamFormat(
        "  %3d  %-11s %14s  support %-7d %s\n       %s\n", plan.number(),
        PlanResult::Decision_Name(plan.decision()).substr(9), Amount(plan.award_cents()),
        plan.support(), TitleOf(manifest, plan.number()),
        dutch ? plan.sentence_nl() : plan.sentence());
  }
  if (!options.explain) return;
  for (const v1::Contest& contest : result.contests()) PrintSteps(manifest, contest);
}

absl::Status Show(const Options& options) {
  ASSIGN_OR_RETURN(const Deployment deployment, OpenDeployment(options.deployment));
  v1::GetResultRequest request;
  request.set_round_id(options.round_id);
  ASSIGN_OR_RETURN(const v1::Result result,
                   deployment.ballots.Call(&v1::BallotsService::Stub::GetResult, request));
  if (options.json) {
    std::cout << ToJson(result) << '\n';
    return absl::OkStatus();
  }
  v1::GetElectionRequest about;
  about.set_round_id(options.round_id);
  ASSIGN_OR_RETURN(const v1::Election election,
                   deployment.ballots.Call(&v1::BallotsService::Stub::GetElection, about));
  Print(election.manifest(), result, options);
  return absl::OkStatus();
}

}  // namespace

void AddResult(CLI::App& program, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App& command =
      *program.add_subcommand("result", "the certified result of a round, a reason for every plan");
  AddReach(command, options->deployment);
  command.add_option("round", options->round_id, "the round's id")->required();
  command.add_flag("--explain", options->explain, "also how it was counted, step by step");
  command.add_flag("--json", options->json, "one line of JSON; has everything");
  AddLanguage(command, options->language);
  command.callback([options, &exit_code] {
    const absl::Status status = Show(*options);
    exit_code = status.ok() ? kDone : Refuse(status);
  });
}

}  // namespace smederij::cli
