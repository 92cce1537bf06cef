#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

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

// Money that leaves a budget is handed over: to next year's, or back to its sources.
struct CarryOver {
  // What becomes of what no plan has; only when the budget goes over as a whole.
  enum class Rest { kCarry = 1, kLapse = 2 };

  BudgetId from, to;
  std::vector<PlanId> plans;  // Those that go over,
  bool whole = false;         // or all of them, and the rest.
  Rest rest = Rest::kCarry;
  std::string decision_ref;
};

struct ReturnFunds {
  BudgetId budget;
  std::string decision_ref;
  bool unmet = false;  // Before the deadline: the decision says that it cannot be met any more.
};

using HandedOver = std::variant<CarryOver, ReturnFunds>;
using HandoverId = Id<struct HandoverTag>;

struct ProposeHandover {
  HandedOver what;
};

struct DecideHandover {
  BudgetId budget;
  HandoverId handover;
  bool accept = false;
  Money limit = {};  // What the caller may decide about.
  // What was proposed, so that its books can be read beforehand: that never changes. None when
  // there was no such handover.
  std::optional<HandedOver> what = {};
};

struct CloseBudget {
  BudgetId budget;
};

struct IndexAppropriations {
  BudgetId budget, from;  // Of the new year, and of the one before.
  int32_t rate = 0;       // Hundredths of a percent, kRateMin … kRateMax.
  std::string decision_ref;
  Money limit = {};  // What the caller may decide about.
};

}  // namespace smederij::ledger
