#include <algorithm>

#include "common/base/status_macros.h"
#include "services/ballots/tally/replay_stage.h"

namespace smederij::ballots::tally {
namespace {

// Loads that differ by less than this part of themselves are compared exactly.
constexpr double kClose = 1e-9;

class Loads {
 public:
  explicit Loads(const ReplayStage& stage)
      : stage_(stage),
        last_(stage.election.ballots.size(), 0),
        weight_(stage.election.plans.size(), std::vector<int64_t>(1, 0)) {
    for (size_t row = 0; row < last_.size(); ++row) {
      const BallotView ballot = stage_.election.ballots[row];
      for (const Choice& choice : ballot.choices) weight_[choice.plan][0] += ballot.weight;
    }
  }

  // The load of each supporter if `plan` won now; only for plans that have any.
  Rational Exact(uint32_t plan) const {
    Rational sum = stage_.CostOf(plan);
    for (size_t step = 0; step < loads_.size(); ++step) {
      if (weight_[plan][step] != 0) sum += loads_[step] * static_cast<long>(weight_[plan][step]);
    }
    return sum / static_cast<long>(stage_.tally.support[plan]);
  }

  double Rounded(uint32_t plan) const {
    double sum = stage_.CostOf(plan).get_d();
    for (size_t step = 0; step < loads_.size(); ++step) {
      sum += rounded_[step] * static_cast<double>(weight_[plan][step]);
    }
    return sum / static_cast<double>(stage_.tally.support[plan]);
  }

  // The supporters of `winner` carry `load` from here on.
  void Carry(uint32_t winner, const Rational& load) {
    loads_.push_back(load);
    rounded_.push_back(load.get_d());
    for (std::vector<int64_t>& weights : weight_) weights.push_back(0);
    for (size_t row = 0; row < last_.size(); ++row) {
      const BallotView ballot = stage_.election.ballots[row];
      const auto chose = [&](const Choice& choice) { return choice.plan == winner; };
      if (std::none_of(ballot.choices.begin(), ballot.choices.end(), chose)) continue;
      for (const Choice& choice : ballot.choices) {
        weight_[choice.plan][last_[row]] -= ballot.weight;
        weight_[choice.plan].back() += ballot.weight;
      }
      last_[row] = loads_.size() - 1;
    }
  }

 private:
  const ReplayStage& stage_;
  std::vector<Rational> loads_{0};            // By winner, nobody's first.
  std::vector<double> rounded_{0};            // The same, rounded.
  std::vector<size_t> last_;                  // By ballot: whose load it carries.
  std::vector<std::vector<int64_t>> weight_;  // By plan and winner: supporters with that load.
};

// Those of `plans` whose supporters would carry least, and that load.
std::vector<uint32_t> Lightest(const std::vector<uint32_t>& plans, const Loads& loads,
                               Rational& least) {
  std::vector<double> rounded;
  for (const uint32_t plan : plans) rounded.push_back(loads.Rounded(plan));
  const double limit = *std::min_element(rounded.begin(), rounded.end()) * (1 + kClose);
  std::vector<uint32_t> tied;
  for (size_t i = 0; i < plans.size(); ++i) {
    if (rounded[i] > limit) continue;
    const Rational load = loads.Exact(plans[i]);
    if (!tied.empty() && load > least) continue;
    if (!tied.empty() && load < least) tied.clear();
    least = load;
    tied.push_back(plans[i]);
  }
  return tied;
}

}  // namespace

absl::Status ReplayPhragmen(ReplayStage& stage) {
  std::erase_if(stage.open,
                [&](uint32_t plan) { return stage.CostOf(plan) > stage.contest.budget; });
  Loads loads(stage);
  while (!stage.open.empty()) {
    std::vector<uint32_t> tied;
    for (const uint32_t plan : stage.open) {
      if (stage.tally.support[plan] > 0) tied.push_back(plan);
    }
    const bool supported = !tied.empty();
    Rational load = 0;
    if (supported) {
      tied = Lightest(tied, loads, load);
    } else {
      tied.assign(stage.open.begin(), stage.open.end());
    }
    const bool ends = std::any_of(tied.begin(), tied.end(),
                                  [&](uint32_t plan) { return stage.CostOf(plan) > stage.left; });
    if (ends) break;
    const auto first = std::min_element(tied.begin(), tied.end(),
                                        [&](uint32_t a, uint32_t b) { return stage.Before(a, b); });
    const uint32_t winner = *first;
    tied.erase(first);
    RETURN_IF_ERROR(stage.Take(winner, stage.CostOf(winner), load, std::move(tied)));
    if (supported) loads.Carry(winner, load);
  }
  return absl::OkStatus();
}

}  // namespace smederij::ballots::tally
