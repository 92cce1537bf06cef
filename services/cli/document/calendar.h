#pragma once

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace smederij::cli {

// The time zone of the town hall's calendar, which the books go by. Refusal: NO_TIME_ZONE, when
// this machine has no data of it. Thread-safe.
absl::StatusOr<absl::TimeZone> Amsterdam();

}  // namespace smederij::cli
