#include "services/ledger/api/sequencer.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/crash_point.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/pg/now.h"
#include "common/pg/transact.h"
#include "services/ledger/api/alarm.h"
#include "services/ledger/domain/log_errors.h"
#include "services/ledger/storage/log_walk.h"

namespace smederij::ledger {
namespace {

constexpr absl::Duration kTurnMax = absl::Seconds(30);
constexpr int64_t kAppendMax = 10'000;  // Entries in one transaction.

pg::TxOptions Soon() { return {.deadline = absl::Now() + kTurnMax}; }

absl::StatusOr<absl::Time> NowOf(pg::Tx& tx, const Clock* clock) {
  if (clock != nullptr) return clock->Now();
  return pg::Now(tx);
}

Error LogBehindGuard(const LogHead& head, const pg::GuardRecord& guard) {
  return Error(kUnavailable, "LOG_BEHIND_GUARD",
               "the database has forgotten entries of the log that were signed, or has others")
      .With("size", static_cast<int64_t>(head.size))
      .With("guard_size", guard.size);
}

}  // namespace

crypto::NoteSigner LogSigner(absl::string_view host, const crypto::SigningKey& key) {
  return crypto::NoteSigner(absl::StrCat(host, "/ledger"), key);
}

Sequencer::Sequencer(pg::Pool& pool, pg::Guard* guard, const crypto::NoteSigner& signer,
                     ProofTree& tree, obs::Registry& metrics, const Clock* clock)
    : pool_(pool),
      guard_(guard),
      signer_(signer),
      tree_(tree),
      clock_(clock),
      logged_(metrics.AddGauge("smederij_ledger_logged_entries",
                               "Entries that have their place in the log.")),
      unlogged_(metrics.AddGauge("smederij_ledger_unlogged_seconds",
                                 "Since the entry was recorded that waits longest for its place "
                                 "in the log; 0 when none does.")) {}

absl::Status Sequencer::RunOnce() {
  absl::Status status = Turn();
  status.Update(Tell());  // Above all when the turn failed.
  return status;
}

absl::Status Sequencer::Turn() {
  // Each part of a long turn is signed by itself: whoever looks sees that it goes on.
  for (bool more = true; more;) {
    ASSIGN_OR_RETURN(more, Append());
    RETURN_IF_ERROR(Conclude());
  }
  return absl::OkStatus();
}

// Also when another replica appends: each remembers by itself what was signed.
absl::Status Sequencer::Conclude() {
  ASSIGN_OR_RETURN(const LogHead head, pg::Transact(pool_, Soon(), GetLogHead));
  RETURN_IF_ERROR(Compare(head));
  RETURN_IF_ERROR(FillTree(head));
  if (guard_ != nullptr) RETURN_IF_ERROR(guard_->Advance(RecordOf(head)));
  CrashPoint("log.guarded");
  return Sign(head);
}

// Before it is signed, so that no head is that the entries do not lead to: what stands in
// log_state was computed from what stood there before.
absl::Status Sequencer::FillTree(const LogHead& head) {
  ASSIGN_OR_RETURN(const bool same, tree_.Fill(pool_, head));
  if (same) return absl::OkStatus();
  RETURN_IF_ERROR(RaiseAlarm(pool_, {HeadDiffers(head.size)}));
  return LogDiffers();
}

absl::Status Sequencer::Compare(const LogHead& head) {
  if (guard_ == nullptr) return absl::OkStatus();
  const pg::GuardRecord known = guard_->last(), now = RecordOf(head);
  if (now.size > known.size || now == known) return absl::OkStatus();
  tree_.Distrust();  // Or whoever asks for a proof is told to wait, and waits for ever.
  return LogBehindGuard(head, known);
}

// True when there may be more.
absl::StatusOr<bool> Sequencer::Append() {
  const auto append = [&](pg::Tx& tx) -> absl::StatusOr<bool> {
    ASSIGN_OR_RETURN(std::optional<Log> log, LockLog(tx));
    if (!log) return false;
    // Before it grows: a log that forgot and then grew past what is remembered looks like any.
    RETURN_IF_ERROR(Compare({.size = log->size_before, .root = log->frontier.Root()}));
    // Before looking: what is committed later may be recorded before this, but not by minutes.
    ASSIGN_OR_RETURN(const absl::Time now, NowOf(tx, clock_));
    ASSIGN_OR_RETURN(const std::vector<LogEntry> entries, UnloggedEntries(tx, kAppendMax));
    if (!entries.empty()) {
      RETURN_IF_ERROR(AppendToLog(tx, *log, entries));
      CrashPoint("log.appended");
    }
    if (entries.size() == static_cast<size_t>(kAppendMax)) return true;
    RETURN_IF_ERROR(MarkCaughtUp(tx, now));
    return false;
  };
  return pg::Transact(pool_, Soon(), append);
}

// Of a committed head alone. Ed25519 is deterministic: signing again after a crash gives the same
// note.
absl::Status Sequencer::Sign(const LogHead& head) {
  if (head.size == 0) {
    tree_.Publish({});
    return absl::OkStatus();
  }
  const std::string verifier_key = signer_.VerifierKey();
  const LogCheckpoint checkpoint{
      .size = head.size,
      .note = signer_.Sign(
          crypto::ToText({.origin = signer_.name(), .size = head.size, .root = head.root}))};
  CrashPoint("log.signed");
  const auto store = [&](pg::Tx& tx) { return PutCheckpoint(tx, verifier_key, checkpoint); };
  RETURN_IF_ERROR(pg::Transact(pool_, Soon(), store));
  tree_.Publish(checkpoint);
  return absl::OkStatus();
}

absl::Status Sequencer::Tell() {
  LogHead head;
  const auto read = [&](pg::Tx& tx) -> absl::StatusOr<int64_t> {
    ASSIGN_OR_RETURN(head, GetLogHead(tx));
    ASSIGN_OR_RETURN(const absl::Time now, NowOf(tx, clock_));
    return UnloggedSeconds(tx, now);
  };
  ASSIGN_OR_RETURN(const int64_t seconds, pg::Transact(pool_, Soon(), read));
  logged_.Set(static_cast<double>(head.size));
  unlogged_.Set(static_cast<double>(seconds));
  return absl::OkStatus();
}

}  // namespace smederij::ledger
