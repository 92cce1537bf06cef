#include "services/ballots/tally/greedy.h"

#include <algorithm>

#include "common/base/check.h"

namespace smederij::ballots::tally {
namespace {

// Far more support than any election has; beyond it nothing changes.
constexpr int64_t kMoreSupportMax = kSupportMax;

// numerator / denominator; a denominator of 0 is infinity.
struct Density {
  int64_t numerator;
  int64_t denominator;
};

int Compare(const Density& a, const Density& b) {
  const __int128 left = static_cast<__int128>(a.numerator) * b.denominator;
  const __int128 right = static_cast<__int128>(b.numerator) * a.denominator;
  return left < right ? -1 : right < left ? 1 : 0;
}

// The order plans are considered in, also for a plan that had more support than it has.
class Order {
 public:
  Order(const Race& race, GreedyScore score) : race_(race), score_(score) {}

  Density DensityOf(uint32_t plan, int64_t more = 0) const {
    const int64_t support = race_.tally.support[plan] + more;
    const int64_t cost = race_.cost[plan];
    switch (score_) {
      case GreedyScore::kSupport:
        return {support, 1};
      case GreedyScore::kSupportByCost:
        return {cost == 0 ? 0 : support, 1};
      case GreedyScore::kPerCost:
        return support == 0 ? Density{0, 1} : Density{cost == 0 ? 1 : support, cost};
      case GreedyScore::kBordaPerCost: {
        const int64_t borda = race_.tally.borda[plan] + more;
        return borda == 0 ? Density{0, 1} : Density{cost == 0 ? 1 : borda, cost};
      }
    }
    CHECK(false);
  }

  // Whether `a`, had it `more` support, would be considered before `b`.
  bool Before(uint32_t a, int64_t more, uint32_t b) const {
    const int sign = Compare(DensityOf(a, more), DensityOf(b));
    if (sign != 0) return sign > 0;
    return race_.ties.Before(a, race_.tally.support[a] + more, b, race_.tally.support[b]);
  }

  // How much more support brings `a` before `b`; -1 when none does.
  int64_t MoreToPass(uint32_t a, uint32_t b) const {
    if (!Before(a, kMoreSupportMax, b)) return -1;
    int64_t low = 0, high = kMoreSupportMax;  // `low` does not suffice, `high` does.
    while (high - low > 1) {
      const int64_t middle = low + (high - low) / 2;
      (Before(a, middle, b) ? high : low) = middle;
    }
    return high;
  }

  std::vector<uint32_t> Sorted() const {
    std::vector<uint32_t> order;
    for (uint32_t plan = 0; plan < race_.plans(); ++plan) {
      if (race_.in[plan]) order.push_back(plan);
    }
    std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) { return Before(a, 0, b); });
    return order;
  }

 private:
  const Race& race_;
  GreedyScore score_;
};

// What happens when a plan's turn comes.
enum class Turn { kTakes, kTakesNearly, kTakesPart, kPassed, kStops, kExcluded };

// The money and the groups on the way through the order.
class Walk {
 public:
  explicit Walk(const Race& race)
      : race_(race), left_(race.budget), winner_(static_cast<size_t>(race.groups), -1) {}

  int64_t left() const { return left_; }
  bool stopped() const { return stopped_by_ >= 0; }
  uint32_t stopped_by() const { return static_cast<uint32_t>(stopped_by_); }
  // The winner of the plan's exclusive group, or -1.
  int64_t RivalOf(uint32_t plan) const {
    return race_.group[plan] < 0 ? -1 : winner_[static_cast<size_t>(race_.group[plan])];
  }
  // Whether `plan` would be funded in full if its turn were now.
  bool Funds(uint32_t plan) const {
    return !stopped() && RivalOf(plan) < 0 && !race_.election.plans[plan].withdrawn &&
           (race_.cost[plan] <= left_ || FundsNearly(plan));
  }

  void Take(uint32_t plan, int64_t award) {
    left_ -= award;
    if (race_.group[plan] >= 0) winner_[static_cast<size_t>(race_.group[plan])] = plan;
  }

  // Gives `plan` its turn; not after the walk stopped.
  Turn Visit(uint32_t plan) {
    if (RivalOf(plan) >= 0) return Turn::kExcluded;
    if (race_.election.plans[plan].withdrawn) return Turn::kPassed;
    const int64_t cost = race_.cost[plan];
    if (cost <= left_) {
      Take(plan, cost);
      return Turn::kTakes;
    }
    const Rule& rule = race_.rule;
    const bool nearly = FundsNearly(plan);
    if (rule.stop_at_first_misfit) stopped_by_ = plan;
    const bool offers = OffersPart(plan);
    misfit_met_ = true;
    if (offers) {
      Take(plan, left_);
      return Turn::kTakesPart;
    }
    if (nearly) {
      Take(plan, cost);
      return Turn::kTakesNearly;
    }
    return rule.stop_at_first_misfit ? Turn::kStops : Turn::kPassed;
  }

 private:
  // Whether enough is left of the cost of a plan that does not fit.
  bool NearlyFits(uint32_t plan) const {
    return static_cast<__int128>(left_) * 100 >=
           static_cast<__int128>(race_.cost[plan]) * race_.rule.last_plan_percent_min;
  }
  bool FundsNearly(uint32_t plan) const {
    return !race_.rule.partial_award && race_.rule.last_plan_percent_min > 0 && NearlyFits(plan);
  }
  bool OffersPart(uint32_t plan) const {
    return race_.rule.partial_award && !misfit_met_ && left_ > 0 && NearlyFits(plan);
  }

  const Race& race_;
  int64_t left_;
  int64_t stopped_by_ = -1;
  bool misfit_met_ = false;
  std::vector<int64_t> winner_;  // By exclusive group.
};

// Who still waits and comes after the plan at `place`, just taken by `walk`, in the tie order
// alone.
std::vector<uint32_t> TiedWith(const Race& race, const Order& order, const Walk& walk,
                               const std::vector<uint32_t>& sorted, size_t place) {
  const Density density = order.DensityOf(sorted[place]);
  std::vector<uint32_t> tied;
  for (size_t at = place + 1; at < sorted.size() && tied.size() < kTiedMax; ++at) {
    const uint32_t plan = sorted[at];
    if (Compare(order.DensityOf(plan), density) != 0) break;
    const int64_t rival = walk.RivalOf(plan);
    const bool waits =
        (rival < 0 || rival == sorted[place]) && !race.election.plans[plan].withdrawn;
    if (waits) tied.push_back(plan);
  }
  return tied;
}

// The last plan of the others' order before which `plan` would still be funded; -1 when
// there is none. Before its own turn a plan has no influence, so the others walk as without it;
// and what is funded at some place is funded at every earlier one.
int64_t MustPass(const Race& race, const std::vector<uint32_t>& order, uint32_t plan) {
  Walk walk(race);
  int64_t last = -1;
  for (const uint32_t other : order) {
    if (other == plan) continue;
    if (walk.stopped() || !walk.Funds(plan)) break;
    last = other;
    walk.Visit(other);
  }
  return last;
}

class Greedy {
 public:
  Greedy(const Race& race, GreedyScore score, Outcome& outcome)
      : race_(race),
        order_(race, score),
        score_(score),
        sorted_(order_.Sorted()),
        walk_(race),
        outcome_(outcome) {}

  void Run() {
    Contest contest{.category = race_.category, .budget = race_.Amount(race_.budget)};
    for (size_t place = 0; place < sorted_.size(); ++place) {
      if (walk_.stopped()) {
        Lose(sorted_[place], Reason::kCountStopped);
      } else {
        Decide(place, contest);
      }
    }
    contest.spent = race_.Amount(race_.budget - walk_.left());
    outcome_.contests.push_back(std::move(contest));
  }

 private:
  void Decide(size_t place, Contest& contest) {
    const uint32_t plan = sorted_[place];
    const int64_t before = walk_.left();
    const Turn turn = walk_.Visit(plan);
    const int64_t award = before - walk_.left();
    PlanOutcome& result = outcome_.plans[plan];
    if (turn == Turn::kTakes || turn == Turn::kTakesNearly || turn == Turn::kTakesPart) {
      const bool part = turn == Turn::kTakesPart;
      result.decision = part ? Decision::kPartial : Decision::kFunded;
      result.award = race_.Amount(award);
      result.reason = part                         ? Reason::kPartiallyFunded
                      : turn == Turn::kTakesNearly ? Reason::kFundedNearlyFitted
                                                   : Reason::kFunded;
      std::vector<Fact> facts = Basics(plan);
      facts.push_back(AmountFact(race_, "left", before));
      facts.push_back(AmountFact(race_, "award", award));
      facts.push_back(
          AmountFact(race_, "missing", std::max<int64_t>(0, race_.cost[plan] - before)));
      result.facts = Facts(std::move(facts));
      outcome_.selected.push_back(plan);
      contest.steps.push_back({.plan = plan,
                               .price = 0,
                               .left = race_.Amount(walk_.left()),
                               .tied = TiedWith(race_, order_, walk_, sorted_, place)});
      return;
    }
    Lose(plan, Reason::kNoMoneyLeft);
  }

  std::vector<Fact> Basics(uint32_t plan) const {
    return {AmountFact(race_, "cost", race_.cost[plan]),
            CountFact("support", race_.tally.support[plan]),
            {"unit", std::string(race_.unit())}};
  }

  // Writes why `plan` gets nothing: `reason`, or something that explains it better.
  void Lose(uint32_t plan, Reason reason) {
    PlanOutcome& result = outcome_.plans[plan];
    std::vector<Fact> facts = Basics(plan);
    const Plan& self = race_.election.plans[plan];
    if (self.withdrawn) {
      reason = Reason::kWithdrawn;
    } else if (const int64_t rival = walk_.RivalOf(plan); rival >= 0) {
      reason = Reason::kExcludedByWinner;
      facts.push_back(CountFact("winner", NumberOf(rival)));
      AddCounterfactual(plan, reason, facts);
    } else if (!Walk(race_).Funds(plan)) {
      reason = Reason::kDearerThanPot;
      facts.push_back(AmountFact(race_, "pot", race_.budget));
      facts.push_back(AmountFact(race_, "missing", race_.cost[plan] - race_.budget));
    } else {
      facts.push_back(AmountFact(race_, "left", walk_.left()));
      if (race_.cost[plan] > walk_.left()) {
        facts.push_back(AmountFact(race_, "missing", race_.cost[plan] - walk_.left()));
      }
      if (reason == Reason::kCountStopped) {
        facts.push_back(CountFact("stopped_by", NumberOf(walk_.stopped_by())));
      }
      AddCounterfactual(plan, reason, facts);
    }
    result.reason = reason;
    result.facts = Facts(std::move(facts));
  }

  // Exactly how much more support would have funded the plan, all else equal. Not for Borda per
  // cost, where one more ballot adds differently to score and support.
  void AddCounterfactual(uint32_t plan, Reason& reason, std::vector<Fact>& facts) const {
    if (score_ == GreedyScore::kBordaPerCost) return;
    const int64_t pass = MustPass(race_, sorted_, plan);
    if (pass < 0) return;
    const uint32_t other = static_cast<uint32_t>(pass);
    const int64_t more = order_.MoreToPass(plan, other);
    if (more > 0) facts.push_back(CountFact("more_support", more));
    facts.push_back(CountFact("against", NumberOf(other)));
    if (Compare(order_.DensityOf(plan), order_.DensityOf(other)) != 0) return;
    const std::vector<int64_t>& support = race_.tally.support;
    facts.push_back({"decided_by", std::string(race_.ties.DecidedBy(plan, support[plan], other,
                                                                    support[other]))});
    if (reason != Reason::kExcludedByWinner) reason = Reason::kTieLost;
  }

  int64_t NumberOf(int64_t plan) const {
    return race_.election.plans[static_cast<size_t>(plan)].number;
  }

  const Race& race_;
  const Order order_;
  const GreedyScore score_;
  const std::vector<uint32_t> sorted_;
  Walk walk_;
  Outcome& outcome_;
};

}  // namespace

void CountGreedy(const Race& race, GreedyScore score, Outcome& outcome) {
  Greedy(race, score, outcome).Run();
}

void CompleteByVotes(const Race& race, Contest& contest, Outcome& outcome) {
  Walk walk(race);
  for (const Step& step : contest.steps) walk.Take(step.plan, race.cost[step.plan]);
  const Order order(race, GreedyScore::kSupportByCost);
  std::vector<uint32_t> sorted = order.Sorted();
  std::erase_if(sorted,
                [&](uint32_t plan) { return outcome.plans[plan].decision == Decision::kFunded; });
  for (size_t place = 0; place < sorted.size(); ++place) {
    const uint32_t plan = sorted[place];
    PlanOutcome& result = outcome.plans[plan];
    const int64_t before = walk.left();
    const Turn turn = walk.Visit(plan);
    if (turn == Turn::kExcluded || race.election.plans[plan].withdrawn) continue;
    std::vector<Fact> facts = {AmountFact(race, "cost", race.cost[plan]),
                               AmountFact(race, "left", before),
                               CountFact("support", race.tally.support[plan]),
                               {"unit", std::string(race.unit())}};
    if (turn == Turn::kTakes) {
      result.decision = Decision::kFunded;
      result.award = race.Amount(race.cost[plan]);
      result.reason = Reason::kFundedByCompletion;
      outcome.selected.push_back(plan);
      contest.steps.push_back({.plan = plan,
                               .price = 0,
                               .left = race.Amount(walk.left()),
                               .tied = TiedWith(race, order, walk, sorted, place)});
    } else {
      result.reason = Reason::kNoMoneyLeft;
      facts.push_back(AmountFact(race, "missing", race.cost[plan] - before));
    }
    result.facts = Facts(std::move(facts));
  }
  contest.spent = race.Amount(race.budget - walk.left());
}

}  // namespace smederij::ballots::tally
