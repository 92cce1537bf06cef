#include "services/ledger/api/places.h"

#include "common/base/status_macros.h"
#include "common/pg/transact.h"
#include "services/ledger/storage/statement_store.h"

namespace smederij::ledger {
namespace {

constexpr size_t kPlacesMax = 100'000;

}  // namespace

absl::StatusOr<Place> Places::Of(BudgetId budget, absl::Time deadline) {
  {
    absl::ReaderMutexLock lock(&mutex_);
    const auto found = known_.find(budget);
    if (found != known_.end()) return found->second;
  }
  const auto read = [&](pg::Tx& tx) { return GetBudget(tx, budget); };
  ASSIGN_OR_RETURN(const BudgetState state,
                   pg::Transact(pool_, {.deadline = deadline, .read_only = true}, read));
  const Place place{.municipality = state.row.budget.municipality,
                    .district = state.row.budget.district};
  absl::MutexLock lock(&mutex_);
  if (known_.size() >= kPlacesMax) known_.clear();
  known_.insert_or_assign(budget, place);
  return place;
}

}  // namespace smederij::ledger
