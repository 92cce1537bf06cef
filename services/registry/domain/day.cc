#include "services/registry/domain/day.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"

namespace smederij::registry {

std::optional<absl::CivilDay> ParseDay(absl::string_view text) {
  constexpr int kYearMin = 1850, kYearMax = 2200;
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto number = [text](size_t at, size_t length) {
    int value = -1;
    const absl::string_view digits = text.substr(at, length);
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (!std::all_of(digits.begin(), digits.end(), is_digit)) return -1;
    return absl::SimpleAtoi(digits, &value) ? value : -1;
  };
  const int year = number(0, 4), month = number(5, 2), day = number(8, 2);
  if (year < kYearMin || year > kYearMax) return std::nullopt;
  const absl::CivilDay parsed(year, month, day);
  // A civil day normalises what does not exist: 30 February would read as 2 March.
  if (parsed.month() != month || parsed.day() != day) return std::nullopt;
  return parsed;
}

std::string ToText(absl::CivilDay day) {
  return absl::StrFormat("%04d-%02d-%02d", day.year(), day.month(), day.day());
}

std::optional<int> AgeOn(absl::CivilDay birth, absl::CivilDay day) {
  if (birth > day) return std::nullopt;
  const bool before_birthday =
      std::pair(day.month(), day.day()) < std::pair(birth.month(), birth.day());
  return static_cast<int>(day.year() - birth.year()) - (before_birthday ? 1 : 0);
}

}  // namespace smederij::registry
