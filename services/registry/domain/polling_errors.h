#pragma once

#include "absl/strings/string_view.h"
#include "common/base/error.h"
#include "services/registry/domain/errors.h"

// Every refusal of the desk that is not a list of mistakes. Facts never say who.
namespace smederij::registry {

inline Error StationNotFound() {
  return Error(kNotFound, "STATION_NOT_FOUND", "the round has no such station");
}
inline Error NotAnOfficer() {
  return Error(kFailedPrecondition, "NOT_AN_OFFICER",
               "the person does not hold the role of polling officer there");
}
inline Error NotOfThisStation() {
  return Error(kPermissionDenied, "NOT_OF_THIS_STATION",
               "the caller is not assigned to this station");
}
inline Error RollClosed() {
  return Error(kFailedPrecondition, "ROLL_CLOSED", "the roll is closed for good");
}
inline Error IssuingNotOver(absl::Time until) {
  return Error(kFailedPrecondition, "ISSUING_NOT_OVER", "issuing stops before the roll is printed")
      .With("issue_until", absl::FormatTime(absl::RFC3339_full, until, absl::UTCTimeZone()));
}
inline Error StationClosed() {
  return Error(kFailedPrecondition, "STATION_CLOSED",
               "two officers have reported: nothing is marked here any more");
}
inline Error NotOnThisRoll() {
  return Error(kNotFound, "NOT_ON_ROLL", "no voter of this station has this number");
}
inline Error VotesOnline() {
  return Error(kFailedPrecondition, "ALREADY_ISSUED",
               "a digital ballot was fetched; the voter votes with that");
}
inline Error AlreadyMarked() {
  return Error(kFailedPrecondition, "ALREADY_MARKED", "the name is struck off already");
}
inline Error NotMarked() {
  return Error(kFailedPrecondition, "NOT_MARKED", "the name is not struck off");
}
inline Error TicketValid(absl::Time until) {
  return Error(kFailedPrecondition, "TICKET_VALID", "a ticket of this voter is still valid")
      .With("expire_time", absl::FormatTime(absl::RFC3339_full, until, absl::UTCTimeZone()));
}
inline Error SameOfficer() {
  return Error(kFailedPrecondition, "SAME_OFFICER", "another officer of the station confirms");
}
inline Error TicketCollides() {
  return Error(kAborted, "TICKET_COLLIDES", "ask again with another request_id");
}
inline Error TooManyTries(absl::Duration wait) {
  return Error(kResourceExhausted, "TOO_MANY_TRIES", "too many wrong codes within a minute")
      .RetryAfter(wait);
}
inline Error UnknownTicket() {
  return Error(kNotFound, "UNKNOWN_TICKET", "no ticket of this station has this code");
}
inline Error TicketExpired() {
  return Error(kFailedPrecondition, "TICKET_EXPIRED", "the ticket is not valid any more");
}
inline Error MoreThanMarked(uint32_t class_id, int64_t marked) {
  return Error(kFailedPrecondition, "MORE_THAN_MARKED",
               "more papers came back than were handed out")
      .With("class_id", class_id)
      .With("marked", marked);
}
inline Error ReportDiffers() {
  return Error(kFailedPrecondition, "REPORT_DIFFERS",
               "the other officer said other numbers; count again, and let one correct theirs");
}
inline Error StationsOpen(absl::string_view stations) {
  return Error(kFailedPrecondition, "STATIONS_OPEN", "stations have not reported what came back")
      .With("stations", stations);
}

}  // namespace smederij::registry
