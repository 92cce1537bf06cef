#include "services/proposals/domain/award.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "services/proposals/domain/condition.h"
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

absl::Status CheckResult(const Result& result, absl::Span<const FrozenPlan> frozen,
                         const std::vector<Pot>& pots) {
  absl::flat_hash_map<PlanId, const FrozenPlan*> expected;
  for (const FrozenPlan& plan : frozen) expected.emplace(plan.id, &plan);
  std::map<std::string, Money> held, awarded;  // By contest.
  for (const Pot& pot : pots) {
    if (IsContested(pot)) held[ContestOf(pots, pot)] += pot.amount;
  }
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
    awarded[ContestOf(pots, found->second->category)] += plan.award;
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
  for (const auto& [contest, sum] : awarded) {
    const Money fits = held.contains(contest) ? held.at(contest) : Money();
    if (sum <= fits) continue;
    return ResultNotCredible("the awards do not fit the pots")
        .With("contest", contest)
        .With("total_cents", sum.cents())
        .With("pot_cents", fits.cents());
  }
  Money all;
  for (const auto& [contest, sum] : held) all += sum;
  if (result.pots == all) return absl::OkStatus();
  return ResultNotCredible("the pots are not those that were voted about")
      .With("result_cents", result.pots.cents())
      .With("pot_cents", all.cents());
}

void AddOwnMoney(Result& result, const std::vector<Pot>& pots) {
  for (PlanResult& plan : result.plans) {
    if (plan.decision != Decision::kNotAwarded) plan.award += OwnMoney(plan.plan, pots);
  }
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
  std::vector<Money> left;
  for (const Pot& pot : pots) left.push_back(pot.amount);
  for (const Award& award : awards) {
    Money due = award.amount;
    for (const size_t pot : PotsFor(pots, award.plan, award.category)) {
      const Money part = std::min(due, left[pot]);
      if (part == Money()) continue;
      lines.push_back({award.version, award.plan, pots[pot].budget, part, award.category});
      due -= part;
      left[pot] -= part;
    }
    CHECK(due == Money());
  }
  return lines;
}

std::vector<AwardLine> AwardLines(std::vector<Award> awards, const std::vector<Pot>& pots,
                                  uint32_t version) {
  std::vector<AwardLine> lines = AwardLines(std::move(awards), pots);
  std::erase_if(lines, [version](const AwardLine& line) { return line.version != version; });
  return lines;
}

absl::Status CheckDay(absl::Span<const AwardLine> lines, const std::vector<Pot>& pots,
                      absl::CivilDay today) {
  for (const AwardLine& line : lines) {
    for (const Pot& pot : pots) {
      if (pot.budget == line.budget && pot.deadline && *pot.deadline < today) {
        return DeadlinePassed(pot.budget, *pot.deadline);
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace smederij::proposals
