#include <algorithm>
#include <optional>

#include "common/base/status_macros.h"
#include "services/ballots/tally/replay_stage.h"

namespace smederij::ballots::tally {
namespace {

// What greedy rules order by; no value is infinity.
using Density = std::optional<Rational>;

Density DensityOf(const ReplayStage& stage, absl::string_view rule, uint32_t plan) {
  const Rational& cost = stage.CostOf(plan);
  const auto& given = rule == "greedy_borda_per_cost" ? stage.tally.borda : stage.tally.support;
  const Rational support = static_cast<long>(given[plan]);
  if (rule == "greedy_votes") return support;
  if (rule == "greedy_cost" || rule == "greedy_points") return cost == 0 ? Rational(0) : support;
  if (support == 0) return Rational(0);
  if (cost == 0) return std::nullopt;
  return Rational(support / cost);
}

bool Denser(const Density& a, const Density& b) {
  if (!a || !b) return !a && b;
  return *a > *b;
}

struct Turn {
  uint32_t plan;
  Density density;
};

std::vector<Turn> InOrder(const ReplayStage& stage, absl::string_view rule) {
  std::vector<Turn> turns;
  for (const uint32_t plan : stage.open) turns.push_back({plan, DensityOf(stage, rule, plan)});
  std::sort(turns.begin(), turns.end(), [&](const Turn& a, const Turn& b) {
    if (Denser(a.density, b.density)) return true;
    return !Denser(b.density, a.density) && stage.Before(a.plan, b.plan);
  });
  return turns;
}

}  // namespace

absl::Status ReplayGreedy(ReplayStage& stage, absl::string_view rule) {
  const std::vector<Turn> turns = InOrder(stage, rule);
  bool misfit_met = false;
  for (size_t at = 0; at < turns.size(); ++at) {
    const uint32_t plan = turns[at].plan;
    if (!stage.open.contains(plan) || stage.election.plans[plan].withdrawn) continue;
    const Rational cost = stage.CostOf(plan);
    const bool fits = cost <= stage.left;
    const bool enough = stage.left * 100 >= cost * stage.rule.last_plan_percent_min;
    const bool partial = stage.rule.partial_award;
    const bool nearly = !partial && stage.rule.last_plan_percent_min > 0 && enough;
    const bool part = !fits && partial && enough && !misfit_met && stage.left > 0;
    if (fits || part || nearly) {
      std::vector<uint32_t> tied;
      for (size_t next = at + 1; next < turns.size() && tied.size() < kTiedMax; ++next) {
        if (Denser(turns[at].density, turns[next].density)) break;
        const uint32_t other = turns[next].plan;
        const bool waits = stage.open.contains(other) && !stage.election.plans[other].withdrawn;
        if (waits) tied.push_back(other);
      }
      RETURN_IF_ERROR(stage.Take(plan, part ? stage.left : cost, 0, std::move(tied)));
    }
    misfit_met = misfit_met || !fits;
    if (!fits && stage.rule.stop_at_first_misfit) break;
  }
  return absl::OkStatus();
}

}  // namespace smederij::ballots::tally
