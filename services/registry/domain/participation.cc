#include "services/registry/domain/participation.h"

#include <algorithm>
#include <map>

namespace smederij::registry {
namespace {

// The first age of each band: children, youth, young adults, then by life stage.
constexpr uint32_t kCuts[] = {0, 12, 18, 25, 35, 45, 55, 65, 75};

// Neither those counted nor the others are few. Nobody on one side is no group of people, but "all
// of them" and "none of them" say something about each, so only an empty base is harmless.
bool Safe(const Cell& cell, int64_t k_min) {
  return cell.base == 0 || (cell.count >= k_min && cell.base - cell.count >= k_min);
}

// What remains of the sum when the told cells are subtracted.
Cell Remainder(const std::vector<Cell>& cells, const std::vector<bool>& withheld) {
  Cell rest;
  for (size_t i = 0; i < cells.size(); ++i) {
    if (!withheld[i]) continue;
    rest.count += cells[i].count;
    rest.base += cells[i].base;
  }
  return rest;
}

// One number of every band, with the class totals known from elsewhere.
struct Measure {
  std::vector<bool> withheld;  // Per band.
  bool total_safe = true;
};

Measure Suppress(const std::vector<Band>& bands, const std::vector<Cell>& cells, int64_t k_min) {
  Measure measure{.withheld = std::vector<bool>(bands.size())};
  std::map<uint32_t, std::vector<size_t>> classes;
  for (size_t i = 0; i < bands.size(); ++i) classes[bands[i].class_id].push_back(i);
  std::vector<Cell> class_cells;
  for (const auto& [class_id, members] : classes) {
    std::vector<Cell> own;
    for (const size_t i : members) own.push_back(cells[i]);
    const Withheld decided = Withhold(own, k_min);
    for (size_t i = 0; i < members.size(); ++i) measure.withheld[members[i]] = decided.cells[i];
    class_cells.push_back(Remainder(own, std::vector<bool>(own.size(), true)));
  }
  // A class too small to be told elsewhere must not follow from the total and its neighbours.
  const Withheld between = Withhold(class_cells, k_min);
  const bool all_told =
      std::none_of(between.cells.begin(), between.cells.end(), [](bool held) { return held; });
  measure.total_safe = between.sum_safe && all_told;
  return measure;
}

}  // namespace

std::vector<Band> BandsOf(const std::vector<VotingClass>& classes) {
  std::vector<Band> bands;
  for (const VotingClass& one : classes) {
    uint32_t from = one.age_from;
    while (from <= one.age_to) {
      const auto* next = std::upper_bound(std::begin(kCuts), std::end(kCuts), from);
      const uint32_t to = next == std::end(kCuts) ? one.age_to : std::min(one.age_to, *next - 1);
      bands.push_back({.class_id = one.class_id, .age_from = from, .age_to = to});
      from = to + 1;
    }
  }
  const auto younger = [](const Band& a, const Band& b) { return a.age_from < b.age_from; };
  std::sort(bands.begin(), bands.end(), younger);
  return bands;
}

Withheld Withhold(const std::vector<Cell>& cells, int64_t k_min) {
  Withheld held{.cells = std::vector<bool>(cells.size())};
  size_t count = 0;
  for (size_t i = 0; i < cells.size(); ++i) {
    held.cells[i] = !Safe(cells[i], k_min);
    if (held.cells[i]) ++count;
  }
  if (count == 0) return held;
  // The smallest of what is still told joins, until what is left by subtraction is no longer few.
  while (count < 2 || !Safe(Remainder(cells, held.cells), k_min)) {
    size_t smallest = cells.size();
    for (size_t i = 0; i < cells.size(); ++i) {
      if (held.cells[i] || cells[i].base == 0) continue;
      if (smallest == cells.size() || cells[i].count < cells[smallest].count) smallest = i;
    }
    if (smallest == cells.size()) break;
    held.cells[smallest] = true;
    ++count;
  }
  held.sum_safe = Safe(Remainder(cells, held.cells), k_min);
  return held;
}

PublishedParticipation Publish(const std::vector<Band>& bands, int64_t k_min, bool first_round) {
  std::vector<Cell> took_part, first_time;
  Cell all_took_part, all_first_time;
  for (const Band& band : bands) {
    took_part.push_back({.count = band.took_part, .base = band.roll_size});
    first_time.push_back({.count = band.first_time, .base = band.took_part});
    all_took_part.count += band.took_part;
    all_first_time.count += band.first_time;
  }
  const Measure part = Suppress(bands, took_part, k_min);
  const Measure first = first_round ? part : Suppress(bands, first_time, k_min);
  PublishedParticipation published;
  for (size_t i = 0; i < bands.size(); ++i) {
    PublishedCount& out = published.bands.emplace_back();
    if (!part.withheld[i]) out.took_part = bands[i].took_part;
    // First-timers say something about how many took part, so they go with it.
    if (!part.withheld[i] && !first.withheld[i]) out.first_time = bands[i].first_time;
  }
  if (part.total_safe) published.total.took_part = all_took_part.count;
  if (part.total_safe && first.total_safe) published.total.first_time = all_first_time.count;
  return published;
}

}  // namespace smederij::registry
