#pragma once

#include <functional>
#include <optional>
#include <utility>

#include "absl/status/statusor.h"
#include "common/base/id.h"
#include "common/base/status_macros.h"
#include "common/pg/once.h"
#include "common/pg/pool.h"
#include "common/pg/transact.h"
#include "common/rpc/call.h"
#include "common/rpc/router.h"
#include "services/proposals/domain/round.h"
#include "services/proposals/reconciler/neighbours.h"
#include "services/proposals/storage/round_store.h"
#include "smederij/ledger/v1/ledger.pb.h"
#include "smederij/proposals/v1/proposals.pb.h"

namespace smederij::proposals {

// Every RPC of proposals. Thread-safe.
class ProposalsApi {
 public:
  // `pool` and `neighbours` outlive it. `wake` is called after a commit that may let a round go on.
  ProposalsApi(pg::Pool& pool, const Neighbours& neighbours, std::function<void()> wake)
      : pool_(pool), neighbours_(neighbours), wake_(std::move(wake)), once_("proposals") {}

  void Mount(rpc::Router& router);

 private:
  // Rounds: round_rpcs.cc
  absl::StatusOr<v1::Round> CreateRound(const rpc::Call&, const v1::CreateRoundRequest&);
  absl::StatusOr<v1::Round> RescheduleRound(const rpc::Call&, const v1::RescheduleRoundRequest&);
  absl::StatusOr<v1::Round> AddPot(const rpc::Call&, const v1::AddPotRequest&);  // pot_rpcs.cc
  absl::StatusOr<v1::Round> ApprovePot(const rpc::Call&, const v1::ApprovePotRequest&);
  absl::StatusOr<v1::Round> GetRound(const rpc::Call&, const v1::GetRoundRequest&);
  absl::StatusOr<v1::ListRoundsResponse> ListRounds(const rpc::Call&, const v1::ListRoundsRequest&);
  absl::StatusOr<v1::RoundExplanation> ExplainRound(const rpc::Call&,
                                                    const v1::ExplainRoundRequest&);
  // Ideas and initiative groups: forging_rpcs.cc
  absl::StatusOr<v1::Idea> SubmitIdea(const rpc::Call&, const v1::SubmitIdeaRequest&);
  absl::StatusOr<v1::Idea> GetIdea(const rpc::Call&, const v1::GetIdeaRequest&);
  absl::StatusOr<v1::ListIdeasResponse> ListIdeas(const rpc::Call&, const v1::ListIdeasRequest&);
  absl::StatusOr<v1::InitiativeGroup> FormGroup(const rpc::Call&, const v1::FormGroupRequest&);
  absl::StatusOr<v1::InitiativeGroup> JoinGroup(const rpc::Call&, const v1::JoinGroupRequest&);
  absl::StatusOr<v1::InitiativeGroup> GetGroup(const rpc::Call&, const v1::GetGroupRequest&);
  absl::StatusOr<v1::ListGroupsResponse> ListGroups(const rpc::Call&, const v1::ListGroupsRequest&);
  // Plans: plan_rpcs.cc
  absl::StatusOr<v1::Plan> ForgePlan(const rpc::Call&, const v1::ForgePlanRequest&);
  absl::StatusOr<v1::Plan> CheckPlan(const rpc::Call&, const v1::CheckPlanRequest&);
  absl::StatusOr<v1::Plan> AdvisePlan(const rpc::Call&, const v1::AdvisePlanRequest&);
  absl::StatusOr<v1::Plan> AdmitPlan(const rpc::Call&, const v1::AdmitPlanRequest&);
  absl::StatusOr<v1::Plan> GetPlan(const rpc::Call&, const v1::GetPlanRequest&);
  absl::StatusOr<v1::ListPlansResponse> ListPlans(const rpc::Call&, const v1::ListPlansRequest&);
  absl::StatusOr<v1::Plan> AnswerOffer(const rpc::Call&, const v1::AnswerOfferRequest&);

  // Awards that change after the result: correction_rpcs.cc
  absl::StatusOr<v1::Correction> ProposeCorrection(const rpc::Call&,
                                                   const v1::ProposeCorrectionRequest&);
  absl::StatusOr<v1::Correction> DecideCorrection(const rpc::Call&,
                                                  const v1::DecideCorrectionRequest&);
  absl::StatusOr<v1::Correction> WithdrawCorrection(const rpc::Call&,
                                                    const v1::WithdrawCorrectionRequest&);
  absl::StatusOr<v1::ListCorrectionsResponse> ListCorrections(const rpc::Call&,
                                                              const v1::ListCorrectionsRequest&);

  // Charter, municipality and currency of a round that was asked for, and what its money is for,
  // from those who know.
  absl::StatusOr<RoundOrigin> LookUp(const rpc::Call& call, Round& round) const;
  // The ledger's budget of a pot of `round`, of which it gets the category and the day.
  absl::StatusOr<ledger::v1::Budget> BudgetOf(const rpc::Call& call, const Round& round,
                                              Pot& pot) const;

  // The round under lock, if the caller may act in its district.
  static absl::StatusOr<LockedRound> Enter(pg::Tx& tx, const rpc::Call& call, RoundId id,
                                           Lock lock);

  // Runs `body` (StatusOr<Res>(pg::Tx&)) in one transaction.
  template <class Body>
  auto Read(const rpc::Call& call, Body body) const {
    return pg::Transact(pool_, {.deadline = call.deadline, .read_only = true}, body);
  }

  // The same, once per request_id: a repeated request gets the first answer again.
  template <class Res, class Req, class Body>
  absl::StatusOr<Res> Write(const rpc::Call& call, const Req& request, Body body) {
    ASSIGN_OR_RETURN(const auto id, ParseId<RequestId>(request.request_id(), "request_id"));
    const pg::OnceKey key{.request_id = id,
                          .method = Req::descriptor()->name(),
                          .caller = call.caller.subject,
                          .request_hash = rpc::RequestHash(request)};
    const auto run = [&](pg::Tx& tx) {
      return once_.Run<Res>(tx, key, [&]() -> absl::StatusOr<Res> { return body(tx); });
    };
    ASSIGN_OR_RETURN(auto answered, pg::Transact(pool_, {.deadline = call.deadline}, run));
    if (answered.replayed) call.MarkReplayed();
    return std::move(answered.message);
  }

  // The answer that the request got before; nullopt of one that was not answered yet.
  template <class Res, class Req>
  absl::StatusOr<std::optional<Res>> Answered(const rpc::Call& call, const Req& request) {
    const absl::Status unanswered = absl::CancelledError("not answered before");
    const auto give_up = [&](pg::Tx&) -> absl::StatusOr<Res> { return unanswered; };
    absl::StatusOr<Res> earlier = Write<Res>(call, request, give_up);
    if (earlier.ok()) return std::optional<Res>(*std::move(earlier));
    if (earlier.status() == unanswered) return std::optional<Res>();
    return earlier.status();
  }

  pg::Pool& pool_;
  const Neighbours& neighbours_;
  const std::function<void()> wake_;
  const pg::Once once_;
};

}  // namespace smederij::proposals
