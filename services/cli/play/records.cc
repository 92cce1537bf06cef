#include "services/cli/play/records.h"

#include "common/base/status_macros.h"
#include "smederij/ballots/v1/ballots.grpc.pb.h"
#include "smederij/ledger/v1/ledger.grpc.pb.h"
#include "smederij/proposals/v1/proposals.grpc.pb.h"
#include "smederij/registry/v1/registry.grpc.pb.h"

namespace smederij::cli {

absl::StatusOr<ballots::v1::Election> ElectionOf(const Stage& stage) {
  ballots::v1::GetElectionRequest request;
  request.set_round_id(stage.round_id);
  return stage.deployment.ballots.Call(&ballots::v1::BallotsService::Stub::GetElection, request);
}

absl::StatusOr<registry::v1::Roll> RollOf(const Stage& stage) {
  registry::v1::GetRollRequest request;
  request.set_round_id(stage.round_id);
  return stage.deployment.registry.Call(&registry::v1::RegistryService::Stub::GetRoll, request);
}

absl::StatusOr<std::vector<proposals::v1::Plan>> PlansOf(const Stage& stage) {
  std::vector<proposals::v1::Plan> plans;
  proposals::v1::ListPlansRequest request;
  request.set_round_id(stage.round_id);
  request.set_page_size(500);
  do {
    ASSIGN_OR_RETURN(const auto page,
                     stage.deployment.proposals.Call(
                         &proposals::v1::ProposalsService::Stub::ListPlans, request));
    plans.insert(plans.end(), page.plans().begin(), page.plans().end());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return plans;
}

absl::StatusOr<ballots::v1::Result> ResultOf(const Stage& stage) {
  ballots::v1::GetResultRequest request;
  request.set_round_id(stage.round_id);
  return stage.deployment.ballots.Call(&ballots::v1::BallotsService::Stub::GetResult, request);
}

absl::StatusOr<registry::v1::Participation> ParticipationOf(const Stage& stage) {
  registry::v1::GetParticipationRequest request;
  request.set_round_id(stage.round_id);
  return stage.deployment.registry.Call(&registry::v1::RegistryService::Stub::GetParticipation,
                                        request);
}

absl::StatusOr<ledger::v1::TrialBalance> TrialBalanceOf(const Stage& stage) {
  ledger::v1::GetTrialBalanceRequest request;
  request.set_budget_id(stage.budget_id);
  return stage.deployment.ledger.Call(&ledger::v1::LedgerService::Stub::GetTrialBalance, request);
}

}  // namespace smederij::cli
