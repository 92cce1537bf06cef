#pragma once

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/id.h"
#include "common/pg/pool.h"

namespace smederij::ledger {

// Whose a budget is.
struct Place {
  MunicipalityId municipality;
  DistrictId district;
};

// Knows whose every budget is: that never changes, so it is remembered. Thread-safe; the pool
// outlives it.
class Places {
 public:
  explicit Places(pg::Pool& pool) : pool_(pool) {}

  // Refusal: BUDGET_NOT_FOUND.
  absl::StatusOr<Place> Of(BudgetId budget, absl::Time deadline);

 private:
  pg::Pool& pool_;
  absl::Mutex mutex_;
  absl::flat_hash_map<BudgetId, Place> known_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace smederij::ledger
