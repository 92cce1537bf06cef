#pragma once

#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "common/pg/transact.h"
#include "common/rpc/call.h"
#include "common/rpc/reply.h"
#include "common/rpc/router.h"
#include "services/ballots/api/writes.h"

namespace smederij::ballots {

// Every RPC of smederij.ballots.v1.BallotsService; contracts and refusals stand in the proto.
class BallotsApi : private Writes {
 public:
  explicit BallotsApi(Parts parts) : Writes(std::move(parts)) {}

  void Mount(rpc::Router& router);

  absl::StatusOr<v1::Election> ProposeManifest(const rpc::Call&, const v1::ProposeManifestRequest&);
  absl::StatusOr<v1::Election> GetElection(const rpc::Call&, const v1::GetElectionRequest&);
  absl::StatusOr<v1::Election> ApproveManifest(const rpc::Call&, const v1::ApproveManifestRequest&);
  void CastBallot(const rpc::Call&, const v1::CastBallotRequest&,
                  rpc::Reply<v1::CastBallotResponse>);
  void CastBallots(const rpc::Call&, const v1::CastBallotsRequest&,
                   rpc::Reply<v1::CastBallotsResponse>);
  absl::StatusOr<v1::StatusResponse> Status(const rpc::Call&, const v1::StatusRequest&);
  absl::StatusOr<v1::ListLeavesResponse> ListLeaves(const rpc::Call&, const v1::ListLeavesRequest&);
  absl::StatusOr<v1::ListOpeningsResponse> ListOpenings(const rpc::Call&,
                                                        const v1::ListOpeningsRequest&);
  absl::StatusOr<v1::ListWithheldOpeningsResponse> ListWithheldOpenings(
      const rpc::Call&, const v1::ListWithheldOpeningsRequest&);
  absl::StatusOr<v1::Election> BringForwardClose(const rpc::Call&,
                                                 const v1::BringForwardCloseRequest&);
  absl::StatusOr<v1::Election> CloseElection(const rpc::Call&, const v1::CloseElectionRequest&);
  absl::StatusOr<v1::Election> EnterLot(const rpc::Call&, const v1::EnterLotRequest&);
  absl::StatusOr<v1::Tally> CountElection(const rpc::Call&, const v1::CountElectionRequest&);
  absl::StatusOr<v1::Tally> GetTally(const rpc::Call&, const v1::GetTallyRequest&);
  absl::StatusOr<v1::Tally> CertifyTally(const rpc::Call&, const v1::CertifyTallyRequest&);
  absl::StatusOr<v1::Result> GetResult(const rpc::Call&, const v1::GetResultRequest&);

 private:
  // Verifies one ballot and has it committed with others; `done` gets its answer, once.
  void Cast(const rpc::Call& call, const v1::CastBallotRequest& request,
            absl::AnyInvocable<void(absl::StatusOr<v1::CastBallotResponse>)> done);
  // Those of the classes that are `withheld`, or those that are not.
  template <class Res, class Req>
  absl::StatusOr<Res> Openings(const rpc::Call& call, const Req& request, bool withheld);
  absl::StatusOr<v1::Election> Render(pg::Tx& tx, const Round& round);
  absl::StatusOr<v1::Election> Publish(pg::Tx& tx, Round round,
                                       const std::vector<SubjectId>& officials, Effects& effects);
};

}  // namespace smederij::ballots
