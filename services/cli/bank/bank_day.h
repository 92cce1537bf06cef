#pragma once

#include <optional>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

// Days as a bank writes them, on the calendar that the books go by.
namespace smederij::cli {

// An ISODate of ISO 20022, which is a date of XML Schema: "2026-11-24", "2026-11-24Z" or
// "2026-11-24+01:00". The day as written, in whichever zone; none when it is no day there is, or
// the zone is none.
std::optional<absl::CivilDay> ParseIsoDate(absl::string_view text);

// The day in `zone` of an ISODateTime, "2026-11-24T23:59:59.5+01:00" or with Z. One that has no
// offset is local time, so of `zone` already. 24:00:00 is the midnight that ends a day. None when
// it is no time there is.
std::optional<absl::CivilDay> ParseIsoDateTime(absl::string_view text, absl::TimeZone zone);

}  // namespace smederij::cli
