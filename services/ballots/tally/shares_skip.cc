#include "services/ballots/tally/shares_skip.h"

#include <algorithm>

#include "services/ballots/tally/rounding.h"

namespace smederij::ballots::tally {
namespace {

// Ranks that differ by more differ for certain.
constexpr double kCertain = 8 * kRoundedError;

}  // namespace

bool SharesSkip::SameUpTo(const SharesRun& run, const Integer& numerator, const Integer& larger,
                          const Integer& denominator) {
  Start(near_, electorate_.groups(), Ratio(numerator, denominator, 1));
  Start(far_, electorate_.groups(), Ratio(larger, denominator, 1));
  is_poor_.assign(electorate_.groups(), false);
  FindPrices(run, larger, denominator);
  candidates_.clear();
  for (uint32_t plan = 0; plan < race_.plans(); ++plan) {
    if (electorate_.SupportersOf(plan) > 0) candidates_.push_back({.plan = plan, .limit = kTiny});
  }
  for (size_t i = 0; i < run.rounds().size(); ++i) {
    const SharesRun::Round& round = run.rounds()[i];
    near_.price = round.price;
    far_.price = far_prices_[i];
    const int32_t group = race_.group[round.plan];
    std::erase_if(candidates_,
                  [&](const Candidate& candidate) { return candidate.plan == round.plan; });
    if (!PaysTheSame(round)) return false;
    for (Candidate& candidate : candidates_) {
      if (!StaysBehind(candidate, round)) return false;
    }
    std::erase_if(candidates_, [&](const Candidate& candidate) {
      return group >= 0 && race_.group[candidate.plan] == group;
    });
    Pay(round, near_);
    Pay(round, far_);
  }
  return std::all_of(candidates_.begin(), candidates_.end(),
                     [&](const Candidate& candidate) { return StaysUnaffordable(candidate.plan); });
}

void SharesSkip::Start(End& end, size_t groups, double endowment) {
  end.endowment = endowment;
  end.money.assign(groups, endowment);
  end.error = kRoundedError * endowment;
}

// The prices at the far end, exact before they are rounded: no error grows from round to round.
void SharesSkip::FindPrices(const SharesRun& run, const Integer& larger,
                            const Integer& denominator) {
  far_prices_.clear();
  numerators_.clear();
  Integer common = denominator, endowment = larger;
  for (const SharesRun::Round& round : run.rounds()) {
    Integer numerator = common * race_.cost[round.plan];
    mpz_submul_ui(numerator.get_mpz_t(), endowment.get_mpz_t(), Unsigned(round.poor_size));
    for (size_t earlier = 0; earlier < numerators_.size(); ++earlier) {
      mpz_addmul_ui(numerator.get_mpz_t(), numerators_[earlier].get_mpz_t(),
                    Unsigned(round.coefficients[earlier]));
    }
    far_prices_.push_back(Ratio(numerator, common, round.value_sum));
    const unsigned long widen = Unsigned(round.value_sum);
    common *= widen;
    endowment *= widen;
    for (Integer& earlier : numerators_) earlier *= widen;
    numerators_.push_back(std::move(numerator));
  }
}

// Whether at the far end, too, exactly the poor of `round` hold less than its price.
bool SharesSkip::PaysTheSame(const SharesRun::Round& round) {
  if (far_.price <= 0) return false;
  for (const uint32_t group : round.poor) is_poor_[group] = true;
  bool same = true;
  const size_t end = electorate_.support_first[round.plan + 1];
  for (size_t at = electorate_.support_first[round.plan]; at < end && same; ++at) {
    const uint32_t group = electorate_.group[at];
    const double held = far_.money[group];
    const double asked = far_.price * electorate_.value[at];
    if (held == 0) continue;
    same = is_poor_[group] ? held + far_.error < asked * (1 - kCertain)
                           : held - far_.error > asked * (1 + kCertain);
  }
  for (const uint32_t group : round.poor) is_poor_[group] = false;
  return same;
}

// Whether bounds show at both ends that `candidate` does not go before the winner of `round`.
bool SharesSkip::StaysBehind(Candidate& candidate, const SharesRun::Round& round) {
  const uint32_t plan = candidate.plan;
  if (IsBehind(candidate, round.plan)) return true;
  if (round.poor.empty() && IsConstantlyBehind(plan, round)) return true;
  const double cost = static_cast<double>(race_.cost[plan]);
  const double terms = static_cast<double>(electorate_.SupportersOf(plan) + 8) * kEpsilon;
  for (;;) {
    double near_money = 0, far_money = 0, poor = 0;
    const size_t end = electorate_.support_first[plan + 1];
    for (size_t at = electorate_.support_first[plan]; at < end; ++at) {
      const uint32_t group = electorate_.group[at];
      const double held = near_.money[group];
      if (held >= candidate.limit * electorate_.value[at]) continue;
      near_money += electorate_.group_size[at] * held;
      far_money += electorate_.group_size[at] * far_.money[group];
      poor += electorate_.value_sum[at];
    }
    const double rich = static_cast<double>(electorate_.plan_value_sum[plan]) - poor;
    const double near_error = poor * near_.error + terms * (near_money + cost);
    const double far_error = poor * far_.error + terms * (far_money + cost);
    if (rich <= 0) return cost - near_money > near_error && cost - far_money > far_error;
    const double next = (cost - near_money) / rich;
    candidate.near_low = next * (1 - kRoundedError) - near_error / rich;
    candidate.far_low = (cost - far_money) / rich * (1 - kRoundedError) - far_error / rich;
    if (IsBehind(candidate, round.plan)) return true;
    if (next <= candidate.limit * (1 + 1e-13)) return false;
    candidate.limit = next;
  }
}

bool SharesSkip::IsBehind(const Candidate& candidate, uint32_t winner) const {
  const double factor = static_cast<double>(electorate_.factor[candidate.plan]);
  const double by = static_cast<double>(electorate_.factor[winner]);
  return candidate.near_low / factor > near_.price / by * (1 + kCertain) &&
         candidate.far_low / factor > far_.price / by * (1 + kCertain);
}

// When everybody who supports the winner pays the same, its price does not depend on the endowment,
// and that of another plan is never below cost / value of all who hold anything. Ties of that kind
// abound, and the tie order decides them the same way every time.
bool SharesSkip::IsConstantlyBehind(uint32_t plan, const SharesRun::Round& round) const {
  double value_sum = 0;  // Whole numbers below 2^53: exact.
  const size_t end = electorate_.support_first[plan + 1];
  for (size_t at = electorate_.support_first[plan]; at < end; ++at) {
    value_sum += near_.money[electorate_.group[at]] > 0 ? electorate_.value_sum[at] : 0;
  }
  if (value_sum == 0) return true;
  Integer left = static_cast<long>(race_.cost[plan]);
  left *= static_cast<long>(round.value_sum);
  left *= static_cast<long>(electorate_.factor[round.plan]);
  Integer right = static_cast<long>(race_.cost[round.plan]);
  right *= static_cast<long>(value_sum);
  right *= static_cast<long>(electorate_.factor[plan]);
  const int sign = cmp(left, right);
  return sign > 0 || (sign == 0 && race_.tie_rank[round.plan] < race_.tie_rank[plan]);
}

// At the near end the run found that out itself.
bool SharesSkip::StaysUnaffordable(uint32_t plan) const {
  const double cost = static_cast<double>(race_.cost[plan]);
  const size_t end = electorate_.support_first[plan + 1];
  double held = 0, size = 0;
  for (size_t at = electorate_.support_first[plan]; at < end; ++at) {
    held += electorate_.group_size[at] * far_.money[electorate_.group[at]];
    size += electorate_.group_size[at];
  }
  const double terms = static_cast<double>(electorate_.SupportersOf(plan) + 8) * kEpsilon;
  return cost - held > size * far_.error + terms * (held + cost);
}

void SharesSkip::Pay(const SharesRun::Round& round, End& end) const {
  for (const uint32_t group : round.poor) end.money[group] = 0;
  const size_t last = electorate_.support_first[round.plan + 1];
  for (size_t at = electorate_.support_first[round.plan]; at < last; ++at) {
    double& held = end.money[electorate_.group[at]];
    if (held > 0) held = std::max(held - end.price * electorate_.value[at], kTiny);
  }
  end.error += 2 * kRoundedError * end.endowment;
}

}  // namespace smederij::ballots::tally
