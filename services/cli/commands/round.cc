#include "services/cli/commands/round.h"

#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/cli/commands/acting.h"
#include "services/cli/commands/outcome.h"
#include "services/cli/commands/reach.h"
#include "services/cli/commands/show.h"
#include "smederij/proposals/v1/proposals.grpc.pb.h"

namespace smederij::cli {
namespace {

namespace v1 = proposals::v1;
using Proposals = v1::ProposalsService::Stub;
using Step = v1::RoundExplanation::Step;

constexpr int kPage = 500;

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

void Tell(const v1::RoundExplanation& explanation) {
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
                   deployment.proposals.Call(&Proposals::ExplainRound, request));
  if (options.json) {
    std::cout << ToJson(explanation) << '\n';
  } else {
    Tell(explanation);
  }
  return absl::OkStatus();
}

struct Correcting : Acting {
  std::string round_id, correction_id, decision;
  std::vector<std::string> plans;
};

Error NoSuchPlan(uint32_t number) {
  return Error(kNotFound, "PLAN_NOT_FOUND", "the round has no plan of that number")
      .With("plan_number", number);
}

// "3=120000": the plan's number, and the cents it gets after all; with "@" and a budget's id, the
// pot that pays what it gets more.
absl::Status ReadLine(const std::string& text, const std::map<uint32_t, std::string>& ids,
                      v1::Correction::Line& line) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits('=', 1));
  const std::pair<absl::string_view, absl::string_view> gets =
      absl::StrSplit(parts.second, absl::MaxSplits('@', 1));
  uint32_t number = 0;
  int64_t cents = 0;
  if (!absl::SimpleAtoi(parts.first, &number) || !absl::SimpleAtoi(gets.first, &cents) ||
      (gets.second.empty() && absl::StrContains(parts.second, '@'))) {
    return Error(kInvalidArgument, "BAD_PLAN_AMOUNT",
                 "what a plan gets is said as its number and cents, 3=120000, or with the budget "
                 "that pays it, 3=120000@BUDGET")
        .With("given", text);
  }
  const auto id = ids.find(number);
  if (id == ids.end()) return NoSuchPlan(number);
  line.set_plan_id(id->second);
  line.set_amount_cents(cents);
  line.set_budget_id(std::string(gets.second));
  return absl::OkStatus();
}

absl::StatusOr<std::map<uint32_t, std::string>> PlansByNumber(const Deployment& deployment,
                                                              const std::string& round) {
  v1::ListPlansRequest request;
  request.set_round_id(round);
  request.set_page_size(kPage);
  std::map<uint32_t, std::string> ids;
  do {
    ASSIGN_OR_RETURN(const v1::ListPlansResponse page,
                     deployment.proposals.Call(&Proposals::ListPlans, request));
    for (const v1::Plan& plan : page.plans()) ids[plan.number()] = plan.plan_id();
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return ids;
}

absl::Status Correct(const Correcting& options) {
  ASSIGN_OR_RETURN(const Deployment deployment, OpenDeployment(options.deployment));
  ASSIGN_OR_RETURN(const auto ids, PlansByNumber(deployment, options.round_id));
  v1::ProposeCorrectionRequest request;
  request.set_round_id(options.round_id);
  request.set_decision_ref(options.decision);
  for (const std::string& plan : options.plans) {
    RETURN_IF_ERROR(ReadLine(plan, ids, *request.add_lines()));
  }
  return Act(options, &Proposals::ProposeCorrection, std::move(request), &Deployment::proposals);
}

absl::Status Decide(const Correcting& options, bool accept) {
  v1::DecideCorrectionRequest request;
  request.set_correction_id(options.correction_id);
  request.set_accept(accept);
  return Act(options, &Proposals::DecideCorrection, std::move(request), &Deployment::proposals);
}
absl::Status Accept(const Correcting& options) { return Decide(options, true); }
absl::Status RefuseIt(const Correcting& options) { return Decide(options, false); }

absl::Status Withdraw(const Correcting& options) {
  v1::WithdrawCorrectionRequest request;
  request.set_correction_id(options.correction_id);
  return Act(options, &Proposals::WithdrawCorrection, std::move(request), &Deployment::proposals);
}

absl::Status ListCorrections(const Options& options) {
  ASSIGN_OR_RETURN(const Deployment deployment, OpenDeployment(options.deployment));
  v1::ListCorrectionsRequest request;
  request.set_round_id(options.round_id);
  request.set_page_size(kPage);
  do {
    ASSIGN_OR_RETURN(const v1::ListCorrectionsResponse page,
                     deployment.proposals.Call(&Proposals::ListCorrections, request));
    for (const v1::Correction& correction : page.corrections()) Print(correction, options.json);
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

struct AddingPot : Acting {
  std::string round_id, budget_id;
  int64_t cents = 0;
  uint32_t plan = 0;  // Its number; 0 for a pot that is for no plan alone.
};

absl::Status AddPot(const AddingPot& options) {
  v1::AddPotRequest request;
  request.set_round_id(options.round_id);
  request.set_budget_id(options.budget_id);
  request.set_amount_cents(options.cents);
  if (options.plan != 0) {
    ASSIGN_OR_RETURN(const Deployment deployment, OpenDeployment(options.deployment));
    ASSIGN_OR_RETURN(const auto ids, PlansByNumber(deployment, options.round_id));
    const auto id = ids.find(options.plan);
    if (id == ids.end()) return NoSuchPlan(options.plan);
    request.set_plan_id(id->second);
  }
  return Act(options, &Proposals::AddPot, std::move(request), &Deployment::proposals);
}

// A command about one round that anybody may give.
void AddReading(CLI::App& round, int& exit_code, const char* name, const char* description,
                absl::Status (*run)(const Options&)) {
  auto options = std::make_shared<Options>();
  CLI::App& app = *round.add_subcommand(name, description);
  AddReach(app, options->deployment);
  app.add_option("round", options->round_id, "the round's id")->required();
  app.add_flag("--json", options->json, "one line of JSON");
  app.callback([options, run, &exit_code] {
    const absl::Status status = run(*options);
    exit_code = status.ok() ? kDone : Refuse(status);
  });
}

}  // namespace

void AddRound(CLI::App& program, int& exit_code) {
  CLI::App& round = *program.add_subcommand("round", "rounds");
  round.require_subcommand(1);
  AddReading(round, exit_code, "explain", "where a round is, step by step, and what it waits for",
             &Explain);
  AddReading(round, exit_code, "corrections",
             "the corrections of its awards, and what became of them", &ListCorrections);
  AddActing<AddingPot>(round, exit_code, "add-pot",
                       "adds a pot to a round, before the budget holder decides on its pots",
                       &AddPot)
      .Takes("round", &AddingPot::round_id, "the round's id")
      .Takes("budget", &AddingPot::budget_id, "the ledger's budget that pays it")
      .Takes("--cents", &AddingPot::cents, "what is set aside of it")
      .May("--plan", &AddingPot::plan, "the number of the plan it is for, of a budget for plans");
  AddActing<Correcting>(round, exit_code, "correct",
                        "proposes that plans get something else after all; somebody else accepts",
                        &Correct)
      .Takes("round", &Correcting::round_id, "the round's id")
      .Takes("--plan", &Correcting::plans,
             "3=120000: number and cents; @BUDGET after it: the pot that pays; once for each plan")
      .Takes("--decision", &Correcting::decision, "the decision on the objection or recount");
  const char* const id = "as `corrections` shows it";
  AddActing<Correcting>(round, exit_code, "accept-correction", "has the ledger change the awards",
                        &Accept)
      .Takes("correction", &Correcting::correction_id, id);
  AddActing<Correcting>(round, exit_code, "refuse-correction", "leaves the awards as they are",
                        &RefuseIt)
      .Takes("correction", &Correcting::correction_id, id);
  AddActing<Correcting>(round, exit_code, "withdraw-correction",
                        "takes back what one proposed, while nobody has decided", &Withdraw)
      .Takes("correction", &Correcting::correction_id, id);
}

}  // namespace smederij::cli
