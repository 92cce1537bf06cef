#include "services/ledger/storage/verify.h"

#include "common/pg/transact.h"
#include "services/ledger/storage/statement_store.h"
#include "services/ledger/storage/verification_store.h"
#include "services/ledger/storage/walk.h"

namespace smederij::ledger {
namespace {

constexpr int64_t kPage = 1'000, kStep = 200'000;
constexpr pg::TxOptions kSnapshot{.deadline = absl::InfiniteFuture(),
                                  .isolation = pg::Isolation::kRepeatableRead,
                                  .read_only = true};

}  // namespace

absl::StatusOr<Verified> Verify(pg::Pool& pool, const std::function<void(const Finding&)>& found) {
  Verified verified;
  const auto tell = [&](const Finding& finding) {
    ++verified.findings;
    found(finding);
  };
  for (BudgetId after;;) {
    const auto list = [&](pg::Tx& tx) { return BudgetIds(tx, after, kPage); };
    ASSIGN_OR_RETURN(const std::vector<BudgetId> ids, pg::Transact(pool, kSnapshot, list));
    if (ids.empty()) break;
    for (const BudgetId id : ids) {
      Walk walk(id);
      for (bool done = false; !done;) {
        ASSIGN_OR_RETURN(done, walk.Step(pool, absl::InfiniteFuture(), kStep));
      }
      ++verified.budgets;
      verified.entries += walk.seq();
      for (const Finding& finding : walk.findings()) tell(finding);
    }
    after = ids.back();
  }
  ASSIGN_OR_RETURN(const std::string wrong, pg::Transact(pool, kSnapshot, CheckRecords));
  if (!wrong.empty()) tell({.budget = {}, .seq = 0, .what = wrong});
  return verified;
}

}  // namespace smederij::ledger
