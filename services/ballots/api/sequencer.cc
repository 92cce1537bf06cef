#include "services/ballots/api/sequencer.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "common/base/crash_point.h"
#include "common/crypto/note.h"
#include "services/ballots/storage/log_store.h"
#include "services/ballots/storage/round_store.h"

namespace smederij::ballots {
namespace {

constexpr absl::Duration kTurn = absl::Seconds(30);

pg::TxOptions Soon() { return {.deadline = absl::Now() + kTurn}; }

}  // namespace

absl::Status Sequencer::Sequence(RoundId id) {
  using Appended = std::optional<pg::GuardRecord>;
  const auto append = [&](pg::Tx& tx) -> absl::StatusOr<Appended> {
    ASSIGN_OR_RETURN(const Round round, GetRound(tx, id, Lock::kNone));
    ASSIGN_OR_RETURN(std::optional<Log> log, LockLog(tx, id, /*skip_locked=*/true));
    if (!log) return Appended();
    ASSIGN_OR_RETURN(const std::vector<std::string> leaves, TakePending(tx, id, round.batch_min));
    if (leaves.empty()) return Appended();
    RETURN_IF_ERROR(Append(tx, *log, leaves));
    CrashPoint("sequence.appended");
    ASSIGN_OR_RETURN(const pg::GuardRecord record, AdvanceProgress(tx, guard_, &*log));
    return Appended(record);
  };
  ASSIGN_OR_RETURN(const Appended appended, pg::Transact(pool_, Soon(), append));
  if (!appended) return absl::OkStatus();
  CrashPoint("sequence.committed");
  if (guard_ != nullptr) RETURN_IF_ERROR(guard_->Advance(*appended));
  if (on_sequenced_) on_sequenced_();
  return absl::OkStatus();
}

absl::Status Sequencer::SignHead(RoundId id) {
  const auto read = [&](pg::Tx& tx) { return GetHead(tx, id); };
  ASSIGN_OR_RETURN(const std::optional<LogHead> head, pg::Transact(pool_, Soon(), read));
  if (!head) return absl::OkStatus();
  const crypto::NoteSigner signer = signers_.Checkpoints(id);
  const std::string note = signer.Sign(
      crypto::ToText({.origin = signer.name(), .size = head->size, .root = head->root}));
  CrashPoint("sequence.signed");
  const auto store = [&](pg::Tx& tx) { return PutCheckpoint(tx, id, head->size, note); };
  return pg::Transact(pool_, Soon(), store);
}

absl::Status Sequencer::RunOnce() {
  using Rounds = std::vector<RoundId>;
  absl::Status first;  // One round's fault does not hold up the others.
  const auto pending = [](pg::Tx& tx) { return GetRoundsPending(tx); };
  ASSIGN_OR_RETURN(const Rounds waiting, pg::Transact(pool_, Soon(), pending));
  for (const RoundId& id : waiting) first.Update(Sequence(id));

  const auto heads = [](pg::Tx& tx) { return GetUnsigned(tx); };
  ASSIGN_OR_RETURN(const Rounds heads_unsigned, pg::Transact(pool_, Soon(), heads));
  for (const RoundId& id : heads_unsigned) first.Update(SignHead(id));

  const auto certified = [](pg::Tx& tx) { return GetUnscrambled(tx); };
  ASSIGN_OR_RETURN(const Rounds in_order, pg::Transact(pool_, Soon(), certified));
  for (const RoundId& id : in_order) {
    const auto scramble = [&](pg::Tx& tx) { return Scramble(tx, id); };
    first.Update(pg::Transact(pool_, Soon(), scramble));
  }
  return first;
}

}  // namespace smederij::ballots
