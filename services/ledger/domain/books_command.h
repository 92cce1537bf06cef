#pragma once

#include <cstdint>
#include <string>

#include "services/ledger/domain/entry.h"
#include "services/ledger/domain/reversal.h"

// What may be asked of the books themselves; shapes are checked, as in command.h.
namespace smederij::ledger {

struct ProposeReversal {
  BudgetId budget;
  int64_t seq = 0;
  std::string reason;
};

struct DecideReversal {
  BudgetId budget;
  ReversalId reversal;
  bool accept = false;
  Money limit = {};  // What the caller may decide about.
};

}  // namespace smederij::ledger
