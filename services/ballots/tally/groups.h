#pragma once

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "services/ballots/tally/election.h"
#include "services/ballots/tally/outcome.h"
#include "services/ballots/tally/rule.h"

namespace smederij::ballots::tally {

// What a group of voters got out of a count.
//
// A ballot supports the plans to which it gives support: those it chooses and, where ballots have
// points, gives at least one. A ballot of weight w counts as w equal ballots throughout.
struct GroupShare {
  int64_t ballots = 0;
  // Of these, how many support at least one plan that got an award.
  int64_t satisfied = 0;
  // Plans with an award that a ballot supports, added up over the ballots.
  int64_t awards = 0;
  // What of the awards is theirs. A plan paid from equal shares is paid by its supporters: the
  // step's price times the value the ballot gives the plan, or all that the ballot still holds. Any
  // other award belongs to the plan's supporters in equal parts.
  Rational money{};
};

struct GroupShares {
  std::vector<GroupShare> groups{};
  // Awards of plans that no ballot supports. With it the groups' money is outcome.spent, exactly.
  Rational nobody{};
};

// What each of `groups` groups got. `outcome` is what Count made of `election` by `rule`;
// `group_of` names the group of every ballot, below `groups`.
GroupShares ShareOut(const Election& election, const Rule& rule, const Outcome& outcome,
                     absl::Span<const uint32_t> group_of, size_t groups);

// Fewer voters than this are not told apart from others.
inline constexpr int64_t kGroupVotersMin = 5;

// Which groups may be shown by themselves, given how many voters each has: the `groups_max` largest
// with kGroupVotersMin at least. What is left over is shown as one; where that would still be too
// few, it takes the smallest of the others along. Without any to take along nothing is shown.
std::vector<bool> ShownAlone(absl::Span<const int64_t> voters, size_t groups_max);

}  // namespace smederij::ballots::tally
