#include "services/cli/bank/bank_day.h"

#include <cstddef>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"

namespace smederij::cli {
namespace {

constexpr size_t kDaySize = 10;      // "2026-11-24"
constexpr int kOffsetHoursMax = 14;  // As XML Schema has it.

bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }

// Takes two digits, 0 to `max`, from the front of `text`.
std::optional<int> TakeTwo(absl::string_view& text, int max) {
  int number = 0;
  if (text.size() < 2 || !IsDigit(text[0]) || !IsDigit(text[1]) ||
      !absl::SimpleAtoi(text.substr(0, 2), &number) || number > max) {
    return std::nullopt;
  }
  text.remove_prefix(2);
  return number;
}

// Takes "2026-11-24"; none, and nothing taken, when that is no day there is.
std::optional<absl::CivilDay> TakeDay(absl::string_view& text) {
  const absl::string_view digits = text.substr(0, kDaySize);
  absl::CivilDay day;
  if (!absl::ParseCivilTime(digits, &day) || absl::FormatCivilTime(day) != digits) {
    return std::nullopt;
  }
  text.remove_prefix(kDaySize);
  return day;
}

// Takes "Z", "+01:00" or "-00:30"; none when there is something else.
std::optional<absl::TimeZone> TakeOffset(absl::string_view& text) {
  if (absl::ConsumePrefix(&text, "Z")) return absl::UTCTimeZone();
  const bool west = absl::StartsWith(text, "-");
  if (!absl::ConsumePrefix(&text, "+") && !absl::ConsumePrefix(&text, "-")) return std::nullopt;
  const std::optional<int> hours = TakeTwo(text, kOffsetHoursMax);
  if (!hours || !absl::ConsumePrefix(&text, ":")) return std::nullopt;
  const std::optional<int> minutes = TakeTwo(text, *hours == kOffsetHoursMax ? 0 : 59);
  if (!minutes) return std::nullopt;
  const int seconds = (*hours * 60 + *minutes) * 60;
  return absl::FixedTimeZone(west ? -seconds : seconds);
}

}  // namespace

std::optional<absl::CivilDay> ParseIsoDate(absl::string_view text) {
  const std::optional<absl::CivilDay> day = TakeDay(text);
  if (text.empty()) return day;
  return TakeOffset(text) && text.empty() ? day : std::nullopt;
}

std::optional<absl::CivilDay> ParseIsoDateTime(absl::string_view text, absl::TimeZone zone) {
  const std::optional<absl::CivilDay> day = TakeDay(text);
  if (!day) return std::nullopt;
  if (!absl::ConsumePrefix(&text, "T")) return std::nullopt;
  const std::optional<int> hour = TakeTwo(text, 24);
  if (!hour || !absl::ConsumePrefix(&text, ":")) return std::nullopt;
  const std::optional<int> minute = TakeTwo(text, 59);
  if (!minute || !absl::ConsumePrefix(&text, ":")) return std::nullopt;
  const std::optional<int> second = TakeTwo(text, 59);
  if (!second) return std::nullopt;
  bool whole = true;  // No part of a second but zero.
  if (absl::ConsumePrefix(&text, ".")) {
    if (text.empty() || !IsDigit(text[0])) return std::nullopt;
    for (; !text.empty() && IsDigit(text[0]); text.remove_prefix(1)) whole &= text[0] == '0';
  }
  if (*hour == 24 && (*minute != 0 || *second != 0 || !whole)) return std::nullopt;
  const absl::CivilSecond local(day->year(), day->month(), day->day(), *hour, *minute, *second);
  if (text.empty()) return absl::CivilDay(local);
  const std::optional<absl::TimeZone> offset = TakeOffset(text);
  if (!offset || !text.empty()) return std::nullopt;
  return absl::ToCivilDay(absl::FromCivil(local, *offset), zone);
}

}  // namespace smederij::cli
