#include "services/proposals/domain/award.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "services/proposals/domain/errors.h"

namespace smederij::proposals {
namespace {

absl::Status CheckAward(const PlanResult& result, Money cost) {
  bool possible = false;
  switch (result.decision) {
    case Decision::kAwarded:
      possible = result.award == cost;
      break;
    case Decision::kPartial:
      possible = result.award > Money() && result.award < cost;
      break;
    case Decision::kNotAwarded:
      possible = result.award == Money();
      break;
  }
  if (possible) return absl::OkStatus();
  return ResultNotCredible("an award does not follow from the plan's frozen cost")
      .With("plan_number", result.number)
      .With("award_cents", result.award.cents())
      .With("cost_cents", cost.cents());
}

}  // namespace

absl::Status CheckResult(const Result& result, absl::Span<const FrozenPlan> frozen, Money pots) {
  absl::flat_hash_map<PlanId, const FrozenPlan*> expected;
  for (const FrozenPlan& plan : frozen) expected.emplace(plan.id, &plan);
  Money total;
  for (const PlanResult& plan : result.plans) {
    const auto found = expected.find(plan.plan);
    if (found == expected.end()) {
      return ResultNotCredible("a plan is not among the frozen ones, or is named twice")
          .With("plan_id", plan.plan.ToString());
    }
    if (found->second->number != plan.number) {
      return ResultNotCredible("a plan has another number than the frozen one")
          .With("plan_id", plan.plan.ToString());
    }
    RETURN_IF_ERROR(CheckAward(plan, found->second->cost));
    total += plan.award;
    expected.erase(found);
  }
  if (!expected.empty()) {
    return ResultNotCredible("a frozen plan is missing")
        .With("plan_id", expected.begin()->first.ToString());
  }
  if (total != result.awarded) {
    return ResultNotCredible("the awards are not what the result says they are together")
        .With("total_cents", total.cents())
        .With("awarded_cents", result.awarded.cents());
  }
  if (result.pots != pots || total > pots) {
    return ResultNotCredible("the awards do not fit the pots")
        .With("total_cents", total.cents())
        .With("pot_cents", pots.cents());
  }
  return absl::OkStatus();
}

PlanState StateAfter(Decision decision) {
  switch (decision) {
    case Decision::kAwarded:
      return PlanState::kSelected;
    case Decision::kPartial:
      return PlanState::kOffered;
    case Decision::kNotAwarded:
      break;
  }
  return PlanState::kNotSelected;
}

std::vector<AwardLine> AwardLines(std::vector<Award> awards, const std::vector<Pot>& pots) {
  std::sort(awards.begin(), awards.end(), [](const Award& a, const Award& b) {
    return std::tie(a.version, a.rank) < std::tie(b.version, b.rank);
  });
  std::vector<AwardLine> lines;
  size_t pot = 0;
  Money left = pots.empty() ? Money() : pots[0].amount;
  for (const Award& award : awards) {
    Money due = award.amount;
    while (due > Money()) {
      while (left == Money()) {
        CHECK(pot + 1 < pots.size());
        left = pots[++pot].amount;
      }
      const Money part = std::min(due, left);
      lines.push_back({award.version, award.plan, pots[pot].budget, part});
      due -= part;
      left -= part;
    }
  }
  return lines;
}

std::vector<AwardLine> AwardLines(std::vector<Award> awards, const std::vector<Pot>& pots,
                                  uint32_t version) {
  std::vector<AwardLine> lines = AwardLines(std::move(awards), pots);
  std::erase_if(lines, [version](const AwardLine& line) { return line.version != version; });
  return lines;
}

}  // namespace smederij::proposals
