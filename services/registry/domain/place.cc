#include "services/registry/domain/place.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/registry/domain/text.h"

namespace smederij::registry {
namespace {

constexpr size_t kDigits = 4;
constexpr size_t kWholeSize = 6;
constexpr size_t kPostcodesMax = 2000;

}  // namespace

std::optional<std::string> ParsePostcode(absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  if (text.size() < kDigits || text[0] == '0') return std::nullopt;  // There are none below 1000.
  const absl::string_view digits = text.substr(0, kDigits);
  const absl::string_view letters = absl::StripLeadingAsciiWhitespace(text.substr(kDigits));
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto is_letter = [](char c) { return absl::ascii_isalpha(static_cast<unsigned char>(c)); };
  if (!std::all_of(digits.begin(), digits.end(), is_digit)) return std::nullopt;
  if (!std::all_of(letters.begin(), letters.end(), is_letter)) return std::nullopt;
  if (!letters.empty() && letters.size() != kWholeSize - kDigits) return std::nullopt;
  return absl::StrCat(digits, absl::AsciiStrToUpper(letters));
}

bool IsWhole(absl::string_view postcode) { return postcode.size() == kWholeSize; }

absl::Status Normalize(District& district) {
  Mistakes mistakes;
  mistakes.AddIf(!IsSlug(district.slug), "district.slug",
                 "must be 1 to 63 lower case letters, digits and single hyphens");
  mistakes.AddIf(!IsPlainText(district.name, 200), "district.name",
                 "must be 1 to 200 bytes of plain text");
  mistakes.AddIf(district.postcodes.empty(), "district.postcodes", "must be at least one");
  mistakes.AddIf(district.postcodes.size() > kPostcodesMax, "district.postcodes",
                 "must be at most 2000");
  for (size_t i = 0; i < district.postcodes.size(); ++i) {
    const std::optional<std::string> parsed = ParsePostcode(district.postcodes[i]);
    if (parsed) {
      district.postcodes[i] = *parsed;
    } else {
      mistakes.Add(absl::StrCat("district.postcodes[", i, "]"), "must read 7901 AB or 7901");
    }
  }
  std::sort(district.postcodes.begin(), district.postcodes.end());
  const auto twice = std::adjacent_find(district.postcodes.begin(), district.postcodes.end());
  mistakes.AddIf(twice != district.postcodes.end(), "district.postcodes", "must not repeat");
  return mistakes.status("BAD_REQUEST", "the district has mistakes");
}

void Area::Add(absl::string_view postcode, DistrictId district) {
  districts_.emplace(std::string(postcode), district);
}

std::optional<DistrictId> Area::Find(absl::string_view whole_postcode) const {
  auto found = districts_.find(whole_postcode);
  if (found == districts_.end()) found = districts_.find(whole_postcode.substr(0, kDigits));
  if (found == districts_.end()) return std::nullopt;
  return found->second;
}

}  // namespace smederij::registry
