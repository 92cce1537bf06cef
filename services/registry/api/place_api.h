#pragma once

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "common/rpc/router.h"
#include "services/registry/api/write.h"
#include "smederij/registry/v1/registry.pb.h"

namespace smederij::registry {

namespace v1 = smederij::registry::v1;

// Municipalities, districts and their charters. Thread-safe.
class PlaceApi {
 public:
  explicit PlaceApi(const Database& database) : database_(database) {}
  void Mount(rpc::Router& router);

 private:
  absl::StatusOr<v1::Municipality> GetMunicipality(const rpc::Call& call,
                                                   const v1::GetMunicipalityRequest& request);
  absl::StatusOr<v1::District> CreateDistrict(const rpc::Call& call,
                                              const v1::CreateDistrictRequest& request);
  absl::StatusOr<v1::District> GetDistrict(const rpc::Call& call,
                                           const v1::GetDistrictRequest& request);
  absl::StatusOr<v1::ListDistrictsResponse> ListDistricts(const rpc::Call& call,
                                                          const v1::ListDistrictsRequest& request);
  absl::StatusOr<v1::Charter> PublishCharter(const rpc::Call& call,
                                             const v1::PublishCharterRequest& request);
  absl::StatusOr<v1::Charter> GetCharter(const rpc::Call& call,
                                         const v1::GetCharterRequest& request);

  const Database& database_;
};

}  // namespace smederij::registry
