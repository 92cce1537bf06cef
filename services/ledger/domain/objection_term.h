#pragma once

#include "absl/time/civil_time.h"

// How long those concerned may object to a grant decision (Awb 6:7), which holds its money up.
namespace smederij::ledger {

// Six weeks.
inline constexpr int kObjectionDays = 42;
inline constexpr int kObjectionDaysMax = 366;

// The first day after the term of a decision that was announced on `decided`: it begins on the day
// after (Awb 6:8), and one that would end on a Saturday or Sunday ends on Monday (Algemene
// termijnenwet 1). Public holidays are not known here. 0 days are no term.
absl::CivilDay DayAfterTerm(absl::CivilDay decided, int objection_days);

}  // namespace smederij::ledger
