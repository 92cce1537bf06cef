#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"

namespace smederij::registry {

// "2009-05-17" and nothing else: 30 February, 2009-5-17 and years before 1850 are no days.
std::optional<absl::CivilDay> ParseDay(absl::string_view text);
std::string ToText(absl::CivilDay day);

// Whole years lived on `day`; nullopt when not born yet. Who was born on 29 February has a birthday
// on 1 March in other years.
std::optional<int> AgeOn(absl::CivilDay birth, absl::CivilDay day);

}  // namespace smederij::registry
