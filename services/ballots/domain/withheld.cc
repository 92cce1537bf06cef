#include "services/ballots/domain/withheld.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace smederij::ballots {

std::set<uint16_t> WithheldClasses(const BallotsByClass& ballots, uint32_t k_min) {
  std::vector<std::pair<int64_t, uint16_t>> by_size;
  for (const auto& [class_id, count] : ballots) {
    if (count > 0) by_size.emplace_back(count, class_id);
  }
  std::sort(by_size.begin(), by_size.end());
  std::set<uint16_t> withheld;
  int64_t hidden = 0;
  for (const auto& [count, class_id] : by_size) {
    if (count >= k_min && (hidden == 0 || hidden >= k_min)) break;
    withheld.insert(class_id);
    hidden += count;
  }
  return withheld;
}

}  // namespace smederij::ballots
