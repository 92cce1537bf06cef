#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <set>

#include "services/ballots/domain/manifest.h"

namespace smederij::ballots {

// A set of ballots that an outsider can tell apart in the log: those cast online in one class, or
// one batch of paper.
struct Unit {
  uint16_t class_id = 0;
  Hash batch{};  // Leaf hash; zero for online.

  auto operator<=>(const Unit&) const = default;
};

// Ballots that count, by unit.
using BallotsByUnit = std::map<Unit, int64_t>;

// The units that are opened to nobody but an auditor: those with fewer than k_min, and as many
// more, smallest first, as it takes until all of them together have k_min. Otherwise the totals
// less what is open would give the small one away. How many ballots a unit has is no secret: a
// ballot's leaf names its class, and a batch's its number.
std::set<Unit> WithheldUnits(const BallotsByUnit& ballots, uint32_t k_min);

// Whether the blank ballots of a class may be told: none of its units is withheld, or those that
// are have k_min ballots together.
bool MayTellBlank(uint16_t class_id, const BallotsByUnit& ballots, const std::set<Unit>& withheld,
                  uint32_t k_min);

}  // namespace smederij::ballots
