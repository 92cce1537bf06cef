#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/pg/transact.h"

namespace smederij::pg {

// clock_timestamp(): the database's clock at this very moment, which is what decides a phase. Not
// now(), which stands still at the transaction's start and may lie before a lock was waited for.
absl::StatusOr<absl::Time> Now(Tx& tx);

// What a service asks before it serves. Refusal: CLOCKS_DISAGREE when the host's clock and the
// database's are more than two seconds apart.
absl::Status CheckClock(Pool& pool, absl::Time deadline);

}  // namespace smederij::pg
