#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "services/registry/domain/charter.h"

namespace smederij::registry {

// Ages within one class, counted after the roll is closed.
struct Band {
  uint32_t class_id = 0;
  uint32_t age_from = 0;
  uint32_t age_to = 0;  // Inclusive.
  int64_t roll_size = 0;
  int64_t took_part = 0;   // Of them, fetched a credential.
  int64_t first_time = 0;  // Of those, never before.
};

// The bands of a round: each class cut at the ages statistics offices cut at. Sizes are zero.
std::vector<Band> BandsOf(const std::vector<VotingClass>& classes);

// A band, or all of them, as published: absent numbers are withheld.
struct PublishedCount {
  std::optional<int64_t> took_part = {};
  std::optional<int64_t> first_time = {};
};
struct PublishedParticipation {
  std::vector<PublishedCount> bands = {};  // As the bands given.
  PublishedCount total = {};
};

// Withholds every number that tells of fewer than `k_min` people, those who did as well as those
// who did not, and then as many more as it takes that none can be found by subtraction: not from
// the total here, and not from the number issued per class, which is published with the result.
// In the `first_round` of a municipality everybody takes part for the first time; that is no news
// about anybody, so those numbers are told wherever took_part is.
PublishedParticipation Publish(const std::vector<Band>& bands, int64_t k_min, bool first_round);

// One number among several whose sum is known: `count` of `base`.
struct Cell {
  int64_t count = 0;
  int64_t base = 0;
};
// Which cells to withhold so that neither a cell nor what subtraction leaves of the sum tells of
// fewer than `k_min` people. Cells without people are never withheld. When even all together are
// too few, all are withheld and `sum_safe` is false: then the sum must not be told either.
struct Withheld {
  std::vector<bool> cells = {};
  bool sum_safe = true;
};
Withheld Withhold(const std::vector<Cell>& cells, int64_t k_min);

}  // namespace smederij::registry
