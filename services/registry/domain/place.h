#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "services/registry/domain/ids.h"
#include "services/registry/domain/mistakes.h"

namespace smederij::registry {

// A neighbourhood, quarter or village with its own yearly budget.
struct District {
  DistrictId id = {};
  MunicipalityId municipality = {};
  std::string slug = {};
  std::string name = {};
  std::vector<std::string> postcodes = {};  // "7901AB" or "7901"; sorted.

  bool operator==(const District&) const = default;
};

// A whole postcode ("7901 AB", "7901ab") or its four digits, without blanks and in capitals;
// nullopt when it is neither.
std::optional<std::string> ParsePostcode(absl::string_view text);
bool IsWhole(absl::string_view postcode);  // Of a parsed one: with its letters.

// Checks a district to be created and puts its postcodes in order. Refusal: BAD_REQUEST with every
// field under "district.".
absl::Status Normalize(District& district);

// Which district a postcode lies in.
class Area {
 public:
  void Add(absl::string_view postcode, DistrictId district);
  // The district that has this whole postcode, or else its four digits.
  std::optional<DistrictId> Find(absl::string_view whole_postcode) const;

 private:
  absl::flat_hash_map<std::string, DistrictId> districts_;
};

}  // namespace smederij::registry
