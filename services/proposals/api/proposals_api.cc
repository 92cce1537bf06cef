#include "services/proposals/api/proposals_api.h"

#include "common/rpc/table.h"

namespace smederij::proposals {
namespace {

constexpr absl::Duration kRead = absl::Seconds(2);
constexpr absl::Duration kWrite = absl::Seconds(5);
constexpr absl::Duration kLookUp = absl::Seconds(10);  // Asks other services first.

}  // namespace

void ProposalsApi::Mount(rpc::Router& router) {
  rpc::Table table(router, *this);  // clang-format off
  table.Unary("CreateRound",     kLookUp, &ProposalsApi::CreateRound);
  table.Unary("RescheduleRound", kWrite,  &ProposalsApi::RescheduleRound);
  table.Unary("AddPot",          kLookUp, &ProposalsApi::AddPot);
  table.Unary("ApprovePot",      kWrite,  &ProposalsApi::ApprovePot);
  table.Unary("GetRound",        kRead,   &ProposalsApi::GetRound);
  table.Unary("ListRounds",      kRead,   &ProposalsApi::ListRounds);
  table.Unary("ExplainRound",    kRead,   &ProposalsApi::ExplainRound);
  table.Unary("SubmitIdea",      kWrite,  &ProposalsApi::SubmitIdea);
  table.Unary("GetIdea",         kRead,   &ProposalsApi::GetIdea);
  table.Unary("ListIdeas",       kRead,   &ProposalsApi::ListIdeas);
  table.Unary("FormGroup",       kWrite,  &ProposalsApi::FormGroup);
  table.Unary("JoinGroup",       kWrite,  &ProposalsApi::JoinGroup);
  table.Unary("GetGroup",        kRead,   &ProposalsApi::GetGroup);
  table.Unary("ListGroups",      kRead,   &ProposalsApi::ListGroups);
  table.Unary("ForgePlan",       kWrite,  &ProposalsApi::ForgePlan);
  table.Unary("CheckPlan",       kWrite,  &ProposalsApi::CheckPlan);
  table.Unary("AdvisePlan",      kWrite,  &ProposalsApi::AdvisePlan);
  table.Unary("AdmitPlan",       kWrite,  &ProposalsApi::AdmitPlan);
  table.Unary("GetPlan",         kRead,   &ProposalsApi::GetPlan);
  table.Unary("ListPlans",       kRead,   &ProposalsApi::ListPlans);
  table.Unary("AnswerOffer",     kWrite,  &ProposalsApi::AnswerOffer);
  table.Unary("ProposeCorrection", kWrite, &ProposalsApi::ProposeCorrection);
  table.Unary("DecideCorrection",  kWrite, &ProposalsApi::DecideCorrection);
  table.Unary("WithdrawCorrection", kWrite, &ProposalsApi::WithdrawCorrection);
  table.Unary("ListCorrections",   kRead,  &ProposalsApi::ListCorrections);
}  // clang-format on

absl::StatusOr<LockedRound> ProposalsApi::Enter(pg::Tx& tx, const rpc::Call& call, RoundId id,
                                                Lock lock) {
  ASSIGN_OR_RETURN(LockedRound found, LockRound(tx, id, lock));
  RETURN_IF_ERROR(call.MayActIn(found.round.municipality, found.round.district));
  return found;
}

}  // namespace smederij::proposals
