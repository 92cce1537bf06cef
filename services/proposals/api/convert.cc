#include "services/proposals/api/convert.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/id.h"
#include "common/base/money.h"
#include "common/base/status_macros.h"
#include "services/proposals/domain/errors.h"
#include "services/proposals/domain/text.h"
#include "services/proposals/wire/instant.h"

namespace smederij::proposals {
namespace {

constexpr int32_t kYearFirst = 2000, kYearLast = 2999;

absl::Time ParseTime(bool given, const google::protobuf::Timestamp& stamp) {
  return given ? FromTimestamp(stamp) : absl::InfinitePast();
}

absl::StatusOr<std::vector<Pot>> ParsePots(
    const google::protobuf::RepeatedPtrField<v1::Pot>& messages) {
  std::vector<Pot> pots;
  for (int i = 0; i < messages.size(); ++i) {
    const std::string field = absl::StrCat("pots[", i, "]");
    ASSIGN_OR_RETURN(const auto budget,
                     ParseId<BudgetId>(messages[i].budget_id(), absl::StrCat(field, ".budget_id")));
    ASSIGN_OR_RETURN(const Money amount,
                     ParseAmount(messages[i].amount_cents(), absl::StrCat(field, ".amount_cents")));
    pots.push_back({budget, amount});
  }
  return pots;
}

std::optional<Horizon> ParseHorizon(ballots::v1::Horizon horizon) {
  switch (horizon) {
    case ballots::v1::HORIZON_SHORT_STRIKE:
      return Horizon::kShortStrike;
    case ballots::v1::HORIZON_LONG_STRIKE:
      return Horizon::kLongStrike;
    default:
      return std::nullopt;
  }
}

}  // namespace

Instants ParseInstants(const v1::Instants& m) {
  Instants instants{.freeze_at = ParseTime(m.has_freeze_at(), m.freeze_at()),
                    .issue_from = ParseTime(m.has_issue_from(), m.issue_from()),
                    .issue_until = ParseTime(m.has_issue_until(), m.issue_until()),
                    .cast_from = ParseTime(m.has_cast_from(), m.cast_from()),
                    .cast_until = ParseTime(m.has_cast_until(), m.cast_until()),
                    .reference_date = absl::CivilDay(),
                    .answer_until = {}};
  if (m.has_answer_until()) instants.answer_until = FromTimestamp(m.answer_until());
  absl::CivilDay day;
  // Canonical text alone: "2026-3-1" and "2026-02-30" are read by some and not by others.
  if (absl::ParseCivilTime(m.reference_date(), &day) &&
      absl::FormatCivilTime(day) == m.reference_date()) {
    instants.reference_date = day;
  }
  return instants;
}

absl::StatusOr<Round> ParseRound(const v1::CreateRoundRequest& request) {
  Round round;
  ASSIGN_OR_RETURN(round.district, ParseId<DistrictId>(request.district_id(), "district_id"));
  ASSIGN_OR_RETURN(round.charter.id, ParseId<CharterId>(request.charter_id(), "charter_id"));
  TextCheck check;
  check.Line("title", request.title(), kTitleMax);
  RETURN_IF_ERROR(check.status());
  if (request.year() < kYearFirst || request.year() > kYearLast) return BadYear();
  ASSIGN_OR_RETURN(round.pots, ParsePots(request.pots()));
  RETURN_IF_ERROR(CheckPots(round.pots));
  for (const registry::v1::Station& station : request.stations()) {
    round.stations.push_back(
        {.number = station.number(),
         .name = station.name(),
         .postcodes = {station.postcodes().begin(), station.postcodes().end()}});
  }
  ASSIGN_OR_RETURN(round.stations, InOrder(std::move(round.stations)));
  round.instants = ParseInstants(request.instants());
  RETURN_IF_ERROR(CheckInstants(round.instants, absl::InfinitePast()));
  round.title = request.title();
  round.year = request.year();
  round.demonstration = request.demonstration();
  return round;
}

absl::StatusOr<Plan> ParsePlan(const v1::ForgePlanRequest& request) {
  TextCheck check;
  check.Line("title", request.title(), kTitleMax);
  check.Prose("text", request.text(), kPlanTextMax);
  RETURN_IF_ERROR(check.status());
  Plan plan;
  ASSIGN_OR_RETURN(plan.cost, ParseAmount(request.cost_cents(), "cost_cents"));
  ASSIGN_OR_RETURN(plan.group, ParseId<GroupId>(request.group_id(), "group_id"));
  for (int i = 0; i < request.idea_ids_size(); ++i) {
    ASSIGN_OR_RETURN(plan.ideas.emplace_back(),
                     ParseId<IdeaId>(request.idea_ids(i), absl::StrCat("idea_ids[", i, "]")));
  }
  const std::optional<Horizon> horizon = ParseHorizon(request.horizon());
  RETURN_IF_ERROR(CheckForged(plan.ideas, horizon, request.exclusive_group(), request.category()));
  plan.title = request.title();
  plan.text = request.text();
  plan.horizon = *horizon;
  plan.exclusive_group = request.exclusive_group();
  plan.category = request.category();
  return plan;
}

absl::StatusOr<Correction> ParseCorrection(const v1::ProposeCorrectionRequest& request) {
  Correction correction;
  ASSIGN_OR_RETURN(correction.round, ParseId<RoundId>(request.round_id(), "round_id"));
  for (int i = 0; i < request.lines_size(); ++i) {
    ASSIGN_OR_RETURN(
        correction.lines.emplace_back().plan,
        ParseId<PlanId>(request.lines(i).plan_id(), absl::StrCat("lines[", i, "].plan_id")));
    const std::string& pot = request.lines(i).budget_id();
    if (pot.empty()) continue;
    ASSIGN_OR_RETURN(correction.lines.back().pot,
                     ParseId<BudgetId>(pot, absl::StrCat("lines[", i, "].budget_id")));
  }
  TextCheck check;
  check.Line("decision_ref", request.decision_ref(), kDecisionRefMax);
  RETURN_IF_ERROR(check.status());
  correction.decision_ref = request.decision_ref();
  RETURN_IF_ERROR(CheckCorrection(correction.lines));
  for (int i = 0; i < request.lines_size(); ++i) {
    const int64_t cents = request.lines(i).amount_cents();
    if (cents == 0) continue;  // Nothing after all.
    ASSIGN_OR_RETURN(correction.lines[static_cast<size_t>(i)].amount,
                     ParseAmount(cents, absl::StrCat("lines[", i, "].amount_cents")));
  }
  return correction;
}

registry::v1::Station ToProto(const Station& station) {
  registry::v1::Station message;
  message.set_number(station.number);
  message.set_name(station.name);
  for (const std::string& postcode : station.postcodes) message.add_postcodes(postcode);
  return message;
}

v1::Round ToProto(const Round& round, absl::Time now) {
  v1::Round message;
  message.set_round_id(round.id.ToString());
  message.set_municipality_id(round.municipality.ToString());
  message.set_district_id(round.district.ToString());
  message.set_title(round.title);
  message.set_year(round.year);
  message.set_charter_id(round.charter.id.ToString());
  message.set_phase(static_cast<v1::Round::Phase>(PhaseOf(round, now)));
  v1::Instants& instants = *message.mutable_instants();
  *instants.mutable_freeze_at() = ToTimestamp(round.instants.freeze_at);
  *instants.mutable_issue_from() = ToTimestamp(round.instants.issue_from);
  *instants.mutable_issue_until() = ToTimestamp(round.instants.issue_until);
  *instants.mutable_cast_from() = ToTimestamp(round.instants.cast_from);
  *instants.mutable_cast_until() = ToTimestamp(round.instants.cast_until);
  instants.set_reference_date(absl::FormatCivilTime(round.instants.reference_date));
  if (round.instants.answer_until) {
    *instants.mutable_answer_until() = ToTimestamp(*round.instants.answer_until);
  }
  for (const Pot& pot : round.pots) {
    v1::Pot& added = *message.add_pots();
    added.set_budget_id(pot.budget.ToString());
    added.set_amount_cents(pot.amount.cents());
    added.set_category(pot.category);
    if (pot.plan != PlanId()) added.set_plan_id(pot.plan.ToString());
    if (pot.deadline) added.set_deadline(absl::FormatCivilTime(*pot.deadline));
  }
  for (const Station& station : round.stations) *message.add_stations() = ToProto(station);
  message.set_pot_approved(round.pot_approval.has_value());
  message.set_demonstration(round.demonstration);
  if (!round.done_at) message.set_waits_for(round.waits_for);
  message.set_blocked(round.blocked());
  message.set_blocked_reason(round.blocked_reason);
  message.set_manifest_hash(round.manifest_hash);
  message.set_outcome(static_cast<v1::Round::Outcome>(round.outcome));
  message.set_result_hash(round.result_hash);
  if (round.done_at) *message.mutable_done_time() = ToTimestamp(*round.done_at);
  return message;
}

v1::Idea ToProto(const Idea& idea) {
  v1::Idea message;
  message.set_idea_id(idea.id.ToString());
  message.set_round_id(idea.round.ToString());
  message.set_author_id(idea.author.ToString());
  message.set_title(idea.title);
  message.set_text(idea.text);
  *message.mutable_submit_time() = ToTimestamp(idea.submitted_at);
  return message;
}

v1::InitiativeGroup ToProto(const Group& group) {
  v1::InitiativeGroup message;
  message.set_group_id(group.id.ToString());
  message.set_round_id(group.round.ToString());
  message.set_name(group.name);
  for (const SubjectId member : group.members) message.add_member_ids(member.ToString());
  return message;
}

v1::Correction ToProto(const Correction& correction) {
  v1::Correction message;
  message.set_correction_id(correction.id.ToString());
  message.set_round_id(correction.round.ToString());
  message.set_number(correction.number);
  for (const CorrectionLine& line : correction.lines) {
    v1::Correction::Line& added = *message.add_lines();
    added.set_plan_id(line.plan.ToString());
    added.set_amount_cents(line.amount.cents());
    if (line.pot != BudgetId()) added.set_budget_id(line.pot.ToString());
  }
  message.set_decision_ref(correction.decision_ref);
  message.set_state(static_cast<v1::Correction::State>(correction.state));
  message.set_proposed_by(correction.proposed_by.ToString());
  if (correction.decided_by != SubjectId()) {
    message.set_decided_by(correction.decided_by.ToString());
  }
  message.set_ledger_reason(correction.ledger_reason);
  message.set_ledger_sentence(correction.ledger_sentence);
  *message.mutable_propose_time() = ToTimestamp(correction.proposed_at);
  return message;
}

v1::Plan ToProto(const Plan& plan) {
  v1::Plan message;
  message.set_plan_id(plan.id.ToString());
  message.set_round_id(plan.round.ToString());
  message.set_group_id(plan.group.ToString());
  message.set_number(plan.number);
  message.set_title(plan.title);
  message.set_text(plan.text);
  message.set_cost_cents(plan.cost.cents());
  message.set_horizon(static_cast<ballots::v1::Horizon>(plan.horizon));
  for (const IdeaId idea : plan.ideas) message.add_idea_ids(idea.ToString());
  message.set_state(static_cast<v1::Plan::State>(plan.state));
  for (const Check& check : plan.checks) {
    v1::Plan::Check& added = *message.add_checks();
    added.set_criterion_id(check.criterion);
    added.set_met(check.met);
    added.set_reason(check.reason);
  }
  for (const Advice& advice : plan.advice) {
    v1::Plan::Advice& added = *message.add_advice();
    added.set_author_id(advice.author.ToString());
    added.set_text(advice.text);
    *added.mutable_advise_time() = ToTimestamp(advice.at);
  }
  message.set_exclusive_group(plan.exclusive_group);
  message.set_category(plan.category);
  message.set_support(plan.support);
  message.set_award_cents(plan.award.cents());
  message.set_reason(plan.reason);
  message.set_sentence(plan.sentence);
  message.set_sentence_nl(plan.sentence_nl);
  message.set_text_hash(plan.text_hash);
  return message;
}

v1::RoundExplanation ToProto(const Round& round, const std::vector<StepExplanation>& steps,
                             absl::Time now) {
  v1::RoundExplanation message;
  *message.mutable_round() = ToProto(round, now);
  for (const StepExplanation& step : steps) {
    v1::RoundExplanation::Step& added = *message.add_steps();
    added.set_name(std::string(Name(step.step)));
    added.set_state(static_cast<v1::RoundExplanation::Step::State>(step.state));
    added.set_sentence(step.sentence);
    if (step.done_at) *added.mutable_done_time() = ToTimestamp(*step.done_at);
  }
  return message;
}

}  // namespace smederij::proposals
