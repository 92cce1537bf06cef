#pragma once

#include <cstdint>
#include <string>

#include "services/ledger/domain/closing.h"
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

struct ProposeClosing {
  BudgetId budget;
  int16_t period_no = 0;  // 1 … 12
  int64_t expected_seq = 0;
  Hash trial_hash{};
};

struct DecideClosing {
  BudgetId budget;
  ClosingId closing;
  bool accept = false;
  Hash trial_hash{};  // What was signed; of no meaning when it is refused.
};

}  // namespace smederij::ledger
