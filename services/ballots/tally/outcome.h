#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/base/error.h"
#include "services/ballots/tally/exact.h"

namespace smederij::ballots::tally {

enum class Decision { kFunded, kPartial, kNotFunded };

// Why a plan was or was not funded.
enum class Reason {
  kFunded,              // Its turn came and it fitted.
  kFundedNearlyFitted,  // Stopped the count, but enough was left to fund it all the same.
  kFundedFree,          // It costs nothing and somebody chose it.
  kFundedByShares,      // Its supporters paid for it.
  kFundedByCompletion,  // Paid from what the shares left over, by votes.
  kPartiallyFunded,     // First that did not fit: offered what was left.
  kNoMoneyLeft,         // Its turn came and it did not fit.
  kCountStopped,        // The count had ended before its turn.
  kTieLost,             // As good as a plan that took the money; the tie order decided.
  kDearerThanPot,       // Costs more than there is in all.
  kBelowThreshold,      // Less support than the charter asks.
  kExcludedByWinner,    // A plan of its exclusive group won.
  kWithdrawn,           // No longer asks for money.
  kNoSupport,           // Nobody chose it, and the rule needs somebody to pay.
  kSharesFellShort,     // Its supporters together held less than its cost.
};

absl::string_view NameOf(Reason reason);  // "NO_MONEY_LEFT", …
std::optional<Reason> ReasonNamed(absl::string_view name);

// Facts are exact texts: amounts in currency units as ToText writes them, whole support.
struct PlanOutcome {
  Decision decision = Decision::kNotFunded;
  Rational award{};
  int64_t support = 0;
  Reason reason = Reason::kNoSupport;
  std::vector<Fact> facts{};  // In name order.
};

inline constexpr size_t kTiedMax = 100;

// One choice of the rule, enough to check it by hand.
struct Step {
  uint32_t plan = 0;  // Index into Election::plans.
  // Equal Shares: money per unit of utility; supporters pay that, or all they still have.
  // Phragmén: the load of every supporter from here on. Greedy and completion: zero.
  Rational price{};
  // Of the budget, after this choice.
  Rational left{};
  // Plans that were exactly as good here and lost in the tie order: the first kTiedMax of them, in
  // that order.
  std::vector<uint32_t> tied{};
};

// One run of the rule: the whole election, or one category's pot.
struct Contest {
  std::string category{};
  Rational budget{};
  Rational spent{};
  Rational endowment{};       // Equal Shares: per voter, in the run that counts.
  uint64_t endowments = 0;    // Equal Shares: how many endowments the rule went through.
  std::vector<Step> steps{};  // In order of selection.
};

struct Outcome {
  std::vector<uint32_t> selected{};  // Indices of plans with an award, in order of selection.
  std::vector<PlanOutcome> plans{};  // One per plan of the election, same order.
  Rational spent{};
  int64_t voters = 0;     // Weighted, blank ballots included.
  int64_t threshold = 0;  // The support that was asked.
  std::vector<Contest> contests{};
};

}  // namespace smederij::ballots::tally
