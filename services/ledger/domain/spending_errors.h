#pragma once

#include "absl/time/civil_time.h"
#include "common/base/error.h"
#include "services/ledger/domain/payment.h"

// Refusals that concern money after its award.
namespace smederij::ledger {

inline Error AwardNotFound(BudgetId budget, PlanId plan) {
  return Error(kFailedPrecondition, "AWARD_NOT_FOUND",
               "nothing was ever awarded to the plan from this budget")
      .With("budget_id", budget.ToString())
      .With("plan_id", plan.ToString());
}

inline Error CommitmentNotFound(CommitmentId commitment) {
  return Error(kNotFound, "COMMITMENT_NOT_FOUND", "the budget has no such commitment")
      .With("commitment_id", commitment.ToString());
}

inline Error CommitmentClosed(CommitmentId commitment) {
  return Error(kFailedPrecondition, "COMMITMENT_CLOSED", "the commitment was closed")
      .With("commitment_id", commitment.ToString());
}

inline Error PaymentsOpen(CommitmentId commitment, const Payment& payment) {
  return Error(kFailedPrecondition, "PAYMENTS_OPEN", "a payment on the commitment is under way")
      .With("commitment_id", commitment.ToString())
      .With("payment_id", payment.id.ToString())
      .With("state", NameOf(payment.state));
}

inline Error AdvancesOpen(CommitmentId commitment, const Payment& payment) {
  return Error(kFailedPrecondition, "ADVANCES_OPEN",
               "an advance on the commitment is not accounted for yet")
      .With("commitment_id", commitment.ToString())
      .With("payment_id", payment.id.ToString())
      .With("owed_cents", payment.Owed().cents());
}

inline Error PaymentNotFound(PaymentId payment) {
  return Error(kNotFound, "PAYMENT_NOT_FOUND", "the budget has no such payment")
      .With("payment_id", payment.ToString());
}

inline Error DuplicateInvoice(PaymentId earlier) {
  return Error(kAlreadyExists, "DUPLICATE_INVOICE",
               "this invoice of the payee was asked to be paid before")
      .With("payment_id", earlier.ToString());
}

inline Error OverCommitment(CommitmentId commitment, Money asked, Money left) {
  return Error(kFailedPrecondition, "OVER_COMMITMENT",
               "the commitment has not that much left to ask for")
      .With("commitment_id", commitment.ToString())
      .With("asked_cents", asked.cents())
      .With("left_cents", left.cents());
}

inline Error OverCommitmentVat(CommitmentId commitment, Money asked, Money left) {
  return Error(kFailedPrecondition, "OVER_COMMITMENT_VAT",
               "the commitment's invoices would have more VAT than was agreed")
      .With("commitment_id", commitment.ToString())
      .With("asked_cents", asked.cents())
      .With("left_cents", left.cents());
}

inline Error WrongState(const Payment& payment, PaymentState to) {
  return Error(kFailedPrecondition, "WRONG_STATE", "the payment cannot go there from where it is")
      .With("payment_id", payment.id.ToString())
      .With("from", NameOf(payment.state))
      .With("to", NameOf(to));
}

inline Error ReceiptsDuePast(absl::CivilDay due, absl::CivilDay today) {
  return Error(kFailedPrecondition, "RECEIPTS_DUE_PAST",
               "the day on which receipts are due has passed already")
      .With("receipts_due", absl::FormatCivilTime(due))
      .With("today", absl::FormatCivilTime(today));
}

inline Error NotAnAdvance(PaymentId payment) {
  return Error(kFailedPrecondition, "NOT_AN_ADVANCE", "no receipts are due for the payment")
      .With("payment_id", payment.ToString());
}

inline Error ReceiptUsed(PaymentId payment) {
  return Error(kAlreadyExists, "RECEIPT_USED", "this receipt was handed in for the payment before")
      .With("payment_id", payment.ToString());
}

// With where the first part of it counted.
inline Error DocumentUsed(const Counted& counted, Money left) {
  return Error(kAlreadyExists, "DOCUMENT_USED",
               "these receipts, by whatever name, accounted for advances of the municipality "
               "before, and less than that is left of them")
      .With("budget_id", counted.budget.ToString())
      .With("payment_id", counted.payment.ToString())
      .With("seq", counted.seq)
      .With("total_cents", counted.total.cents())
      .With("left_cents", left.cents());
}

inline Error ReturnRecorded(const Counted& counted, Money left) {
  return Error(kAlreadyExists, "BANK_REFERENCE_USED",
               "what the bank knows by this reference came back to the municipality before, and "
               "less than that is left of it")
      .With("budget_id", counted.budget.ToString())
      .With("payment_id", counted.payment.ToString())
      .With("seq", counted.seq)
      .With("total_cents", counted.total.cents())
      .With("left_cents", left.cents());
}

inline Error TotalDiffers(const Counted& counted, Money total) {
  return Error(kFailedPrecondition, "TOTAL_DIFFERS",
               "another part of this document or bank line says that it comes to something else")
      .With("budget_id", counted.budget.ToString())
      .With("payment_id", counted.payment.ToString())
      .With("seq", counted.seq)
      .With("total_cents", counted.total.cents())
      .With("asked_cents", total.cents());
}

inline Error OverAdvance(const Payment& payment, Money amount) {
  return Error(kFailedPrecondition, "OVER_ADVANCE",
               "less than that of the advance is still to be accounted for")
      .With("payment_id", payment.id.ToString())
      .With("amount_cents", amount.cents())
      .With("owed_cents", payment.Owed().cents());
}

inline Error OverPayment(const Payment& payment, Money amount) {
  return Error(kFailedPrecondition, "OVER_PAYMENT",
               "less than that of what was paid has not come back yet")
      .With("payment_id", payment.id.ToString())
      .With("amount_cents", amount.cents())
      .With("left_cents", payment.Kept().cents());
}

// Of what comes back, at least `least` has to be VAT, and at most what the payment has left of it.
inline Error OverPaymentVat(const Payment& payment, Money vat, Money least) {
  return Error(kFailedPrecondition, "OVER_PAYMENT_VAT",
               "the payment has less VAT left, or would keep more VAT than money")
      .With("payment_id", payment.id.ToString())
      .With("vat_cents", vat.cents())
      .With("least_cents", least.cents())
      .With("left_cents", payment.KeptVat().cents());
}

inline Error TooManyParts(const Payment& payment) {
  return Error(kFailedPrecondition, "TOO_MANY_PARTS",
               "the advance was accounted for in as many parts as can be; the next has to be all "
               "that is left")
      .With("payment_id", payment.id.ToString())
      .With("owed_cents", payment.Owed().cents());
}

inline Error TooManyReturns(const Payment& payment) {
  return Error(kFailedPrecondition, "TOO_MANY_PARTS",
               "the payment has taken as many steps as can be; the last by which money comes back "
               "is all that is left")
      .With("payment_id", payment.id.ToString())
      .With("left_cents", payment.Kept().cents());
}

inline Error AlreadyApproved(PaymentId payment) {
  return Error(kFailedPrecondition, "ALREADY_APPROVED",
               "this person approved it; the next one has to be somebody else")
      .With("payment_id", payment.ToString());
}

inline Error SelfInstruction(PaymentId payment) {
  return Error(
             kPermissionDenied, "SELF_INSTRUCTION",
             "whoever asked for a payment cannot be the one who gives it to the bank, in any role")
      .With("payment_id", payment.ToString());
}

inline Error DecisionDateAhead(absl::CivilDay decided, absl::CivilDay today) {
  return Error(kFailedPrecondition, "DECISION_DATE_AHEAD",
               "the day of the decision or contract is still to come")
      .With("decision_date", absl::FormatCivilTime(decided))
      .With("today", absl::FormatCivilTime(today));
}

inline Error ObjectionTermCut(absl::CivilDay payable_from, absl::CivilDay decided, int days,
                              absl::CivilDay earliest) {
  return Error(kFailedPrecondition, "OBJECTION_TERM_CUT",
               "that day the grant decision can still be objected to")
      .With("payable_from", absl::FormatCivilTime(payable_from))
      .With("earliest", absl::FormatCivilTime(earliest))
      .With("decision_date", absl::FormatCivilTime(decided))
      .With("objection_days", days);
}

inline Error ObjectionTermRunning(const Commitment& commitment, absl::CivilDay today) {
  return Error(kFailedPrecondition, "OBJECTION_TERM_RUNNING",
               "the grant decision can still be objected to")
      .With("payable_from", absl::FormatCivilTime(commitment.payable_from))
      .With("today", absl::FormatCivilTime(today));
}

inline Error BankReferenceUsed() {
  return Error(kAlreadyExists, "BANK_REFERENCE_USED",
               "the bank was given this reference for another payment");
}

}  // namespace smederij::ledger
