#pragma once

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "common/rpc/router.h"
#include "services/registry/api/issuer_keys.h"
#include "services/registry/api/roll_opener.h"
#include "services/registry/api/write.h"
#include "smederij/registry/v1/registry.pb.h"

namespace smederij::registry {

namespace v1 = smederij::registry::v1;

// Rolls, and what may be told of them after the close. Thread-safe.
class RollApi {
 public:
  // The references outlive it.
  RollApi(const Database& database, IssuerKeys& keys, RollOpener& opener)
      : database_(database), keys_(keys), opener_(opener) {}
  void Mount(rpc::Router& router);

 private:
  absl::StatusOr<v1::Roll> OpenRoll(const rpc::Call& call, const v1::OpenRollRequest& request);
  absl::StatusOr<v1::Roll> GetRoll(const rpc::Call& call, const v1::GetRollRequest& request);
  absl::StatusOr<v1::Roll> ConfirmManifest(const rpc::Call& call,
                                           const v1::ConfirmManifestRequest& request);
  absl::StatusOr<v1::Roll> CloseRoll(const rpc::Call& call, const v1::CloseRollRequest& request);
  absl::StatusOr<v1::Issuance> GetIssuance(const rpc::Call& call,
                                           const v1::GetIssuanceRequest& request);
  absl::StatusOr<v1::Participation> GetParticipation(const rpc::Call& call,
                                                     const v1::GetParticipationRequest& request);

  const Database& database_;
  IssuerKeys& keys_;
  RollOpener& opener_;
};

}  // namespace smederij::registry
