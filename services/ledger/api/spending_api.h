#pragma once

#include "absl/status/statusor.h"
#include "common/pg/pool.h"
#include "common/rpc/router.h"
#include "common/rpc/table.h"
#include "services/ledger/api/places.h"
#include "services/ledger/api/writer.h"
#include "smederij/ledger/v1/spending.pb.h"

namespace smederij::ledger {

// The RPCs of smederij.ledger.v1.SpendingService; what each does and refuses is said there.
// Thread-safe. What it is made of outlives it.
class SpendingApi {
 public:
  SpendingApi(pg::Pool& pool, Writer& writer, Places& places)
      : pool_(pool), writer_(writer), places_(places) {}

  void Mount(rpc::Router& router);

 private:
  void OpenCommitment(const rpc::Call& call, const v1::OpenCommitmentRequest& request,
                      rpc::Reply<v1::Commitment> reply);
  void CloseCommitment(const rpc::Call& call, const v1::CloseCommitmentRequest& request,
                       rpc::Reply<v1::Commitment> reply);
  void ReleaseAward(const rpc::Call& call, const v1::ReleaseAwardRequest& request,
                    rpc::Reply<v1::Posted> reply);
  absl::StatusOr<v1::ListCommitmentsResponse> ListCommitments(
      const rpc::Call& call, const v1::ListCommitmentsRequest& request);

  // Whether the caller may act on the budget, and decide about `amount`.
  absl::Status MayDecide(const rpc::Call& call, BudgetId budget, Money amount = {});

  pg::Pool& pool_;
  Writer& writer_;
  Places& places_;
};

}  // namespace smederij::ledger
