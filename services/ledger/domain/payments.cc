#include "services/ledger/domain/payments.h"

#include <algorithm>

#include "common/base/status_macros.h"
#include "services/ledger/domain/draft.h"
#include "services/ledger/domain/errors.h"
#include "services/ledger/domain/invoice.h"
#include "services/ledger/domain/payee_errors.h"
#include "services/ledger/domain/spending.h"
#include "services/ledger/domain/spending_errors.h"

namespace smederij::ledger {
namespace {

// The payment as it would stand in state `to`. Refusals, first that applies: PAYMENT_NOT_FOUND,
// WRONG_STATE.
absl::StatusOr<Payment> Step(const Book& book, PaymentId id, PaymentState to) {
  const auto found = book.payments.find(id);
  if (found == book.payments.end()) return PaymentNotFound(id);
  Payment payment = found->second;
  if (!MayFollow(payment.state, to)) return WrongState(payment, to);
  payment.state = to;
  ++payment.steps;
  return payment;
}

// A step that moves the payment's money.
Effect MovingMoney(const Books& books, const Book& book, const Command& command, EntryType type,
                   const AccountKey& from, const AccountKey& to, Payment after) {
  const Commitment& commitment = book.commitments.at(after.commitment);
  Effect effect;
  effect.entries = {DraftEntry(book, command, books.now, type, commitment.decision_ref,
                               {{from, to, after.amount}}, {}, RecordOf(after))};
  effect.steps = {Taken(book, command, std::move(after))};
  effect.steps.front().seq = effect.entries.front().seq;
  return effect;
}

}  // namespace

PaymentStep Taken(const Book& book, const Command& command, Payment after) {
  const auto before = book.payments.find(after.id);
  return {
      .after = std::move(after),
      .before = before == book.payments.end() ? std::nullopt : std::optional(before->second.state),
      .person = command.person,
      .actor = command.actor,
      .request = command.request,
      .seq = 0,
      .note = {}};
}

absl::StatusOr<Effect> Decide(const Books& books, const Command& command,
                              const RequestPayment& request) {
  ASSIGN_OR_RETURN(const Book* const book, OpenBook(books, request.budget));
  const auto found = book->commitments.find(request.commitment);
  if (found == book->commitments.end()) return CommitmentNotFound(request.commitment);
  const Commitment& commitment = found->second;
  if (commitment.closed) return CommitmentClosed(commitment.id);
  if (request.receipts_due && *request.receipts_due < books.today) {
    return ReceiptsDuePast(*request.receipts_due, books.today);
  }
  const auto invoice = books.invoices.find({commitment.payee, InvoiceKeyOf(request.invoice_ref)});
  if (invoice != books.invoices.end()) return DuplicateInvoice(invoice->second);
  const Money left = UnclaimedOf(*book, commitment.id);
  if (left < request.amount) return OverCommitment(commitment.id, request.amount, left);
  const Money vat_left = VatLeftOf(*book, commitment);
  if (vat_left < request.vat) return OverCommitmentVat(commitment.id, request.vat, vat_left);
  Payment payment{.budget = request.budget,
                  .id = IdOfPayment(request.budget, command.request),
                  .commitment = commitment.id,
                  .payee = commitment.payee,
                  .amount = request.amount,
                  .invoice_ref = request.invoice_ref,
                  .requested_by = command.person,
                  .approvals_needed = static_cast<int16_t>(
                      request.amount > books.rules.two_approvers_above ? 2 : 1),
                  .approved_by = {},
                  .bank_ref = {},
                  .vat = request.vat,
                  .receipts_due = request.receipts_due};
  Effect effect;
  effect.steps = {Taken(*book, command, std::move(payment))};
  return effect;
}

absl::StatusOr<Effect> Decide(const Books& books, const Command& command,
                              const ApprovePayment& approve) {
  ASSIGN_OR_RETURN(const Book* const book, OpenBook(books, approve.budget));
  ASSIGN_OR_RETURN(Payment payment, Step(*book, approve.payment, PaymentState::kApproved));
  // By person: who changes hats between asking and approving has still one pair of eyes.
  if (payment.requested_by == command.person) {
    return SelfApproval("payment_id", payment.id.ToString());
  }
  if (std::find(payment.approved_by.begin(), payment.approved_by.end(), command.person) !=
      payment.approved_by.end()) {
    return AlreadyApproved(payment.id);
  }
  if (payment.amount > approve.limit) return AmountOverLimit(payment.amount, approve.limit);
  payment.approved_by.push_back(command.person);
  if (payment.approved_by.size() < static_cast<size_t>(payment.approvals_needed)) {
    payment.state = PaymentState::kRequested;
  }
  Effect effect;
  effect.steps = {Taken(*book, command, std::move(payment))};
  return effect;
}

absl::StatusOr<Effect> Decide(const Books& books, const Command& command,
                              const RejectPayment& reject) {
  ASSIGN_OR_RETURN(const Book* const book, OpenBook(books, reject.budget));
  ASSIGN_OR_RETURN(Payment payment, Step(*book, reject.payment, PaymentState::kRejected));
  Effect effect;
  effect.steps = {Taken(*book, command, std::move(payment))};
  effect.steps.front().note = reject.reason;
  return effect;
}

absl::StatusOr<Effect> Decide(const Books& books, const Command& command,
                              const InstructPayment& instruct) {
  ASSIGN_OR_RETURN(const Book* const book, OpenBook(books, instruct.budget, command));
  ASSIGN_OR_RETURN(Payment payment, Step(*book, instruct.payment, PaymentState::kInstructed));
  // An invoice of one's own making needs an approver who does not look; not also a bank who obeys.
  if (payment.requested_by == command.person) return SelfInstruction(payment.id);
  const Commitment& commitment = book->commitments.at(payment.commitment);
  const absl::CivilDay day = command.effective.value_or(books.today);
  if (day < commitment.payable_from) return ObjectionTermRunning(commitment, day);
  if (books.bank_refs.contains({book->budget.municipality, instruct.bank_ref})) {
    return BankReferenceUsed();
  }
  payment.bank_ref = instruct.bank_ref;
  payment.iban_version = books.payees.at(payment.payee).iban_version;
  return MovingMoney(books, *book, command, EntryType::kInstructPayment, Committed(commitment.id),
                     Clearing(commitment.plan), std::move(payment));
}

absl::StatusOr<Effect> Decide(const Books& books, const Command& command,
                              const SettlePayment& settle) {
  ASSIGN_OR_RETURN(const Book* const book, OpenBook(books, settle.budget, command));
  ASSIGN_OR_RETURN(Payment payment, Step(*book, settle.payment, PaymentState::kSettled));
  const bool advance = payment.receipts_due.has_value();
  // Out of the bank's hands, it goes on only by what accounts for it, or by what comes back.
  const Payment& before = book->payments.at(payment.id);
  if (before.state != PaymentState::kInstructed) return WrongState(before, PaymentState::kSettled);
  if (advance) payment.state = PaymentState::kAdvanced;
  const PlanId plan = book->commitments.at(payment.commitment).plan;
  return MovingMoney(books, *book, command, EntryType::kSettlePayment, Clearing(plan),
                     advance ? Advanced(plan) : Paid(plan), std::move(payment));
}

absl::StatusOr<Effect> Decide(const Books& books, const Command& command, const FailPayment& fail) {
  ASSIGN_OR_RETURN(const Book* const book, OpenBook(books, fail.budget, command));
  ASSIGN_OR_RETURN(Payment payment, Step(*book, fail.payment, PaymentState::kFailed));
  const Commitment& commitment = book->commitments.at(payment.commitment);
  Effect effect =
      MovingMoney(books, *book, command, EntryType::kFailPayment, Clearing(commitment.plan),
                  Committed(commitment.id), std::move(payment));
  effect.steps.front().note = fail.reason;
  return effect;
}

}  // namespace smederij::ledger
