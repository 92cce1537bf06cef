#include "services/registry/api/place_api.h"

#include "common/rpc/table.h"
#include "services/registry/api/convert.h"
#include "services/registry/api/page.h"
#include "services/registry/storage/charter_store.h"
#include "services/registry/storage/place_store.h"

namespace smederij::registry {
namespace {

constexpr absl::Duration kRead = absl::Seconds(2), kWrite = absl::Seconds(5);

}  // namespace

void PlaceApi::Mount(rpc::Router& router) {
  rpc::Table table(router, *this);  // clang-format off
  table.Unary("GetMunicipality", kRead,  &PlaceApi::GetMunicipality);
  table.Unary("CreateDistrict",  kWrite, &PlaceApi::CreateDistrict);
  table.Unary("GetDistrict",     kRead,  &PlaceApi::GetDistrict);
  table.Unary("ListDistricts",   kRead,  &PlaceApi::ListDistricts);
  table.Unary("PublishCharter",  kWrite, &PlaceApi::PublishCharter);
  table.Unary("GetCharter",      kRead,  &PlaceApi::GetCharter);
}  // clang-format on

absl::StatusOr<v1::Municipality> PlaceApi::GetMunicipality(const rpc::Call& call,
                                                           const v1::GetMunicipalityRequest&) {
  const auto get = [&](pg::Tx& tx) {
    return registry::GetMunicipality(tx, call.caller.municipality);
  };
  ASSIGN_OR_RETURN(const Municipality municipality, database_.Read(call.deadline, get));
  return ToProto(municipality);
}

absl::StatusOr<v1::District> PlaceApi::CreateDistrict(const rpc::Call& call,
                                                      const v1::CreateDistrictRequest& request) {
  RETURN_IF_ERROR(call.MayActIn(call.caller.municipality));
  District district{
      .id = DistrictId::Random(),
      .municipality = call.caller.municipality,
      .slug = request.district().slug(),
      .name = request.district().name(),
      .postcodes = {request.district().postcodes().begin(), request.district().postcodes().end()}};
  RETURN_IF_ERROR(Normalize(district));
  const auto create = [&](pg::Tx& tx) -> absl::StatusOr<v1::District> {
    RETURN_IF_ERROR(InsertDistrict(tx, district));
    return ToProto(district);
  };
  return WriteOnce<v1::District>(database_, call, request, create);
}

absl::StatusOr<v1::District> PlaceApi::GetDistrict(const rpc::Call& call,
                                                   const v1::GetDistrictRequest& request) {
  ASSIGN_OR_RETURN(const auto id, ParseId<DistrictId>(request.district_id(), "district_id"));
  const auto get = [&](pg::Tx& tx) { return registry::GetDistrict(tx, id); };
  ASSIGN_OR_RETURN(const District district, database_.Read(call.deadline, get));
  return ToProto(district);
}

absl::StatusOr<v1::ListDistrictsResponse> PlaceApi::ListDistricts(
    const rpc::Call& call, const v1::ListDistrictsRequest& request) {
  ASSIGN_OR_RETURN(const auto municipality,
                   ParseId<MunicipalityId>(request.municipality_id(), "municipality_id"));
  ASSIGN_OR_RETURN(const int64_t size, PageSize(request.page_size()));
  ASSIGN_OR_RETURN(const auto after, FromPageToken(request.page_token()));
  // One more than asked for tells whether there is a next page.
  const auto list = [&](pg::Tx& tx) {
    return registry::ListDistricts(tx, municipality, after.value_or(""), size + 1);
  };
  ASSIGN_OR_RETURN(std::vector<District> districts, database_.Read(call.deadline, list));
  v1::ListDistrictsResponse response;
  if (static_cast<int64_t>(districts.size()) > size) {
    districts.pop_back();
    response.set_next_page_token(ToPageToken(districts.back().slug));
  }
  for (const District& district : districts) *response.add_districts() = ToProto(district);
  return response;
}

absl::StatusOr<v1::Charter> PlaceApi::PublishCharter(const rpc::Call& call,
                                                     const v1::PublishCharterRequest& request) {
  ASSIGN_OR_RETURN(const auto id,
                   ParseId<DistrictId>(request.charter().district_id(), "charter.district_id"));
  const Charter charter = FromProto(request.charter());
  const auto publish = [&](pg::Tx& tx) -> absl::StatusOr<v1::Charter> {
    ASSIGN_OR_RETURN(const District district, registry::GetDistrict(tx, id));
    RETURN_IF_ERROR(call.MayActIn(district.municipality, district.id));
    RETURN_IF_ERROR(CheckCharter(charter));
    ASSIGN_OR_RETURN(const PublishedCharter published,
                     InsertCharter(tx, id, charter, call.caller.subject));
    return ToProto(published);
  };
  return WriteOnce<v1::Charter>(database_, call, request, publish);
}

absl::StatusOr<v1::Charter> PlaceApi::GetCharter(const rpc::Call& call,
                                                 const v1::GetCharterRequest& request) {
  ASSIGN_OR_RETURN(const auto id, ParseId<CharterId>(request.charter_id(), "charter_id"));
  const auto get = [&](pg::Tx& tx) { return registry::GetCharter(tx, id); };
  ASSIGN_OR_RETURN(const PublishedCharter published, database_.Read(call.deadline, get));
  return ToProto(published);
}

}  // namespace smederij::registry
