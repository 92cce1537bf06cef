#include "services/ballots/tally/shares_run.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "services/ballots/tally/rounding.h"

namespace smederij::ballots::tally {
namespace {

// How much further than the best estimate bounds are raised; only a matter of speed.
constexpr double kMargin = 1 + 1e-9;

}  // namespace

SharesRun::SharesRun(const Race& race, const Electorate& electorate)
    : race_(race), electorate_(electorate), is_poor_(electorate.groups(), false) {
  for (uint32_t plan = 0; plan < race_.plans(); ++plan) {
    if (electorate_.SupportersOf(plan) == 0) continue;
    Candidate candidate{.plan = plan, .low = 0, .rank = 0};
    Improve(candidate, static_cast<double>(race_.cost[plan]) /
                           static_cast<double>(electorate_.plan_value_sum[plan]) *
                           (1 - kRoundedError));
    first_candidates_.push_back(candidate);
  }
  std::stable_sort(first_candidates_.begin(), first_candidates_.end(),
                   [](const Candidate& a, const Candidate& b) { return a.rank < b.rank; });
  FindTwins();
}

// Plans that the same voters want alike, at the same cost, are equally good whatever happens.
void SharesRun::FindTwins() {
  using Wanted = std::tuple<int64_t, absl::Span<const uint32_t>, absl::Span<const double>>;
  absl::flat_hash_map<Wanted, uint32_t> seen;
  for (uint32_t plan = 0; plan < race_.plans(); ++plan) {
    const size_t first = electorate_.support_first[plan], size = electorate_.SupportersOf(plan);
    const Wanted wanted(race_.cost[plan],
                        absl::MakeConstSpan(electorate_.group).subspan(first, size),
                        absl::MakeConstSpan(electorate_.value).subspan(first, size));
    twin_.push_back(seen.emplace(wanted, plan).first->second);
  }
}

void SharesRun::Run(const Integer& numerator, const Integer& denominator, int64_t spent_max) {
  Start(numerator, denominator);
  while (spent_ <= spent_max && BuyNext()) continue;
}

std::vector<SharesRun::Purchase> SharesRun::Purchases() const {
  std::vector<Purchase> purchases;
  for (const Round& round : rounds()) {
    const double price = round.price * (1 + kRoundedError);
    purchases.push_back({.plan = round.plan,
                         .rank_max = price / static_cast<double>(electorate_.factor[round.plan]) *
                                     (1 + kRoundedError),
                         .in_full = PaidInFull(round)});
  }
  return purchases;
}

bool SharesRun::PaidInFull(const Round& round) const {
  return round.value_sum == electorate_.plan_value_sum[round.plan];
}

bool SharesRun::RunAlike(const Integer& numerator, const Integer& denominator,
                         absl::Span<const Purchase> purchases) {
  Start(numerator, denominator);
  for (const Purchase& purchase : purchases) {
    if (!BuyAlike(purchase)) return false;
  }
  return !BuyNext();
}

bool SharesRun::BuyAlike(const Purchase& purchase) {
  RaiseRivals(purchase);
  if (!close_.empty() && !purchase.in_full) return false;
  if (!BuyNext() || bought_.back() != purchase.plan) return false;
  if (close_.empty()) return true;
  const Round& round = rounds_[bought_.size() - 1];
  const auto lost_tie = [&](uint32_t rival) {
    return std::find(round.tied.begin(), round.tied.end(), rival) != round.tied.end();
  };
  return PaidInFull(round) && std::all_of(close_.begin(), close_.end(), lost_tie);
}

// Raises the bounds of rivals until each certainly costs more than the purchase did, and lists in
// close_ with whom that fails.
void SharesRun::RaiseRivals(const Purchase& purchase) {
  close_.clear();
  size_t raised = 0;
  for (Candidate& candidate : candidates_) {
    if (candidate.rank > purchase.rank_max) break;
    ++raised;
    if (twin_[candidate.plan] == twin_[purchase.plan]) continue;  // It lost the tie already.
    Raise(candidate, purchase.rank_max);
    const bool behind = candidate.gone || candidate.rank > purchase.rank_max;
    if (!behind) close_.push_back(candidate.plan);
  }
  SortCandidates(raised);
}

void SharesRun::Start(const Integer& numerator, const Integer& denominator) {
  denominator_ = denominator;
  endowment_numerator_ = numerator;
  endowment_ = Ratio(numerator, denominator, 1);
  money_.assign(electorate_.groups(), endowment_);
  money_error_ = kRoundedError * endowment_;
  prices_.clear();
  bought_.clear();
  spent_ = 0;
  round_of_.assign(race_.plans(), -1);
  lost_tie_to_.assign(race_.plans(), -1);
  winner_.assign(static_cast<size_t>(race_.groups), -1);
  candidates_ = first_candidates_;
}

void SharesRun::Improve(Candidate& candidate, double low) const {
  if (low <= candidate.low) return;
  candidate.low = low;
  candidate.rank =
      low / static_cast<double>(electorate_.factor[candidate.plan]) * (1 - kRoundedError);
}

// Puts those before `changed` where they belong now, or out: the others stand in order.
void SharesRun::SortCandidates(size_t changed) {
  const auto begin = candidates_.begin();
  const auto end = begin + static_cast<std::ptrdiff_t>(changed);
  const auto gone = std::remove_if(begin, end, [](const Candidate& one) { return one.gone; });
  changed = static_cast<size_t>(gone - begin);
  candidates_.erase(gone, end);
  for (size_t i = changed; i-- > 0;) {  // From the back: what is behind each is in order.
    const Candidate moved = candidates_[i];
    size_t at = i;
    for (; at + 1 < candidates_.size() && candidates_[at + 1].rank < moved.rank; ++at) {
      candidates_[at] = candidates_[at + 1];
    }
    candidates_[at] = moved;
  }
}

// Finds the cheapest candidate exactly and buys it; false when nobody can buy anything.
bool SharesRun::BuyNext() {
  SortCandidates(RaiseBounds());
  int64_t chosen = -1;
  double rank_max = kInfinity;
  tied_.clear();
  size_t looked_at = 0;
  for (Candidate& candidate : candidates_) {
    if (candidate.rank > rank_max) break;
    ++looked_at;
    const uint32_t plan = candidate.plan;
    if (!FindPrice(candidate, other_)) {
      candidate.gone = true;
      continue;
    }
    Improve(candidate, other_.rounded * (1 - kRoundedError));
    if (chosen >= 0) {
      const uint32_t rival = static_cast<uint32_t>(chosen);
      const int sign = Compare(plan, other_, rival, best_);
      if (sign < 0) tied_.clear();
      const bool wins_tie = sign == 0 && race_.tie_rank[plan] < race_.tie_rank[rival];
      if (sign == 0) tied_.push_back(wins_tie ? rival : plan);
      if (sign > 0 || (sign == 0 && !wins_tie)) continue;
    }
    chosen = plan;
    std::swap(best_, other_);
    rank_max =
        best_.rounded / static_cast<double>(electorate_.factor[plan]) * (1 + 4 * kRoundedError);
  }
  if (chosen < 0) return false;
  std::sort(tied_.begin(), tied_.end(),
            [&](uint32_t a, uint32_t b) { return race_.tie_rank[a] < race_.tie_rank[b]; });
  for (const uint32_t loser : tied_) lost_tie_to_[loser] = chosen;
  Buy(static_cast<uint32_t>(chosen), best_);
  SortCandidates(race_.group[static_cast<size_t>(chosen)] < 0 ? looked_at : candidates_.size());
  return true;
}

// Raises bounds in order until the next one is above the best estimate; returns of how many.
size_t SharesRun::RaiseBounds() {
  double best = kInfinity;
  size_t raised = 0;
  for (Candidate& candidate : candidates_) {
    if (candidate.rank > best * kMargin) break;
    best = std::min(best, Raise(candidate, best * kMargin));
    ++raised;
  }
  return raised;
}

// For any set of supporters taken to be poor, the price at which the others pay the rest is a
// lower bound of the true one, and the set of those poor at that price gives a higher one. Repeats
// that until the set stands, or the bound passes `rank_max`. Returns the estimate of the price per
// utility, infinite when there is none yet.
double SharesRun::Raise(Candidate& candidate, double rank_max) {
  const uint32_t plan = candidate.plan;
  const double cost = static_cast<double>(race_.cost[plan]);
  const double value_sum = static_cast<double>(electorate_.plan_value_sum[plan]);
  const double terms = static_cast<double>(electorate_.SupportersOf(plan) + 8);
  double price = candidate.low;
  double before = -1;
  for (;;) {
    const Poor poor = electorate_.unit ? PoorAt<true>(plan, price) : PoorAt<false>(plan, price);
    const double rich = value_sum - poor.value_sum;
    const double error = poor.value_sum * money_error_ + terms * kEpsilon * (poor.money + cost);
    if (rich <= 0) {
      candidate.gone = cost - poor.money > error;  // Otherwise FindPrice tells.
      return kInfinity;
    }
    const double next = (cost - poor.money) / rich;
    Improve(candidate, next * (1 - kRoundedError) - error / rich);
    if (next <= price * (1 + 1e-13) || poor.value_sum == before) {
      return next / static_cast<double>(electorate_.factor[plan]);
    }
    if (candidate.rank > rank_max) return kInfinity;
    before = poor.value_sum;
    price = next;
  }
}

// The innermost loop of a count: no branches.
template <bool unit>
SharesRun::Poor SharesRun::PoorAt(uint32_t plan, double price) const {
  const size_t end = electorate_.support_first[plan + 1];
  const double* const money = money_.data();
  const uint32_t* const group = electorate_.group.data();
  const double* const size = electorate_.group_size.data();
  const double* const value = electorate_.value.data();
  const double* const sum = electorate_.value_sum.data();
  Poor poor;
  for (size_t at = electorate_.support_first[plan]; at < end; ++at) {
    const double held = money[group[at]];
    const bool is_poor = held < (unit ? price : price * value[at]);
    poor.money += is_poor ? size[at] * held : 0;
    poor.value_sum += is_poor ? (unit ? size[at] : sum[at]) : 0;
  }
  return poor;
}

void SharesRun::Buy(uint32_t plan, const Price& price) {
  const unsigned long common =
      mpz_gcd_ui(nullptr, price.numerator.get_mpz_t(), Unsigned(price.value_sum));
  const unsigned long widen = Unsigned(price.value_sum) / common;
  denominator_ *= widen;
  endowment_numerator_ *= widen;
  for (Integer& earlier : prices_) earlier *= widen;
  prices_.push_back(price.numerator / common);

  Record(plan, price);
  for (const uint32_t group : price.poor) money_[group] = 0;
  const size_t end = electorate_.support_first[plan + 1];
  for (size_t at = electorate_.support_first[plan]; at < end; ++at) {
    double& held = money_[electorate_.group[at]];
    if (held > 0) held = std::max(held - price.rounded * electorate_.value[at], kTiny);
  }
  money_error_ += 2 * kRoundedError * endowment_;

  round_of_[plan] = static_cast<int32_t>(bought_.size());
  bought_.push_back(plan);
  spent_ += race_.cost[plan];
  const int32_t exclusive = race_.group[plan];
  if (exclusive >= 0) winner_[static_cast<size_t>(exclusive)] = plan;
  for (Candidate& candidate : candidates_) {
    const bool rival = exclusive >= 0 && race_.group[candidate.plan] == exclusive;
    if (candidate.plan == plan || rival) candidate.gone = true;
    if (candidate.plan == plan && exclusive < 0) break;
  }
}

// Keeps the memory of the rounds of earlier runs.
void SharesRun::Record(uint32_t plan, const Price& price) {
  if (rounds_.size() == bought_.size()) rounds_.emplace_back();
  Round& round = rounds_[bought_.size()];
  round.plan = plan;
  round.price = price.rounded;
  round.value_sum = price.value_sum;
  round.tied = tied_;
}

Rational SharesRun::PriceOf(size_t round) const {
  Rational price(prices_[round], denominator_);
  price.canonicalize();
  return price;
}

Rational SharesRun::HeldFor(uint32_t plan) const {
  int64_t size_sum = 0;
  std::vector<int64_t> coefficients(prices_.size(), 0);
  for (size_t at = electorate_.support_first[plan]; at < electorate_.support_first[plan + 1];
       ++at) {
    const uint32_t group = electorate_.group[at];
    if (money_[group] == 0) continue;
    size_sum += electorate_.size[group];
    for (const Electorate::Wish& wish : electorate_.WishesOf(group)) {
      const int32_t round = round_of_[wish.plan];
      if (round < 0) continue;
      coefficients[static_cast<size_t>(round)] += electorate_.size[group] * wish.value;
    }
  }
  Integer held = endowment_numerator_ * static_cast<long>(size_sum);
  for (size_t round = 0; round < prices_.size(); ++round) {
    held -= prices_[round] * static_cast<long>(coefficients[round]);
  }
  Rational result(held, denominator_);
  result.canonicalize();
  return result;
}

int64_t SharesRun::RivalOf(uint32_t plan) const {
  return race_.group[plan] < 0 ? -1 : winner_[static_cast<size_t>(race_.group[plan])];
}

}  // namespace smederij::ballots::tally
