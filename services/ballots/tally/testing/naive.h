#pragma once

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "services/ballots/tally/testing/small_election.h"

// For tests: Equal Shares and Phragmén again, straight from their definitions with a fraction per
// ballot, nothing merged, nothing estimated. Weights are written out as so many ballots.
namespace smederij::ballots::tally::naive {

using Ids = std::set<uint32_t>;

struct Voter {
  std::vector<Rational> wants;  // By plan: utility.
};

class Counter {
 public:
  Counter(const Election& election, const Rule& rule)
      : election_(election), rule_(rule.name), step_(rule.endowment_step) {
    support_.assign(plans(), 0);
    for (size_t row = 0; row < election.ballots.size(); ++row) {
      const BallotView ballot = election.ballots[row];
      for (int64_t copy = 0; copy < ballot.weight; ++copy) AddVoter(ballot);
    }
  }

  // The outcome, the endowment that counts and how many there were, the one overspent included.
  Ids EqualShares(Rational& counts, uint64_t& endowments) const {
    counts = 0;
    endowments = 0;
    const bool step = Has("_add1"), percent = Has("_inc1pct"), full = Has("_full");
    if (voters_.empty()) return {};
    const Rational first = election_.budget / static_cast<unsigned long>(voters_.size());
    Ids before = Free();
    if (first == 0) return before;
    for (Rational endowment = first;; endowment += step ? step_ : Rational(first / 100)) {
      const Ids now = Run(endowment);
      ++endowments;
      if (Cost(now) > election_.budget) return before;
      counts = endowment;
      if ((!step && !percent) || Ended(now, full)) return now;
      before = now;
    }
  }

  Ids Phragmen() const {
    std::vector<Rational> load(voters_.size());
    Ids selected, left;
    for (uint32_t p = 0; p < plans(); ++p) {
      if (Cost(p) <= election_.budget) left.insert(p);
    }
    while (!left.empty()) {
      std::optional<Rational> least;
      std::vector<uint32_t> tied;
      for (const uint32_t p : left) {
        const std::optional<Rational> time = TimeOf(p, load);
        const bool better = time && (!least || *time < *least);
        if (better) tied.clear();
        if (better) least = time;
        if (time == least) tied.push_back(p);
      }
      for (const uint32_t p : tied) {
        if (Cost(selected) + Cost(p) > election_.budget) return selected;
      }
      const uint32_t winner = First(tied);
      for (size_t i = 0; i < voters_.size(); ++i) {
        if (voters_[i].wants[winner] > 0) load[i] = *least;
      }
      selected.insert(winner);
      left.erase(winner);
    }
    return selected;
  }

 private:
  size_t plans() const { return election_.plans.size(); }
  const Rational& Cost(uint32_t p) const { return election_.plans[p].cost; }
  Rational Cost(const Ids& ids) const {
    Rational sum = 0;
    for (const uint32_t p : ids) sum += Cost(p);
    return sum;
  }
  bool Has(const std::string& part) const { return rule_.find(part) != std::string::npos; }

  void AddVoter(const BallotView& ballot) {
    Voter voter;
    voter.wants.assign(plans(), 0);
    const bool ranking = election_.kind == BallotKind::kRanking;
    const bool points = election_.kind == BallotKind::kPoints;
    int64_t place = static_cast<int64_t>(ballot.choices.size());
    for (const Choice& choice : ballot.choices) {
      const int64_t given = ranking ? place : points ? choice.points : 1;
      support_[choice.plan] += given;
      Rational value = static_cast<long>(Has("borda") ? place - 1 : given);
      if (Has("mes_cost") || Has("points_cost")) value *= Cost(choice.plan);
      voter.wants[choice.plan] = value;
      --place;
    }
    voters_.push_back(voter);
  }

  bool Supported(uint32_t p) const {
    return std::any_of(voters_.begin(), voters_.end(),
                       [&](const Voter& voter) { return voter.wants[p] > 0; });
  }

  uint32_t First(const std::vector<uint32_t>& tied) const {
    return *std::min_element(tied.begin(), tied.end(), [&](uint32_t a, uint32_t b) {
      if (support_[a] != support_[b]) return support_[a] > support_[b];
      if (Cost(a) != Cost(b)) return Cost(a) < Cost(b);
      return election_.plans[a].number < election_.plans[b].number;
    });
  }

  Ids Free() const {
    Ids free;
    for (uint32_t p = 0; p < plans(); ++p) {
      if (Cost(p) == 0 && Supported(p)) free.insert(p);
    }
    return free;
  }

  bool Ended(const Ids& selected, bool full) const {
    const Rational left = election_.budget - Cost(selected);
    for (uint32_t p = 0; p < plans(); ++p) {
      if (Cost(p) == 0 || selected.contains(p) || !Supported(p)) continue;
      if (full || Cost(p) <= left) return false;
    }
    return true;
  }

  // The price per utility, by the supporters in order of what they can bear.
  std::optional<Rational> PriceOf(uint32_t p, const std::vector<Rational>& money) const {
    std::vector<size_t> supporters;
    Rational need = Cost(p), utilities = 0, held = 0;
    for (size_t i = 0; i < voters_.size(); ++i) {
      if (voters_[i].wants[p] <= 0) continue;
      supporters.push_back(i);
      utilities += voters_[i].wants[p];
      held += money[i];
    }
    if (supporters.empty() || held < need) return std::nullopt;
    std::sort(supporters.begin(), supporters.end(), [&](size_t a, size_t b) {
      return money[a] * voters_[b].wants[p] < money[b] * voters_[a].wants[p];
    });
    for (const size_t i : supporters) {
      const Rational price = need / utilities;
      if (price * voters_[i].wants[p] <= money[i]) return price;
      need -= money[i];
      utilities -= voters_[i].wants[p];
    }
    CHECK(false);
    return std::nullopt;
  }

  Ids Run(const Rational& endowment) const {
    std::vector<Rational> money(voters_.size(), endowment);
    Ids selected = Free();
    for (;;) {
      std::optional<Rational> best;
      std::vector<uint32_t> tied;
      for (uint32_t p = 0; p < plans(); ++p) {
        if (Cost(p) == 0 || selected.contains(p)) continue;
        const std::optional<Rational> price = PriceOf(p, money);
        if (!price || (best && *price > *best)) continue;
        if (!best || *price < *best) tied.clear();
        best = price;
        tied.push_back(p);
      }
      if (!best) return selected;
      const uint32_t winner = First(tied);
      for (size_t i = 0; i < voters_.size(); ++i) {
        money[i] -= std::min(money[i], Rational(*best * voters_[i].wants[winner]));
      }
      selected.insert(winner);
    }
  }

  std::optional<Rational> TimeOf(uint32_t p, const std::vector<Rational>& load) const {
    Rational sum = Cost(p);
    unsigned long supporters = 0;
    for (size_t i = 0; i < voters_.size(); ++i) {
      if (voters_[i].wants[p] <= 0) continue;
      sum += load[i];
      ++supporters;
    }
    if (supporters == 0) return std::nullopt;
    return Rational(sum / supporters);
  }

  const Election& election_;
  const std::string rule_;
  const Rational step_;
  std::vector<Voter> voters_{};
  std::vector<int64_t> support_{};
};

}  // namespace smederij::ballots::tally::naive
