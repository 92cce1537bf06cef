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

// Walks the books of every budget and gives each finding to `found`; may run while the service
// posts.
absl::StatusOr<Verified> Verify(pg::Pool& pool, const std::function<void(const Finding&)>& found);

}  // namespace smederij::ledger
