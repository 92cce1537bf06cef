#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/base/id.h"
#include "common/base/money.h"
#include "services/proposals/domain/plan.h"
#include "services/proposals/domain/round.h"

// Money with a condition: which pots pay for which plans. A pot may be for plans of one category,
// and is then voted about by itself: those plans compete for it and for nothing else, so that
// whatever wins can be paid. Or it is for one plan: that plan asks the vote for so much less, and
// gets it when it wins. So no outcome of a vote can meet pots that may not pay for it.
namespace smederij::proposals {

// What ballots knows the contest of plans by that have no pot of their category. Never a category:
// those have no blanks.
inline constexpr absl::string_view kOtherPlans = "other plans";

// The contest in which a plan of `category` stands: the category where a pot is for it, kOtherPlans
// where pots are for other categories; empty where none is for any, for then there is one contest.
std::string ContestOf(const std::vector<Pot>& pots, absl::string_view category);

// The contest that is about the pot's money; `pot` is one of `pots`. Not of a pot for one plan.
std::string ContestOf(const std::vector<Pot>& pots, const Pot& pot);

// Whether a pot is voted about in `contest`.
bool HasPot(const std::vector<Pot>& pots, absl::string_view contest);

// Whether the pot is voted about. The others are for one plan, and come on top of what it wins.
inline bool IsContested(const Pot& pot) { return pot.plan == PlanId(); }

// What pots that are for this plan alone hold together.
Money OwnMoney(PlanId plan, const std::vector<Pot>& pots);

// What the plan asks the vote for: its cost without what pots are for it alone.
Money AsksOf(const Plan& plan, const std::vector<Pot>& pots);

// Whether the condition of the pot's money lets it pay for the plan.
bool MayPay(const Pot& pot, PlanId plan, absl::string_view category);

// The pots that may pay for the plan, by their index, in the order in which they do: those for it
// alone, those of its category, those for any plan; each in the order of the round. Conditions lie
// inside each other, so money for any plan never pays what other money could have paid.
std::vector<size_t> PotsFor(const std::vector<Pot>& pots, PlanId plan, absl::string_view category);

// Awards are reserved when the count is certified, and offers answered: the day on which money with
// a condition must be awarded lies after that. Refusal: DEADLINE_TOO_EARLY, of the first such pot.
absl::Status CheckDeadlines(const std::vector<Pot>& pots, const Instants& instants);

// May a pot, for one of `plans` or for all, be added now? `plans` are those of the round.
// Refusals, in order: POT_ALREADY_APPROVED, WRONG_PHASE, TOO_MANY_POTS, POT_EXISTS,
// DEADLINE_TOO_EARLY, NOTHING_LEFT_TO_ASK, BAD_POTS (too much together).
absl::Status MayAddPot(const Round& round, const Pot& pot, const Plan* plan, absl::Time now);

}  // namespace smederij::proposals
