#pragma once

#include "common/base/error.h"
#include "common/base/id.h"

// Every refusal of the service, one function each.
namespace smederij::ballots {

inline Error ElectionNotFound(RoundId round) {
  return Error(kNotFound, "ELECTION_NOT_FOUND", "no election of this round is known")
      .With("round_id", round.ToString());
}

// The manifest.
inline Error BadManifest() {
  return Error(kInvalidArgument, "BAD_MANIFEST", "the manifest cannot be frozen like this");
}
inline Error ManifestUnreadable() {
  return Error(kInvalidArgument, "MANIFEST_UNREADABLE", "these are not a manifest's bytes");
}
inline Error ResultUnreadable() {
  return Error(kInternal, "RESULT_UNREADABLE", "these are not a result's bytes");
}
inline Error IssuerKeysDiffer(absl::string_view wrong) {
  return Error(kFailedPrecondition, "ISSUER_KEYS_DIFFER",
               "classes, roll sizes, issuer keys or stations are not those of the registry's roll")
      .With("wrong", wrong);
}
inline Error ManifestExists(RoundId round) {
  return Error(kAlreadyExists, "MANIFEST_EXISTS",
               "another manifest of this round has already been approved by somebody")
      .With("round_id", round.ToString());
}
inline Error ManifestDiffers() {
  return Error(kFailedPrecondition, "MANIFEST_DIFFERS",
               "the manifest is another one than the hash you saw");
}

// States and officials.
inline Error WrongState(absl::string_view state, absl::string_view wanted) {
  return Error(kFailedPrecondition, "WRONG_STATE", "the election is not in the state for this")
      .With("state", state)
      .With("wanted", wanted);
}
inline Error SameOfficial() {
  return Error(kPermissionDenied, "SAME_OFFICIAL", "two different officials are needed");
}
inline Error NotADemonstration() {
  return Error(kFailedPrecondition, "NOT_A_DEMONSTRATION",
               "only a demonstration can be closed before its time");
}
inline Error StillOpen(absl::string_view cast_until) {
  return Error(kFailedPrecondition, "STILL_OPEN", "ballots are still taken")
      .With("cast_until", cast_until);
}

// Casting.
inline Error NoBallots() {
  return Error(kInvalidArgument, "NO_BALLOTS", "there is no ballot in this call");
}
inline Error TooManyBallots(size_t ballots, size_t ballots_max) {
  return Error(kInvalidArgument, "TOO_MANY_BALLOTS", "there are too many ballots in one call")
      .With("ballots", ballots)
      .With("ballots_max", ballots_max);
}
inline Error TooLarge(absl::string_view field, size_t bytes, size_t bytes_max) {
  return Error(kInvalidArgument, "TOO_LARGE", "a part of the ballot is too large")
      .With("field", field)
      .With("bytes", bytes)
      .With("bytes_max", bytes_max);
}
inline Error BadLeaf(absl::string_view wrong) {
  return Error(kInvalidArgument, "BAD_LEAF", "these are not a ballot's bytes").With("wrong", wrong);
}
inline Error BadCredential() {
  return Error(kPermissionDenied, "BAD_CREDENTIAL",
               "the voting key was not signed by this class's issuer for this round");
}
inline Error BadSignature() {
  return Error(kPermissionDenied, "BAD_SIGNATURE", "the ballot is not signed by its voting key");
}
inline Error NotOpen(absl::string_view state, absl::string_view cast_from,
                     absl::string_view cast_until) {
  return Error(kFailedPrecondition, "NOT_OPEN", "no ballot is taken now")
      .With("state", state)
      .With("cast_from", cast_from)
      .With("cast_until", cast_until);
}
inline Error BadOpening() {
  return Error(kInvalidArgument, "BAD_OPENING",
               "the choice and nonce are not what the ballot commits to");
}
inline Error InvalidChoice(absl::string_view wrong) {
  return Error(kInvalidArgument, "INVALID_CHOICE", "the ballot rule does not allow this choice")
      .With("wrong", wrong);
}
inline Error StaleSeq(uint32_t last_seq) {
  return Error(kAborted, "STALE_SEQ", "a later ballot of this voting key has been cast")
      .With("last_seq", last_seq);
}
inline Error TooManyCasts(int casts_max) {
  return Error(kFailedPrecondition, "TOO_MANY_CASTS", "this voting key has cast often enough")
      .With("casts_max", casts_max);
}
inline Error BallotNotFound() {
  return Error(kNotFound, "BALLOT_NOT_FOUND", "no such ballot has been cast in this round");
}
inline Error BadReceipt() {
  return Error(kInvalidArgument, "BAD_RECEIPT", "this is not a receipt of this election");
}

// Paper.
inline Error StationUnknown(uint32_t station) {
  return Error(kNotFound, "STATION_UNKNOWN", "nobody votes on paper there")
      .With("station", station);
}
inline Error ClassUnknown(uint32_t class_id) {
  return Error(kNotFound, "CLASS_UNKNOWN", "the election has no such class")
      .With("class_id", class_id);
}
inline Error BadBatch(absl::string_view field, absl::string_view wrong) {
  return Error(kInvalidArgument, "BAD_BATCH", "a batch cannot be opened like this")
      .At(field, wrong);
}
inline Error BatchExists() {
  return Error(kAlreadyExists, "BATCH_EXISTS", "this round has a batch of this id");
}
inline Error TooManyBatches(int batches_max) {
  return Error(kResourceExhausted, "TOO_MANY_BATCHES", "this round has batches enough")
      .With("batches_max", batches_max);
}
inline Error BatchNotFound() {
  return Error(kNotFound, "BATCH_NOT_FOUND", "this round has no such batch");
}
inline Error NotSuperseding(absl::string_view wrong) {
  return Error(kFailedPrecondition, "NOT_SUPERSEDING", "the earlier batch cannot be superseded")
      .With("wrong", wrong);
}
inline Error BadBallots(size_t mistakes) {
  return Error(kInvalidArgument, "BAD_BALLOTS", "nothing was entered, for some lines are wrong")
      .With("mistakes", mistakes);
}
inline Error PassesTaken() {
  return Error(kPermissionDenied, "PASSES_TAKEN", "two other officers enter this batch");
}
inline Error NoPass() {
  return Error(kFailedPrecondition, "NO_PASS", "you have entered nothing of this batch");
}
inline Error PassFinished() {
  return Error(kFailedPrecondition, "PASS_FINISHED", "your pass is finished");
}
inline Error PassIncomplete(size_t missing, absl::string_view serials) {
  return Error(kFailedPrecondition, "PASS_INCOMPLETE", "not every paper has been entered")
      .With("missing", missing)
      .With("serials", serials);
}
inline Error BatchesUnsealed(absl::string_view numbers) {
  return Error(kFailedPrecondition, "BATCHES_UNSEALED",
               "batches of paper ballots have yet to be sealed or discarded")
      .With("batches", numbers);
}
inline Error StationsOpen(absl::string_view stations) {
  return Error(kFailedPrecondition, "STATIONS_OPEN", "stations have yet to be closed")
      .With("stations", stations);
}
inline Error StationClosed(uint32_t station) {
  return Error(kFailedPrecondition, "STATION_CLOSED",
               "the station is closed, and its box holds what was signed for")
      .With("station", station);
}
inline Error BadReason() {
  return Error(kInvalidArgument, "BAD_REASON", "the reason is too long, or is not plain text");
}
inline Error ReasonRequired(uint32_t class_id, int64_t expected, int64_t in_box) {
  return Error(kFailedPrecondition, "REASON_REQUIRED",
               "the box holds another number of ballots than the roll tells: say why")
      .With("class_id", class_id)
      .With("expected", expected)
      .With("in_box", in_box);
}
inline Error ReasonDiffers() {
  return Error(kFailedPrecondition, "REASON_DIFFERS", "the other official gave another reason");
}
inline Error BadContent(absl::string_view wrong) {
  return Error(kInvalidArgument, "BAD_CONTENT", "this is not what a batch can hold")
      .With("wrong", wrong);
}

// The count.
inline Error NoLotInCharter() {
  return Error(kFailedPrecondition, "NO_LOT_IN_CHARTER", "ties are not broken by lot here");
}
inline Error BadLot() {
  return Error(kInvalidArgument, "BAD_LOT", "a lot names every plan number exactly once");
}
inline Error LotDiffers() {
  return Error(kFailedPrecondition, "LOT_DIFFERS", "the other official entered another lot");
}
inline Error LotMissing(int entries) {
  return Error(kFailedPrecondition, "LOT_MISSING", "two officials have yet to enter the lot")
      .With("entries", entries);
}
inline Error IssuanceNotFinal() {
  return Error(kFailedPrecondition, "ISSUANCE_NOT_FINAL",
               "the registry still issues credentials for this round");
}
inline Error CountRunning(int version) {
  return Error(kFailedPrecondition, "COUNT_RUNNING", "a count of this election is under way")
      .With("version", version);
}
inline Error TallyNotFound(RoundId round) {
  return Error(kNotFound, "TALLY_NOT_FOUND", "this election has no such tally")
      .With("round_id", round.ToString());
}
inline Error ResultDiffers() {
  return Error(kFailedPrecondition, "RESULT_DIFFERS",
               "the result is another one than the hash you saw");
}
inline Error CountOutOfDate() {
  return Error(kFailedPrecondition, "COUNT_OUT_OF_DATE",
               "the log has grown since this count: count again");
}
inline Error CountDoesNotBalance(size_t imbalances) {
  return Error(kFailedPrecondition, "COUNT_DOES_NOT_BALANCE",
               "a count that does not balance cannot be certified")
      .With("imbalances", imbalances);
}
inline Error NotCertified() {
  return Error(kFailedPrecondition, "NOT_CERTIFIED", "the result has not been certified");
}

}  // namespace smederij::ballots
