#include "services/ballots/tally/groups.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/match.h"
#include "common/base/check.h"

namespace smederij::ballots::tally {
namespace {

// Makes one GroupShares.
class Sharing {
 public:
  Sharing(const Election& election, const Rule& rule, const Outcome& outcome,
          absl::Span<const uint32_t> group_of, size_t groups)
      : election_(election),
        outcome_(outcome),
        group_of_(group_of),
        borda_(absl::StrContains(rule.name, "borda")),
        awarded_(election.plans.size(), false),
        supporters_(election.plans.size() * groups, 0) {
    CHECK(group_of.size() == election.ballots.size());
    shares_.groups.resize(groups);
    for (const uint32_t plan : outcome.selected) awarded_[plan] = true;
  }

  GroupShares Share() && {
    for (size_t row = 0; row < group_of_.size(); ++row) CountBallot(row);
    for (const Contest& contest : outcome_.contests) ShareContest(contest);
    for (const uint32_t plan : outcome_.selected) {
      if (!PaidByShares(plan)) SplitEvenly(plan);
    }
    return std::move(shares_);
  }

 private:
  bool PaidByShares(uint32_t plan) const {
    return outcome_.plans[plan].reason == Reason::kFundedByShares;
  }

  // What the choice at `place` gives its plan; by Borda points the last place gives nothing.
  int64_t SupportOf(const BallotView& ballot, size_t place) const {
    if (election_.kind == BallotKind::kPoints) return ballot.choices[place].points;
    if (election_.kind != BallotKind::kRanking) return 1;
    return static_cast<int64_t>(ballot.choices.size() - place);
  }
  int64_t ValueOf(const BallotView& ballot, size_t place) const {
    return SupportOf(ballot, place) - (borda_ ? 1 : 0);
  }

  void CountBallot(size_t row) {
    const BallotView ballot = election_.ballots[row];
    GroupShare& share = shares_.groups[group_of_[row]];
    int64_t awards = 0;
    for (size_t place = 0; place < ballot.choices.size(); ++place) {
      const uint32_t plan = ballot.choices[place].plan;
      if (!awarded_[plan] || SupportOf(ballot, place) == 0) continue;
      supporters_[plan * shares_.groups.size() + group_of_[row]] += ballot.weight;
      ++awards;
    }
    share.ballots += ballot.weight;
    share.satisfied += awards > 0 ? ballot.weight : 0;
    share.awards += awards * ballot.weight;
  }

  // Lets every ballot pay again what it paid in the contest. All amounts are put over one common
  // denominator first: a city's ballots then need no fraction each.
  void ShareContest(const Contest& contest) {
    Integer unit = contest.endowment.get_den();
    for (const Step& step : contest.steps) unit = lcm(unit, step.price.get_den());
    const auto scaled = [&](const Rational& amount) {
      return Integer(amount.get_num() * (unit / amount.get_den()));
    };
    constexpr size_t kNotPaid = ~size_t{0};
    std::vector<size_t> turn_of(election_.plans.size(), kNotPaid);
    std::vector<Integer> prices;
    for (const Step& step : contest.steps) {
      if (!PaidByShares(step.plan)) continue;
      turn_of[step.plan] = prices.size();
      prices.push_back(scaled(step.price));
    }
    if (prices.empty()) return;
    const Integer endowment = scaled(contest.endowment);
    std::vector<Integer> paid(shares_.groups.size());
    std::vector<std::pair<size_t, int64_t>> wishes;  // The turn of a plan, and its value.
    Integer held, share;
    for (size_t row = 0; row < group_of_.size(); ++row) {
      const BallotView ballot = election_.ballots[row];
      wishes.clear();
      for (size_t place = 0; place < ballot.choices.size(); ++place) {
        const size_t turn = turn_of[ballot.choices[place].plan];
        if (turn != kNotPaid) wishes.emplace_back(turn, ValueOf(ballot, place));
      }
      std::sort(wishes.begin(), wishes.end());
      held = endowment;
      for (const auto& [turn, value] : wishes) {
        share = prices[turn] * static_cast<long>(value);
        if (share > held) share = held;
        held -= share;
      }
      share = endowment - held;
      paid[group_of_[row]] += share * static_cast<long>(ballot.weight);
    }
    for (size_t group = 0; group < paid.size(); ++group) {
      Rational money(paid[group], unit);
      money.canonicalize();
      shares_.groups[group].money += money;
    }
  }

  void SplitEvenly(uint32_t plan) {
    const size_t groups = shares_.groups.size();
    const auto supporters = absl::MakeConstSpan(supporters_).subspan(plan * groups, groups);
    const int64_t all = std::accumulate(supporters.begin(), supporters.end(), int64_t{0});
    const Rational& award = outcome_.plans[plan].award;
    if (all == 0) shares_.nobody += award;
    for (size_t group = 0; group < groups && all > 0; ++group) {
      Rational part(static_cast<long>(supporters[group]), static_cast<long>(all));
      part.canonicalize();
      shares_.groups[group].money += award * part;
    }
  }

  const Election& election_;
  const Outcome& outcome_;
  const absl::Span<const uint32_t> group_of_;
  const bool borda_;
  std::vector<bool> awarded_;        // By plan.
  std::vector<int64_t> supporters_;  // By plan with an award, then by group.
  GroupShares shares_{};
};

}  // namespace

GroupShares ShareOut(const Election& election, const Rule& rule, const Outcome& outcome,
                     absl::Span<const uint32_t> group_of, size_t groups) {
  return Sharing(election, rule, outcome, group_of, groups).Share();
}

std::vector<bool> ShownAlone(absl::Span<const int64_t> voters, size_t groups_max) {
  std::vector<size_t> order(voters.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return voters[a] > voters[b]; });
  size_t alone = 0;
  int64_t together = std::accumulate(voters.begin(), voters.end(), int64_t{0});
  while (alone < std::min(groups_max, order.size()) && voters[order[alone]] >= kGroupVotersMin) {
    together -= voters[order[alone++]];
  }
  // Whoever knows the whole could otherwise subtract.
  while (alone > 0 && together > 0 && together < kGroupVotersMin) {
    together += voters[order[--alone]];
  }
  std::vector<bool> shown(voters.size(), false);
  for (size_t place = 0; place < alone; ++place) shown[order[place]] = true;
  return shown;
}

}  // namespace smederij::ballots::tally
