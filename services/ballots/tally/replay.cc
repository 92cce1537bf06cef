#include "services/ballots/tally/replay.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ballots/tally/replay_stage.h"

namespace smederij::ballots::tally {
namespace {

absl::Status Invalid(absl::string_view category, size_t step, absl::string_view wrong) {
  return Error(kInvalidArgument, "TRACE_INVALID", "the trace does not bear the outcome out")
      .With("category", category)
      .With("step", step)
      .With("wrong", wrong);
}

// What is told about each plan must agree with the steps that gave it money.
absl::Status CheckPlans(const Election& election, const Support& tally, const Outcome& outcome) {
  if (outcome.plans.size() != election.plans.size()) return Invalid("", 0, "plans are missing");
  std::vector<bool> selected(election.plans.size(), false);
  Rational awarded = 0;
  for (const uint32_t plan : outcome.selected) selected.at(plan) = true;
  for (uint32_t plan = 0; plan < outcome.plans.size(); ++plan) {
    const PlanOutcome& told = outcome.plans[plan];
    const Rational& cost = election.plans[plan].cost;
    awarded += told.award;
    const bool right = told.decision == Decision::kFunded    ? told.award == cost
                       : told.decision == Decision::kPartial ? told.award > 0 && told.award < cost
                                                             : told.award == 0;
    if (!right || told.support != tally.support[plan] ||
        selected[plan] != (told.decision != Decision::kNotFunded)) {
      return Invalid("", 0,
                     absl::StrCat("what is said of plan ", election.plans[plan].number,
                                  " contradicts itself"));
    }
  }
  if (awarded != outcome.spent) return Invalid("", 0, "the awards do not add up");
  return absl::OkStatus();
}

absl::Status ReplayContest(ReplayStage& stage) {
  const std::string& rule = stage.rule.name;
  if (rule == "phragmen") {
    RETURN_IF_ERROR(ReplayPhragmen(stage));
  } else if (absl::StartsWith(rule, "mes_")) {
    RETURN_IF_ERROR(ReplayShares(stage));
    if (absl::EndsWith(rule, "u")) RETURN_IF_ERROR(ReplayGreedy(stage, "greedy_cost"));
  } else {
    RETURN_IF_ERROR(ReplayGreedy(stage, rule));
  }
  if (!stage.AtEnd()) return stage.Wrong("the rule had ended before this step");
  if (stage.contest.spent != stage.contest.budget - stage.left) {
    return stage.Wrong("what was spent is not what the steps took");
  }
  return absl::OkStatus();
}

}  // namespace

ReplayStage::ReplayStage(const Election& e, const Rule& r, const Support& t,
                         const std::vector<uint32_t>& rank, const Outcome& o, const Contest& c)
    : election(e), rule(r), tally(t), outcome(o), contest(c), left(c.budget), rank_(rank) {}

absl::Status ReplayStage::Wrong(absl::string_view wrong) const {
  return Invalid(contest.category, step + 1, wrong);
}

absl::Status ReplayStage::Take(uint32_t plan, Rational award, const Rational& price,
                               std::vector<uint32_t> tied) {
  if (AtEnd()) return Wrong("a step is missing");
  const Step& told = next();
  left -= award;
  if (told.plan != plan) return Wrong("another plan comes first");
  if (outcome.plans[plan].award != award) return Wrong("the award is another");
  if (told.left != left) return Wrong("what is left is not the difference");
  if (told.price != price) return Wrong("the price is another");
  std::sort(tied.begin(), tied.end(), [&](uint32_t a, uint32_t b) { return Before(a, b); });
  tied.resize(std::min(tied.size(), kTiedMax));
  if (told.tied != tied) return Wrong("the tie is told wrongly");
  ++step;
  open.erase(plan);
  const std::string& group = election.plans[plan].exclusive_group;
  if (!group.empty()) {
    std::erase_if(open,
                  [&](uint32_t rival) { return election.plans[rival].exclusive_group == group; });
  }
  return absl::OkStatus();
}

absl::Status Replay(const Election& election, const Rule& rule, const Outcome& outcome) {
  const Support tally = CountSupport(election);
  const TieOrder ties(rule, election);
  std::vector<uint32_t> order(election.plans.size()), rank(order.size());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
    return ties.Before(a, tally.support[a], b, tally.support[b]);
  });
  for (uint32_t place = 0; place < order.size(); ++place) rank[order[place]] = place;

  if (outcome.voters != tally.voters) return Invalid("", 0, "the ballots are not so many");
  if (outcome.threshold != ThresholdOf(rule, tally.voters)) {
    return Invalid("", 0, "the threshold is another");
  }
  RETURN_IF_ERROR(CheckPlans(election, tally, outcome));
  if (outcome.contests.size() != std::max<size_t>(1, election.pots.size())) {
    return Invalid("", 0, "contests are missing");
  }
  std::vector<uint32_t> selected;
  for (size_t i = 0; i < outcome.contests.size(); ++i) {
    const Contest& contest = outcome.contests[i];
    const bool all = election.pots.empty();
    const Rational& budget = all ? election.budget : election.pots[i].amount;
    ReplayStage stage(election, rule, tally, rank, outcome, contest);
    if (contest.budget != budget || (!all && contest.category != election.pots[i].category)) {
      return stage.Wrong("the contest has other money");
    }
    for (uint32_t plan = 0; plan < election.plans.size(); ++plan) {
      const bool here = all || election.plans[plan].category == contest.category;
      if (here && tally.support[plan] >= outcome.threshold) stage.open.insert(plan);
    }
    RETURN_IF_ERROR(ReplayContest(stage));
    for (const Step& step : contest.steps) selected.push_back(step.plan);
  }
  if (selected != outcome.selected) return Invalid("", 0, "the winners are not those of the steps");
  return absl::OkStatus();
}

}  // namespace smederij::ballots::tally
