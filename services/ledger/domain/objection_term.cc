#include "services/ledger/domain/objection_term.h"

namespace smederij::ledger {

absl::CivilDay DayAfterTerm(absl::CivilDay decided, int objection_days) {
  if (objection_days == 0) return decided;
  absl::CivilDay last = decided + objection_days;
  while (absl::GetWeekday(last) == absl::Weekday::saturday ||
         absl::GetWeekday(last) == absl::Weekday::sunday) {
    ++last;
  }
  return last + 1;
}

}  // namespace smederij::ledger
