#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "services/ballots/tally/election.h"

// For tests and benchmarks: made-up elections of any size.
namespace smederij::ballots::tally {

// How people vote and what things cost.
struct Manner {
  absl::string_view name;
  uint64_t clusters = 1;      // Neighbourhoods: people mostly choose plans of their own.
  double skew = 0;            // 0: all plans are liked alike; 1: the k-th as 1/k.
  uint64_t choices_max = 10;  // On a ballot.
  uint64_t cost_step = 500;   // In cents.
  uint64_t cost_max = 80'000'00;
  uint64_t budget_percent = 25;  // Of all costs.
};

inline constexpr Manner kManners[] = {
    {.name = "uniform"},
    {.name = "clustered", .clusters = 20, .skew = 0.5},
    {.name = "popular", .skew = 1},
    {.name = "cents", .clusters = 5, .skew = 0.7, .cost_step = 1},
    {.name = "equal_costs", .skew = 0.3, .cost_step = 50'000'00, .cost_max = 50'000'00},
    {.name = "long_ballots", .clusters = 3, .choices_max = 40},
    {.name = "little_money", .clusters = 10, .skew = 0.5, .budget_percent = 5},
    {.name = "much_money", .clusters = 10, .skew = 0.5, .budget_percent = 90},
};

// The same for the same seed.
class Generator {
 public:
  Generator(const Manner& manner, BallotKind kind, uint64_t seed)
      : manner_(manner), kind_(kind), random_(seed) {}

  Election Make(uint32_t plans, size_t ballots) {
    Election election;
    election.kind = kind_;
    uint64_t total = 0;
    for (uint32_t at = 0; at < plans; ++at) {
      const uint64_t cents = manner_.cost_step * (1 + Below(manner_.cost_max / manner_.cost_step));
      total += cents;
      Plan plan{.id = absl::StrCat(at + 1), .number = at + 1};
      plan.cost = FromCents(static_cast<int64_t>(cents));
      election.plans.push_back(std::move(plan));
    }
    election.budget = FromCents(static_cast<int64_t>(total / 100 * manner_.budget_percent));
    Like(plans);
    chosen_.assign(plans, 0);
    for (size_t row = 1; row <= ballots; ++row) AddBallot(row, election);
    return election;
  }

 private:
  uint64_t Below(uint64_t limit) { return random_() % limit; }

  // How much is liked up to and including each plan.
  void Like(uint32_t plans) {
    double sum = 0;
    for (uint32_t at = 0; at < plans; ++at) {
      sum += std::pow(at / manner_.clusters + 1, -manner_.skew);
      liked_.push_back(sum);
    }
  }

  uint32_t Pick(uint64_t home) {
    const double at = static_cast<double>(random_() >> 11) * 0x1p-53 * liked_.back();
    auto plan =
        static_cast<uint64_t>(std::upper_bound(liked_.begin(), liked_.end(), at) - liked_.begin());
    plan = std::min<uint64_t>(plan, liked_.size() - 1);
    const uint64_t own = plan / manner_.clusters * manner_.clusters + home;
    if (Below(10) < 8 && own < liked_.size()) plan = own;
    return static_cast<uint32_t>(plan);
  }

  void AddBallot(size_t row, Election& election) {
    const uint64_t home = Below(manner_.clusters);
    const uint64_t most = kind_ == BallotKind::kChooseOne
                              ? 1
                              : std::min<uint64_t>(manner_.choices_max, liked_.size());
    choices_.clear();
    for (uint64_t left = liked_.empty() ? 0 : 1 + Below(most); left > 0; --left) {
      const uint32_t plan = Pick(home);
      if (chosen_[plan] == row) continue;
      chosen_[plan] = row;
      choices_.push_back({plan, static_cast<uint32_t>(1 + Below(10))});
    }
    election.ballots.Add(choices_);
  }

  const Manner manner_;
  const BallotKind kind_;
  std::mt19937_64 random_;
  std::vector<double> liked_{};
  std::vector<size_t> chosen_{};  // By plan: the last ballot that chose it.
  std::vector<Choice> choices_{};
};

}  // namespace smederij::ballots::tally
