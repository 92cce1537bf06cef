#include "services/ballots/tally/electorate.h"

#include <algorithm>

#include "common/base/check.h"

namespace smederij::ballots::tally {
namespace {

using Wish = Electorate::Wish;

// The value of the choice at `place` (0 = first) of `size`.
uint32_t ValueOf(const Choice& choice, size_t place, size_t size, BallotKind kind,
                 Utility utility) {
  switch (utility) {
    case Utility::kCost:
    case Utility::kCard:
      return 1;
    case Utility::kPoints:
    case Utility::kPointsCost:
      return kind == BallotKind::kRanking ? static_cast<uint32_t>(size - place) : choice.points;
    case Utility::kBorda:
      return static_cast<uint32_t>(size - place - 1);
  }
  CHECK(false);
}

// Groups of equal wish lists, found by hash. Written out because it is the larger part of the time
// that a single run over a big city takes.
class Groups {
 public:
  explicit Groups(Electorate& electorate) : electorate_(electorate), slots_(1024, kEmpty) {
    electorate_.wish_first.push_back(0);
  }

  void Add(absl::Span<const Wish> wishes, int64_t weight) {
    if (electorate_.groups() * 2 > slots_.size()) Widen();
    const uint64_t hash = HashOf(wishes);
    for (size_t at = hash & (slots_.size() - 1);; at = (at + 1) & (slots_.size() - 1)) {
      const uint32_t group = slots_[at];
      if (group == kEmpty) {
        slots_[at] = static_cast<uint32_t>(electorate_.groups());
        hashes_.push_back(hash);
        electorate_.size.push_back(weight);
        electorate_.wish.insert(electorate_.wish.end(), wishes.begin(), wishes.end());
        electorate_.wish_first.push_back(electorate_.wish.size());
        return;
      }
      if (hashes_[group] == hash && electorate_.WishesOf(group) == wishes) {
        electorate_.size[group] += weight;
        return;
      }
    }
  }

 private:
  static constexpr uint32_t kEmpty = ~uint32_t{0};

  static uint64_t HashOf(absl::Span<const Wish> wishes) {
    uint64_t hash = wishes.size();
    for (const Wish& wish : wishes) {
      hash ^= (uint64_t{wish.plan} << 32) | wish.value;
      hash *= 0x9E3779B97F4A7C15u;
      hash ^= hash >> 29;
    }
    return hash;
  }

  void Widen() {
    slots_.assign(slots_.size() * 2, kEmpty);
    for (uint32_t group = 0; group < hashes_.size(); ++group) {
      size_t at = hashes_[group] & (slots_.size() - 1);
      while (slots_[at] != kEmpty) at = (at + 1) & (slots_.size() - 1);
      slots_[at] = group;
    }
  }

  Electorate& electorate_;
  std::vector<uint32_t> slots_;
  std::vector<uint64_t> hashes_;
};

// Turns "who wants what" round into "what is wanted by whom".
void ListSupporters(size_t plans, Electorate& electorate) {
  std::vector<size_t>& first = electorate.support_first;
  first.assign(plans + 1, 0);
  for (const Wish& wish : electorate.wish) ++first[wish.plan + 1];
  for (size_t plan = 0; plan < plans; ++plan) first[plan + 1] += first[plan];
  const size_t total = electorate.wish.size();
  electorate.group.resize(total);
  electorate.group_size.resize(total);
  electorate.value.resize(total);
  electorate.value_sum.resize(total);
  electorate.plan_value_sum.assign(plans, 0);
  electorate.unit = true;
  std::vector<size_t> next(first.begin(), first.end() - 1);
  for (uint32_t group = 0; group < electorate.groups(); ++group) {
    const int64_t size = electorate.size[group];
    for (const Wish& wish : electorate.WishesOf(group)) {
      const size_t at = next[wish.plan]++;
      electorate.group[at] = group;
      electorate.group_size[at] = static_cast<double>(size);
      electorate.value[at] = wish.value;
      electorate.value_sum[at] = static_cast<double>(size * wish.value);
      electorate.plan_value_sum[wish.plan] += size * wish.value;
      if (wish.value != 1) electorate.unit = false;
    }
  }
}

}  // namespace

Electorate Merge(const Race& race, Utility utility, bool with_free_plans) {
  Electorate electorate;
  electorate.voters = race.tally.voters;
  const bool by_cost = utility == Utility::kCost || utility == Utility::kPointsCost;
  for (size_t plan = 0; plan < race.plans(); ++plan) {
    electorate.factor.push_back(by_cost ? race.cost[plan] : 1);
  }
  Groups groups(electorate);
  std::vector<Wish> wishes;
  const Ballots& ballots = race.election.ballots;
  for (size_t row = 0; row < ballots.size(); ++row) {
    const BallotView ballot = ballots[row];
    wishes.clear();
    for (size_t place = 0; place < ballot.choices.size(); ++place) {
      const Choice& choice = ballot.choices[place];
      if (!race.in[choice.plan]) continue;
      if (race.cost[choice.plan] == 0 && !with_free_plans) continue;
      const uint32_t value =
          ValueOf(choice, place, ballot.choices.size(), race.election.kind, utility);
      if (value > 0) wishes.push_back({choice.plan, value});
    }
    if (wishes.empty()) continue;
    std::sort(wishes.begin(), wishes.end(),
              [](const Wish& a, const Wish& b) { return a.plan < b.plan; });
    groups.Add(wishes, ballot.weight);
  }
  ListSupporters(race.plans(), electorate);
  return electorate;
}

}  // namespace smederij::ballots::tally
