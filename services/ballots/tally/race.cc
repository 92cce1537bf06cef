#include "services/ballots/tally/race.h"

#include <algorithm>
#include <numeric>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "common/base/check.h"

namespace smederij::ballots::tally {
namespace {

// Per plan, how many distinct values sort before its own.
template <class Less>
std::vector<uint32_t> RanksBy(size_t plans, Less less) {
  std::vector<uint32_t> order(plans), rank(plans);
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), less);
  for (size_t i = 1; i < plans; ++i) {
    rank[order[i]] = rank[order[i - 1]] + (less(order[i - 1], order[i]) ? 1 : 0);
  }
  return rank;
}

template <class T>
int Sign(T a, T b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

}  // namespace

TieOrder::TieOrder(const Rule& rule, const Election& election) : criteria_(rule.tie_order) {
  const std::vector<Plan>& plans = election.plans;
  if (criteria_.empty()) criteria_ = {TieBreak::kSupport, TieBreak::kCost};
  criteria_.push_back(TieBreak::kNumber);
  const auto cheaper = [&](uint32_t a, uint32_t b) { return plans[a].cost < plans[b].cost; };
  cost_rank_ = RanksBy(plans.size(), cheaper);
  number_.reserve(plans.size());
  for (const Plan& plan : plans) number_.push_back(plan.number);
  lot_rank_.assign(plans.size(), 0);
  absl::flat_hash_map<uint32_t, uint32_t> drawn;  // By number: when.
  for (uint32_t place = 0; place < rule.lot.size(); ++place) drawn.emplace(rule.lot[place], place);
  for (size_t plan = 0; plan < plans.size(); ++plan) {
    const auto at = drawn.find(plans[plan].number);
    if (at != drawn.end()) lot_rank_[plan] = at->second;
  }
}

int TieOrder::Compare(TieBreak by, uint32_t a, int64_t support_a, uint32_t b,
                      int64_t support_b) const {
  switch (by) {
    case TieBreak::kSupport:
      return Sign(support_b, support_a);
    case TieBreak::kCost:
      return Sign(cost_rank_[a], cost_rank_[b]);
    case TieBreak::kNumber:
      return Sign(number_[a], number_[b]);
    case TieBreak::kLot:
      return Sign(lot_rank_[a], lot_rank_[b]);
  }
  CHECK(false);
}

bool TieOrder::Before(uint32_t a, int64_t support_a, uint32_t b, int64_t support_b) const {
  for (const TieBreak by : criteria_) {
    const int sign = Compare(by, a, support_a, b, support_b);
    if (sign != 0) return sign < 0;
  }
  return false;
}

absl::string_view TieOrder::DecidedBy(uint32_t a, int64_t support_a, uint32_t b,
                                      int64_t support_b) const {
  for (const TieBreak by : criteria_) {
    if (Compare(by, a, support_a, b, support_b) == 0) continue;
    return by == TieBreak::kSupport ? "support"
           : by == TieBreak::kCost  ? "cost"
           : by == TieBreak::kLot   ? "lot"
                                    : "number";
  }
  return "number";
}

Support CountSupport(const Election& election) {
  Support result;
  const bool ranking = election.kind == BallotKind::kRanking;
  const bool points = election.kind == BallotKind::kPoints;
  result.support.assign(election.plans.size(), 0);
  if (ranking) result.borda.assign(election.plans.size(), 0);
  for (size_t row = 0; row < election.ballots.size(); ++row) {
    const BallotView ballot = election.ballots[row];
    result.voters += ballot.weight;
    int64_t place = static_cast<int64_t>(ballot.choices.size());
    for (const Choice& choice : ballot.choices) {
      const int64_t given = ranking ? place : points ? choice.points : 1;
      result.support[choice.plan] += given * ballot.weight;
      if (ranking) result.borda[choice.plan] += (place - 1) * ballot.weight;
      --place;
    }
  }
  result.voters += election.sums.voters;
  for (size_t plan = 0; plan < election.sums.support.size(); ++plan) {
    result.support[plan] += election.sums.support[plan];
  }
  return result;
}

int64_t ThresholdOf(const Rule& rule, int64_t voters) {
  const __int128 share = static_cast<__int128>(voters) * rule.support_min_basis_points;
  return std::max(rule.support_min, static_cast<int64_t>((share + 9'999) / 10'000));
}

Rational Race::Amount(int64_t scaled) const {
  Rational amount(Integer(static_cast<long>(scaled)), scale);
  amount.canonicalize();
  return amount;
}

absl::string_view Race::unit() const {
  const bool points = election.kind == BallotKind::kPoints || election.kind == BallotKind::kRanking;
  return points ? "points" : "votes";
}

std::vector<uint32_t> FirstTied(absl::Span<const uint32_t> tied) {
  const absl::Span<const uint32_t> first = tied.subspan(0, kTiedMax);
  return {first.begin(), first.end()};
}

std::vector<Fact> Facts(std::vector<Fact> facts) {
  std::sort(facts.begin(), facts.end());
  return facts;
}

Fact CountFact(absl::string_view name, int64_t value) {
  return {std::string(name), absl::StrCat(value)};
}

Fact AmountFact(absl::string_view name, const Rational& value) {
  return {std::string(name), ToText(value)};
}

Fact AmountFact(const Race& race, absl::string_view name, int64_t scaled) {
  return AmountFact(name, race.Amount(scaled));
}

}  // namespace smederij::ballots::tally
