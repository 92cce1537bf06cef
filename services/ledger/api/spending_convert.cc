#include "services/ledger/api/spending_convert.h"

#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ledger/api/convert.h"
#include "services/ledger/api/text.h"

namespace smederij::ledger {
namespace {

absl::StatusOr<Ground> ParseGround(v1::Commitment::Ground ground) {
  switch (ground) {
    case v1::Commitment::GROUND_GRANT:
      return Ground::kGrant;
    case v1::Commitment::GROUND_CONTRACT:
      return Ground::kContract;
    default:
      return Error(kInvalidArgument, "BAD_GROUND",
                   "must say whether it rests on a grant decision or on a contract")
          .With("field", "ground");
  }
}

}  // namespace

absl::StatusOr<Command> Parse(const rpc::Call& call, const v1::OpenCommitmentRequest& request) {
  ASSIGN_OR_RETURN(Command command, CommandOf(call, request.request_id()));
  OpenCommitment open;
  ASSIGN_OR_RETURN(open.budget, ParseId<BudgetId>(request.budget_id(), "budget_id"));
  ASSIGN_OR_RETURN(open.plan, ParseId<PlanId>(request.plan_id(), "plan_id"));
  ASSIGN_OR_RETURN(open.payee, ParseId<PayeeId>(request.payee_id(), "payee_id"));
  ASSIGN_OR_RETURN(open.amount, ParseAmount(request.amount_cents(), "amount_cents"));
  ASSIGN_OR_RETURN(open.quote_ref, ParseLine(request.quote_ref(), "quote_ref", kReferenceMax));
  ASSIGN_OR_RETURN(open.decision_ref,
                   ParseLine(request.decision_ref(), "decision_ref", kReferenceMax));
  ASSIGN_OR_RETURN(open.document_hash, ParseHash(request.document_hash(), "document_hash"));
  ASSIGN_OR_RETURN(open.ground, ParseGround(request.ground()));
  ASSIGN_OR_RETURN(open.decision_date, ParseDay(request.decision_date(), "decision_date"));
  if (!request.payable_from().empty()) {
    ASSIGN_OR_RETURN(open.payable_from, ParseDay(request.payable_from(), "payable_from"));
  }
  ASSIGN_OR_RETURN(open.vat, ParseVat(request.vat_cents(), open.amount));
  ASSIGN_OR_RETURN(open.taakveld, ParseTaakveld(request.taakveld(), "taakveld"));
  ASSIGN_OR_RETURN(open.category, ParseCategory(request.category(), "category"));
  ASSIGN_OR_RETURN(command.effective, ParseEffectiveDate(request.effective_date()));
  command.what = std::move(open);
  return command;
}

absl::StatusOr<Command> Parse(const rpc::Call& call, const v1::CloseCommitmentRequest& request) {
  ASSIGN_OR_RETURN(Command command, CommandOf(call, request.request_id()));
  CloseCommitment close;
  ASSIGN_OR_RETURN(close.budget, ParseId<BudgetId>(request.budget_id(), "budget_id"));
  ASSIGN_OR_RETURN(close.commitment,
                   ParseId<CommitmentId>(request.commitment_id(), "commitment_id"));
  ASSIGN_OR_RETURN(command.effective, ParseEffectiveDate(request.effective_date()));
  command.what = close;
  return command;
}

absl::StatusOr<Command> Parse(const rpc::Call& call, const v1::ReleaseAwardRequest& request) {
  ASSIGN_OR_RETURN(Command command, CommandOf(call, request.request_id()));
  ReleaseAward release;
  ASSIGN_OR_RETURN(release.budget, ParseId<BudgetId>(request.budget_id(), "budget_id"));
  ASSIGN_OR_RETURN(release.plan, ParseId<PlanId>(request.plan_id(), "plan_id"));
  ASSIGN_OR_RETURN(release.amount, ParseAmount(request.amount_cents(), "amount_cents"));
  ASSIGN_OR_RETURN(release.decision_ref,
                   ParseLine(request.decision_ref(), "decision_ref", kReferenceMax));
  ASSIGN_OR_RETURN(command.effective, ParseEffectiveDate(request.effective_date()));
  command.what = std::move(release);
  return command;
}

v1::Commitment ToProto(const CommitmentState& state) {
  const Commitment& commitment = state.commitment;
  v1::Commitment proto;
  proto.set_commitment_id(commitment.id.ToString());
  proto.set_budget_id(commitment.budget.ToString());
  proto.set_plan_id(commitment.plan.ToString());
  proto.set_amount_cents(commitment.amount.cents());
  proto.set_remaining_cents(state.remaining.cents());
  proto.set_quote_ref(commitment.quote_ref);
  proto.set_decision_ref(commitment.decision_ref);
  proto.set_document_hash(BytesOf(commitment.document_hash));
  proto.set_payable_from(absl::FormatCivilTime(commitment.payable_from));
  proto.set_closed(commitment.closed);
  proto.set_seq(commitment.seq);
  SetTime(commitment.opened_at, proto.mutable_open_time());
  proto.set_vat_cents(commitment.vat.cents());
  proto.set_taakveld(commitment.taakveld);
  proto.set_category(commitment.category);
  proto.set_payee_id(commitment.payee.ToString());
  proto.set_ground(static_cast<v1::Commitment::Ground>(commitment.ground));
  if (commitment.decision_date) {
    proto.set_decision_date(absl::FormatCivilTime(*commitment.decision_date));
  }
  proto.set_objection_days(commitment.objection_days);
  return proto;
}

}  // namespace smederij::ledger
