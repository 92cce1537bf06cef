#include "services/ballots/api/writes.h"

namespace smederij::ballots {

absl::Status Writes::Settle(const Effects& effects) {
  if (effects.record && p_.guard != nullptr) {
    const absl::Status status = p_.guard->Advance(*effects.record);
    // Committed, but not allowed to say so: the retry will find it done.
    if (!status.ok()) return pg::OutcomeUnknown(status.message());
  }
  if (effects.flushed) p_.on_sequenced();
  // Without it the sequencer signs on its next turn.
  if (effects.grown && !p_.sequencer.SignHead(*effects.grown).ok()) p_.wake_sequencer();
  return absl::OkStatus();
}

absl::Status Writes::Grow(pg::Tx& tx, RoundId id, const std::vector<std::string>& leaves,
                          Effects& effects) {
  ASSIGN_OR_RETURN(std::optional<Log> log, LockLog(tx, id, /*skip_locked=*/false));
  if (!log) return absl::InternalError("an approved round has no log");
  RETURN_IF_ERROR(Append(tx, *log, leaves));
  ASSIGN_OR_RETURN(effects.record, AdvanceProgress(tx, p_.guard, &*log));
  effects.grown = id;
  return absl::OkStatus();
}

}  // namespace smederij::ballots
