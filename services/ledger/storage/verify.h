#pragma once

#include <cstdint>
#include <functional>

#include "absl/status/statusor.h"
#include "common/pg/pool.h"
#include "services/ledger/domain/audit.h"

namespace smederij::ledger {

struct Verified {
  int64_t budgets = 0;
  int64_t entries = 0;
  int64_t findings = 0;
};

// Derives the books of every budget again from their entries and compares, each budget in one
// snapshot, so it may run while the service posts. `found` gets each finding as it is made.
absl::StatusOr<Verified> Verify(pg::Pool& pool, const std::function<void(const Finding&)>& found);

}  // namespace smederij::ledger
