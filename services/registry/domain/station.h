#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/registry/domain/ids.h"

namespace smederij::registry {

inline constexpr size_t kStationsMax = 200;

// A place where people vote on paper on the polling evening.
struct Station {
  uint32_t number = 0;  // 1 … 65535, unique in the round.
  std::string name = {};
  std::vector<std::string> postcodes = {};  // "7901AB" or "7901"; sorted.

  bool operator==(const Station&) const = default;
};

// Checks the stations of a round, and puts them in the order of their numbers and their postcodes
// in order. None is fine: then nobody votes on paper. Refusal: BAD_STATIONS, with every field.
absl::Status Normalize(std::vector<Station>& stations);

// At which station a voter votes.
class StationFinder {
 public:
  // `stations` are in order, and at least one.
  explicit StationFinder(const std::vector<Station>& stations);
  // The station that has this whole postcode, or else its four digits, or else the one with the
  // lowest number. An empty postcode is one nobody knows.
  uint32_t Find(absl::string_view whole_postcode) const;

 private:
  const uint32_t lowest_;
  absl::flat_hash_map<std::string, uint32_t> numbers_;
};

// Numbers the voters of a round per station from 1: the answer holds the number on the roll of
// voters[i], whose station is stations[i]. In an order that follows from round and person alone and
// is another one every round, so that a number tells nothing about anybody.
std::vector<uint32_t> NumberVoters(RoundId round, const std::vector<SubjectId>& voters,
                                   const std::vector<uint32_t>& stations);

}  // namespace smederij::registry
