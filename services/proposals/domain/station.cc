#include <algorithm>
#include <map>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "services/proposals/domain/errors.h"
#include "services/proposals/domain/mistakes.h"
#include "services/proposals/domain/round.h"
#include "services/proposals/domain/text.h"

namespace smederij::proposals {
namespace {

constexpr uint32_t kNumberMax = 65535;        // Two bytes in every paper batch.
constexpr size_t kStationNameBytesMax = 100;  // In the manifest too.
constexpr size_t kDigits = 4;

// "7901 ab" and "7901" without blanks and in capitals; nullopt when it is neither.
std::optional<std::string> ParsePostcode(absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  if (text.size() < kDigits || text[0] == '0') return std::nullopt;
  const absl::string_view digits = text.substr(0, kDigits);
  const absl::string_view letters = absl::StripLeadingAsciiWhitespace(text.substr(kDigits));
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto is_letter = [](char c) { return absl::ascii_isalpha(static_cast<unsigned char>(c)); };
  if (!std::all_of(digits.begin(), digits.end(), is_digit)) return std::nullopt;
  if (!std::all_of(letters.begin(), letters.end(), is_letter)) return std::nullopt;
  if (!letters.empty() && letters.size() != 2) return std::nullopt;
  return absl::StrCat(digits, absl::AsciiStrToUpper(letters));
}

bool IsName(absl::string_view name) {
  TextCheck check;
  check.Line("name", name, kStationNameBytesMax);
  return check.status().ok() && name.size() <= kStationNameBytesMax;
}

}  // namespace

absl::StatusOr<std::vector<Station>> InOrder(std::vector<Station> stations) {
  Mistakes mistakes;
  mistakes.Unless(stations.size() <= kStationsMax, "stations", "must be at most 200");
  std::map<uint32_t, size_t> numbers;
  std::map<std::string, std::string> postcodes;  // Where each was first.
  for (size_t i = 0; i < stations.size(); ++i) {
    Station& station = stations[i];
    const std::string field = absl::StrCat("stations[", i, "]");
    mistakes.Unless(station.number >= 1 && station.number <= kNumberMax,
                    absl::StrCat(field, ".number"), "must be 1 to 65535");
    const auto number = numbers.emplace(station.number, i);
    mistakes.Unless(number.second, absl::StrCat(field, ".number"),
                    absl::StrCat("is the one of stations[", number.first->second, "]"));
    mistakes.Unless(IsName(station.name), absl::StrCat(field, ".name"),
                    "must be 1 to 100 bytes of plain text");
    mistakes.Unless(station.postcodes.size() <= kStationPostcodesMax,
                    absl::StrCat(field, ".postcodes"), "must be at most 2000");
    for (size_t j = 0; j < station.postcodes.size(); ++j) {
      const std::string here = absl::StrCat(field, ".postcodes[", j, "]");
      const std::optional<std::string> parsed = ParsePostcode(station.postcodes[j]);
      mistakes.Unless(parsed.has_value(), here, "must read 7901 AB or 7901");
      if (!parsed) continue;
      station.postcodes[j] = *parsed;
      const auto first = postcodes.emplace(*parsed, here);
      mistakes.Unless(first.second, here, absl::StrCat("is the one of ", first.first->second));
    }
    std::sort(station.postcodes.begin(), station.postcodes.end());
  }
  RETURN_IF_ERROR(mistakes.Refuse(BadStations()));
  const auto by_number = [](const Station& a, const Station& b) { return a.number < b.number; };
  std::sort(stations.begin(), stations.end(), by_number);
  return stations;
}

}  // namespace smederij::proposals
