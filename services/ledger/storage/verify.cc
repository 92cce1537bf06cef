#include "services/ledger/storage/verify.h"

#include "absl/time/clock.h"
#include "common/pg/now.h"
#include "common/pg/transact.h"
#include "services/ledger/storage/log_walk.h"
#include "services/ledger/storage/statement_store.h"
#include "services/ledger/storage/verification_store.h"
#include "services/ledger/storage/walk.h"

namespace smederij::ledger {
namespace {

constexpr int64_t kPage = 1'000, kStep = 200'000;
constexpr absl::Duration kLookAgain = absl::Milliseconds(500);
constexpr pg::TxOptions kSnapshot{.deadline = absl::InfiniteFuture(),
                                  .isolation = pg::Isolation::kRepeatableRead,
                                  .read_only = true};

// Reads the log on to its end.
absl::Status ReadLog(pg::Pool& pool, const VerifyOptions& options, LogWalk& walk) {
  LogWitness witness{.keys = options.log_keys};
  if (options.clock != nullptr) {
    witness.now = options.clock->Now();
  } else {
    ASSIGN_OR_RETURN(witness.now, pg::Transact(pool, kSnapshot, pg::Now));
  }
  for (bool done = false; !done;) {
    ASSIGN_OR_RETURN(done, walk.Step(pool, absl::InfiniteFuture(), kStep, witness));
  }
  return absl::OkStatus();
}

absl::Status VerifyLog(pg::Pool& pool, const VerifyOptions& options,
                       const std::function<void(const Finding&)>& tell, Verified& verified) {
  LogWalk walk;
  RETURN_IF_ERROR(ReadLog(pool, options, walk));
  const LogTail first = walk.tail();
  const absl::Time until = absl::Now() + options.log_patience;
  bool shrinks = false;
  while (walk.findings().empty() && !walk.tail().late.empty() && !shrinks && absl::Now() < until) {
    if (options.pause) {
      options.pause();
    } else {
      absl::SleepFor(kLookAgain);
    }
    RETURN_IF_ERROR(ReadLog(pool, options, walk));
    shrinks = walk.tail().ShrinksSince(first);
  }
  for (const Finding& finding : walk.findings()) tell(finding);
  if (!shrinks) {
    for (const Finding& finding : walk.tail().late) tell(finding);
  }
  verified.logged = static_cast<int64_t>(walk.size());
  verified.not_yet_signed = walk.tail().logged_unsigned;
  verified.not_yet_logged = walk.tail().unlogged;
  return absl::OkStatus();
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
  RETURN_IF_ERROR(VerifyLog(pool, options, tell, verified));
  ASSIGN_OR_RETURN(const std::string wrong, pg::Transact(pool, kSnapshot, CheckRecords));
  if (!wrong.empty()) tell({.budget = {}, .seq = 0, .what = wrong});
  return verified;
}

}  // namespace smederij::ledger
