#include <utility>

#include "common/base/crash_point.h"
#include "common/crypto/hash.h"
#include "common/pg/now.h"
#include "services/ballots/api/ballots_api.h"
#include "services/ballots/domain/errors.h"
#include "services/ballots/domain/event.h"
#include "services/ballots/storage/round_store.h"

// From a proposed manifest to a closed log.
namespace smederij::ballots {
namespace {

Round ToRound(const Manifest& manifest) {
  Round round;
  round.round_id = manifest.round_id;
  round.municipality_id = manifest.municipality_id;
  round.district_id = manifest.district_id;
  round.state = RoundState::kProposed;
  round.manifest = Encode(manifest);
  round.manifest_hash = crypto::Sha256(round.manifest);
  round.cast_from = manifest.cast_from;
  round.cast_until = manifest.cast_until;
  round.batch_min = static_cast<int32_t>(manifest.batch_min);
  return round;
}

std::string TimeText(absl::Time time) { return absl::FormatTime(time, absl::UTCTimeZone()); }

}  // namespace

absl::StatusOr<v1::Election> BallotsApi::ProposeManifest(
    const rpc::Call& call, const v1::ProposeManifestRequest& request) {
  const ManifestFrame frame{.host = p_.signers.host,
                            .checkpoint_key = p_.signers.checkpoint_key,
                            .receipt_key = p_.signers.receipt_key.verifying_key(),
                            .software = p_.software};
  ASSIGN_OR_RETURN(const Manifest manifest, FromProto(request.manifest(), frame));
  const Round proposed = ToRound(manifest);
  bool roll_checked = false;
  const auto propose = [&](pg::Tx& tx, Effects&) -> absl::StatusOr<v1::Election> {
    ASSIGN_OR_RETURN(const std::optional<Round> earlier,
                     FindRound(tx, proposed.round_id, Lock::kUpdate));
    if (earlier && earlier->manifest_hash == proposed.manifest_hash) return Render(tx, *earlier);
    if (!roll_checked) return AskRegistryFirst();
    if (!earlier) {
      RETURN_IF_ERROR(InsertRound(tx, proposed));
      return Render(tx, proposed);
    }
    ASSIGN_OR_RETURN(const auto approvals, GetApprovals(tx, proposed.round_id, Matter::kManifest));
    if (!approvals.empty()) return ManifestExists(proposed.round_id);
    RETURN_IF_ERROR(ReplaceRound(tx, proposed));
    return Render(tx, proposed);
  };
  absl::StatusOr<v1::Election> answer =
      Write<v1::Election>(call, "ProposeManifest", request, propose);
  if (answer.status() != AskRegistryFirst()) return answer;
  RETURN_IF_ERROR(p_.registry.CheckRoll(manifest, call));
  roll_checked = true;
  return Write<v1::Election>(call, "ProposeManifest", request, propose);
}

absl::StatusOr<v1::Election> BallotsApi::ApproveManifest(
    const rpc::Call& call, const v1::ApproveManifestRequest& request) {
  ASSIGN_OR_RETURN(const RoundId id, ParseId<RoundId>(request.round_id(), "round_id"));
  ASSIGN_OR_RETURN(const Hash seen, ParseHash(request.manifest_hash(), "manifest_hash"));
  const auto approve = [&](pg::Tx& tx, Effects& effects) -> absl::StatusOr<v1::Election> {
    ASSIGN_OR_RETURN(Round round, GetRound(tx, id, Lock::kUpdate));
    RETURN_IF_ERROR(call.MayActIn(round.municipality_id, round.district_id));
    if (seen != round.manifest_hash) return ManifestDiffers();
    RETURN_IF_ERROR(MustBe(round, {RoundState::kProposed}));
    ASSIGN_OR_RETURN(std::vector<SubjectId> officials, GetApprovals(tx, id, Matter::kManifest));
    RETURN_IF_ERROR(MustBeAnother(officials, call.caller.subject));
    RETURN_IF_ERROR(AddApproval(tx, id, Matter::kManifest, 0, officials, call.caller.subject));
    officials.push_back(call.caller.subject);
    if (officials.size() < 2) return Render(tx, round);
    return Publish(tx, std::move(round), officials, effects);
  };
  return Write<v1::Election>(call, "ApproveManifest", request, approve);
}

absl::StatusOr<v1::Election> BallotsApi::Publish(pg::Tx& tx, Round round,
                                                 const std::vector<SubjectId>& officials,
                                                 Effects& effects) {
  round.state = RoundState::kPublished;
  RETURN_IF_ERROR(SetState(tx, round.round_id, round.state));
  ASSIGN_OR_RETURN(Log log, StartLog(tx, round.round_id, round.manifest));
  RETURN_IF_ERROR(Append(tx, log, {ApprovedEvent(round.round_id, round.manifest_hash, officials)}));
  ASSIGN_OR_RETURN(effects.record, AdvanceProgress(tx, p_.guard, &log));
  effects.grown = round.round_id;
  return Render(tx, round);
}

absl::StatusOr<v1::Election> BallotsApi::BringForwardClose(
    const rpc::Call& call, const v1::BringForwardCloseRequest& request) {
  ASSIGN_OR_RETURN(const RoundId id, ParseId<RoundId>(request.round_id(), "round_id"));
  const auto bring = [&](pg::Tx& tx, Effects& effects) -> absl::StatusOr<v1::Election> {
    ASSIGN_OR_RETURN(Round round, GetRound(tx, id, Lock::kUpdate));
    RETURN_IF_ERROR(call.MayActIn(round.municipality_id, round.district_id));
    ASSIGN_OR_RETURN(const Manifest manifest, DecodeManifest(round.manifest));
    if (!manifest.demonstration) return NotADemonstration();
    RETURN_IF_ERROR(MustBe(round, {RoundState::kPublished}));
    ASSIGN_OR_RETURN(std::vector<SubjectId> officials, GetApprovals(tx, id, Matter::kBringForward));
    RETURN_IF_ERROR(MustBeAnother(officials, call.caller.subject));
    if (officials.size() >= 2) return Render(tx, round);  // It has been brought forward.
    RETURN_IF_ERROR(AddApproval(tx, id, Matter::kBringForward, 0, officials, call.caller.subject));
    officials.push_back(call.caller.subject);
    if (officials.size() < 2) return Render(tx, round);
    // After the lock, which waits for every batch that still judged by the old instant.
    ASSIGN_OR_RETURN(const absl::Time now, pg::Now(tx));
    round.cast_until = std::min(round.cast_until, now);
    RETURN_IF_ERROR(SetCastUntil(tx, id, round.cast_until));
    RETURN_IF_ERROR(Grow(tx, id, {BroughtForwardEvent(id, round.cast_until, officials)}, effects));
    return Render(tx, round);
  };
  return Write<v1::Election>(call, "BringForwardClose", request, bring);
}

absl::StatusOr<v1::Election> BallotsApi::CloseElection(const rpc::Call& call,
                                                       const v1::CloseElectionRequest& request) {
  ASSIGN_OR_RETURN(const RoundId id, ParseId<RoundId>(request.round_id(), "round_id"));
  const auto close = [&](pg::Tx& tx, Effects& effects) -> absl::StatusOr<v1::Election> {
    // Waits for every batch that was let in before the close; none is let in while it is held.
    ASSIGN_OR_RETURN(Round round, GetRound(tx, id, Lock::kUpdate));
    RETURN_IF_ERROR(MustBe(round, {RoundState::kPublished}));
    ASSIGN_OR_RETURN(const absl::Time now, pg::Now(tx));
    if (now < round.cast_until) return StillOpen(TimeText(round.cast_until));
    ASSIGN_OR_RETURN(std::optional<Log> log, LockLog(tx, id, /*skip_locked=*/false));
    if (!log) return absl::InternalError("an approved round has no log");
    ASSIGN_OR_RETURN(std::vector<std::string> leaves, TakePending(tx, id, /*keys_min=*/0));
    ASSIGN_OR_RETURN(const int64_t logged, CountBallots(tx, id));
    leaves.push_back(ClosedEvent(id, logged + static_cast<int64_t>(leaves.size())));
    RETURN_IF_ERROR(Append(tx, *log, leaves));
    CrashPoint("close.flushed");
    round.state = RoundState::kClosed;
    RETURN_IF_ERROR(SetState(tx, id, round.state));
    ASSIGN_OR_RETURN(effects.record, AdvanceProgress(tx, p_.guard, &*log));
    effects.grown = id;
    effects.flushed = true;
    return Render(tx, round);
  };
  return Write<v1::Election>(call, "CloseElection", request, close);
}

}  // namespace smederij::ballots
