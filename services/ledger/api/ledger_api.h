#pragma once

#include <functional>
#include <utility>

#include "absl/status/statusor.h"
#include "common/pg/pool.h"
#include "common/rpc/router.h"
#include "common/rpc/table.h"
#include "services/ledger/api/places.h"
#include "services/ledger/api/writer.h"
#include "smederij/ledger/v1/ledger.pb.h"

namespace smederij::ledger {

// The RPCs of smederij.ledger.v1.LedgerService; what each does and refuses is said there.
// Thread-safe. What it is made of outlives it.
class LedgerApi {
 public:
  // `wake_verifier` is called when somebody waits for a verification.
  LedgerApi(
      pg::Pool& pool, Writer& writer, Places& places, std::function<void()> wake_verifier = [] {})
      : pool_(pool), writer_(writer), places_(places), wake_verifier_(std::move(wake_verifier)) {}

  void Mount(rpc::Router& router);

 private:
  void OpenBudget(const rpc::Call& call, const v1::OpenBudgetRequest& request,
                  rpc::Reply<v1::Budget> reply);
  void Appropriate(const rpc::Call& call, const v1::AppropriateRequest& request,
                   rpc::Reply<v1::Posted> reply);
  void HoldPot(const rpc::Call& call, const v1::HoldPotRequest& request,
               rpc::Reply<v1::Posted> reply);
  void ReserveAwards(const rpc::Call& call, const v1::ReserveAwardsRequest& request,
                     rpc::Reply<v1::ReserveAwardsResponse> reply);
  void AdjustAwards(const rpc::Call& call, const v1::AdjustAwardsRequest& request,
                    rpc::Reply<v1::AdjustAwardsResponse> reply);
  void ReleasePot(const rpc::Call& call, const v1::ReleasePotRequest& request,
                  rpc::Reply<v1::Posted> reply);
  absl::StatusOr<v1::Budget> GetBudget(const rpc::Call& call, const v1::GetBudgetRequest& request);
  absl::StatusOr<v1::ListBudgetsResponse> ListBudgets(const rpc::Call& call,
                                                      const v1::ListBudgetsRequest& request);
  absl::StatusOr<v1::ListEntriesResponse> ListEntries(const rpc::Call& call,
                                                      const v1::ListEntriesRequest& request);
  absl::StatusOr<v1::TrialBalance> GetTrialBalance(const rpc::Call& call,
                                                   const v1::GetTrialBalanceRequest& request);
  absl::StatusOr<v1::ListPlanMoneyResponse> ListPlanMoney(const rpc::Call& call,
                                                          const v1::ListPlanMoneyRequest& request);
  absl::StatusOr<v1::Verification> RequestVerification(
      const rpc::Call& call, const v1::RequestVerificationRequest& request);
  absl::StatusOr<v1::Verification> GetVerification(const rpc::Call& call,
                                                   const v1::GetVerificationRequest& request);

  pg::Pool& pool_;
  Writer& writer_;
  Places& places_;
  const std::function<void()> wake_verifier_;
};

}  // namespace smederij::ledger
