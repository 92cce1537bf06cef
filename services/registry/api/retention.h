#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/pg/pool.h"
#include "services/registry/domain/ids.h"

namespace smederij::registry {

// Ends the retention of a closed round: nobody can find out any more who could vote and who fetched
// a credential. Everything published stays. `owner` connects as the owner role. Gives how many
// voters were forgotten; none the second time. Refusals, first that applies: ROLL_NOT_FOUND,
// ROLL_NOT_CLOSED.
absl::StatusOr<int64_t> ForgetRound(pg::Pool& owner, RoundId round, absl::Time deadline);

}  // namespace smederij::registry
