#pragma once

#include <cstdint>

#include "services/ledger/domain/entry.h"

namespace smederij::ledger {

// In hundredths of a percent: 230 is 2.3 percent more.
inline constexpr int32_t kRateMin = -10'000, kRateMax = 10'000;

// That a budget took the appropriations of the year before over, which it does once; what the entry
// of it rests on.
struct Indexing {
  BudgetId budget, from;
  int32_t rate = 0;
  int64_t from_seq = 0;  // The newest entry of last year's books then.
  int64_t seq = 0;       // The entry that appropriated.
};
Hash RecordOf(const Indexing& indexing);

}  // namespace smederij::ledger
