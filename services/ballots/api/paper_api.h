#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/pg/transact.h"
#include "common/rpc/call.h"
#include "common/rpc/router.h"
#include "services/ballots/api/writes.h"
#include "services/ballots/storage/paper_store.h"
#include "services/ballots/storage/round_store.h"
#include "smederij/ballots/v1/paper.pb.h"

namespace smederij::ballots {

// Every RPC of smederij.ballots.v1.PaperService; contracts and refusals stand in the proto.
class PaperApi : private Writes {
 public:
  explicit PaperApi(Parts parts) : Writes(std::move(parts)) {}

  void Mount(rpc::Router& router);

  absl::StatusOr<v1::Batch> OpenBatch(const rpc::Call&, const v1::OpenBatchRequest&);
  absl::StatusOr<v1::Batch> EnterBallots(const rpc::Call&, const v1::EnterBallotsRequest&);
  absl::StatusOr<v1::Pass> GetOwnPass(const rpc::Call&, const v1::GetOwnPassRequest&);
  absl::StatusOr<v1::Batch> FinishPass(const rpc::Call&, const v1::FinishPassRequest&);
  absl::StatusOr<v1::BatchComparison> CompareBatch(const rpc::Call&,
                                                   const v1::CompareBatchRequest&);
  absl::StatusOr<v1::Batch> SealBatch(const rpc::Call&, const v1::SealBatchRequest&);
  absl::StatusOr<v1::Batch> DiscardBatch(const rpc::Call&, const v1::DiscardBatchRequest&);
  absl::StatusOr<v1::ListBatchesResponse> ListBatches(const rpc::Call&,
                                                      const v1::ListBatchesRequest&);
  absl::StatusOr<v1::StationState> CloseStation(const rpc::Call&, const v1::CloseStationRequest&);
  absl::StatusOr<v1::Evening> GetEvening(const rpc::Call&, const v1::GetEveningRequest&);

  absl::StatusOr<v1::ListPaperOpeningsResponse> ListPaperOpenings(
      const rpc::Call&, const v1::ListPaperOpeningsRequest&);
  absl::StatusOr<v1::ListWithheldPaperOpeningsResponse> ListWithheldPaperOpenings(
      const rpc::Call&, const v1::ListWithheldPaperOpeningsRequest&);

 private:
  // Those of the units that are `withheld`, or those that are not.
  template <class Res, class Req>
  absl::StatusOr<Res> Openings(const rpc::Call& call, const Req& request, bool withheld);

  // A round where the caller may act. Refusals: ELECTION_NOT_FOUND, those of the place.
  absl::StatusOr<Round> MyRound(pg::Tx& tx, const rpc::Call& call, RoundId id, Lock lock) const;

  // What the second seal puts into the log.
  absl::StatusOr<std::string> Close(pg::Tx& tx, PaperBatch& batch,
                                    const std::vector<SubjectId>& officials,
                                    const Manifest& manifest);
};

}  // namespace smederij::ballots
