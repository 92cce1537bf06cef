// The half of spending_convert.h that is about payments.
#include "common/base/status_macros.h"
#include "services/ledger/api/convert.h"
#include "services/ledger/api/spending_convert.h"
#include "services/ledger/api/text.h"

namespace smederij::ledger {
namespace {

constexpr size_t kBankRefMax = 35;  // An end-to-end reference of ISO 20022.

// What all steps of a payment begin with.
template <class What, class Request>
absl::StatusOr<Command> StepOf(const rpc::Call& call, const Request& request, What& what) {
  ASSIGN_OR_RETURN(Command command, CommandOf(call, request.request_id()));
  ASSIGN_OR_RETURN(what.budget, ParseId<BudgetId>(request.budget_id(), "budget_id"));
  ASSIGN_OR_RETURN(what.payment, ParseId<PaymentId>(request.payment_id(), "payment_id"));
  return command;
}

}  // namespace

absl::StatusOr<Command> Parse(const rpc::Call& call, const v1::RequestPaymentRequest& request) {
  ASSIGN_OR_RETURN(Command command, CommandOf(call, request.request_id()));
  RequestPayment what;
  ASSIGN_OR_RETURN(what.budget, ParseId<BudgetId>(request.budget_id(), "budget_id"));
  ASSIGN_OR_RETURN(what.commitment,
                   ParseId<CommitmentId>(request.commitment_id(), "commitment_id"));
  ASSIGN_OR_RETURN(what.amount, ParseAmount(request.amount_cents(), "amount_cents"));
  ASSIGN_OR_RETURN(what.invoice_ref,
                   ParseLine(request.invoice_ref(), "invoice_ref", kReferenceMax));
  if (!request.receipts_due().empty()) {
    ASSIGN_OR_RETURN(what.receipts_due, ParseDay(request.receipts_due(), "receipts_due"));
  }
  // A group's receipts are in its own name: what it bought, the municipality cannot reclaim VAT of.
  ASSIGN_OR_RETURN(what.vat,
                   ParseVat(request.vat_cents(), what.receipts_due ? Money() : what.amount));
  command.what = std::move(what);
  return command;
}

absl::StatusOr<Command> Parse(const rpc::Call& call, const v1::ApprovePaymentRequest& request) {
  ApprovePayment what;
  ASSIGN_OR_RETURN(Command command, StepOf(call, request, what));
  command.what = what;
  return command;
}

absl::StatusOr<Command> Parse(const rpc::Call& call, const v1::RejectPaymentRequest& request) {
  RejectPayment what;
  ASSIGN_OR_RETURN(Command command, StepOf(call, request, what));
  ASSIGN_OR_RETURN(what.reason, ParseLine(request.reason(), "reason", kReferenceMax));
  command.what = std::move(what);
  return command;
}

absl::StatusOr<Command> Parse(const rpc::Call& call, const v1::InstructPaymentRequest& request) {
  InstructPayment what;
  ASSIGN_OR_RETURN(Command command, StepOf(call, request, what));
  ASSIGN_OR_RETURN(what.bank_ref, ParseLine(request.bank_ref(), "bank_ref", kBankRefMax));
  ASSIGN_OR_RETURN(command.effective, ParseEffectiveDate(request.effective_date()));
  command.what = std::move(what);
  return command;
}

absl::StatusOr<Command> Parse(const rpc::Call& call, const v1::SettlePaymentRequest& request) {
  SettlePayment what;
  ASSIGN_OR_RETURN(Command command, StepOf(call, request, what));
  ASSIGN_OR_RETURN(command.effective, ParseEffectiveDate(request.effective_date()));
  command.what = what;
  return command;
}

absl::StatusOr<Command> Parse(const rpc::Call& call, const v1::FailPaymentRequest& request) {
  FailPayment what;
  ASSIGN_OR_RETURN(Command command, StepOf(call, request, what));
  ASSIGN_OR_RETURN(what.reason, ParseLine(request.reason(), "reason", kReferenceMax));
  ASSIGN_OR_RETURN(command.effective, ParseEffectiveDate(request.effective_date()));
  command.what = std::move(what);
  return command;
}

absl::StatusOr<Command> Parse(const rpc::Call& call, const v1::AccountForAdvanceRequest& request) {
  AccountForAdvance what;
  ASSIGN_OR_RETURN(Command command, StepOf(call, request, what));
  ASSIGN_OR_RETURN(what.amount, ParseAmount(request.amount_cents(), "amount_cents"));
  ASSIGN_OR_RETURN(what.receipt_ref,
                   ParseLine(request.receipt_ref(), "receipt_ref", kReferenceMax));
  ASSIGN_OR_RETURN(what.document_hash, ParseHash(request.document_hash(), "document_hash"));
  ASSIGN_OR_RETURN(what.total, ParseTotal(request.total_cents(), what.amount));
  ASSIGN_OR_RETURN(command.effective, ParseEffectiveDate(request.effective_date()));
  command.what = std::move(what);
  return command;
}

absl::StatusOr<Command> Parse(const rpc::Call& call, const v1::ReturnAdvanceRequest& request) {
  ReturnAdvance what;
  ASSIGN_OR_RETURN(Command command, StepOf(call, request, what));
  ASSIGN_OR_RETURN(what.amount, ParseAmount(request.amount_cents(), "amount_cents"));
  ASSIGN_OR_RETURN(what.bank_ref, ParseLine(request.bank_ref(), "bank_ref", kBankRefMax));
  ASSIGN_OR_RETURN(what.total, ParseTotal(request.total_cents(), what.amount));
  ASSIGN_OR_RETURN(command.effective, ParseEffectiveDate(request.effective_date()));
  command.what = std::move(what);
  return command;
}

absl::StatusOr<Command> Parse(const rpc::Call& call, const v1::ReturnPaymentRequest& request) {
  ReturnPayment what;
  ASSIGN_OR_RETURN(Command command, StepOf(call, request, what));
  ASSIGN_OR_RETURN(what.amount, ParseAmount(request.amount_cents(), "amount_cents"));
  ASSIGN_OR_RETURN(what.vat, ParseVat(request.vat_cents(), what.amount));
  ASSIGN_OR_RETURN(what.bank_ref, ParseLine(request.bank_ref(), "bank_ref", kBankRefMax));
  ASSIGN_OR_RETURN(what.total, ParseTotal(request.total_cents(), what.amount));
  ASSIGN_OR_RETURN(command.effective, ParseEffectiveDate(request.effective_date()));
  command.what = std::move(what);
  return command;
}

v1::Payment ToProto(const Payment& payment, int64_t seq) {
  v1::Payment proto;
  proto.set_payment_id(payment.id.ToString());
  proto.set_budget_id(payment.budget.ToString());
  proto.set_commitment_id(payment.commitment.ToString());
  proto.set_payee_id(payment.payee.ToString());
  proto.set_amount_cents(payment.amount.cents());
  proto.set_invoice_ref(payment.invoice_ref);
  proto.set_state(static_cast<v1::Payment::State>(payment.state));
  proto.set_requested_by(payment.requested_by.ToString());
  proto.set_approvals_needed(payment.approvals_needed);
  for (const SubjectId person : payment.approved_by) proto.add_approved_by(person.ToString());
  proto.set_bank_ref(payment.bank_ref);
  proto.set_iban_version(payment.iban_version);
  proto.set_seq(seq);
  if (payment.receipts_due) {
    proto.set_receipts_due(absl::FormatCivilTime(*payment.receipts_due));
  }
  proto.set_accounted_cents(payment.accounted.cents());
  proto.set_returned_cents((payment.returned + payment.repaid).cents());
  proto.set_vat_cents(payment.vat.cents());
  proto.set_returned_vat_cents(payment.repaid_vat.cents());
  return proto;
}

}  // namespace smederij::ledger
