#include <utility>

#include "common/crypto/bytes.h"
#include "services/registry/api/credential_api.h"
#include "services/registry/domain/polling_errors.h"

namespace smederij::registry {
namespace {

constexpr size_t kKeyIdBytes = 32;
constexpr absl::Duration kTryAgainAfter = absl::Minutes(1);

}  // namespace

void CredentialApi::IssueCredentialWithTicket(const rpc::Call& call,
                                              const v1::IssueCredentialWithTicketRequest& request,
                                              rpc::Reply<v1::IssueCredentialResponse> reply) {
  const auto key_id = crypto::ToArray<kKeyIdBytes>(request.issuer_key_id());
  if (!key_id) return reply(BadLength("issuer_key_id", kKeyIdBytes));
  if (request.blinded_message().size() != kCredentialBytes) {
    return reply(BadLength("blinded_message", kCredentialBytes));
  }
  if (request.code().size() != kTicketDigits) return reply(BadLength("code", kTicketDigits));
  const absl::StatusOr<Place> place = ParsePlace(request);
  if (!place.ok()) return reply(place.status());
  const absl::StatusOr<Ticket> ticket = Redeem(call, *place, request.code());
  if (!ticket.ok()) return reply(ticket.status());
  Issue({.voter = {.round = place->round, .person = ticket->person},
         .application = {.class_id = request.class_id(),
                         .issuer_key_id = *key_id,
                         .blinded_message = request.blinded_message()},
         .blind_signature = "",
         .ticket_until = ticket->until},
        call.deadline, std::move(reply));
}

absl::StatusOr<Ticket> CredentialApi::Redeem(const rpc::Call& call, const Place& place,
                                             absl::string_view code) {
  const SubjectId officer = call.caller.subject;
  // A wrong code is an answer of the transaction, not its failure: the count must be committed.
  const auto redeem = [&](pg::Tx& tx) -> absl::StatusOr<std::optional<Ticket>> {
    ASSIGN_OR_RETURN(const AtDesk at, Enter(tx, call, place, Door::kFind));
    if (!at.desk.station_known) return StationNotFound();
    ASSIGN_OR_RETURN(const bool assigned, IsOfficer(tx, place.round, place.station, officer));
    if (!assigned) return NotOfThisStation();
    ASSIGN_OR_RETURN(const int16_t wrong, LockTries(tx, place.round, place.station, officer));
    if (wrong >= kTicketTriesMax) return TooManyTries(kTryAgainAfter);
    ASSIGN_OR_RETURN(
        std::optional<Ticket> ticket,
        FindTicket(tx, place.round, place.station, TicketHash(pseudonyms_, place, code)));
    if (!ticket) RETURN_IF_ERROR(CountWrongTry(tx, place.round, place.station, officer));
    return ticket;
  };
  ASSIGN_OR_RETURN(const std::optional<Ticket> ticket,
                   pg::Transact(database_.pool, {.deadline = call.deadline}, redeem));
  if (!ticket) return UnknownTicket();
  return *ticket;
}

}  // namespace smederij::registry
