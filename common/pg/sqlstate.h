#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace smederij::pg {

// The status of a failed statement, from one table of SQLSTATEs:
//   40001, 40P01                ABORTED, wants a rerun
//   23505                       ALREADY_EXISTS           other 23…: FAILED_PRECONDITION
//   57014                       DEADLINE_EXCEEDED        (statement_timeout)
//   08…, 53…, 57P…, 25006       UNAVAILABLE, with reason DATABASE_UNAVAILABLE
//   the rest                    INTERNAL
// A 23… carries the constraint's name and no reason: the store that owns the constraint turns it
// into a refusal, and one that nobody claims has no reason, which the router answers as INTERNAL.
absl::Status SqlError(absl::string_view sqlstate, absl::string_view constraint,
                      absl::string_view message);

// True when the statement failed on this constraint.
bool Violates(const absl::Status& status, absl::string_view constraint);
std::string ConstraintOf(const absl::Status& status);  // Empty when none.
std::string SqlStateOf(const absl::Status& status);    // Empty when not from a statement.

// Returned by a transaction's body that lost a race and wants to run again from its start. `why`
// becomes a metric label: a constant.
absl::Status Rerun(absl::string_view why);
bool WantsRerun(const absl::Status& status);
std::string RerunReason(const absl::Status& status);

// UNAVAILABLE DATABASE_UNAVAILABLE: nothing was committed; the call may be made again.
absl::Status DatabaseUnavailable(absl::string_view why);
// UNAVAILABLE OUTCOME_UNKNOWN: the connection was lost inside COMMIT, or what must follow a commit
// before it may be answered failed. Whether it took place only a retry with the same request_id
// tells.
absl::Status OutcomeUnknown(absl::string_view why);
bool IsOutcomeUnknown(const absl::Status& status);

}  // namespace smederij::pg
