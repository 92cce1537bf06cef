#include "services/cli/document/calendar.h"

#include "common/base/error.h"

namespace smederij::cli {

absl::StatusOr<absl::TimeZone> Amsterdam() {
  absl::TimeZone zone;
  if (absl::LoadTimeZone("Europe/Amsterdam", &zone)) return zone;
  return Error(kFailedPrecondition, "NO_TIME_ZONE",
               "this computer does not know the time zone Europe/Amsterdam");
}

}  // namespace smederij::cli
