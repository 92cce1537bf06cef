#include "services/ledger/domain/advances.h"

#include <utility>
#include <vector>

#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "services/ledger/domain/draft.h"
#include "services/ledger/domain/errors.h"
#include "services/ledger/domain/invoice.h"
#include "services/ledger/domain/payee_errors.h"
#include "services/ledger/domain/payments.h"
#include "services/ledger/domain/spending.h"
#include "services/ledger/domain/spending_errors.h"

namespace smederij::ledger {
namespace {

// The advance, when it is open and this person may say what became of it.
// Refusals, first that applies: PAYMENT_NOT_FOUND, NOT_AN_ADVANCE, WRONG_STATE, SELF_APPROVAL.
absl::StatusOr<Payment> AdvanceOf(const Book& book, const Command& command, PaymentId id) {
  const auto found = book.payments.find(id);
  if (found == book.payments.end()) return PaymentNotFound(id);
  const Payment& payment = found->second;
  if (!payment.receipts_due) return NotAnAdvance(id);
  if (payment.state != PaymentState::kAdvanced) {
    return WrongState(payment, PaymentState::kSettled);
  }
  // Also what came back: whoever asked for money does not say alone what became of it.
  if (payment.requested_by == command.person) return SelfApproval("payment_id", id.ToString());
  return payment;
}

// Moves a part of an advance. Refusals, first that applies: those of FitsItsEvidence, OVER_ADVANCE,
// TOO_MANY_PARTS.
absl::StatusOr<Effect> MovingPart(const Books& books, const Book& book, const Command& command,
                                  Payment payment, PaymentPart part) {
  RETURN_IF_ERROR(FitsItsEvidence(books, book, part));
  if (part.amount > payment.Owed()) return OverAdvance(payment, part.amount);
  const bool last = part.amount == payment.Owed();
  if (!last && payment.steps + 1 >= kPaymentStepsMax) return TooManyParts(payment);
  (part.came_back() ? payment.returned : payment.accounted) += part.amount;
  if (last) payment.state = PaymentState::kSettled;
  ++payment.steps;
  const Commitment& commitment = book.commitments.at(payment.commitment);
  const EntryType type = part.came_back() ? EntryType::kReturnAdvance : EntryType::kAccountAdvance;
  const AccountKey to = part.came_back() ? Committed(commitment.id) : Paid(commitment.plan);
  Effect effect;
  effect.entries = {DraftEntry(book, command, books.now, type, commitment.decision_ref,
                               {{Advanced(commitment.plan), to, part.amount}}, {},
                               RecordOf(payment, part, command.person))};
  effect.steps = {Taken(book, command, std::move(payment))};
  effect.steps.front().seq = effect.entries.front().seq;
  effect.steps.front().part = std::move(part);
  return effect;
}

// Whether the part came back after its commitment was closed, and so to its plan.
bool WentToThePlan(const Book& book, const CountedPart& part) {
  return part.part.repaid &&
         book.entries.at(part.seq).postings.front().to.kind == AccountKind::kReserved;
}

}  // namespace

absl::Status FitsItsEvidence(const Books& books, const Book& book, const PaymentPart& part) {
  const auto found = books.evidence.find({book.budget.municipality, EvidenceOf(part)});
  if (found == books.evidence.end() || found->second.empty()) return absl::OkStatus();
  const Counted& first = found->second.front();
  Money left = first.total;
  for (const Counted& counted : found->second) left -= counted.amount;
  if (part.amount > left) {
    if (part.came_back()) return ReturnRecorded(first, left);
    return DocumentUsed(first, left);
  }
  if (part.total != first.total) return TotalDiffers(first, part.total);
  return absl::OkStatus();
}

absl::StatusOr<Effect> Decide(const Books& books, const Command& command,
                              const AccountForAdvance& account) {
  ASSIGN_OR_RETURN(const Book* const book, OpenBook(books, account.budget, command));
  ASSIGN_OR_RETURN(Payment payment, AdvanceOf(*book, command, account.payment));
  // Of all parts together: what may not be decided about at once may not be in pieces either.
  const Money accounted = payment.accounted + account.amount;
  if (OverLimit(accounted, account.limit)) return AmountOverLimit(accounted, account.limit);
  if (books.receipts.contains({payment.id, account.receipt_ref})) return ReceiptUsed(payment.id);
  return MovingPart(books, *book, command, std::move(payment),
                    {.amount = account.amount,
                     .receipt_ref = account.receipt_ref,
                     .document_hash = account.document_hash,
                     .return_ref = {},
                     .total = account.total});
}

absl::StatusOr<Effect> Decide(const Books& books, const Command& command,
                              const ReturnAdvance& back) {
  ASSIGN_OR_RETURN(const Book* const book, OpenBook(books, back.budget, command));
  ASSIGN_OR_RETURN(Payment payment, AdvanceOf(*book, command, back.payment));
  return MovingPart(books, *book, command, std::move(payment),
                    {.amount = back.amount,
                     .receipt_ref = {},
                     .document_hash = {},
                     .return_ref = back.bank_ref,
                     .total = back.total});
}

absl::Status MayTakeBack(const Book& book, const Command& command, const CountedPart& part) {
  const Payment& payment = book.payments.at(part.payment);
  // As when it was entered: a second pair of eyes is not that of who asked for the money.
  if (payment.requested_by == command.person) {
    return SelfApproval("payment_id", payment.id.ToString());
  }
  // What came back later would have nowhere to go; and what came back of it went on when it was
  // closed. Money that came back after that is where it went.
  if (book.commitments.at(payment.commitment).closed && !WentToThePlan(book, part)) {
    return CommitmentClosed(payment.commitment);
  }
  // One more has to follow, which accounts for it rightly.
  if (payment.steps + 1 >= kPaymentStepsMax) {
    return part.part.repaid ? TooManyReturns(payment) : TooManyParts(payment);
  }
  return absl::OkStatus();
}

absl::Status FitsWithout(const Books& books, const Book& book, const CountedPart& part) {
  const Payment& payment = book.payments.at(part.payment);
  if (part.part.repaid) {
    const Commitment& commitment = book.commitments.at(payment.commitment);
    const Money vat_left = VatLeftOf(book, commitment);
    if (part.part.vat > vat_left) {
      return OverCommitmentVat(commitment.id, part.part.vat, vat_left);
    }
    const auto holds = books.invoices.find({payment.payee, InvoiceKeyOf(payment.invoice_ref)});
    if (holds == books.invoices.end() || holds->second == payment.id) return absl::OkStatus();
    return DuplicateInvoice(holds->second);
  }
  // Of what receipts account for, some may have come back: that is not owed again.
  if (part.part.came_back() || part.part.amount <= payment.Kept()) return absl::OkStatus();
  return InsufficientFunds(payment.budget, part.part.amount, payment.Kept());
}

PaymentStep TakingBack(const Book& book, const Command& command, const CountedPart& part,
                       int64_t seq) {
  Payment payment = book.payments.at(part.payment);
  if (part.part.repaid) {
    CHECK(MayFollow(payment.state, payment.state));
    payment.repaid -= part.part.amount;
    payment.repaid_vat -= part.part.vat;
  } else {
    CHECK(MayFollow(payment.state, PaymentState::kAdvanced));
    payment.state = PaymentState::kAdvanced;
    (part.part.came_back() ? payment.returned : payment.accounted) -= part.part.amount;
  }
  ++payment.steps;
  PaymentStep step = Taken(book, command, std::move(payment));
  step.seq = seq;
  step.taken_back = part;
  return step;
}

void ApplyPart(const PaymentStep& step, Books& books) {
  const Payment& payment = step.after;
  const MunicipalityId municipality = books.by_budget.at(payment.budget).budget.municipality;
  if (step.part) {
    if (!step.part->came_back()) books.receipts.insert({payment.id, step.part->receipt_ref});
    books.evidence[{municipality, EvidenceOf(*step.part)}].push_back(
        {payment.budget, payment.id, step.seq, step.part->amount, step.part->total});
  }
  if (step.taken_back) {
    const PaymentPart& part = step.taken_back->part;
    if (!part.came_back()) books.receipts.erase({payment.id, part.receipt_ref});
    const auto found = books.evidence.find({municipality, EvidenceOf(part)});
    if (found == books.evidence.end()) return;  // Nobody in the batch asks for it.
    std::erase_if(found->second, [&](const Counted& counted) {
      return counted.budget == payment.budget && counted.seq == step.taken_back->seq;
    });
  }
}

}  // namespace smederij::ledger
