#include "services/registry/api/retention.h"

#include "common/base/status_macros.h"
#include "common/pg/transact.h"
#include "services/registry/domain/errors.h"
#include "services/registry/storage/roll_store.h"

namespace smederij::registry {

absl::StatusOr<int64_t> ForgetRound(pg::Pool& owner, RoundId round, absl::Time deadline) {
  const auto forget = [&](pg::Tx& tx) -> absl::StatusOr<int64_t> {
    ASSIGN_OR_RETURN(const Roll roll, GetRoll(tx, round));
    if (roll.state != RollState::kClosed) return RollNotClosed(NameOf(roll.state));
    return ForgetVoters(tx, round);
  };
  return pg::Transact(owner, {.deadline = deadline}, forget);
}

}  // namespace smederij::registry
