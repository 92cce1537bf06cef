// The exact half of SharesRun: what doubles cannot decide.
#include "services/ballots/tally/rounding.h"
#include "services/ballots/tally/shares_run.h"

namespace smederij::ballots::tally {

// The exact price of a candidate; false when its supporters hold less than its cost. Starts from
// those who are poor for certain and adds, exactly, whoever is at the price so found.
bool SharesRun::FindPrice(const Candidate& candidate, Price& price) {
  price.poor.clear();
  price.poor_size = 0;
  price.value_sum = electorate_.plan_value_sum[candidate.plan];
  price.coefficients.assign(prices_.size(), 0);
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
    if (round >= 0) price.coefficients[static_cast<size_t>(round)] += size * wish.value;
  }
}

// cost − what the poor hold, over denominator_; price.value_sum is what the others share it by.
void SharesRun::Solve(uint32_t plan, Price& price) {
  price.numerator = denominator_ * race_.cost[plan];
  mpz_submul_ui(price.numerator.get_mpz_t(), endowment_numerator_.get_mpz_t(),
                Unsigned(price.poor_size));
  for (size_t round = 0; round < prices_.size(); ++round) {
    if (price.coefficients[round] == 0) continue;
    mpz_addmul_ui(price.numerator.get_mpz_t(), prices_[round].get_mpz_t(),
                  Unsigned(price.coefficients[round]));
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

}  // namespace smederij::ballots::tally
