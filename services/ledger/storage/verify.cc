#include "services/ledger/storage/verify.h"

#include "common/pg/now.h"
#include "common/pg/transact.h"
#include "services/ledger/storage/log_store.h"
#include "services/ledger/storage/log_walk.h"
#include "services/ledger/storage/statement_store.h"
#include "services/ledger/storage/verification_store.h"
#include "services/ledger/storage/walk.h"

namespace smederij::ledger {
namespace {

constexpr int64_t kPage = 1'000, kStep = 200'000;
constexpr pg::TxOptions kSnapshot{.deadline = absl::InfiniteFuture(),
                                  .isolation = pg::Isolation::kRepeatableRead,
                                  .read_only = true};

// The log from its first entry to its last; gives how many there are.
absl::StatusOr<int64_t> VerifyLog(pg::Pool& pool, const VerifyOptions& options,
                                  const std::function<void(const Finding&)>& tell) {
  LogWitness witness;
  if (options.clock != nullptr) {
    witness.now = options.clock->Now();
  } else {
    ASSIGN_OR_RETURN(witness.now, pg::Transact(pool, kSnapshot, pg::Now));
  }
  LogWalk walk;
  for (bool done = false; !done;) {
    ASSIGN_OR_RETURN(done, walk.Step(pool, absl::InfiniteFuture(), kStep, witness));
  }
  for (const Finding& finding : walk.findings()) tell(finding);
  if (!options.log_verifier_key.empty() && walk.size() > 0) {
    const auto read = [&](pg::Tx& tx) { return GetCheckpoint(tx, options.log_verifier_key); };
    ASSIGN_OR_RETURN(const auto checkpoint, pg::Transact(pool, kSnapshot, read));
    if (!checkpoint) {
      tell({.budget = {}, .seq = 0, .what = "no checkpoint of the log is signed by this key"});
    }
  }
  return static_cast<int64_t>(walk.size());
}

}  // namespace

absl::StatusOr<Verified> Verify(pg::Pool& pool, const std::function<void(const Finding&)>& found,
                                const VerifyOptions& options) {
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
  ASSIGN_OR_RETURN(verified.logged, VerifyLog(pool, options, tell));
  ASSIGN_OR_RETURN(const std::string wrong, pg::Transact(pool, kSnapshot, CheckRecords));
  if (!wrong.empty()) tell({.budget = {}, .seq = 0, .what = wrong});
  return verified;
}

}  // namespace smederij::ledger
