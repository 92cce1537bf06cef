#include "services/cli/play/finish.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/cli/play/cast.h"
#include "services/cli/play/records.h"
#include "smederij/ballots/v1/ballots.grpc.pb.h"
#include "smederij/proposals/v1/proposals.grpc.pb.h"

namespace smederij::cli {
namespace {

using Ballots = ballots::v1::BallotsService::Stub;
using Proposals = proposals::v1::ProposalsService::Stub;
using ballots::v1::Election;
using ballots::v1::Tally;
using proposals::v1::Plan;
using proposals::v1::Round;

absl::Status AnswerOffers(const Stage& stage) {
  ASSIGN_OR_RETURN(const std::vector<Plan> plans, PlansOf(stage));
  for (const Plan& plan : plans) {
    if (plan.state() != Plan::STATE_OFFERED) continue;
    proposals::v1::AnswerOfferRequest answer;
    answer.set_request_id(stage.RequestIdOf(absl::StrCat("offers/", plan.number())));
    answer.set_plan_id(plan.plan_id());
    answer.set_accept(true);
    const std::string& author =
        stage.script.residents[stage.script.plans[plan.number() - 1].author].subject;
    RETURN_IF_ERROR(
        stage.As(author, Audience::kProposals, &Proposals::AnswerOffer, answer).status());
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status EndVoting(Stage& stage) {
  for (const char* official : {kFirstOfficial, kSecondOfficial}) {
    ASSIGN_OR_RETURN(const Election election, ElectionOf(stage));
    if (election.state() != Election::STATE_PUBLISHED) return absl::OkStatus();
    ballots::v1::BringForwardCloseRequest request;
    request.set_request_id(stage.RequestIdOf(absl::StrCat("close/", official)));
    request.set_round_id(stage.round_id);
    RETURN_IF_ERROR(
        stage.As(official, Audience::kBallots, &Ballots::BringForwardClose, request).status());
  }
  stage.tell("two officials ended the voting");
  return absl::OkStatus();
}

absl::Status Certify(Stage& stage) {
  Tally tally;
  const auto counted = [&]() -> absl::StatusOr<bool> {
    ballots::v1::GetTallyRequest request;
    request.set_round_id(stage.round_id);
    const auto answer = stage.As(kFirstOfficial, Audience::kBallots, &Ballots::GetTally, request);
    if (ReasonOf(answer.status()) == "TALLY_NOT_FOUND") return false;
    RETURN_IF_ERROR(answer.status());
    tally = *answer;
    return tally.state() != Tally::STATE_RUNNING;
  };
  RETURN_IF_ERROR(WaitUntil(stage, "the count", counted));
  if (tally.state() == Tally::STATE_CERTIFIED) return absl::OkStatus();
  if (tally.state() == Tally::STATE_FAILED) {
    return Error(kFailedPrecondition, "COUNT_FAILED",
                 absl::StrCat("the ballots could not be counted: ", tally.failure()));
  }
  if (!tally.imbalances().empty()) {
    return Error(kFailedPrecondition, "COUNT_DOES_NOT_BALANCE",
                 absl::StrJoin(tally.imbalances(), "; "));
  }
  for (const char* official : {kFirstOfficial, kSecondOfficial}) {
    ballots::v1::CertifyTallyRequest request;
    request.set_request_id(stage.RequestIdOf(absl::StrCat("certify/", official)));
    request.set_round_id(stage.round_id);
    request.set_version(tally.version());
    request.set_result_hash(tally.result_hash());
    RETURN_IF_ERROR(
        stage.As(official, Audience::kBallots, &Ballots::CertifyTally, request).status());
  }
  stage.tell("two officials certified the count");
  return absl::OkStatus();
}

absl::Status FollowTheMoney(Stage& stage) {
  const auto done = [&]() -> absl::StatusOr<bool> {
    proposals::v1::GetRoundRequest request;
    request.set_round_id(stage.round_id);
    ASSIGN_OR_RETURN(const Round round,
                     stage.deployment.proposals.Call(&Proposals::GetRound, request));
    if (round.phase() == Round::PHASE_AWARDING) RETURN_IF_ERROR(AnswerOffers(stage));
    return round.phase() == Round::PHASE_DONE;
  };
  RETURN_IF_ERROR(WaitUntil(stage, "the money to be reserved", done));
  stage.tell("the money is reserved; the round is done");
  return absl::OkStatus();
}

}  // namespace smederij::cli
