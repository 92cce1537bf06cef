#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/base/id.h"
#include "services/ledger/domain/entry.h"

namespace smederij::ledger {

using ClosingId = Id<struct ClosingTag>;

enum class PeriodState : int16_t {
  kOpen = 1,     // Takes entries.
  kClosing = 2,  // Waits for a second person; takes none.
  kClosed = 3,   // Takes none, ever.
};

// Of a new budget.
inline std::array<PeriodState, 12> AllOpen() {
  std::array<PeriodState, 12> periods;
  periods.fill(PeriodState::kOpen);
  return periods;
}

// A period's end, as two people sign it.
struct Closing {
  enum class State : int16_t { kProposed = 1, kAccepted = 2, kRefused = 3 };

  BudgetId budget;
  ClosingId id;
  int16_t period_no = 0;
  int64_t seq = 0;    // The newest entry when it was proposed,
  Hash trial_hash{};  // and the trial balance after it.
  SubjectId proposed_by;
  absl::Time proposed_at;
  State state = State::kProposed;
  SubjectId decided_by;     // Nil while it waits.
  int64_t decided_seq = 0;  // The newest entry when it was decided.
  int64_t entry_seq = 0;    // The entry that closed the period, when it was accepted.
};

// The id follows from the request, as with commitments.
ClosingId IdOfClosing(BudgetId budget, RequestId request);

// A trial balance as one hash: SHA-256 of a fixed layout that the README gives. Accounts by number;
// those that nothing ever moved on do not count.
Hash TrialHash(BudgetId budget, int64_t seq, absl::Span<const Account> accounts);

// What an accepted closing was, as SHA-256 of a layout that the README gives: the record that its
// entry rests on.
Hash RecordOf(const Closing& closing);

// Whether the period took no entries when entry `seq` was posted.
bool Shut(absl::Span<const Closing> closings, int16_t period_no, int64_t seq);

// The period that entry `seq` closed; 0 when it closed none.
int16_t ClosedBy(absl::Span<const Closing> closings, int64_t seq);

// The period that took what was recorded in month `natural` of the year as entry `seq`: that one,
// or the first after it that was not shut; 13 when there was none.
int16_t Taking(absl::Span<const Closing> closings, int16_t natural, int64_t seq);

}  // namespace smederij::ledger
