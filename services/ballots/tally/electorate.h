#pragma once

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "services/ballots/tally/race.h"

namespace smederij::ballots::tally {

// How much a ballot wants a plan it chooses, for Equal Shares. kCost and kPointsCost are votes and
// points times the plan's cost; the factor is kept apart, see Electorate::factor.
enum class Utility { kCost, kCard, kPoints, kPointsCost, kBorda };

// Who supports what in one race: ballots with equal choices merged, blank ones left out. Only
// plans that stand in the race have supporters here, free ones on request.
struct Electorate {
  struct Wish {
    uint32_t plan;
    uint32_t value;  // The utility is value * factor[plan]; always > 0.

    bool operator==(const Wish&) const = default;
  };

  int64_t voters = 0;           // Weighted, blank ones included.
  bool unit = false;            // Every value is 1.
  std::vector<int64_t> factor;  // By plan.

  // By group of equal ballots: how many, and what they want, by plan.
  std::vector<int64_t> size;
  std::vector<size_t> wish_first;  // One more than groups.
  std::vector<Wish> wish;

  // By plan: its supporters.
  std::vector<size_t> support_first;    // One more than plans.
  std::vector<uint32_t> group;          // Who.
  std::vector<double> group_size;       // How many of them.
  std::vector<double> value;            // The value each gives the plan.
  std::vector<double> value_sum;        // group_size * value.
  std::vector<int64_t> plan_value_sum;  // By plan: over all supporters.

  size_t groups() const { return size.size(); }
  absl::Span<const Wish> WishesOf(size_t of) const {
    return absl::MakeConstSpan(wish).subspan(wish_first[of], wish_first[of + 1] - wish_first[of]);
  }
  size_t SupportersOf(uint32_t plan) const { return support_first[plan + 1] - support_first[plan]; }
};

Electorate Merge(const Race& race, Utility utility, bool with_free_plans);

}  // namespace smederij::ballots::tally
