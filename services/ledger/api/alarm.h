#pragma once

#include <vector>

#include "absl/status/status.h"
#include "common/pg/pool.h"
#include "services/ledger/domain/audit.h"

// What is done about a finding, whoever found it.
namespace smederij::ledger {

// One line, {"event":"finding",…}.
void LogFinding(const Finding& finding);

// Stores them, which freezes the budgets that they are about, or all; and logs them, when one at
// least is new.
absl::Status RaiseAlarm(pg::Pool& pool, const std::vector<Finding>& findings);

}  // namespace smederij::ledger
