#include "services/ballots/domain/withheld.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace smederij::ballots {

std::set<Unit> WithheldUnits(const BallotsByUnit& ballots, uint32_t k_min) {
  std::vector<std::pair<int64_t, Unit>> by_size;
  for (const auto& [unit, count] : ballots) {
    if (count > 0) by_size.emplace_back(count, unit);
  }
  std::sort(by_size.begin(), by_size.end());
  std::set<Unit> withheld;
  int64_t hidden = 0;
  for (const auto& [count, unit] : by_size) {
    if (count >= k_min && (hidden == 0 || hidden >= k_min)) break;
    withheld.insert(unit);
    hidden += count;
  }
  return withheld;
}

bool MayTellBlank(uint16_t class_id, const BallotsByUnit& ballots, const std::set<Unit>& withheld,
                  uint32_t k_min) {
  int64_t hidden = 0;
  for (const auto& [unit, count] : ballots) {
    if (unit.class_id == class_id && withheld.contains(unit)) hidden += count;
  }
  return hidden == 0 || hidden >= k_min;
}

}  // namespace smederij::ballots
