#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/pg/transact.h"

namespace smederij::pg {

// clock_timestamp(): the database's clock at this very moment, which is what decides a phase. Not
// now(), which stands still at the transaction's start and may lie before a lock was waited for.
absl::StatusOr<absl::Time> Now(Tx& tx);

// What a service asks before it serves. Refusal: CLOCKS_DISAGREE when the host's clock and the
// database's are more than two seconds apart.
absl::Status CheckClock(Pool& pool, absl::Time deadline);

// What a service asks whose days are those of `zone`, "Europe/Amsterdam". Refusal: NO_TIME_ZONE
// when the database does not know it.
absl::Status CheckTimeZone(Pool& pool, absl::string_view zone, absl::Time deadline);

}  // namespace smederij::pg
