#include "services/registry/domain/station.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "services/registry/domain/mistakes.h"
#include "services/registry/domain/place.h"
#include "services/registry/domain/text.h"

namespace smederij::registry {
namespace {

constexpr uint32_t kNumberMax = 65535;  // Two bytes in every paper batch.
constexpr size_t kStationNameBytesMax = 100;
constexpr size_t kPostcodesMax = 2000;  // At one station; as many as a district may have.
constexpr size_t kDigits = 4;

}  // namespace

absl::Status Normalize(std::vector<Station>& stations) {
  Mistakes mistakes;
  mistakes.AddIf(stations.size() > kStationsMax, "stations", "must be at most 200");
  std::map<uint32_t, size_t> numbers;
  std::map<std::string, std::string> postcodes;  // Where each was first.
  for (size_t i = 0; i < stations.size(); ++i) {
    Station& station = stations[i];
    const std::string field = absl::StrCat("stations[", i, "]");
    if (station.number < 1 || station.number > kNumberMax) {
      mistakes.Add(absl::StrCat(field, ".number"), "must be 1 to 65535");
    } else if (const auto [first, is_new] = numbers.emplace(station.number, i); !is_new) {
      mistakes.Add(absl::StrCat(field, ".number"),
                   absl::StrCat("is the one of stations[", first->second, "]"));
    }
    mistakes.AddIf(!IsPlainText(station.name, kStationNameBytesMax), absl::StrCat(field, ".name"),
                   "must be 1 to 100 bytes of plain text");
    mistakes.AddIf(station.postcodes.size() > kPostcodesMax, absl::StrCat(field, ".postcodes"),
                   "must be at most 2000");
    for (size_t j = 0; j < station.postcodes.size(); ++j) {
      const std::string here = absl::StrCat(field, ".postcodes[", j, "]");
      const std::optional<std::string> parsed = ParsePostcode(station.postcodes[j]);
      if (!parsed) {
        mistakes.Add(here, "must read 7901 AB or 7901");
        continue;
      }
      station.postcodes[j] = *parsed;
      const auto [first, is_new] = postcodes.emplace(*parsed, here);
      if (!is_new) mistakes.Add(here, absl::StrCat("is the one of ", first->second));
    }
    std::sort(station.postcodes.begin(), station.postcodes.end());
  }
  RETURN_IF_ERROR(mistakes.status("BAD_STATIONS", "the stations have mistakes"));
  const auto by_number = [](const Station& a, const Station& b) { return a.number < b.number; };
  std::sort(stations.begin(), stations.end(), by_number);
  return absl::OkStatus();
}

StationFinder::StationFinder(const std::vector<Station>& stations)
    : lowest_(stations.at(0).number) {
  for (const Station& station : stations) {
    for (const std::string& postcode : station.postcodes) {
      numbers_.emplace(postcode, station.number);
    }
  }
}

uint32_t StationFinder::Find(absl::string_view whole_postcode) const {
  auto found = numbers_.find(whole_postcode);
  if (found == numbers_.end()) found = numbers_.find(whole_postcode.substr(0, kDigits));
  return found == numbers_.end() ? lowest_ : found->second;
}

std::vector<uint32_t> NumberVoters(RoundId round, const std::vector<SubjectId>& voters,
                                   const std::vector<uint32_t>& stations) {
  CHECK(voters.size() == stations.size());
  std::vector<Uuid> places;
  places.reserve(voters.size());
  for (const SubjectId voter : voters) {
    places.push_back(Uuid::Derived(round.uuid(), voter.ToString()));
  }
  std::vector<size_t> order(voters.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return places[a] < places[b]; });
  std::map<uint32_t, uint32_t> last;
  std::vector<uint32_t> numbers(voters.size());
  for (const size_t i : order) numbers[i] = ++last[stations[i]];
  return numbers;
}

}  // namespace smederij::registry
