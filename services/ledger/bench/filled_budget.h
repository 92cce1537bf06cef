#pragma once

#include <cstdint>

#include "common/base/id.h"
#include "common/testing/pg_database.h"

namespace smederij::ledger {

// Opens a budget of 2026 and fills it with that many entries, by COPY: an appropriation, a pot, and
// awards of a cent; with the request that each was asked by. Dies when it fails.
BudgetId FillBudget(const testing::PgDatabase& database, MunicipalityId municipality,
                    int64_t entries);

}  // namespace smederij::ledger
