#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "absl/strings/match.h"
#include "common/base/status_macros.h"
#include "services/ballots/tally/replay_stage.h"

namespace smederij::ballots::tally {
namespace {

// Every ballot's purse, and who wants what. A ballot's money is the endowment less the prices it
// paid; only those who gave all they had are marked. Doubles tell most purses from most prices, and
// where they do not, exact sums do.
class Purses {
 public:
  explicit Purses(const ReplayStage& stage)
      : stage_(stage),
        endowment_(stage.contest.endowment),
        empty_(stage.election.ballots.size(), false),
        rounded_(empty_.size(), endowment_.get_d()),
        step_of_(stage.election.plans.size(), kNone),
        wishes_(stage.election.plans.size()) {
    size_t longest = 0;
    for (size_t row = 0; row < empty_.size(); ++row) {
      const BallotView ballot = stage.election.ballots[row];
      longest = std::max(longest, ballot.choices.size());
      for (size_t place = 0; place < ballot.choices.size(); ++place) {
        const uint32_t plan = ballot.choices[place].plan;
        const int64_t value = ValueAt(ballot, place);
        if (value > 0 && stage.open.contains(plan)) wishes_[plan].push_back({row, value});
      }
    }
    // Each purchase rounds a product and a difference, none greater than the endowment.
    error_ = endowment_.get_d() * static_cast<double>(4 * longest + 8) *
             std::numeric_limits<double>::epsilon();
  }

  bool Wanted(uint32_t plan) const { return !wishes_[plan].empty(); }

  // What the supporters of `plan` hold, or pay at `price` per unit of value, together.
  Rational Held(uint32_t plan) const { return Pay(plan, nullptr).sum; }
  Rational PaidAt(uint32_t plan, const Rational& price) const { return Pay(plan, &price).sum; }

  // A bound that PaidAt certainly stays below, cheap.
  double PaidAtMost(uint32_t plan, double price) const {
    double paid = 0;
    for (const Wish& wish : wishes_[plan]) {
      const double held = empty_[wish.row] ? 0 : rounded_[wish.row] + error_;
      paid += std::min(held, price * static_cast<double>(wish.value)) * WeightOf(wish.row);
    }
    return paid * (1 + kSumError);
  }

  // What the supporters of a plan pay.
  struct Payment {
    Rational sum{};
    bool in_full = false;           // Somebody pays the whole price, so a lower one makes less.
    std::vector<size_t> emptied{};  // Ballots that give all they have.
  };

  // The supporters of `plan` pay `price` per unit of value, or all they have.
  Payment Buy(uint32_t plan, const Rational& price) {
    Payment payment = Pay(plan, &price);
    step_of_[plan] = prices_.size();
    prices_.push_back(price);
    for (const Wish& wish : wishes_[plan]) {
      rounded_[wish.row] -= price.get_d() * static_cast<double>(wish.value);
    }
    for (const size_t row : payment.emptied) empty_[row] = true;
    return payment;
  }

 private:
  struct Wish {
    size_t row;
    int64_t value;
  };
  static constexpr size_t kNone = std::numeric_limits<size_t>::max();
  static constexpr double kSumError = 1e-9;  // Of a sum of non-negative terms, with much to spare.

  // What the choice at `place` is worth to its ballot, in the units that prices are per.
  int64_t ValueAt(const BallotView& ballot, size_t place) const {
    const auto rank = static_cast<int64_t>(ballot.choices.size() - place);
    if (stage_.rule.name == "mes_borda") return rank - 1;
    if (stage_.election.kind == BallotKind::kRanking) return rank;
    return stage_.election.kind == BallotKind::kPoints ? ballot.choices[place].points : 1;
  }

  double WeightOf(size_t row) const {
    return static_cast<double>(stage_.election.ballots[row].weight);
  }

  Rational Exact(size_t row) const {
    Rational money = endowment_;
    const BallotView ballot = stage_.election.ballots[row];
    for (size_t place = 0; place < ballot.choices.size(); ++place) {
      const size_t step = step_of_[ballot.choices[place].plan];
      if (step != kNone) money -= prices_[step] * static_cast<long>(ValueAt(ballot, place));
    }
    return money;
  }

  // What the purse holds against what is asked of it: negative when it is not enough.
  int Compare(const Wish& wish, const Rational& price, double rounded_price) const {
    const double asked = rounded_price * static_cast<double>(wish.value);
    const double margin = error_ + asked * kSumError;
    if (rounded_[wish.row] > asked + margin) return 1;
    if (rounded_[wish.row] < asked - margin) return -1;
    return cmp(Exact(wish.row), price * static_cast<long>(wish.value));
  }

  // Without a price: all that the supporters hold. The sum over those who give all is a sum of few
  // prices times whole counts.
  Payment Pay(uint32_t plan, const Rational* price) const {
    Payment payment;
    const double rounded_price = price == nullptr ? 0 : price->get_d();
    int64_t value_sum = 0, purses = 0;
    std::vector<int64_t> counts(prices_.size(), 0);
    for (const Wish& wish : wishes_[plan]) {
      if (empty_[wish.row]) continue;
      const BallotView ballot = stage_.election.ballots[wish.row];
      const int sign = price == nullptr ? -1 : Compare(wish, *price, rounded_price);
      payment.in_full = payment.in_full || sign >= 0;
      if (sign > 0) {
        value_sum += wish.value * ballot.weight;
        continue;
      }
      payment.emptied.push_back(wish.row);
      purses += ballot.weight;
      for (size_t place = 0; place < ballot.choices.size(); ++place) {
        const size_t step = step_of_[ballot.choices[place].plan];
        if (step != kNone) counts[step] += ValueAt(ballot, place) * ballot.weight;
      }
    }
    payment.sum = endowment_ * static_cast<long>(purses);
    for (size_t step = 0; step < counts.size(); ++step) {
      if (counts[step] != 0) payment.sum -= prices_[step] * static_cast<long>(counts[step]);
    }
    if (price != nullptr) payment.sum += *price * static_cast<long>(value_sum);
    return payment;
  }

  const ReplayStage& stage_;
  const Rational endowment_;
  double error_ = 0;
  std::vector<bool> empty_;                // By ballot: gave all it had.
  std::vector<double> rounded_;            // By ballot: what it holds, unless empty.
  std::vector<Rational> prices_{};         // By purchase.
  std::vector<size_t> step_of_;            // By plan: which purchase.
  std::vector<std::vector<Wish>> wishes_;  // By plan.
};

// Utilities are value times this.
Rational FactorOf(const ReplayStage& stage, uint32_t plan) {
  const std::string& rule = stage.rule.name;
  const bool by_cost = absl::StartsWith(rule, "mes_cost") || rule == "mes_points_cost";
  return by_cost ? stage.CostOf(plan) : Rational(1);
}

// Plans that cost nothing are taken first, where they are worth anything.
absl::Status TakeFree(ReplayStage& stage) {
  std::vector<uint32_t> free;
  const bool borda = stage.rule.name == "mes_borda";
  for (const uint32_t plan : stage.open) {
    const int64_t wanted = borda ? stage.tally.borda[plan] : stage.tally.support[plan];
    if (stage.CostOf(plan) == 0 && FactorOf(stage, plan) > 0 && wanted > 0) free.push_back(plan);
  }
  std::sort(free.begin(), free.end(), [&](uint32_t a, uint32_t b) { return stage.Before(a, b); });
  for (const uint32_t plan : free) {
    if (stage.open.contains(plan)) RETURN_IF_ERROR(stage.Take(plan, 0, 0, {}));
  }
  return absl::OkStatus();
}

// The endowment must be the first one, or lie whole steps above it.
absl::Status CheckEndowment(const ReplayStage& stage) {
  const std::string& rule = stage.rule.name;
  const Rational first = stage.contest.budget / static_cast<long>(stage.tally.voters);
  const Rational above = stage.contest.endowment - first;
  Rational step = 0;
  if (absl::StrContains(rule, "_add1")) step = stage.rule.endowment_step;
  if (absl::StrContains(rule, "_inc1pct")) step = first / 100;
  const bool on_ladder =
      step == 0 ? above == 0 : above >= 0 && Rational(above / step).get_den() == 1;
  return on_ladder ? absl::OkStatus() : stage.Wrong("no voter can have had that endowment");
}

// The supporters of the next plan pay its price exactly; nobody else would have paid less.
absl::Status ReplayPurchase(ReplayStage& stage, Purses& purses) {
  const uint32_t winner = stage.next().plan;
  const Rational price = stage.next().price;
  if (!stage.open.contains(winner) || stage.CostOf(winner) == 0) {
    return stage.Wrong("the plan cannot be bought any more");
  }
  const Rational per_utility = price / FactorOf(stage, winner);
  std::vector<uint32_t> tied;
  for (const uint32_t plan : stage.open) {
    if (plan == winner || !purses.Wanted(plan) || stage.CostOf(plan) == 0) continue;
    const Rational same = per_utility * FactorOf(stage, plan);
    if (purses.PaidAtMost(plan, same.get_d()) < stage.CostOf(plan).get_d()) continue;
    const int sign = cmp(purses.PaidAt(plan, same), stage.CostOf(plan));
    if (sign > 0) return stage.Wrong("another plan was cheaper for its supporters");
    if (sign < 0) continue;
    if (stage.Before(plan, winner)) return stage.Wrong("another plan goes first in the tie");
    tied.push_back(plan);
  }
  const Purses::Payment payment = purses.Buy(winner, price);
  if (payment.sum != stage.CostOf(winner)) {
    return stage.Wrong("the payments do not make up the cost");
  }
  if (!payment.in_full) return stage.Wrong("nobody pays so high a price");
  return stage.Take(winner, stage.CostOf(winner), price, std::move(tied));
}

}  // namespace

absl::Status ReplayShares(ReplayStage& stage) {
  RETURN_IF_ERROR(TakeFree(stage));
  if (stage.tally.voters == 0 || stage.contest.budget == 0) return absl::OkStatus();
  RETURN_IF_ERROR(CheckEndowment(stage));
  Purses purses(stage);
  while (!stage.AtEnd() && stage.next().price > 0) RETURN_IF_ERROR(ReplayPurchase(stage, purses));
  if (stage.left < 0) return stage.Wrong("more was spent than there is");
  for (const uint32_t plan : stage.open) {
    const bool affordable =
        stage.CostOf(plan) > 0 && purses.Wanted(plan) && purses.Held(plan) >= stage.CostOf(plan);
    if (affordable) return stage.Wrong("the supporters of another plan can still pay for it");
  }
  return absl::OkStatus();
}

}  // namespace smederij::ballots::tally
