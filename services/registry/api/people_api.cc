#include "services/registry/api/people_api.h"

#include "absl/strings/escaping.h"
#include "common/crypto/bytes.h"
#include "common/crypto/hash.h"
#include "common/crypto/random.h"
#include "common/pg/now.h"
#include "common/rpc/table.h"
#include "services/registry/api/convert.h"
#include "services/registry/api/import.h"
#include "services/registry/api/page.h"
#include "services/registry/domain/errors.h"
#include "services/registry/domain/resident.h"
#include "services/registry/storage/person_store.h"
#include "services/registry/storage/place_store.h"

namespace smederij::registry {
namespace {

constexpr absl::Duration kRead = absl::Seconds(2), kWrite = absl::Seconds(5);
constexpr absl::Duration kImport = absl::Minutes(10);

// Where a list of grants stands: instant and id of the last one told.
struct Place {
  absl::Time before = absl::FromCivil(absl::CivilYear(9999), absl::UTCTimeZone());
  GrantId before_id;
};

std::string KeyOf(const RoleGrant& grant) {
  return absl::StrCat(absl::ToUnixMicros(grant.granted_at), " ", grant.id.ToString());
}

absl::StatusOr<Place> PlaceOf(absl::string_view token) {
  Place place;
  ASSIGN_OR_RETURN(const auto key, FromPageToken(token));
  if (!key) return place;
  const absl::string_view text = *key;
  const size_t blank = text.find(' ');
  int64_t micros = 0;
  if (blank == absl::string_view::npos || !absl::SimpleAtoi(text.substr(0, blank), &micros)) {
    return BadPage("page_token", "is not one of ours");
  }
  const auto id = Uuid::Parse(text.substr(blank + 1));
  if (!id) return BadPage("page_token", "is not one of ours");
  return Place{.before = absl::FromUnixMicros(micros), .before_id = GrantId(*id)};
}

absl::Status CheckSubject(absl::string_view subject) {
  Mistakes mistakes;
  mistakes.AddIf(!IsSubject(subject), "subject",
                 "must be 1 to 128 printable characters without blanks");
  return mistakes.status("BAD_REQUEST", "the subject is malformed");
}

absl::Status CheckGrant(const v1::GrantRoleRequest& request) {
  Mistakes mistakes;
  mistakes.AddIf(!IsSubject(request.subject()), "subject",
                 "must be 1 to 128 printable characters without blanks");
  const bool grantable = policy::v1::Role_IsValid(request.role()) &&
                         request.role() != policy::v1::ROLE_UNSPECIFIED &&
                         request.role() != policy::v1::ROLE_RESIDENT;
  mistakes.AddIf(!grantable, "role", "must be a role that can be granted");
  mistakes.AddIf(request.limit_cents() < 0 || request.limit_cents() > Money::kCentsMax,
                 "limit_cents", "must be 0 to 10^15 cents");
  return mistakes.status("BAD_REQUEST", "the grant has mistakes");
}

}  // namespace

void PeopleApi::Mount(rpc::Router& router) {
  rpc::Table table(router, *this);  // clang-format off
  table.Unary("GrantRole",              kWrite,  &PeopleApi::GrantRole);
  table.Unary("RevokeRole",             kWrite,  &PeopleApi::RevokeRole);
  table.Unary("ListGrants",             kRead,   &PeopleApi::ListGrants);
  table.ClientStream("ImportResidents", kImport, &PeopleApi::ImportResidents);
  table.Unary("EraseResident",          kWrite,  &PeopleApi::EraseResident);
}  // clang-format on

absl::StatusOr<v1::RoleGrant> PeopleApi::GrantRole(const rpc::Call& call,
                                                   const v1::GrantRoleRequest& request) {
  const MunicipalityId municipality = call.caller.municipality;
  RETURN_IF_ERROR(call.MayActIn(municipality));
  ASSIGN_OR_RETURN(const auto district, OptionalDistrict(request.district_id(), "district_id"));
  RETURN_IF_ERROR(CheckGrant(request));
  const Hash key = pseudonyms_.PersonKey(request.subject());
  const auto grant = [&](pg::Tx& tx) -> absl::StatusOr<v1::RoleGrant> {
    if (district) {
      ASSIGN_OR_RETURN(const District found, GetDistrict(tx, *district));
      if (found.municipality != municipality) return DistrictNotFound();
    }
    ASSIGN_OR_RETURN(const Person person, EnsurePerson(tx, key, municipality));
    ASSIGN_OR_RETURN(const RoleGrant granted,
                     InsertGrant(tx, municipality, person.id, static_cast<int16_t>(request.role()),
                                 district, request.limit_cents(), call.caller.subject));
    return ToProto(granted);
  };
  return WriteOnce<v1::RoleGrant>(database_, call, request.request_id(), Nameless(request, key),
                                  grant);
}

absl::StatusOr<v1::RoleGrant> PeopleApi::RevokeRole(const rpc::Call& call,
                                                    const v1::RevokeRoleRequest& request) {
  const MunicipalityId municipality = call.caller.municipality;
  RETURN_IF_ERROR(call.MayActIn(municipality));
  ASSIGN_OR_RETURN(const auto id, ParseId<GrantId>(request.grant_id(), "grant_id"));
  const auto revoke = [&](pg::Tx& tx) -> absl::StatusOr<v1::RoleGrant> {
    ASSIGN_OR_RETURN(const RoleGrant revoked,
                     RevokeGrant(tx, municipality, id, call.caller.subject));
    return ToProto(revoked);
  };
  return WriteOnce<v1::RoleGrant>(database_, call, request, revoke);
}

absl::StatusOr<v1::ListGrantsResponse> PeopleApi::ListGrants(const rpc::Call& call,
                                                             const v1::ListGrantsRequest& request) {
  RETURN_IF_ERROR(call.MayActIn(call.caller.municipality));
  ASSIGN_OR_RETURN(const int64_t size, PageSize(request.page_size()));
  ASSIGN_OR_RETURN(const Place place, PlaceOf(request.page_token()));
  const auto list = [&](pg::Tx& tx) {
    return registry::ListGrants(tx, call.caller.municipality, place.before, place.before_id,
                                size + 1);
  };
  ASSIGN_OR_RETURN(std::vector<RoleGrant> grants, database_.Read(call.deadline, list));
  v1::ListGrantsResponse response;
  if (static_cast<int64_t>(grants.size()) > size) {
    grants.pop_back();
    response.set_next_page_token(ToPageToken(KeyOf(grants.back())));
  }
  for (const RoleGrant& grant : grants) *response.add_grants() = ToProto(grant);
  return response;
}

absl::StatusOr<v1::ImportResidentsResponse> PeopleApi::ImportResidents(
    const rpc::Call& call, rpc::Reader<v1::ImportResidentsRequest>& reader) {
  const MunicipalityId municipality = call.caller.municipality;
  RETURN_IF_ERROR(call.MayActIn(municipality));
  v1::ImportResidentsRequest message;
  if (!reader.Next(&message) || !message.has_header()) {
    RETURN_IF_ERROR(reader.status());
    return HeaderMissing();
  }
  const std::string request_id = message.header().request_id();
  const bool complete = message.header().complete();
  RETURN_IF_ERROR(ParseId<RequestId>(request_id, "request_id").status());
  absl::CivilDay today;
  const auto load = [&](pg::Tx& tx) -> absl::StatusOr<Area> {
    ASSIGN_OR_RETURN(const absl::Time now, pg::Now(tx));
    today = absl::ToCivilDay(now, absl::UTCTimeZone());
    return LoadArea(tx, municipality);
  };
  ASSIGN_OR_RETURN(const Area area, database_.Read(call.deadline, load));
  Import import(area, today, pseudonyms_, seal_);
  while (reader.Next(&message)) {
    if (!message.has_batch()) return HeaderMissing();
    RETURN_IF_ERROR(import.Add(message.batch()));
  }
  RETURN_IF_ERROR(reader.status());  // Half a stream is not an import.
  RETURN_IF_ERROR(import.Finish());
  const auto store = [&](pg::Tx& tx) { return import.Store(tx, municipality, complete); };
  Hash hash = import.hash();
  if (complete) hash = crypto::Sha256({crypto::View(hash), "complete"});
  return WriteOnce<v1::ImportResidentsResponse>(database_, call, request_id, hash, store);
}

absl::StatusOr<v1::EraseResidentResponse> PeopleApi::EraseResident(
    const rpc::Call& call, const v1::EraseResidentRequest& request) {
  const MunicipalityId municipality = call.caller.municipality;
  RETURN_IF_ERROR(call.MayActIn(municipality));
  RETURN_IF_ERROR(CheckSubject(request.subject()));
  const Hash key = pseudonyms_.PersonKey(request.subject());
  const auto erase = [&](pg::Tx& tx) -> absl::StatusOr<v1::EraseResidentResponse> {
    ASSIGN_OR_RETURN(const std::optional<Person> person, FindPerson(tx, key));
    if (!person || person->municipality != municipality) return ResidentNotFound();
    ASSIGN_OR_RETURN(const std::vector<RoleGrant> grants, GrantsOf(tx, person->id));
    if (!grants.empty()) return HoldsRoles(grants.size());
    // Random: no name has this key.
    RETURN_IF_ERROR(ErasePerson(tx, person->id, *crypto::ToArray<32>(crypto::RandomBytes(32))));
    return v1::EraseResidentResponse();
  };
  return WriteOnce<v1::EraseResidentResponse>(database_, call, request.request_id(),
                                              Nameless(request, key), erase);
}

}  // namespace smederij::registry
