#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "common/base/error.h"
#include "common/base/id.h"
#include "common/base/money.h"
#include "services/proposals/domain/ids.h"

// Every refusal of proposals, one function each.
namespace smederij::proposals {

// What was asked for is not there.
inline Error RoundNotFound(RoundId id) {
  return Error(kNotFound, "ROUND_NOT_FOUND", "there is no such round")
      .With("round_id", id.ToString());
}
inline Error IdeaNotFound(IdeaId id) {
  return Error(kNotFound, "IDEA_NOT_FOUND", "there is no such idea").With("idea_id", id.ToString());
}
inline Error GroupNotFound(GroupId id) {
  return Error(kNotFound, "GROUP_NOT_FOUND", "there is no such initiative group")
      .With("group_id", id.ToString());
}
inline Error PlanNotFound(PlanId id) {
  return Error(kNotFound, "PLAN_NOT_FOUND", "there is no such plan").With("plan_id", id.ToString());
}
inline Error CorrectionNotFound(CorrectionId id) {
  return Error(kNotFound, "CORRECTION_NOT_FOUND", "there is no such correction")
      .With("correction_id", id.ToString());
}
inline Error DistrictNotFound(DistrictId id) {
  return Error(kNotFound, "DISTRICT_NOT_FOUND", "there is no such district")
      .With("district_id", id.ToString());
}
inline Error CharterNotFound(CharterId id) {
  return Error(kNotFound, "CHARTER_NOT_FOUND", "there is no such charter")
      .With("charter_id", id.ToString());
}
inline Error BudgetNotFound(BudgetId id) {
  return Error(kNotFound, "BUDGET_NOT_FOUND", "there is no such budget")
      .With("budget_id", id.ToString());
}
inline Error CriterionNotFound(absl::string_view criterion) {
  return Error(kNotFound, "CRITERION_NOT_FOUND", "the round's charter has no such criterion")
      .With("criterion_id", criterion);
}

// A request that can never be right.
inline Error BadText() { return Error(kInvalidArgument, "BAD_TEXT", "a text cannot be taken"); }
inline Error BadPots() {
  return Error(kInvalidArgument, "BAD_POTS", "the pots of a round cannot be taken");
}
inline Error BadStations() {
  return Error(kInvalidArgument, "BAD_STATIONS", "the stations of a round cannot be taken");
}
inline Error BadYear() {
  return Error(kInvalidArgument, "BAD_YEAR", "a year is outside 2000 … 2999")
      .At("year", "must be 2000 to 2999");
}
inline Error BadInstants() {
  return Error(kInvalidArgument, "BAD_INSTANTS", "the instants of a round do not fit together");
}
inline Error BadPlan() {
  return Error(kInvalidArgument, "BAD_PLAN", "a plan cannot be taken as it stands");
}
inline Error BadCorrection() {
  return Error(kInvalidArgument, "BAD_CORRECTION", "a correction cannot be taken as it stands");
}
inline Error BadPage() {
  return Error(kInvalidArgument, "BAD_PAGE", "a page is asked for that no answer offered");
}
inline Error CharterOfOtherDistrict(CharterId id) {
  return Error(kFailedPrecondition, "CHARTER_OF_OTHER_DISTRICT",
               "the charter is another district's")
      .With("charter_id", id.ToString());
}
inline Error BudgetOfOtherDistrict(BudgetId id) {
  return Error(kFailedPrecondition, "BUDGET_OF_OTHER_DISTRICT", "the budget is another district's")
      .With("budget_id", id.ToString());
}
inline Error IdeaOfOtherRound(IdeaId id) {
  return Error(kFailedPrecondition, "IDEA_OF_OTHER_ROUND", "the idea belongs to another round")
      .With("idea_id", id.ToString());
}

inline Error CurrenciesDiffer() {
  return Error(kFailedPrecondition, "CURRENCIES_DIFFER", "the budgets are not of one currency");
}

// Money with a condition that this round cannot meet.
inline Error BudgetForPlans(BudgetId id) {
  return Error(kFailedPrecondition, "BUDGET_FOR_PLANS",
               "the budget is for single plans, and a new round has none; its pot is added when "
               "the plan is forged")
      .With("budget_id", id.ToString());
}
inline Error DeadlineTooEarly(BudgetId id, absl::CivilDay deadline, absl::CivilDay ends) {
  return Error(kFailedPrecondition, "DEADLINE_TOO_EARLY",
               "the budget's money must be awarded by a day on which the round can have no result")
      .With("budget_id", id.ToString())
      .With("deadline", absl::FormatCivilTime(deadline))
      .With("round_ends", absl::FormatCivilTime(ends));
}
inline Error CategoriesDiffer(absl::string_view exclusive_group, absl::string_view category) {
  return Error(kFailedPrecondition, "CATEGORIES_DIFFER",
               "plans that exclude each other compete for the same money: they have one category")
      .With("exclusive_group", exclusive_group)
      .With("category", category);
}
inline Error NoPotForPlan(uint32_t number, absl::string_view category) {
  return Error(kFailedPrecondition, "NO_POT_FOR_PLAN",
               "all pots of the round are for plans of other categories")
      .With("plan_number", number)
      .With("category", category);
}

// Not now, not again, not by you.
inline Error RoundExists(absl::string_view title, int32_t year) {
  return Error(kAlreadyExists, "ROUND_EXISTS",
               "the district has a round of that name in that year already")
      .With("title", title)
      .With("year", year);
}
inline Error WrongPhase(absl::string_view phase) {
  return Error(kFailedPrecondition, "WRONG_PHASE", "the round is past that, or not yet there")
      .With("phase", phase);
}
inline Error WrongState(absl::string_view state) {
  return Error(kFailedPrecondition, "WRONG_STATE", "the plan is past that, or not yet there")
      .With("state", state);
}
inline Error PotAlreadyApproved(RoundId id) {
  return Error(kFailedPrecondition, "POT_ALREADY_APPROVED", "the pot has been decided on already")
      .With("round_id", id.ToString());
}
inline Error OverLimit(Money total, Money limit) {
  return Error(kPermissionDenied, "OVER_LIMIT",
               "the pot is more than the caller may decide on alone")
      .With("total_cents", total.cents())
      .With("limit_cents", limit.cents());
}
inline Error NotAMember(GroupId id) {
  return Error(kPermissionDenied, "NOT_A_MEMBER",
               "only members of the initiative group may do that")
      .With("group_id", id.ToString());
}
inline Error AlreadyMember(GroupId id) {
  return Error(kAlreadyExists, "ALREADY_MEMBER", "the caller is in that initiative group already")
      .With("group_id", id.ToString());
}
inline Error GroupFull(GroupId id, int64_t members_max) {
  return Error(kFailedPrecondition, "GROUP_FULL", "the initiative group takes no more members")
      .With("group_id", id.ToString())
      .With("members_max", members_max);
}
inline Error TooManyPlans(uint32_t plans_max) {
  return Error(kFailedPrecondition, "TOO_MANY_PLANS", "the round takes no more plans")
      .With("plans_max", plans_max);
}
inline Error TooMuchAdvice(int64_t advice_max) {
  return Error(kFailedPrecondition, "TOO_MUCH_ADVICE", "the plan takes no more advice")
      .With("advice_max", advice_max);
}

// Why a plan is not admitted, or an offer not answered.
inline Error CriteriaUnchecked(const std::vector<std::string>& criteria) {
  return Error(kFailedPrecondition, "CRITERIA_UNCHECKED", "not every criterion has been checked")
      .With("criteria", absl::StrJoin(criteria, " "));
}
inline Error CriteriaNotMet(const std::vector<std::string>& criteria) {
  return Error(kFailedPrecondition, "CRITERIA_NOT_MET", "the plan does not meet every criterion")
      .With("criteria", absl::StrJoin(criteria, " "));
}
inline Error OverCap(Money cost, Money cap) {
  return Error(kFailedPrecondition, "OVER_CAP",
               "the plan asks more than the charter lets a plan ask")
      .With("cost_cents", cost.cents())
      .With("cap_cents", cap.cents());
}
inline Error NoOfferOpen(PlanId id) {
  return Error(kFailedPrecondition, "NO_OFFER_OPEN",
               "the plan has no offer that waits for an answer")
      .With("plan_id", id.ToString());
}

// Why a pot is not added.
inline Error TooManyPots(size_t pots_max) {
  return Error(kFailedPrecondition, "TOO_MANY_POTS", "the round takes no more pots")
      .With("pots_max", pots_max);
}
inline Error PotExists(BudgetId budget) {
  return Error(kAlreadyExists, "POT_EXISTS", "the round has a pot in this budget already")
      .With("budget_id", budget.ToString());
}
inline Error BudgetForOtherPlans(BudgetId budget, absl::string_view plan) {
  return Error(kFailedPrecondition, "BUDGET_FOR_OTHER_PLANS",
               "the budget is for other plans than the one that is named, or for none alone")
      .With("budget_id", budget.ToString())
      .With("plan_id", plan);
}
inline Error NothingLeftToAsk(uint32_t number, Money asks, Money amount) {
  return Error(kFailedPrecondition, "NOTHING_LEFT_TO_ASK",
               "with this pot the plan would ask the vote for nothing: it needs none")
      .With("plan_number", number)
      .With("asks_cents", asks.cents())
      .With("amount_cents", amount.cents());
}

inline Error DeadlinePassed(BudgetId budget, absl::CivilDay deadline) {
  return Error(
             kFailedPrecondition, "DEADLINE_PASSED",
             "the day has passed until which money of this award had to be awarded: the offer can "
             "only be declined")
      .With("budget_id", budget.ToString())
      .With("deadline", absl::FormatCivilTime(deadline));
}

// Why awards are not corrected.
inline Error OffersOpen(uint32_t offers) {
  return Error(kFailedPrecondition, "OFFERS_OPEN",
               "offers wait for an answer; corrections come after them")
      .With("offers", offers);
}
inline Error CorrectionPending(CorrectionId id) {
  return Error(kFailedPrecondition, "CORRECTION_PENDING", "another correction is under way")
      .With("correction_id", id.ToString());
}
inline Error TooManyCorrections(uint32_t corrections_max) {
  return Error(kFailedPrecondition, "TOO_MANY_CORRECTIONS", "the round takes no more corrections")
      .With("corrections_max", corrections_max);
}
inline Error PotNotFound(BudgetId budget) {
  return Error(kNotFound, "POT_NOT_FOUND", "the round has no pot in this budget")
      .With("budget_id", budget.ToString());
}
inline Error PotForOtherPlans(BudgetId budget, uint32_t number) {
  return Error(kFailedPrecondition, "POT_FOR_OTHER_PLANS",
               "the pot's money is for other plans than the one it is named for")
      .With("budget_id", budget.ToString())
      .With("plan_number", number);
}
inline Error PotNotNeeded(uint32_t number) {
  return Error(kFailedPrecondition, "POT_NOT_NEEDED",
               "a pot is named for a plan that gets no more by it")
      .With("plan_number", number);
}
inline Error NotOnTheBallot(uint32_t number) {
  return Error(kFailedPrecondition, "NOT_ON_THE_BALLOT", "the plan was not voted on")
      .With("plan_number", number);
}
inline Error OverCost(uint32_t number, Money amount, Money cost) {
  return Error(kFailedPrecondition, "OVER_COST", "a plan cannot get more than it asked")
      .With("plan_number", number)
      .With("amount_cents", amount.cents())
      .With("cost_cents", cost.cents());
}
inline Error NothingCorrected(uint32_t number) {
  return Error(kFailedPrecondition, "NOTHING_CORRECTED", "the plan has what it would get already")
      .With("plan_number", number);
}
inline Error CorrectionDecided(CorrectionId id, absl::string_view state) {
  return Error(kFailedPrecondition, "CORRECTION_DECIDED", "the correction was decided on already")
      .With("correction_id", id.ToString())
      .With("state", state);
}
inline Error NotProposer(CorrectionId id) {
  return Error(kPermissionDenied, "NOT_PROPOSER",
               "only whoever proposed it takes it back; somebody else refuses it")
      .With("correction_id", id.ToString());
}
inline Error SelfApproval() {
  return Error(kPermissionDenied, "SELF_APPROVAL",
               "whoever proposed it does not accept it: somebody else has to");
}
inline Error CorrectionOverLimit(Money more, Money limit) {
  return Error(kPermissionDenied, "OVER_LIMIT",
               "plans would get more by it than the caller may decide on alone")
      .With("more_cents", more.cents())
      .With("limit_cents", limit.cents());
}

// A certified result that contradicts what was frozen: a bug or a fraud, never to be acted on.
inline Error ResultNotCredible(absl::string_view why) {
  return Error(kFailedPrecondition, "RESULT_NOT_CREDIBLE",
               "the certified result contradicts what was frozen when voting opened")
      .With("why", why);
}

}  // namespace smederij::proposals
