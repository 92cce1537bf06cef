#include "services/ledger/api/verifier.h"

#include <string>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/pg/transact.h"
#include "services/ledger/api/alarm.h"

namespace smederij::ledger {
namespace {

constexpr absl::Duration kTurnMax = absl::Seconds(30);
constexpr int kWalksMax = 100;  // Small budgets: many to a turn.

pg::TxOptions Soon() { return {.deadline = absl::Now() + kTurnMax}; }

}  // namespace

Verifier::Verifier(pg::Pool& pool, const pg::Guard* guard, const pg::Guard* log_guard,
                   obs::Registry& metrics, VerifierOptions options)
    : pool_(pool),
      guard_(guard),
      log_guard_(log_guard),
      options_(options),
      entries_(metrics.AddCounter("smederij_ledger_verified_entries_total",
                                  "Entries that the verifier has derived again.")),
      frozen_(metrics.AddGauge("smederij_ledger_frozen_budgets",
                               "Budgets that take no entries because of a finding.")),
      unverified_(metrics.AddGauge("smederij_ledger_unverified_seconds",
                                   "Since the verification of the budget that waits longest.")) {}

absl::Status Verifier::RunOnce() {
  // Whatever keeps these from being checked, the walks go on.
  absl::Status checked = CheckLedger();
  checked.Update(CheckLog());
  RETURN_IF_ERROR(Walks());
  return checked;
}

absl::Status Verifier::Walks() {
  int64_t left = options_.turn_entries;
  for (int walks = 0; walks < kWalksMax && left > 0; ++walks) {
    if (!walk_) {
      ASSIGN_OR_RETURN(const bool found, PickNext());
      if (!found) break;
    }
    const int64_t before = walk_->seq();
    const absl::StatusOr<bool> done = walk_->Step(pool_, absl::Now() + kTurnMax, left);
    if (!done.ok()) {
      walk_.reset();
      return done.status();
    }
    const int64_t read = walk_->seq() - before;
    entries_.Add(static_cast<double>(read));
    left -= read;
    if (!*done) break;
    const absl::Status finished = Finish();
    walk_.reset();
    RETURN_IF_ERROR(finished);
  }
  return Tell();
}

absl::StatusOr<bool> Verifier::PickNext() {
  const auto pick = [&](pg::Tx& tx) {
    return NextToVerify(tx, options_.changed, options_.unchanged);
  };
  ASSIGN_OR_RETURN(const std::optional<BudgetId> next, pg::Transact(pool_, Soon(), pick));
  if (next) walk_.emplace(*next);
  return next.has_value();
}

absl::Status Verifier::Finish() {
  const auto store = [&](pg::Tx& tx) {
    return StoreWalk(tx, walk_->budget(), walk_->begun_at(), walk_->seq(), walk_->findings());
  };
  ASSIGN_OR_RETURN(const int64_t added, pg::Transact(pool_, Soon(), store));
  if (added == 0) return absl::OkStatus();
  for (const Finding& finding : walk_->findings()) LogFinding(finding);
  return absl::OkStatus();
}

// What no budget's own books can show. Counting all records takes long, so rarely.
absl::Status Verifier::CheckLedger() {
  const pg::GuardRecord known = guard_ == nullptr ? pg::GuardRecord() : guard_->last();
  const bool count = absl::Now() - records_counted_ >= options_.unchanged;
  const auto check = [&](pg::Tx& tx) -> absl::StatusOr<std::string> {
    if (guard_ != nullptr) {
      ASSIGN_OR_RETURN(std::string wrong, CheckGuard(tx, known));
      if (!wrong.empty()) return wrong;
    }
    return count ? CheckRecords(tx) : std::string();
  };
  ASSIGN_OR_RETURN(const std::string wrong, pg::Transact(pool_, Soon(), check));
  if (count) records_counted_ = absl::Now();
  if (wrong.empty()) return absl::OkStatus();
  return RaiseAlarm(pool_, {{.budget = {}, .seq = 0, .what = wrong}});
}

// Goes on where it was; from the first leaf again when it has been long, or something was found.
absl::Status Verifier::CheckLog() {
  const absl::Time now = absl::Now();
  if (now - log_ended_ < options_.log_end) return absl::OkStatus();
  if (now - log_begun_ >= options_.unchanged) {
    log_walk_.Restart();
    log_begun_ = now;
  }
  LogWitness witness;
  if (log_guard_ != nullptr) witness.guard = log_guard_->last();
  ASSIGN_OR_RETURN(const bool done,
                   log_walk_.Step(pool_, now + kTurnMax, options_.turn_entries, witness));
  if (!done) return absl::OkStatus();
  log_ended_ = now;
  if (log_walk_.findings().empty()) return absl::OkStatus();
  log_begun_ = absl::InfinitePast();
  return RaiseAlarm(pool_, log_walk_.findings());
}

absl::Status Verifier::Tell() {
  ASSIGN_OR_RETURN(const Soundness soundness, pg::Transact(pool_, Soon(), GetSoundness));
  frozen_.Set(static_cast<double>(soundness.frozen_budgets));
  unverified_.Set(static_cast<double>(soundness.unverified_seconds));
  return absl::OkStatus();
}

}  // namespace smederij::ledger
