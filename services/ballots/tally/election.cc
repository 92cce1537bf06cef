#include "services/ballots/tally/election.h"

#include <numeric>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/error.h"

namespace smederij::ballots::tally {
namespace {

constexpr size_t kMistakesMax = 20;  // More help nobody.

// Collects mistakes and makes one refusal of them.
class Mistakes {
 public:
  void Add(absl::string_view field, absl::string_view wrong) {
    if (count_++ < kMistakesMax) error_ = std::move(error_).At(field, wrong);
  }
  absl::Status Finish() && {
    if (count_ == 0) return absl::OkStatus();
    return std::move(error_).With("mistakes", count_);
  }

 private:
  size_t count_ = 0;
  Error error_{kInvalidArgument, "ELECTION_INVALID", "the election cannot be counted"};
};

void CheckAmounts(const Election& election, Mistakes& mistakes) {
  Integer scale = 1;
  const auto widen = [&](const Rational& amount) { scale = lcm(scale, amount.get_den()); };
  widen(election.budget);
  for (const Plan& plan : election.plans) widen(plan.cost);
  for (const Pot& pot : election.pots) widen(pot.amount);
  const auto check = [&](const Rational& amount, const std::string& field) {
    if (amount < 0) mistakes.Add(field, "below zero");
    if (amount * scale > Rational(kAmountMax)) {
      mistakes.Add(field, "too large for the precision the election's amounts need");
    }
  };
  check(election.budget, "budget");
  for (size_t i = 0; i < election.plans.size(); ++i) {
    check(election.plans[i].cost, absl::StrCat("plans[", i, "].cost"));
  }
  for (size_t i = 0; i < election.pots.size(); ++i) {
    check(election.pots[i].amount, absl::StrCat("pots[", i, "].amount"));
  }
}

void CheckPlans(const Election& election, Mistakes& mistakes) {
  if (election.plans.size() > kPlansMax) mistakes.Add("plans", "too many");
  absl::flat_hash_set<absl::string_view> ids, categories;
  absl::flat_hash_set<uint32_t> numbers;
  for (size_t i = 0; i < election.pots.size(); ++i) {
    if (!categories.insert(election.pots[i].category).second) {
      mistakes.Add(absl::StrCat("pots[", i, "].category"), "has a pot already");
    }
  }
  for (size_t i = 0; i < election.plans.size(); ++i) {
    const Plan& plan = election.plans[i];
    const std::string field = absl::StrCat("plans[", i, "]");
    if (!ids.insert(plan.id).second) mistakes.Add(absl::StrCat(field, ".id"), "is not unique");
    if (!numbers.insert(plan.number).second) {
      mistakes.Add(absl::StrCat(field, ".number"), "is not unique");
    }
    if (!election.pots.empty() && !categories.contains(plan.category)) {
      mistakes.Add(absl::StrCat(field, ".category"), "has no pot");
    }
  }
}

// What is wrong with one ballot, or nothing. `seen` holds per plan the last row that chose it.
absl::string_view WrongWith(const BallotView& ballot, BallotKind kind, size_t row,
                            std::vector<size_t>& seen) {
  if (ballot.weight < 1 || ballot.weight > kWeightMax) return "weight out of range";
  for (const Choice& choice : ballot.choices) {
    if (choice.plan >= seen.size()) return "chooses a plan that does not exist";
    if (seen[choice.plan] == row) return "chooses a plan twice";
    seen[choice.plan] = row;
  }
  if (kind == BallotKind::kChooseOne && ballot.choices.size() > 1) {
    return "chooses more than one plan";
  }
  return "";
}

void CheckBallots(const Election& election, Mistakes& mistakes) {
  std::vector<size_t> seen(election.plans.size(), election.ballots.size());
  __int128 support = 0;  // A bound on that of any plan.
  for (size_t row = 0; row < election.ballots.size(); ++row) {
    const BallotView ballot = election.ballots[row];
    const absl::string_view wrong = WrongWith(ballot, election.kind, row, seen);
    if (!wrong.empty()) mistakes.Add(absl::StrCat("ballots[", row, "]"), wrong);
    int64_t most = static_cast<int64_t>(ballot.choices.size()) + 1;
    if (election.kind == BallotKind::kPoints) {
      for (const Choice& choice : ballot.choices) most = std::max<int64_t>(most, choice.points);
    }
    support += static_cast<__int128>(most) * ballot.weight;
  }
  const Sums& sums = election.sums;
  if (sums.voters < 0) mistakes.Add("sums.voters", "below zero");
  if (!sums.support.empty() && sums.support.size() != election.plans.size()) {
    mistakes.Add("sums.support", "is not of every plan");
  }
  support += sums.voters;
  for (const int64_t given : sums.support) {
    if (given < 0) mistakes.Add("sums.support", "below zero");
    support += given;
  }
  if (support > kSupportMax) mistakes.Add("ballots", "give more support than can be counted");
}

}  // namespace

absl::string_view NameOf(BallotKind kind) {
  switch (kind) {
    case BallotKind::kApproval:
      return "approval";
    case BallotKind::kChooseOne:
      return "choose-1";
    case BallotKind::kKnapsack:
      return "knapsack";
    case BallotKind::kPoints:
      return "points";
    case BallotKind::kRanking:
      return "ranking";
  }
  CHECK(false);
}

void Ballots::Add(absl::Span<const Choice> choices, int64_t weight) {
  rows_.push_back({.first = choices_.size(), .size = choices.size(), .weight = weight});
  choices_.insert(choices_.end(), choices.begin(), choices.end());
}

void Sums::Add(int64_t ballots, absl::Span<const int64_t> given, int64_t weight) {
  if (support.size() < given.size()) support.resize(given.size(), 0);
  voters += ballots * weight;
  for (size_t plan = 0; plan < given.size(); ++plan) support[plan] += given[plan] * weight;
}

BallotView Ballots::operator[](size_t row) const {
  const Row& at = rows_[row];
  return {.choices = absl::MakeConstSpan(choices_).subspan(at.first, at.size), .weight = at.weight};
}

absl::Status CheckElection(const Election& election) {
  Mistakes mistakes;
  CheckAmounts(election, mistakes);
  CheckPlans(election, mistakes);
  CheckBallots(election, mistakes);
  return std::move(mistakes).Finish();
}

}  // namespace smederij::ballots::tally
