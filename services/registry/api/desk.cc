#include "services/registry/api/desk.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "common/base/status_macros.h"
#include "common/crypto/bytes.h"
#include "common/pg/now.h"
#include "services/registry/domain/polling_errors.h"
#include "services/registry/storage/credential_store.h"
#include "services/registry/storage/roll_store.h"

namespace smederij::registry {
namespace {

absl::StatusOr<Roll> RollFor(pg::Tx& tx, RoundId round, Door door) {
  switch (door) {
    case Door::kFind:
      return GetRoll(tx, round);
    case Door::kPrint:
      return LockRoll(tx, round);
    case Door::kWrite:
      break;
  }
  ASSIGN_OR_RETURN(const std::vector<Roll> shared, ShareRolls(tx, {round}));
  if (shared.empty()) return RollNotFound();
  return shared.front();
}

bool IsOfficial(const rpc::Caller& caller, DistrictId district) {
  return std::any_of(caller.grants.begin(), caller.grants.end(), [&](const rpc::Grant& grant) {
    return grant.role == policy::v1::ROLE_ELECTION_OFFICIAL &&
           (!grant.district || *grant.district == district);
  });
}

}  // namespace

absl::StatusOr<AtDesk> Enter(pg::Tx& tx, const rpc::Call& call, const Place& place, Door door) {
  AtDesk at;
  ASSIGN_OR_RETURN(at.desk.roll, RollFor(tx, place.round, door));
  RETURN_IF_ERROR(call.MayActIn(at.desk.roll.municipality, at.desk.roll.district));
  ASSIGN_OR_RETURN(const std::optional<StationRow> station,
                   door == Door::kWrite ? LockStation(tx, place.round, place.station)
                                        : FindStation(tx, place.round, place.station));
  if (station) {
    at.station = *station;
    at.desk.station_known = true;
    at.desk.closed = station->closed;
  }
  ASSIGN_OR_RETURN(at.desk.of_station,
                   IsOfficer(tx, place.round, place.station, call.caller.subject));
  if (door != Door::kWrite && IsOfficial(call.caller, at.desk.roll.district)) {
    at.desk.of_station = true;
  }
  ASSIGN_OR_RETURN(at.desk.now, pg::Now(tx));  // After the locks.
  return at;
}

std::string TicketCode(const Pseudonyms& pseudonyms, const Place& place, RequestId request,
                       SubjectId caller) {
  crypto::ByteWriter bytes;
  bytes.Raw(place.round.uuid().bytes()).U32(place.station);
  bytes.Raw(request.uuid().bytes()).Raw(caller.uuid().bytes());
  const Hash mac = pseudonyms.Keyed("kiosk code", bytes.bytes());
  static_assert(kTicketDigits == 8);
  return absl::StrFormat("%08d", crypto::ByteReader(crypto::View(mac)).U64() % 100'000'000);
}

Hash TicketHash(const Pseudonyms& pseudonyms, const Place& place, absl::string_view code) {
  crypto::ByteWriter bytes;
  bytes.Raw(place.round.uuid().bytes()).U32(place.station).Raw(code);
  return pseudonyms.Keyed("kiosk ticket", bytes.bytes());
}

}  // namespace smederij::registry
