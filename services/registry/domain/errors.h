#pragma once

#include "absl/strings/string_view.h"
#include "common/base/error.h"
#include "services/registry/domain/ids.h"

// Every refusal of registry that is not a list of mistakes. Facts never say who.
namespace smederij::registry {

// Sign-in.
inline Error BadSubjectToken(absl::string_view why) {
  return Error(kUnauthenticated, "BAD_SUBJECT_TOKEN", "the subject token is not accepted")
      .With("why", why);
}
inline Error UnknownAudience() {
  return Error(kInvalidArgument, "UNKNOWN_AUDIENCE", "there is no such service to ask a token for")
      .At("audience", "must be smederij-registry, -proposals, -ballots or -ledger");
}
inline Error UnknownSubject() {
  return Error(kPermissionDenied, "UNKNOWN_SUBJECT", "nobody is registered under this subject");
}

// Districts, charters, grants.
inline Error DistrictNotFound() {
  return Error(kNotFound, "DISTRICT_NOT_FOUND", "there is no such district");
}
inline Error SlugTaken(absl::string_view slug) {
  return Error(kAlreadyExists, "SLUG_TAKEN", "a district of the municipality has this slug")
      .With("slug", slug);
}
inline Error PostcodeTaken(absl::string_view postcode) {
  return Error(kAlreadyExists, "POSTCODE_TAKEN", "a postcode lies in another district")
      .With("postcode", postcode);
}
inline Error CharterNotFound() {
  return Error(kNotFound, "CHARTER_NOT_FOUND", "there is no such charter");
}
inline Error SubjectElsewhere() {
  return Error(kFailedPrecondition, "SUBJECT_ELSEWHERE",
               "the person is registered in another municipality");
}
inline Error AlreadyGranted() {
  return Error(kAlreadyExists, "ALREADY_GRANTED", "the person holds this role there already");
}
inline Error GrantNotFound() {
  return Error(kNotFound, "GRANT_NOT_FOUND", "there is no such grant");
}
inline Error LastAdministrator() {
  return Error(kFailedPrecondition, "LAST_ADMINISTRATOR",
               "the municipality would be left without an administrator");
}
inline Error BadPage(absl::string_view field, absl::string_view wrong) {
  return Error(kInvalidArgument, "BAD_PAGE", "this page cannot be asked for").At(field, wrong);
}
inline Error MunicipalityNotFound() {
  return Error(kNotFound, "MUNICIPALITY_NOT_FOUND", "there is no such municipality");
}
inline Error NotEmpty() {
  return Error(kFailedPrecondition, "NOT_EMPTY", "the database has a municipality already");
}

// Imports.
inline Error HeaderMissing() {
  return Error(kInvalidArgument, "HEADER_MISSING", "the first message, and no other, is a header");
}
inline Error TooManyResidents(size_t limit) {
  return Error(kInvalidArgument, "TOO_MANY_RESIDENTS", "one import holds too many residents")
      .With("limit", limit);
}

inline Error EmptyImport() {
  return Error(kInvalidArgument, "EMPTY_IMPORT",
               "a complete import without residents would move everybody away");
}
inline Error ResidentNotFound() {
  return Error(kNotFound, "RESIDENT_NOT_FOUND", "nobody is registered under this subject");
}
inline Error HoldsRoles(size_t roles) {
  return Error(kFailedPrecondition, "HOLDS_ROLES", "the person holds roles; take them back first")
      .With("roles", roles);
}

// Rolls.
inline Error RollNotFound() { return Error(kNotFound, "ROLL_NOT_FOUND", "the round has no roll"); }
inline Error RollExists() {
  return Error(kAlreadyExists, "ROLL_EXISTS", "the round has a roll with other content");
}
inline Error RollNotOpen(absl::string_view state) {
  return Error(kFailedPrecondition, "ROLL_NOT_OPEN", "the roll is not open").With("state", state);
}
inline Error RollNotClosed(absl::string_view state) {
  return Error(kFailedPrecondition, "ROLL_NOT_CLOSED", "counts are told once the roll is closed")
      .With("state", state);
}
inline Error ManifestDiffers() {
  return Error(kFailedPrecondition, "MANIFEST_DIFFERS", "another manifest was confirmed");
}

// Credentials.
inline Error BadLength(absl::string_view field, size_t bytes) {
  return Error(kInvalidArgument, "BAD_LENGTH", "a field has the wrong length")
      .At(field, absl::StrCat("must be ", bytes, " bytes"));
}
inline Error NotOnRoll() {
  return Error(kPermissionDenied, "NOT_ON_ROLL", "the caller is not on the roll of this round");
}
inline Error WrongKey() {
  return Error(kFailedPrecondition, "WRONG_KEY",
               "this is not the issuer key of the caller's class");
}
inline Error AlreadyIssued() {
  return Error(kFailedPrecondition, "ALREADY_ISSUED",
               "a credential for another voting key was issued; use the words it was made with");
}
inline Error PaperGiven() {
  return Error(kFailedPrecondition, "PAPER_GIVEN",
               "the caller's name was struck off on the polling evening");
}
inline Error WindowClosed(absl::Time from, absl::Time until) {
  return Error(kFailedPrecondition, "WINDOW_CLOSED", "credentials are not issued now")
      .With("issue_from", absl::FormatTime(absl::RFC3339_full, from, absl::UTCTimeZone()))
      .With("issue_until", absl::FormatTime(absl::RFC3339_full, until, absl::UTCTimeZone()));
}
inline Error ManifestNotApproved() {
  return Error(kFailedPrecondition, "MANIFEST_NOT_APPROVED",
               "two officials have not approved the round's manifest yet");
}
inline Error IssuingBusy() {
  return Error(kResourceExhausted, "ISSUING_BUSY", "too many credentials are being signed")
      .RetryAfter(absl::Milliseconds(500));
}

}  // namespace smederij::registry
