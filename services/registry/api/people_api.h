#pragma once

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "common/rpc/reader.h"
#include "common/rpc/router.h"
#include "services/registry/api/particulars.h"
#include "services/registry/api/pseudonyms.h"
#include "services/registry/api/write.h"
#include "smederij/registry/v1/registry.pb.h"

namespace smederij::registry {

namespace v1 = smederij::registry::v1;

// Role grants and the import of residents. Thread-safe.
class PeopleApi {
 public:
  // The references outlive it.
  PeopleApi(const Database& database, const Pseudonyms& pseudonyms, const ParticularsSeal& seal)
      : database_(database), pseudonyms_(pseudonyms), seal_(seal) {}
  void Mount(rpc::Router& router);

 private:
  absl::StatusOr<v1::RoleGrant> GrantRole(const rpc::Call& call,
                                          const v1::GrantRoleRequest& request);
  absl::StatusOr<v1::RoleGrant> RevokeRole(const rpc::Call& call,
                                           const v1::RevokeRoleRequest& request);
  absl::StatusOr<v1::ListGrantsResponse> ListGrants(const rpc::Call& call,
                                                    const v1::ListGrantsRequest& request);
  absl::StatusOr<v1::ImportResidentsResponse> ImportResidents(
      const rpc::Call& call, rpc::Reader<v1::ImportResidentsRequest>& reader);
  absl::StatusOr<v1::EraseResidentResponse> EraseResident(const rpc::Call& call,
                                                          const v1::EraseResidentRequest& request);

  const Database& database_;
  const Pseudonyms& pseudonyms_;
  const ParticularsSeal& seal_;
};

}  // namespace smederij::registry
