#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/pg/pool.h"
#include "services/ledger/domain/audit.h"

namespace smederij::ledger {

struct Verified {
  int64_t budgets = 0;
  int64_t entries = 0;
  int64_t logged = 0;  // Entries in the log.
  int64_t findings = 0;
};

struct VerifyOptions {
  // The key whose checkpoints are published; empty: what signed each is believed.
  std::string log_verifier_key = {};
  const Clock* clock = nullptr;  // Null: the database's. Only tests give one.
};

// Walks the books of every budget and the log of all, and gives each finding to `found`; may run
// while the service posts.
absl::StatusOr<Verified> Verify(pg::Pool& pool, const std::function<void(const Finding&)>& found,
                                const VerifyOptions& options = {});

}  // namespace smederij::ledger
