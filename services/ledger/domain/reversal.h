#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/base/id.h"

namespace smederij::ledger {

using ReversalId = Id<struct ReversalTag>;

// An entry that somebody wants taken back.
struct Reversal {
  enum class State : int16_t { kProposed = 1, kAccepted = 2, kRefused = 3 };

  BudgetId budget;
  ReversalId id;
  int64_t seq = 0;  // The entry to take back.
  std::string reason;
  SubjectId proposed_by;
  absl::Time proposed_at;
  State state = State::kProposed;
  SubjectId decided_by;      // Nil while it waits.
  int64_t reversal_seq = 0;  // The entry that took it back; 0 unless it was accepted.
};

// The id follows from the request, as with commitments.
inline ReversalId IdOfReversal(BudgetId budget, RequestId request) {
  return ReversalId::Derived(budget, absl::StrCat("reversal/", request.ToString()));
}

}  // namespace smederij::ledger
