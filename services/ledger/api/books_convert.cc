#include "services/ledger/api/books_convert.h"

#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "services/ledger/api/convert.h"
#include "services/ledger/api/text.h"
#include "services/ledger/domain/errors.h"

namespace smederij::ledger {
namespace {

constexpr int kPlansMax = 1000;

absl::StatusOr<HandedOver> Parse(const v1::CarryOver& request) {
  CarryOver carry;
  ASSIGN_OR_RETURN(carry.from, ParseId<BudgetId>(request.from_budget_id(), "from_budget_id"));
  ASSIGN_OR_RETURN(carry.to, ParseId<BudgetId>(request.to_budget_id(), "to_budget_id"));
  if (request.plan_ids_size() > kPlansMax) return OutOfRange("plan_ids", "must be 1000 at most");
  std::set<PlanId> seen;
  for (int i = 0; i < request.plan_ids_size(); ++i) {
    const std::string at = absl::StrCat("plan_ids[", i, "]");
    ASSIGN_OR_RETURN(const auto plan, ParseId<PlanId>(request.plan_ids(i), at));
    if (!seen.insert(plan).second) return PlanTwice(plan, carry.from).At(at, "is named before");
    carry.plans.push_back(plan);
  }
  carry.whole = carry.plans.empty();
  const bool known =
      request.rest() == v1::CarryOver::REST_CARRY || request.rest() == v1::CarryOver::REST_LAPSE;
  if (carry.whole ? !known : request.rest() != v1::CarryOver::REST_UNSPECIFIED) {
    return OutOfRange("rest", "is said when no plan is named, and only then");
  }
  if (carry.whole) carry.rest = static_cast<CarryOver::Rest>(request.rest());
  ASSIGN_OR_RETURN(carry.decision_ref,
                   ParseLine(request.decision_ref(), "decision_ref", kReferenceMax));
  return carry;
}

absl::StatusOr<HandedOver> Parse(const v1::ReturnFunds& request) {
  ReturnFunds give_back;
  ASSIGN_OR_RETURN(give_back.budget, ParseId<BudgetId>(request.budget_id(), "budget_id"));
  ASSIGN_OR_RETURN(give_back.decision_ref,
                   ParseLine(request.decision_ref(), "decision_ref", kReferenceMax));
  give_back.unmet = request.unmet();
  return give_back;
}

v1::CarryOver ToProto(const CarryOver& carry) {
  v1::CarryOver proto;
  proto.set_from_budget_id(carry.from.ToString());
  proto.set_to_budget_id(carry.to.ToString());
  for (const PlanId plan : carry.plans) proto.add_plan_ids(plan.ToString());
  if (carry.whole) proto.set_rest(static_cast<v1::CarryOver::Rest>(carry.rest));
  proto.set_decision_ref(carry.decision_ref);
  return proto;
}

v1::ReturnFunds ToProto(const ReturnFunds& give_back,
                        const std::optional<absl::CivilDay>& effective) {
  v1::ReturnFunds proto;
  proto.set_budget_id(give_back.budget.ToString());
  proto.set_decision_ref(give_back.decision_ref);
  proto.set_unmet(give_back.unmet);
  if (effective) proto.set_effective_date(absl::FormatCivilTime(*effective));
  return proto;
}

}  // namespace

absl::StatusOr<Command> Parse(const rpc::Call& call, const v1::ProposeReversalRequest& request) {
  ASSIGN_OR_RETURN(Command command, CommandOf(call, request.request_id()));
  ProposeReversal propose;
  ASSIGN_OR_RETURN(propose.budget, ParseId<BudgetId>(request.budget_id(), "budget_id"));
  if (request.seq() < 1) return OutOfRange("seq", "counts up from 1");
  propose.seq = request.seq();
  ASSIGN_OR_RETURN(propose.reason, ParseLine(request.reason(), "reason", kReferenceMax));
  command.what = std::move(propose);
  return command;
}

absl::StatusOr<Command> Parse(const rpc::Call& call, const v1::DecideReversalRequest& request) {
  ASSIGN_OR_RETURN(Command command, CommandOf(call, request.request_id()));
  DecideReversal decide;
  ASSIGN_OR_RETURN(decide.budget, ParseId<BudgetId>(request.budget_id(), "budget_id"));
  ASSIGN_OR_RETURN(decide.reversal, ParseId<ReversalId>(request.reversal_id(), "reversal_id"));
  decide.accept = request.accept();
  command.what = decide;
  return command;
}

absl::StatusOr<Command> Parse(const rpc::Call& call, const v1::ProposeClosingRequest& request) {
  ASSIGN_OR_RETURN(Command command, CommandOf(call, request.request_id()));
  ProposeClosing propose;
  ASSIGN_OR_RETURN(propose.budget, ParseId<BudgetId>(request.budget_id(), "budget_id"));
  if (request.period_no() < 1 || request.period_no() > 12) {
    return OutOfRange("period_no", "must be 1 to 12");
  }
  propose.period_no = static_cast<int16_t>(request.period_no());
  if (request.expected_seq() < 0) return OutOfRange("expected_seq", "must not be negative");
  propose.expected_seq = request.expected_seq();
  ASSIGN_OR_RETURN(propose.trial_hash,
                   ParseHash(request.trial_balance_hash(), "trial_balance_hash"));
  command.what = propose;
  return command;
}

absl::StatusOr<Command> Parse(const rpc::Call& call, const v1::DecideClosingRequest& request) {
  ASSIGN_OR_RETURN(Command command, CommandOf(call, request.request_id()));
  DecideClosing decide;
  ASSIGN_OR_RETURN(decide.budget, ParseId<BudgetId>(request.budget_id(), "budget_id"));
  ASSIGN_OR_RETURN(decide.closing, ParseId<ClosingId>(request.closing_id(), "closing_id"));
  decide.accept = request.accept();
  if (decide.accept || !request.trial_balance_hash().empty()) {
    ASSIGN_OR_RETURN(decide.trial_hash,
                     ParseHash(request.trial_balance_hash(), "trial_balance_hash"));
  }
  command.what = decide;
  return command;
}

absl::StatusOr<Command> Parse(const rpc::Call& call, const v1::ProposeHandoverRequest& request) {
  ASSIGN_OR_RETURN(Command command, CommandOf(call, request.request_id()));
  ProposeHandover propose;
  if (request.has_carry_over()) {
    ASSIGN_OR_RETURN(propose.what, Parse(request.carry_over()));
  } else if (request.has_return_funds()) {
    ASSIGN_OR_RETURN(propose.what, Parse(request.return_funds()));
    ASSIGN_OR_RETURN(command.effective,
                     ParseEffectiveDate(request.return_funds().effective_date()));
  } else {
    return OutOfRange("what", "must be one of carry_over and return_funds");
  }
  command.what = std::move(propose);
  return command;
}

absl::StatusOr<Command> Parse(const rpc::Call& call, const v1::DecideHandoverRequest& request) {
  ASSIGN_OR_RETURN(Command command, CommandOf(call, request.request_id()));
  DecideHandover decide;
  ASSIGN_OR_RETURN(decide.budget, ParseId<BudgetId>(request.budget_id(), "budget_id"));
  ASSIGN_OR_RETURN(decide.handover, ParseId<HandoverId>(request.handover_id(), "handover_id"));
  decide.accept = request.accept();
  command.what = std::move(decide);
  return command;
}

absl::StatusOr<Command> Parse(const rpc::Call& call, const v1::CloseBudgetRequest& request) {
  ASSIGN_OR_RETURN(Command command, CommandOf(call, request.request_id()));
  CloseBudget close;
  ASSIGN_OR_RETURN(close.budget, ParseId<BudgetId>(request.budget_id(), "budget_id"));
  command.what = close;
  return command;
}

absl::StatusOr<Command> Parse(const rpc::Call& call,
                              const v1::IndexAppropriationsRequest& request) {
  ASSIGN_OR_RETURN(Command command, CommandOf(call, request.request_id()));
  IndexAppropriations index;
  ASSIGN_OR_RETURN(index.budget, ParseId<BudgetId>(request.budget_id(), "budget_id"));
  ASSIGN_OR_RETURN(index.from, ParseId<BudgetId>(request.from_budget_id(), "from_budget_id"));
  if (request.rate_basis_points() < kRateMin || request.rate_basis_points() > kRateMax) {
    return OutOfRange("rate_basis_points", "must be -10000 to 10000");
  }
  index.rate = request.rate_basis_points();
  ASSIGN_OR_RETURN(index.decision_ref,
                   ParseLine(request.decision_ref(), "decision_ref", kReferenceMax));
  ASSIGN_OR_RETURN(command.effective, ParseEffectiveDate(request.effective_date()));
  command.what = std::move(index);
  return command;
}

v1::Reversal ToProto(const Reversal& reversal) {
  v1::Reversal proto;
  proto.set_reversal_id(reversal.id.ToString());
  proto.set_budget_id(reversal.budget.ToString());
  proto.set_seq(reversal.seq);
  proto.set_reason(reversal.reason);
  proto.set_state(static_cast<v1::Reversal::State>(reversal.state));
  proto.set_proposed_by(reversal.proposed_by.ToString());
  if (!reversal.decided_by.uuid().nil()) proto.set_decided_by(reversal.decided_by.ToString());
  proto.set_reversal_seq(reversal.reversal_seq);
  SetTime(reversal.proposed_at, proto.mutable_propose_time());
  return proto;
}

v1::Closing ToProto(const Closing& closing) {
  v1::Closing proto;
  proto.set_closing_id(closing.id.ToString());
  proto.set_budget_id(closing.budget.ToString());
  proto.set_period_no(closing.period_no);
  proto.set_seq(closing.seq);
  proto.set_trial_balance_hash(BytesOf(closing.trial_hash));
  proto.set_state(static_cast<v1::Closing::State>(closing.state));
  proto.set_proposed_by(closing.proposed_by.ToString());
  if (!closing.decided_by.uuid().nil()) proto.set_decided_by(closing.decided_by.ToString());
  SetTime(closing.proposed_at, proto.mutable_propose_time());
  proto.set_entry_seq(closing.entry_seq);
  return proto;
}

v1::Handover ToProto(const Handover& handover) {
  v1::Handover proto;
  proto.set_handover_id(handover.id.ToString());
  proto.set_budget_id(handover.budget.ToString());
  if (const auto* carry = std::get_if<CarryOver>(&handover.what)) {
    *proto.mutable_carry_over() = ToProto(*carry);
  } else {
    *proto.mutable_return_funds() =
        ToProto(std::get<ReturnFunds>(handover.what), handover.effective);
  }
  proto.set_carried_cents(handover.amounts.carried.cents());
  proto.set_returned_cents(handover.amounts.returned.cents());
  proto.set_state(static_cast<v1::Handover::State>(handover.state));
  proto.set_proposed_by(handover.proposed_by.ToString());
  if (!handover.decided_by.uuid().nil()) proto.set_decided_by(handover.decided_by.ToString());
  SetTime(handover.proposed_at, proto.mutable_propose_time());
  proto.set_first_seq(handover.first_seq);
  proto.set_last_seq(handover.last_seq);
  return proto;
}

}  // namespace smederij::ledger
