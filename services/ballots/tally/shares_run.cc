#include "services/ballots/tally/shares_run.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "common/base/check.h"

namespace smederij::ballots::tally {
namespace {

constexpr double kEpsilon = 0x1p-53;  // Half a unit in the last place of 1.
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kTiny = 1e-300;  // Stands for what may be nothing, or next to it.

// Relative error of Ratio, of a rounded price and of what is computed from one.
constexpr double kRoundedError = 16 * kEpsilon;
// How much further than the best estimate bounds are raised; only a matter of speed.
constexpr double kMargin = 1 + 1e-9;

unsigned long Unsigned(int64_t value) { return static_cast<unsigned long>(value); }

// numerator / (denominator * by), of any size.
double Ratio(const Integer& numerator, const Integer& denominator, int64_t by) {
  long exponent_over = 0, exponent_under = 0;
  const double over = mpz_get_d_2exp(&exponent_over, numerator.get_mpz_t());
  const double under = mpz_get_d_2exp(&exponent_under, denominator.get_mpz_t());
  return std::ldexp(over / under, static_cast<int>(exponent_over - exponent_under)) /
         static_cast<double>(by);
}

}  // namespace

SharesRun::SharesRun(const Race& race, const Electorate& electorate)
    : race_(race), electorate_(electorate), is_poor_(electorate.groups(), false) {}

void SharesRun::Run(const Integer& numerator, const Integer& denominator, int64_t spent_max) {
  Start(numerator, denominator);
  while (spent_ <= spent_max && BuyNext()) continue;
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
  candidates_.clear();
  for (uint32_t plan = 0; plan < race_.plans(); ++plan) {
    if (electorate_.SupportersOf(plan) == 0) continue;
    Candidate candidate{.plan = plan, .low = 0, .rank = 0};
    Improve(candidate, static_cast<double>(race_.cost[plan]) /
                           static_cast<double>(electorate_.plan_value_sum[plan]) *
                           (1 - kRoundedError));
    candidates_.push_back(candidate);
  }
  SortCandidates();
}

void SharesRun::Improve(Candidate& candidate, double low) const {
  if (low <= candidate.low) return;
  candidate.low = low;
  candidate.rank =
      low / static_cast<double>(electorate_.factor[candidate.plan]) * (1 - kRoundedError);
}

// Nearly sorted from the round before, and few.
void SharesRun::SortCandidates() {
  std::erase_if(candidates_, [](const Candidate& candidate) { return candidate.gone; });
  for (size_t i = 1; i < candidates_.size(); ++i) {
    const Candidate moved = candidates_[i];
    size_t at = i;
    for (; at > 0 && candidates_[at - 1].rank > moved.rank; --at) {
      candidates_[at] = candidates_[at - 1];
    }
    candidates_[at] = moved;
  }
}

// Finds the cheapest candidate exactly and buys it; false when nobody can buy anything.
bool SharesRun::BuyNext() {
  RaiseBounds();
  SortCandidates();
  int64_t chosen = -1;
  double rank_max = kInfinity;
  tied_.clear();
  for (Candidate& candidate : candidates_) {
    if (candidate.rank > rank_max) break;
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
  for (const uint32_t loser : tied_) lost_tie_to_[loser] = chosen;
  Buy(static_cast<uint32_t>(chosen), best_);
  return true;
}

// Raises bounds in order until the next one is above the best estimate.
void SharesRun::RaiseBounds() {
  double best = kInfinity;
  for (Candidate& candidate : candidates_) {
    if (candidate.rank > best * kMargin) break;
    best = std::min(best, Raise(candidate, best * kMargin));
  }
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

// The exact price of a candidate; false when its supporters hold less than its cost. Starts from
// those who are poor for certain and adds, exactly, whoever is at the price so found.
bool SharesRun::FindPrice(const Candidate& candidate, Price& price) {
  price.poor.clear();
  price.poor_size = 0;
  price.value_sum = electorate_.plan_value_sum[candidate.plan];
  coefficient_.assign(prices_.size(), 0);
  LeaveOutBroke(candidate.plan, price);
  double certainly_rich = candidate.low * (1 + 1e-6);
  ListUnsure(candidate, certainly_rich, price);
  Solve(candidate.plan, price);
  while (price.value_sum > 0) {
    if (price.rounded * (1 + kRoundedError) > certainly_rich) {
      certainly_rich = price.rounded * (1 + 1e-6);
      ListUnsure(candidate, certainly_rich, price);
    }
    if (!SettleUnsure(price)) break;
    Solve(candidate.plan, price);
  }
  for (const uint32_t group : price.poor) is_poor_[group] = false;
  return price.value_sum > 0;
}

// Supporters without money count for nothing.
void SharesRun::LeaveOutBroke(uint32_t plan, Price& price) const {
  const size_t end = electorate_.support_first[plan + 1];
  double broke = 0;  // Whole numbers below 2^53: exact.
  for (size_t at = electorate_.support_first[plan]; at < end; ++at) {
    broke += money_[electorate_.group[at]] == 0 ? electorate_.value_sum[at] : 0;
  }
  price.value_sum -= static_cast<int64_t>(broke);
}

// Classifies the supporters not yet known to be poor: poor at candidate.low for certain, rich at
// the price `certainly_rich` for certain, or unsure.
void SharesRun::ListUnsure(const Candidate& candidate, double certainly_rich, Price& price) {
  unsure_.clear();
  const double certainly_poor = candidate.low * (1 - kRoundedError);
  const size_t end = electorate_.support_first[candidate.plan + 1];
  for (size_t at = electorate_.support_first[candidate.plan]; at < end; ++at) {
    const uint32_t group = electorate_.group[at];
    const double held = money_[group];
    const double value = electorate_.value[at];
    if (held == 0 || is_poor_[group]) continue;
    if (held + money_error_ < certainly_poor * value) {
      AddPoor(group, value, price);
    } else if (held - money_error_ <= certainly_rich * value) {
      unsure_.push_back(at);
    }
  }
}

// Adds who of the unsure cannot pay `price`; true when there was somebody.
bool SharesRun::SettleUnsure(Price& price) {
  const size_t known = price.poor.size();
  const double certainly_rich = price.rounded * (1 + 2 * kRoundedError);
  for (const size_t at : unsure_) {
    const uint32_t group = electorate_.group[at];
    const double value = electorate_.value[at];
    if (is_poor_[group] || money_[group] - money_error_ > certainly_rich * value) continue;
    if (CannotPay(group, value, price)) AddPoor(group, value, price);
  }
  return price.poor.size() > known;
}

void SharesRun::AddPoor(uint32_t group, double value, Price& price) {
  const int64_t size = electorate_.size[group];
  is_poor_[group] = true;
  price.poor.push_back(group);
  price.poor_size += size;
  price.value_sum -= size * static_cast<int64_t>(value);
  for (const Electorate::Wish& wish : electorate_.WishesOf(group)) {
    const int32_t round = round_of_[wish.plan];
    if (round >= 0) coefficient_[static_cast<size_t>(round)] += size * wish.value;
  }
}

// cost − what the poor hold, over denominator_; price.value_sum is what the others share it by.
void SharesRun::Solve(uint32_t plan, Price& price) {
  price.numerator = denominator_ * race_.cost[plan];
  mpz_submul_ui(price.numerator.get_mpz_t(), endowment_numerator_.get_mpz_t(),
                Unsigned(price.poor_size));
  for (size_t round = 0; round < prices_.size(); ++round) {
    if (coefficient_[round] == 0) continue;
    mpz_addmul_ui(price.numerator.get_mpz_t(), prices_[round].get_mpz_t(),
                  Unsigned(coefficient_[round]));
  }
  if (price.value_sum > 0) price.rounded = Ratio(price.numerator, denominator_, price.value_sum);
}

// Whether a ballot of `group` holds less than price * value, exactly.
bool SharesRun::CannotPay(uint32_t group, double value, const Price& price) {
  left_ = endowment_numerator_;
  for (const Electorate::Wish& wish : electorate_.WishesOf(group)) {
    const int32_t round = round_of_[wish.plan];
    if (round < 0) continue;
    mpz_submul_ui(left_.get_mpz_t(), prices_[static_cast<size_t>(round)].get_mpz_t(), wish.value);
  }
  left_ *= static_cast<long>(price.value_sum);
  right_ = price.numerator * static_cast<unsigned long>(value);
  return left_ < right_;
}

// Negative when `a` costs less per unit of utility.
int SharesRun::Compare(uint32_t a, const Price& price_a, uint32_t b, const Price& price_b) {
  left_ = price_a.numerator * price_b.value_sum;
  left_ *= static_cast<long>(electorate_.factor[b]);
  right_ = price_b.numerator * price_a.value_sum;
  right_ *= static_cast<long>(electorate_.factor[a]);
  return cmp(left_, right_);
}

void SharesRun::Buy(uint32_t plan, const Price& price) {
  const unsigned long common =
      mpz_gcd_ui(nullptr, price.numerator.get_mpz_t(), Unsigned(price.value_sum));
  const unsigned long widen = Unsigned(price.value_sum) / common;
  denominator_ *= widen;
  endowment_numerator_ *= widen;
  for (Integer& earlier : prices_) earlier *= widen;
  prices_.push_back(price.numerator / common);

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
  }
  SortCandidates();
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
