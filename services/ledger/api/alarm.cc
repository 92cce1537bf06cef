#include "services/ledger/api/alarm.h"

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/obs/log.h"
#include "common/pg/transact.h"
#include "services/ledger/storage/verification_store.h"

namespace smederij::ledger {
namespace {

constexpr absl::Duration kStoringMax = absl::Seconds(30);

}  // namespace

void LogFinding(const Finding& finding) {
  obs::Log(
      obs::Level::kError, "finding",
      {{"budget_id", finding.budget.ToString()}, {"seq", finding.seq}, {"what", finding.what}});
}

absl::Status RaiseAlarm(pg::Pool& pool, const std::vector<Finding>& findings) {
  const auto store = [&](pg::Tx& tx) { return StoreFindings(tx, findings); };
  ASSIGN_OR_RETURN(const int64_t added,
                   pg::Transact(pool, {.deadline = absl::Now() + kStoringMax}, store));
  if (added == 0) return absl::OkStatus();
  for (const Finding& finding : findings) LogFinding(finding);
  return absl::OkStatus();
}

}  // namespace smederij::ledger
