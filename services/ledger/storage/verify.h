#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/pg/pool.h"
#include "services/ledger/domain/audit.h"

namespace smederij::ledger {

struct Verified {
  int64_t budgets = 0;
  int64_t entries = 0;
  int64_t logged = 0;          // Entries in the log,
  int64_t not_yet_signed = 0;  // of which so many come after the newest signed head;
  int64_t not_yet_logged = 0;  // and entries that are not in it. Both are no findings: see LogTail.
  int64_t findings = 0;
};

struct VerifyOptions {
  // The keys under which the log was ever signed, as published: every checkpoint has to be of one
  // of them, and all entries before one, but for LogTail. None: what signed each is believed.
  std::vector<std::string> log_keys = {};
  // How long to wait for the sequencer, when entries that no signed head covers are late.
  absl::Duration log_patience = absl::ZeroDuration();
  // Only tests give these. Null: the database's clock; and a pause between two looks.
  const Clock* clock = nullptr;
  std::function<void()> pause = {};
};

// Walks the books of every budget and the log of all, and gives each finding to `found`; may run
// while the service posts.
absl::StatusOr<Verified> Verify(pg::Pool& pool, const std::function<void(const Finding&)>& found,
                                const VerifyOptions& options = {});

}  // namespace smederij::ledger
