#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/pg/transact.h"
#include "common/rpc/call.h"
#include "services/registry/api/pseudonyms.h"
#include "services/registry/domain/polling.h"
#include "services/registry/storage/polling_store.h"
#include "smederij/registry/v1/polling.pb.h"

// What every call at the desk of a station begins with.
namespace smederij::registry {

struct Place {
  RoundId round = {};
  uint32_t station = 0;
};
// Refusal: BAD_ID.
template <class Request>
absl::StatusOr<Place> ParsePlace(const Request& request) {
  ASSIGN_OR_RETURN(const auto round, ParseId<RoundId>(request.round_id(), "round_id"));
  return Place{.round = round, .station = request.station()};
}

// How a call comes in. To find is a read, which officials may too. To print locks the roll for a
// moment: nobody's credential is then between its decision and its commit, so none can appear after
// the roll was printed. To write locks the station: at one station one writes at a time.
enum class Door { kFind, kPrint, kWrite };

struct AtDesk {
  Desk desk = {};
  StationRow station = {};
};
// What the call is judged by. Refusals, first that applies: ROLL_NOT_FOUND, OTHER_MUNICIPALITY,
// ROLE_NOT_HELD_THERE; everything else is the domain's to refuse.
absl::StatusOr<AtDesk> Enter(pg::Tx& tx, const rpc::Call& call, const Place& place, Door door);

// The code of the ticket that this request of this caller asked for: a function of them, so that a
// repeated request gets the same code though it is stored nowhere.
std::string TicketCode(const Pseudonyms& pseudonyms, const Place& place, RequestId request,
                       SubjectId caller);
// What a code is looked up by.
Hash TicketHash(const Pseudonyms& pseudonyms, const Place& place, absl::string_view code);

}  // namespace smederij::registry
