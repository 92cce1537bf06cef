#pragma once

#include <functional>
#include <optional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/obs/metrics.h"
#include "common/pg/guard.h"
#include "common/pg/pool.h"
#include "services/ledger/storage/log_walk.h"
#include "services/ledger/storage/verification_store.h"
#include "services/ledger/storage/walk.h"

namespace smederij::ledger {

struct VerifierOptions {
  // A budget that changed is walked again after this, one that did not after that.
  absl::Duration changed = absl::Minutes(5);
  absl::Duration unchanged = absl::Hours(1);
  int64_t turn_entries = 100'000;  // How much one turn reads at most, about.
  // The log's end is looked at so often; all of it as often as a budget that did not change.
  absl::Duration log_end = absl::Minutes(1);
};

// Walks the books of every budget, again and again, and freezes those in which it finds something.
// What it comes to is stored, so it goes on where it was after a restart, but for the one budget
// it was in the middle of. Two replicas do the same work twice, and nothing else. One thread.
class Verifier {
 public:
  // References outlive it; `guard` and `log_guard`, the log's own, may be null in tests.
  Verifier(pg::Pool& pool, const pg::Guard* guard, const pg::Guard* log_guard,
           obs::Registry& metrics, VerifierOptions options = {});

  // One turn: at most so much work, then the next one goes on from there.
  absl::Status RunOnce();

 private:
  absl::Status CheckLedger();
  absl::Status CheckLog();
  absl::Status Walks();
  absl::StatusOr<bool> PickNext();
  absl::Status Finish();
  absl::Status Tell();

  pg::Pool& pool_;
  const pg::Guard* const guard_;
  const pg::Guard* const log_guard_;
  const VerifierOptions options_;
  std::optional<Walk> walk_;  // Under way.
  LogWalk log_walk_;
  absl::Time records_counted_ = absl::InfinitePast();
  absl::Time log_begun_ = absl::InfinitePast(), log_ended_ = absl::InfinitePast();
  obs::Counter entries_;
  obs::Gauge frozen_, unverified_;
};

}  // namespace smederij::ledger
