#include "services/ballots/tally/phragmen.h"

#include <algorithm>
#include <limits>
#include <string>

#include "services/ballots/tally/electorate.h"

namespace smederij::ballots::tally {
namespace {

// Far above the error of a sum of non-negative terms, one per plan at most.
constexpr double kRelativeError = 1e-11;

// Loads are equal for all who last voted for the same winner, so the sum over a plan's supporters
// is a sum of few loads times whole counts. All loads are kept over one denominator.
class Phragmen {
 public:
  Phragmen(const Race& race, Outcome& outcome)
      : race_(race),
        electorate_(Merge(race, Utility::kCard, true)),
        outcome_(outcome),
        left_(race.budget),
        last_round_(electorate_.groups(), -1),
        carried_(race.plans()),
        load_(race.plans()),
        rival_(race.plans(), -1) {
    for (uint32_t plan = 0; plan < race.plans(); ++plan) {
      load_[plan] = RoundedLoad(plan);
      if (race.in[plan] && race.cost[plan] <= race.budget) candidates_.push_back(plan);
    }
  }

  void Run() {
    Contest contest;
    contest.category = race_.category;
    contest.budget = race_.Amount(race_.budget);
    while (!candidates_.empty()) {
      const std::vector<uint32_t> tied = Lightest();
      const auto too_dear = std::find_if(tied.begin(), tied.end(),
                                         [&](uint32_t plan) { return race_.cost[plan] > left_; });
      if (too_dear != tied.end()) {
        stopped_by_ = *too_dear;
        break;
      }
      Select(tied, contest);
    }
    contest.spent = race_.Amount(race_.budget - left_);
    outcome_.contests.push_back(std::move(contest));
    for (uint32_t plan = 0; plan < race_.plans(); ++plan) {
      if (race_.in[plan] && outcome_.plans[plan].decision == Decision::kNotFunded) Lose(plan);
    }
  }

 private:
  // How many supporters of a plan carry the load of a round.
  struct Carried {
    size_t round;
    int64_t supporters;
  };

  bool Supported(uint32_t plan) const { return electorate_.SupportersOf(plan) > 0; }
  int64_t SupportersOf(uint32_t plan) const { return electorate_.plan_value_sum[plan]; }

  // Cost plus the loads of all supporters, over denominator_.
  Integer Weight(uint32_t plan) const {
    Integer weight = denominator_ * static_cast<long>(race_.cost[plan]);
    for (const Carried& carried : carried_[plan]) {
      mpz_addmul_ui(weight.get_mpz_t(), loads_[carried.round].get_mpz_t(),
                    static_cast<unsigned long>(carried.supporters));
    }
    return weight;
  }

  double RoundedLoad(uint32_t plan) const {
    if (!Supported(plan)) return std::numeric_limits<double>::infinity();
    double weight = static_cast<double>(race_.cost[plan]);
    for (const Carried& carried : carried_[plan]) {
      weight += static_cast<double>(carried.supporters) * rounded_[carried.round];
    }
    return weight / static_cast<double>(SupportersOf(plan));
  }

  // The candidates whose supporters would carry least, in tie order.
  std::vector<uint32_t> Lightest() const {
    double least = std::numeric_limits<double>::infinity();
    for (const uint32_t plan : candidates_) least = std::min(least, load_[plan]);
    std::vector<uint32_t> near;
    for (const uint32_t plan : candidates_) {
      if (load_[plan] <= least * (1 + kRelativeError)) near.push_back(plan);
    }
    if (near.size() > 1 && Supported(near.front())) KeepLightest(near);
    std::sort(near.begin(), near.end(),
              [&](uint32_t a, uint32_t b) { return race_.tie_rank[a] < race_.tie_rank[b]; });
    return near;
  }

  void KeepLightest(std::vector<uint32_t>& near) const {
    std::vector<uint32_t> tied;
    Integer least = 0;  // Times `supporters`.
    int64_t supporters = 0;
    for (const uint32_t plan : near) {
      const Integer weight = Weight(plan);
      const int sign = tied.empty() ? -1
                                    : cmp(weight * static_cast<long>(supporters),
                                          least * static_cast<long>(SupportersOf(plan)));
      if (sign > 0) continue;
      if (sign < 0) {
        tied.clear();
        least = weight;
        supporters = SupportersOf(plan);
      }
      tied.push_back(plan);
    }
    near = std::move(tied);
  }

  // Takes the first of those that are equally good.
  void Select(const std::vector<uint32_t>& tied, Contest& contest) {
    const uint32_t plan = tied.front();
    Rational load = 0;
    const int64_t before = left_;
    left_ -= race_.cost[plan];
    if (Supported(plan)) load = Carry(plan);
    std::erase(candidates_, plan);
    if (race_.group[plan] >= 0) DropRivals(plan);
    PlanOutcome& result = outcome_.plans[plan];
    result.decision = Decision::kFunded;
    result.award = race_.Amount(race_.cost[plan]);
    result.reason = Reason::kFunded;
    std::vector<Fact> facts = Basics(plan);
    facts.push_back(AmountFact(race_, "left", before));
    facts.push_back(AmountFact("load", load));
    result.facts = Facts(std::move(facts));
    outcome_.selected.push_back(plan);
    contest.steps.push_back({.plan = plan,
                             .price = load,
                             .left = race_.Amount(left_),
                             .tied = FirstTied(absl::MakeConstSpan(tied).subspan(1))});
  }

  // Gives every supporter of `plan` the load that it takes; in currency units.
  Rational Carry(uint32_t plan) {
    const Integer weight = Weight(plan);
    const auto supporters = static_cast<unsigned long>(SupportersOf(plan));
    const unsigned long common = mpz_gcd_ui(nullptr, weight.get_mpz_t(), supporters);
    denominator_ *= supporters / common;
    for (Integer& earlier : loads_) earlier *= supporters / common;
    loads_.push_back(weight / common);
    Rational load(loads_.back(), denominator_);
    load.canonicalize();
    rounded_.push_back(load.get_d());
    const int64_t round = static_cast<int64_t>(loads_.size()) - 1;
    std::vector<uint32_t> changed;
    const size_t end = electorate_.support_first[plan + 1];
    for (size_t at = electorate_.support_first[plan]; at < end; ++at) {
      const uint32_t group = electorate_.group[at];
      const int64_t size = electorate_.size[group];
      const int64_t last = std::exchange(last_round_[group], round);
      for (const Electorate::Wish& wish : electorate_.WishesOf(group)) {
        if (Move(wish.plan, size, last, round)) changed.push_back(wish.plan);
      }
    }
    for (const uint32_t other : changed) {
      std::erase_if(carried_[other],
                    [](const Carried& carried) { return carried.supporters == 0; });
      load_[other] = RoundedLoad(other);
    }
    return load / race_.scale;
  }

  // So many supporters of `plan` carry the load of another round; true for the first in that round.
  bool Move(uint32_t plan, int64_t supporters, int64_t from, int64_t to) {
    std::vector<Carried>& carried = carried_[plan];
    if (from >= 0) {
      const auto at =
          std::lower_bound(carried.begin(), carried.end(), static_cast<size_t>(from),
                           [](const Carried& one, size_t round) { return one.round < round; });
      at->supporters -= supporters;
    }
    const bool first = carried.empty() || carried.back().round != static_cast<size_t>(to);
    if (first) carried.push_back({.round = static_cast<size_t>(to), .supporters = 0});
    carried.back().supporters += supporters;
    return first;
  }

  void DropRivals(uint32_t winner) {
    const auto is_rival = [&](uint32_t plan) { return race_.group[plan] == race_.group[winner]; };
    for (const uint32_t plan : candidates_) {
      if (is_rival(plan)) rival_[plan] = race_.election.plans[winner].number;
    }
    std::erase_if(candidates_, is_rival);
  }

  std::vector<Fact> Basics(uint32_t plan) const {
    return {AmountFact(race_, "cost", race_.cost[plan]),
            CountFact("support", race_.tally.support[plan]),
            {"unit", std::string(race_.unit())}};
  }

  void Lose(uint32_t plan) {
    PlanOutcome& result = outcome_.plans[plan];
    std::vector<Fact> facts = Basics(plan);
    if (rival_[plan] >= 0) {
      result.reason = Reason::kExcludedByWinner;
      facts.push_back(CountFact("winner", rival_[plan]));
    } else if (race_.cost[plan] > race_.budget) {
      result.reason = Reason::kDearerThanPot;
      facts.push_back(AmountFact(race_, "pot", race_.budget));
      facts.push_back(AmountFact(race_, "missing", race_.cost[plan] - race_.budget));
    } else {
      result.reason = plan == stopped_by_ ? Reason::kNoMoneyLeft : Reason::kCountStopped;
      facts.push_back(AmountFact(race_, "left", left_));
      if (race_.cost[plan] > left_) {
        facts.push_back(AmountFact(race_, "missing", race_.cost[plan] - left_));
      }
      const auto stopper = static_cast<size_t>(stopped_by_);
      facts.push_back(CountFact("stopped_by", race_.election.plans[stopper].number));
    }
    result.facts = Facts(std::move(facts));
  }

  const Race& race_;
  const Electorate electorate_;
  Outcome& outcome_;
  int64_t left_;
  int64_t stopped_by_ = -1;
  std::vector<uint32_t> candidates_{};
  Integer denominator_ = 1;
  std::vector<Integer> loads_{};               // By round, over denominator_, scaled.
  std::vector<double> rounded_{};              // The same, rounded.
  std::vector<int64_t> last_round_;            // By group: whose load it carries, -1 for none.
  std::vector<std::vector<Carried>> carried_;  // By plan, by round: never the whole table.
  std::vector<double> load_;                   // By plan: RoundedLoad, as it stands.
  std::vector<int64_t> rival_;                 // By plan: number of the winner that excludes it.
};

}  // namespace

void CountPhragmen(const Race& race, Outcome& outcome) { Phragmen(race, outcome).Run(); }

}  // namespace smederij::ballots::tally
