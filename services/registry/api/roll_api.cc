#include "services/registry/api/roll_api.h"

#include "common/crypto/bytes.h"
#include "common/pg/now.h"
#include "common/rpc/table.h"
#include "services/registry/api/convert.h"
#include "services/registry/domain/errors.h"
#include "services/registry/storage/place_store.h"
#include "services/registry/storage/polling_store.h"
#include "services/registry/storage/roll_store.h"
#include "services/registry/storage/station_store.h"

namespace smederij::registry {
namespace {

constexpr absl::Duration kRead = absl::Seconds(2), kWrite = absl::Seconds(5);
constexpr absl::Duration kClose = absl::Seconds(60);  // Counts a whole city.

absl::StatusOr<v1::Roll> Told(pg::Tx& tx, RoundId round) {
  ASSIGN_OR_RETURN(const Roll roll, registry::GetRoll(tx, round));
  ASSIGN_OR_RETURN(const std::vector<RollClass> classes, ClassesOf(tx, round));
  ASSIGN_OR_RETURN(const std::vector<Station> stations, StationsOf(tx, round));
  return ToProto(roll, classes, stations);
}

absl::StatusOr<Roll> ClosedRoll(pg::Tx& tx, RoundId round) {
  ASSIGN_OR_RETURN(Roll roll, registry::GetRoll(tx, round));
  if (roll.state != RollState::kClosed) return RollNotClosed(NameOf(roll.state));
  return roll;
}

}  // namespace

void RollApi::Mount(rpc::Router& router) {
  rpc::Table table(router, *this);  // clang-format off
  table.Unary("OpenRoll",         kWrite, &RollApi::OpenRoll);
  table.Unary("GetRoll",          kRead,  &RollApi::GetRoll);
  table.Unary("ConfirmManifest",  kWrite, &RollApi::ConfirmManifest);
  table.Unary("CloseRoll",        kClose, &RollApi::CloseRoll);
  table.Unary("GetIssuance",      kRead,  &RollApi::GetIssuance);
  table.Unary("GetParticipation", kRead,  &RollApi::GetParticipation);
}  // clang-format on

absl::StatusOr<v1::Roll> RollApi::OpenRoll(const rpc::Call& call,
                                           const v1::OpenRollRequest& request) {
  ASSIGN_OR_RETURN(const RollOpening opening, FromProto(request));
  v1::OpenRollRequest content = request;
  content.clear_request_id();
  const auto open = [&](pg::Tx& tx) -> absl::StatusOr<v1::Roll> {
    ASSIGN_OR_RETURN(const District district, GetDistrict(tx, opening.district));
    RETURN_IF_ERROR(InsertRoll(tx, opening, district.municipality, rpc::RequestHash(content)));
    return Told(tx, opening.round);
  };
  ASSIGN_OR_RETURN(v1::Roll roll, WriteOnce<v1::Roll>(database_, call, request, open));
  opener_.Wake();
  return roll;
}

absl::StatusOr<v1::Roll> RollApi::GetRoll(const rpc::Call& call,
                                          const v1::GetRollRequest& request) {
  ASSIGN_OR_RETURN(const auto round, ParseId<RoundId>(request.round_id(), "round_id"));
  const auto get = [&](pg::Tx& tx) { return Told(tx, round); };
  return database_.Read(call.deadline, get);
}

absl::StatusOr<v1::Roll> RollApi::ConfirmManifest(const rpc::Call& call,
                                                  const v1::ConfirmManifestRequest& request) {
  ASSIGN_OR_RETURN(const auto round, ParseId<RoundId>(request.round_id(), "round_id"));
  const auto hash = crypto::ToArray<std::tuple_size_v<Hash>>(request.manifest_hash());
  if (!hash) return BadLength("manifest_hash", std::tuple_size_v<Hash>);
  const auto confirm = [&](pg::Tx& tx) -> absl::StatusOr<v1::Roll> {
    ASSIGN_OR_RETURN(const Roll roll, LockRoll(tx, round));
    RETURN_IF_ERROR(MayConfirm(roll, *hash));
    RETURN_IF_ERROR(StoreManifest(tx, round, *hash));
    return Told(tx, round);
  };
  return WriteOnce<v1::Roll>(database_, call, request, confirm);
}

absl::StatusOr<v1::Roll> RollApi::CloseRoll(const rpc::Call& call,
                                            const v1::CloseRollRequest& request) {
  ASSIGN_OR_RETURN(const auto round, ParseId<RoundId>(request.round_id(), "round_id"));
  const auto close = [&](pg::Tx& tx) -> absl::StatusOr<v1::Roll> {
    ASSIGN_OR_RETURN(const Roll roll, LockRoll(tx, round));
    if (roll.state != RollState::kClosed) {
      ASSIGN_OR_RETURN(const absl::Time now, pg::Now(tx));
      ASSIGN_OR_RETURN(const std::vector<uint32_t> open, OpenStations(tx, round));
      RETURN_IF_ERROR(MayClose(roll, open, now));
      ASSIGN_OR_RETURN(const std::vector<RollClass> classes, ClassesOf(tx, round));
      RETURN_IF_ERROR(registry::CloseRoll(tx, roll, classes));
    }
    return Told(tx, round);
  };
  ASSIGN_OR_RETURN(v1::Roll roll, WriteOnce<v1::Roll>(database_, call, request, close));
  for (const v1::RollClass& one : roll.classes()) {
    if (const auto key_id = crypto::ToArray<std::tuple_size_v<Hash>>(one.issuer_key_id())) {
      keys_.Forget(*key_id);
    }
  }
  return roll;
}

absl::StatusOr<v1::Issuance> RollApi::GetIssuance(const rpc::Call& call,
                                                  const v1::GetIssuanceRequest& request) {
  ASSIGN_OR_RETURN(const auto round, ParseId<RoundId>(request.round_id(), "round_id"));
  const auto get = [&](pg::Tx& tx) -> absl::StatusOr<v1::Issuance> {
    RETURN_IF_ERROR(ClosedRoll(tx, round).status());
    ASSIGN_OR_RETURN(const std::vector<RollClass> classes, ClassesOf(tx, round));
    ASSIGN_OR_RETURN(const std::vector<StationCount> stations, StationCounts(tx, round));
    return ToIssuance(round, classes, stations);
  };
  return database_.Read(call.deadline, get);
}

absl::StatusOr<v1::Participation> RollApi::GetParticipation(
    const rpc::Call& call, const v1::GetParticipationRequest& request) {
  ASSIGN_OR_RETURN(const auto round, ParseId<RoundId>(request.round_id(), "round_id"));
  const auto get = [&](pg::Tx& tx) -> absl::StatusOr<v1::Participation> {
    ASSIGN_OR_RETURN(const Roll roll, ClosedRoll(tx, round));
    ASSIGN_OR_RETURN(const ParticipationRow row, registry::GetParticipation(tx, round));
    return ToProto(round, row.bands,
                   Publish(row.bands, static_cast<int64_t>(roll.k_min), row.first_round));
  };
  return database_.Read(call.deadline, get);
}

}  // namespace smederij::registry
