#include "services/ledger/domain/repayments.h"

#include <algorithm>
#include <utility>

#include "common/base/status_macros.h"
#include "services/ledger/domain/advances.h"
#include "services/ledger/domain/draft.h"
#include "services/ledger/domain/payee_errors.h"
#include "services/ledger/domain/payments.h"
#include "services/ledger/domain/spending_errors.h"

namespace smederij::ledger {
namespace {

// The payment, when the payee has it and this person may say that some of it came back. Refusals,
// first that applies: PAYMENT_NOT_FOUND, WRONG_STATE, SELF_APPROVAL.
absl::StatusOr<Payment> SettledOf(const Book& book, const Command& command, PaymentId id) {
  const auto found = book.payments.find(id);
  if (found == book.payments.end()) return PaymentNotFound(id);
  const Payment& payment = found->second;
  // Of an advance that is open, it is that which is paid back first.
  if (payment.state != PaymentState::kSettled) return WrongState(payment, PaymentState::kSettled);
  // As with advances: whoever asked for money does not say alone what became of it.
  if (payment.requested_by == command.person) return SelfApproval("payment_id", id.ToString());
  return payment;
}

// Whether the payment has that much left, and of its VAT: never more VAT than it has, and what it
// keeps of it is part of what it keeps. Refusals, first that applies: OVER_PAYMENT,
// OVER_PAYMENT_VAT, TOO_MANY_PARTS.
absl::Status FitsThePayment(const Payment& payment, const ReturnPayment& back) {
  const Money left = payment.Kept() - back.amount;
  if (left < Money()) return OverPayment(payment, back.amount);
  const Money least = std::max(Money(), payment.KeptVat() - left);
  if (back.vat < least || back.vat > payment.KeptVat()) {
    return OverPaymentVat(payment, back.vat, least);
  }
  const bool last = left == Money();
  if (payment.steps >= kPaymentStepsMax || (!last && payment.steps + 1 >= kPaymentStepsMax)) {
    return TooManyReturns(payment);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Effect> Decide(const Books& books, const Command& command,
                              const ReturnPayment& back) {
  ASSIGN_OR_RETURN(const Book* const book, OpenBook(books, back.budget, command));
  ASSIGN_OR_RETURN(Payment payment, SettledOf(*book, command, back.payment));
  PaymentPart part{.amount = back.amount,
                   .receipt_ref = {},
                   .document_hash = {},
                   .return_ref = back.bank_ref,
                   .total = back.total,
                   .repaid = true,
                   .vat = back.vat};
  RETURN_IF_ERROR(FitsItsEvidence(books, *book, part));
  RETURN_IF_ERROR(FitsThePayment(payment, back));
  payment.repaid += part.amount;
  payment.repaid_vat += part.vat;
  ++payment.steps;
  const Commitment& commitment = book->commitments.at(payment.commitment);
  // A commitment that was closed holds nothing any more: it is the plan's again.
  const AccountKey to = commitment.closed ? Reserved(commitment.plan) : Committed(commitment.id);
  Effect effect;
  effect.entries = {DraftEntry(*book, command, books.now, EntryType::kReturnPayment,
                               commitment.decision_ref, {{Paid(commitment.plan), to, part.amount}},
                               {}, RecordOf(payment, part, command.person))};
  effect.steps = {Taken(*book, command, std::move(payment))};
  effect.steps.front().seq = effect.entries.front().seq;
  effect.steps.front().part = std::move(part);
  return effect;
}

}  // namespace smederij::ledger
