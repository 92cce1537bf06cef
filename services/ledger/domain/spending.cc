#include "services/ledger/domain/spending.h"

#include "common/base/status_macros.h"
#include "services/ledger/domain/advances.h"
#include "services/ledger/domain/draft.h"
#include "services/ledger/domain/errors.h"
#include "services/ledger/domain/invoice.h"
#include "services/ledger/domain/objection_term.h"
#include "services/ledger/domain/payee_errors.h"
#include "services/ledger/domain/spending_errors.h"

namespace smederij::ledger {
namespace {

absl::StatusOr<Commitment> OpenCommitmentOf(const Book& book, CommitmentId id) {
  const auto found = book.commitments.find(id);
  if (found == book.commitments.end()) return CommitmentNotFound(id);
  if (found->second.closed) return CommitmentClosed(id);
  return found->second;
}

}  // namespace

absl::Status NothingOpen(const Book& book, const std::set<CommitmentId>& commitments) {
  const Payment* advance = nullptr;
  for (const auto& [id, payment] : book.payments) {
    if (!payment.Open() || !commitments.contains(payment.commitment)) continue;
    if (payment.state != PaymentState::kAdvanced) return PaymentsOpen(payment.commitment, payment);
    if (advance == nullptr) advance = &payment;
  }
  if (advance == nullptr) return absl::OkStatus();
  return AdvancesOpen(advance->commitment, *advance);
}

absl::StatusOr<Effect> Decide(const Books& books, const Command& command,
                              const OpenCommitment& open) {
  ASSIGN_OR_RETURN(const Book* const book, OpenBook(books, open.budget, command));
  if (open.decision_date > books.today) {
    return DecisionDateAhead(open.decision_date, books.today);
  }
  const int days = open.ground == Ground::kGrant ? books.rules.objection_days : 0;
  const absl::CivilDay first = DayAfterTerm(open.decision_date, days);
  const absl::CivilDay payable_from = open.payable_from.value_or(first);
  if (days > 0 && payable_from < first) {
    return ObjectionTermCut(payable_from, open.decision_date, days, first);
  }
  const auto payee = books.payees.find(open.payee);
  if (payee == books.payees.end() || payee->second.municipality != book->budget.municipality) {
    return PayeeNotFound(open.payee);
  }
  const Account* const reserved = FindAccount(*book, Reserved(open.plan));
  if (reserved == nullptr) return AwardNotFound(open.budget, open.plan);
  if (reserved->balance() < open.amount) {
    return InsufficientFunds(open.budget, open.amount, reserved->balance());
  }
  Commitment commitment{.budget = open.budget,
                        .id = IdOfCommitment(open.budget, command.request),
                        .plan = open.plan,
                        .payee = open.payee,
                        .amount = open.amount,
                        .quote_ref = open.quote_ref,
                        .decision_ref = open.decision_ref,
                        .document_hash = open.document_hash,
                        .payable_from = payable_from,
                        .seq = book->head_seq + 1,
                        .opened_at = books.now,
                        .closed = false,
                        .vat = open.vat,
                        .taakveld = open.taakveld,
                        .category = open.category,
                        .ground = open.ground,
                        .decision_date = open.decision_date,
                        .objection_days = static_cast<int16_t>(days)};
  Effect effect;
  effect.entries = {DraftEntry(
      *book, command, books.now, EntryType::kOpenCommitment, open.decision_ref,
      {{Reserved(open.plan), Committed(commitment.id), open.amount}}, {}, RecordOf(commitment))};
  effect.commitments = {std::move(commitment)};
  return effect;
}

absl::StatusOr<Effect> Decide(const Books& books, const Command& command,
                              const CloseCommitment& close) {
  ASSIGN_OR_RETURN(const Book* const book, OpenBook(books, close.budget, command));
  ASSIGN_OR_RETURN(Commitment commitment, OpenCommitmentOf(*book, close.commitment));
  RETURN_IF_ERROR(NothingOpen(*book, {commitment.id}));
  commitment.closed = true;
  Effect effect;
  const Money left = HeldBy(*book, Committed(commitment.id));
  if (left > Money()) {
    effect.entries = {DraftEntry(
        *book, command, books.now, EntryType::kCloseCommitment, commitment.decision_ref,
        {{Committed(commitment.id), Reserved(commitment.plan), left}}, {}, RecordOf(commitment))};
  }
  effect.commitments = {std::move(commitment)};
  return effect;
}

absl::StatusOr<Effect> Decide(const Books& books, const Command& command,
                              const ReleaseAward& release) {
  ASSIGN_OR_RETURN(const Book* const book, OpenBook(books, release.budget, command));
  const Account* const reserved = FindAccount(*book, Reserved(release.plan));
  if (reserved == nullptr) return AwardNotFound(release.budget, release.plan);
  if (reserved->balance() < release.amount) {
    return InsufficientFunds(release.budget, release.amount, reserved->balance());
  }
  Effect effect;
  effect.entries = {DraftEntry(*book, command, books.now, EntryType::kReleaseAward,
                               release.decision_ref,
                               {{Reserved(release.plan), Available(), release.amount}})};
  return effect;
}

BudgetId SpendingBudgetOf(const Command& command) {
  const auto budget_of = [](const auto& what) -> BudgetId {
    if constexpr (requires { what.budget; }) {
      return what.budget;
    } else {
      return {};
    }
  };
  return std::visit(budget_of, command.what);
}

std::vector<std::pair<BudgetId, AccountKey>> SpendingAccountsOf(const Command& command) {
  std::vector<std::pair<BudgetId, AccountKey>> accounts;
  if (const auto* open = std::get_if<OpenCommitment>(&command.what)) {
    // Also those of later commands in the batch that build on this one.
    for (AccountKey& key : AccountsOf(open->plan, IdOfCommitment(open->budget, command.request))) {
      accounts.emplace_back(open->budget, std::move(key));
    }
  } else if (const auto* release = std::get_if<ReleaseAward>(&command.what)) {
    accounts = {{release->budget, Reserved(release->plan)}, {release->budget, Available()}};
  }
  return accounts;
}

std::vector<AccountKey> AccountsOf(PlanId plan, CommitmentId commitment) {
  return {Reserved(plan), Committed(commitment), Clearing(plan), Advanced(plan), Paid(plan)};
}

Money UnclaimedOf(const Book& book, CommitmentId commitment) {
  Money unclaimed = HeldBy(book, Committed(commitment));
  for (const auto& [id, payment] : book.payments) {
    if (payment.commitment == commitment && payment.Claims()) unclaimed -= payment.amount;
  }
  return unclaimed;
}

Money VatLeftOf(const Book& book, const Commitment& commitment) {
  const auto asked = book.vat_asked.find(commitment.id);
  return commitment.vat - (asked == book.vat_asked.end() ? Money() : asked->second);
}

void ApplySpending(const Effect& effect, Books& books) {
  for (const Commitment& commitment : effect.commitments) {
    books.by_budget.at(commitment.budget).commitments.insert_or_assign(commitment.id, commitment);
  }
  for (const PaymentStep& step : effect.steps) {
    const Payment& payment = step.after;
    Book& book = books.by_budget.at(payment.budget);
    book.payments.insert_or_assign(payment.id, payment);
    if (!step.before) book.vat_asked[payment.commitment] += payment.vat;
    if (payment.Ended()) book.vat_asked[payment.commitment] -= payment.vat;
    if (step.part) book.vat_asked[payment.commitment] -= step.part->vat;
    if (step.taken_back) book.vat_asked[payment.commitment] += step.taken_back->part.vat;
    const std::pair invoice(payment.payee, InvoiceKeyOf(payment.invoice_ref));
    if (payment.HoldsInvoice()) {
      books.invoices[invoice] = payment.id;
    } else {
      books.invoices.erase(invoice);
    }
    if (!payment.bank_ref.empty()) {
      books.bank_refs.insert({book.budget.municipality, payment.bank_ref});
    }
    ApplyPart(step, books);
  }
}

}  // namespace smederij::ledger
