#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"
#include "services/registry/domain/charter.h"
#include "services/registry/domain/mistakes.h"
#include "services/registry/domain/participation.h"
#include "services/registry/domain/place.h"
#include "services/registry/domain/roll.h"
#include "services/registry/storage/charter_store.h"
#include "services/registry/storage/person_store.h"
#include "services/registry/storage/place_store.h"
#include "services/registry/storage/polling_store.h"
#include "services/registry/storage/roll_store.h"
#include "smederij/registry/v1/registry.pb.h"

// Between the contract's messages and the domain's values. Shapes are checked here, rules are not.
namespace smederij::registry {

namespace v1 = smederij::registry::v1;

google::protobuf::Timestamp ToProto(absl::Time time);
// Rounded down to the database's microseconds; nullopt outside 1970 … 9999 or with bad nanoseconds.
std::optional<absl::Time> FromProto(const google::protobuf::Timestamp& timestamp);

v1::Municipality ToProto(const Municipality& municipality);
v1::District ToProto(const District& district);

Charter FromProto(const v1::Charter& charter);
v1::Charter ToProto(const PublishedCharter& published);

v1::RoleGrant ToProto(const RoleGrant& grant);

// Refusals: BAD_ID, then BAD_ROLL and BAD_STATIONS with all mistakes each.
absl::StatusOr<RollOpening> FromProto(const v1::OpenRollRequest& request);
v1::Roll ToProto(const Roll& roll, const std::vector<RollClass>& classes,
                 const std::vector<Station>& stations);
v1::Issuance ToIssuance(RoundId round, const std::vector<RollClass>& classes,
                        const std::vector<StationCount>& stations);
v1::Participation ToProto(RoundId round, const std::vector<Band>& bands,
                          const PublishedParticipation& published);

// An id that may be left out: empty text is nullopt. Refusal: BAD_ID.
absl::StatusOr<std::optional<DistrictId>> OptionalDistrict(absl::string_view text,
                                                           absl::string_view field);

}  // namespace smederij::registry
