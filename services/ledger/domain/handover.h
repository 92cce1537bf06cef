#pragma once

#include <cstdint>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/id.h"
#include "services/ledger/domain/books_command.h"

namespace smederij::ledger {

// What a handover comes to.
struct HandoverAmounts {
  Money carried;   // To next year's budget,
  Money returned;  // or back to the sources.

  bool operator==(const HandoverAmounts&) const = default;
};

// Money that somebody wants to leave a budget.
struct Handover {
  enum class State : int16_t { kProposed = 1, kAccepted = 2, kRefused = 3 };

  BudgetId budget;  // That it leaves.
  HandoverId id;
  HandedOver what;
  std::optional<absl::CivilDay> effective = {};  // Of what goes back to its sources.
  HandoverAmounts amounts;                       // As it was proposed, and so as it was done.
  SubjectId proposed_by;
  absl::Time proposed_at;
  State state = State::kProposed;
  SubjectId decided_by;  // Nil while it waits.
  // The entries of this budget that moved it; 0 unless it was accepted, and moved something.
  int64_t first_seq = 0, last_seq = 0;
};

// The budget that the money leaves.
inline BudgetId LeftBy(const HandedOver& what) {
  const auto* const carry = std::get_if<CarryOver>(&what);
  return carry != nullptr ? carry->from : std::get<ReturnFunds>(what).budget;
}

// The id follows from the request, as with commitments.
inline HandoverId IdOfHandover(BudgetId budget, RequestId request) {
  return HandoverId::Derived(budget, absl::StrCat("handover/", request.ToString()));
}

}  // namespace smederij::ledger
