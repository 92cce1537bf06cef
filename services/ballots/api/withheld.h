#pragma once

#include <set>

#include "absl/status/statusor.h"
#include "common/pg/transact.h"
#include "services/ballots/domain/election.h"
#include "services/ballots/domain/withheld.h"

namespace smederij::ballots {

// The units of a certified election that are not opened in public.
absl::StatusOr<std::set<Unit>> WithheldOf(pg::Tx& tx, const Round& round);

}  // namespace smederij::ballots
