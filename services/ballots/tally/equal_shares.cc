#include "services/ballots/tally/equal_shares.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "services/ballots/tally/shares_run.h"

namespace smederij::ballots::tally {
namespace {

constexpr uint64_t kLeapMax = uint64_t{1} << 60;
constexpr uint64_t kRestMax = 64;  // Steps between two leaps that are tried in vain.

// Endowments as whole numbers over one denominator: numerator of the first, and the step.
struct Ladder {
  Integer denominator{};
  Integer first{};
  Integer step{};  // 0: there is only the first.
};

Ladder MakeLadder(const Race& race, int64_t voters, Growth growth) {
  Rational first(Integer(static_cast<long>(race.budget)), Integer(static_cast<long>(voters)));
  first.canonicalize();
  Rational step = 0;
  if (growth == Growth::kPercent) step = first / 100;
  if (growth == Growth::kStep || growth == Growth::kStepFull) {
    step = race.rule.endowment_step * race.scale;
  }
  Ladder ladder;
  ladder.denominator = lcm(first.get_den(), step.get_den());
  ladder.first = Rational(first * ladder.denominator).get_num();
  ladder.step = Rational(step * ladder.denominator).get_num();
  return ladder;
}

class EqualShares {
 public:
  EqualShares(const Race& race, Utility utility, Growth growth, Outcome& outcome)
      : outcome_(outcome),
        utility_(utility),
        growth_(growth),
        contest_(StartContest(race)),
        race_(TakeFree(race)),
        electorate_(Merge(race_, utility, false)),
        run_(race_, electorate_) {}

  void Count() {
    if (electorate_.voters > 0 && race_.budget > 0) FindEndowment();
    contest_.spent = race_.Amount(bought_ ? run_.spent() : 0);
    if (bought_) WriteBought();
    for (uint32_t plan = 0; plan < race_.plans(); ++plan) {
      if (race_.in[plan] && outcome_.plans[plan].decision == Decision::kNotFunded) WriteLost(plan);
    }
    outcome_.contests.push_back(std::move(contest_));
  }

 private:
  static Contest StartContest(const Race& race) {
    Contest contest;
    contest.category = race.category;
    contest.budget = race.Amount(race.budget);
    return contest;
  }

  // Takes what costs nothing and somebody wants (by cost, nobody does), best in tie order first.
  // Returns the race for the others.
  Race TakeFree(Race race) {
    if (utility_ == Utility::kCost || utility_ == Utility::kPointsCost) return race;
    const std::vector<int64_t>& wanted =
        utility_ == Utility::kBorda ? race.tally.borda : race.tally.support;
    std::vector<uint32_t> free;
    for (uint32_t plan = 0; plan < race.plans(); ++plan) {
      if (race.in[plan] && race.cost[plan] == 0 && wanted[plan] > 0) free.push_back(plan);
    }
    std::sort(free.begin(), free.end(),
              [&](uint32_t a, uint32_t b) { return race.tie_rank[a] < race.tie_rank[b]; });
    for (const uint32_t plan : free) {
      if (!race.in[plan]) continue;
      PlanOutcome& result = outcome_.plans[plan];
      result.decision = Decision::kFunded;
      result.reason = Reason::kFundedFree;
      result.facts = Facts({AmountFact("cost", 0),
                            CountFact("support", race.tally.support[plan]),
                            {"unit", std::string(race.unit())}});
      outcome_.selected.push_back(plan);
      contest_.steps.push_back({.plan = plan, .price = 0, .left = contest_.budget});
      DropRivals(plan, race);
    }
    return race;
  }

  void DropRivals(uint32_t winner, Race& race) {
    race.in[winner] = false;
    if (race.group[winner] < 0) return;
    for (uint32_t plan = 0; plan < race.plans(); ++plan) {
      if (!race.in[plan] || race.group[plan] != race.group[winner]) continue;
      race.in[plan] = false;
      outcome_.plans[plan].reason = Reason::kExcludedByWinner;
      outcome_.plans[plan].facts = Facts({AmountFact(race, "cost", race.cost[plan]),
                                          CountFact("winner", race.election.plans[winner].number),
                                          CountFact("support", race.tally.support[plan]),
                                          {"unit", std::string(race.unit())}});
    }
  }

  // Leaves run_ at the endowment that counts; bought_ tells whether there is one.
  void FindEndowment() {
    const Ladder ladder = MakeLadder(race_, electorate_.voters, growth_);
    std::optional<Integer> counts;
    Integer numerator = ladder.first;
    run_.Run(numerator, ladder.denominator, race_.budget);
    contest_.endowments = 1;
    for (;;) {
      if (run_.spent() > race_.budget) break;
      counts = numerator;
      if (growth_ == Growth::kNone || IsLast()) break;
      const uint64_t steps = Leap(numerator, ladder);
      numerator += Steps(steps, ladder);
      contest_.endowments += steps;
    }
    bought_ = counts.has_value();
    if (!bought_) return;
    if (*counts != numerator) run_.Run(*counts, ladder.denominator, race_.budget);
    contest_.endowment = Rational(*counts, ladder.denominator) / race_.scale;
    contest_.endowment.canonicalize();
  }

  static Integer Steps(uint64_t steps, const Ladder& ladder) {
    return ladder.step * Integer(static_cast<unsigned long>(steps));
  }

  // Leaves run_ some steps beyond `from`, and says how many: as many as are known to buy the same
  // all the way, or one. A leap is a run of its own, so after one in vain the next is put off.
  uint64_t Leap(const Integer& from, const Ladder& ladder) {
    const std::vector<SharesRun::Purchase> purchases = run_.Purchases();
    for (uint64_t steps = rest_ > 0 ? 1 : leap_; steps > 1; steps /= 4) {
      if (!run_.RunAlike(from + Steps(steps, ladder), ladder.denominator, purchases)) continue;
      leap_ = std::min(steps * 2, kLeapMax);
      rest_after_ = 1;
      return steps;
    }
    if (rest_ > 0) {
      --rest_;
    } else {
      leap_ = 2;
      rest_ = rest_after_;
      rest_after_ = std::min(rest_after_ * 2, kRestMax);
    }
    run_.Run(from + ladder.step, ladder.denominator, race_.budget);
    return 1;
  }

  // Whether growing ends at the run just made: everything that anybody wants is bought, or, with
  // the early stop, nothing more fits the budget.
  bool IsLast() const {
    const bool full = growth_ == Growth::kStepFull;
    for (uint32_t plan = 0; plan < race_.plans(); ++plan) {
      if (electorate_.SupportersOf(plan) == 0 || run_.Bought(plan)) continue;
      if (run_.RivalOf(plan) >= 0) continue;
      if (full || race_.cost[plan] <= race_.budget - run_.spent()) return false;
    }
    return true;
  }

  Fact Money(absl::string_view name, const Rational& scaled) const {
    return AmountFact(name, scaled / race_.scale);
  }

  std::vector<Fact> Basics(uint32_t plan) const {
    int64_t supporters = 0;
    for (size_t at = electorate_.support_first[plan]; at < electorate_.support_first[plan + 1];
         ++at) {
      supporters += electorate_.size[electorate_.group[at]];
    }
    return {AmountFact(race_, "cost", race_.cost[plan]),
            CountFact("supporters", supporters),
            CountFact("support", race_.tally.support[plan]),
            {"unit", std::string(race_.unit())}};
  }

  void WriteBought() {
    int64_t left = race_.budget;
    for (size_t round = 0; round < run_.bought().size(); ++round) {
      const uint32_t plan = run_.bought()[round];
      left -= race_.cost[plan];
      const Rational price = run_.PriceOf(round) / race_.scale;
      PlanOutcome& result = outcome_.plans[plan];
      result.decision = Decision::kFunded;
      result.award = race_.Amount(race_.cost[plan]);
      result.reason = Reason::kFundedByShares;
      std::vector<Fact> facts = Basics(plan);
      facts.push_back(AmountFact("endowment", contest_.endowment));
      facts.push_back(AmountFact(electorate_.unit ? "share" : "share_per_point", price));
      result.facts = Facts(std::move(facts));
      outcome_.selected.push_back(plan);
      contest_.steps.push_back({.plan = plan,
                                .price = price,
                                .left = race_.Amount(left),
                                .tied = FirstTied(run_.rounds()[round].tied)});
    }
  }

  void WriteLost(uint32_t plan) {
    PlanOutcome& result = outcome_.plans[plan];
    std::vector<Fact> facts = Basics(plan);
    const int64_t rival = bought_ ? run_.RivalOf(plan) : -1;
    if (rival >= 0) {
      result.reason = Reason::kExcludedByWinner;
      facts.push_back(CountFact("winner", NumberOf(rival)));
    } else if (electorate_.SupportersOf(plan) == 0) {
      result.reason = Reason::kNoSupport;
    } else {
      result.reason = Reason::kSharesFellShort;
      const Rational held = bought_ ? run_.HeldFor(plan) : Rational(0);
      facts.push_back(Money("held", held));
      facts.push_back(Money("missing", race_.cost[plan] - held));
      facts.push_back(AmountFact("endowment", contest_.endowment));
      AddTie(plan, result.reason, facts);
    }
    result.facts = Facts(std::move(facts));
  }

  void AddTie(uint32_t plan, Reason& reason, std::vector<Fact>& facts) const {
    const int64_t winner = bought_ ? run_.LostTieTo(plan) : -1;
    if (winner < 0) return;
    const uint32_t other = static_cast<uint32_t>(winner);
    const std::vector<int64_t>& support = race_.tally.support;
    reason = Reason::kTieLost;
    facts.push_back(CountFact("against", NumberOf(winner)));
    facts.push_back({"decided_by", std::string(race_.ties.DecidedBy(plan, support[plan], other,
                                                                    support[other]))});
  }

  int64_t NumberOf(int64_t plan) const {
    return race_.election.plans[static_cast<size_t>(plan)].number;
  }

  Outcome& outcome_;
  const Utility utility_;
  const Growth growth_;
  Contest contest_;
  const Race race_;
  const Electorate electorate_;
  SharesRun run_;
  bool bought_ = false;      // Whether run_ holds a run that counts.
  uint64_t leap_ = 2;        // To try next …
  uint64_t rest_ = 0;        // … after so many single steps.
  uint64_t rest_after_ = 1;  // How many those are after the next one in vain.
};

}  // namespace

void CountEqualShares(const Race& race, Utility utility, Growth growth, Outcome& outcome) {
  EqualShares(race, utility, growth, outcome).Count();
}

}  // namespace smederij::ballots::tally
