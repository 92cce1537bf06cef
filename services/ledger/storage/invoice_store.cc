#include "services/ledger/storage/invoice_store.h"

#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "common/base/status_macros.h"
#include "services/ledger/domain/invoice.h"

namespace smederij::ledger {
namespace {

template <class T>
using Many = std::vector<T>;

constexpr pg::Statement<std::tuple<PayeeId, std::string, PaymentId>(Many<PayeeId>,
                                                                    Many<std::string>)>
    kInvoices{"ledger.invoices", R"sql(
  SELECT p.payee_id, p.invoice_key, p.payment_id
    FROM unnest($1, $2) AS wanted (payee_id, invoice_key)
    JOIN ledger.payment AS p USING (payee_id, invoice_key)
   WHERE p.state NOT IN (5, 6) AND (p.receipts_due IS NOT NULL OR p.repaid < p.amount))sql"};

constexpr pg::Statement<std::tuple<MunicipalityId, std::string>(Many<MunicipalityId>,
                                                                Many<std::string>)>
    kBankRefs{"ledger.bank_refs", R"sql(
  SELECT p.municipality_id, p.bank_ref
    FROM unnest($1, $2) AS wanted (municipality_id, bank_ref)
    JOIN ledger.payment AS p USING (municipality_id, bank_ref)
   WHERE p.bank_ref IS NOT NULL)sql"};

}  // namespace

absl::Status ReadInvoices(pg::Tx& tx, absl::Span<const Command* const> commands, Books& books) {
  // Payees of commitments that are there, and of those that this very batch may open.
  std::map<std::pair<BudgetId, CommitmentId>, PayeeId> payees;
  for (const auto& [budget, book] : books.by_budget) {
    for (const auto& [id, commitment] : book.commitments) payees[{budget, id}] = commitment.payee;
  }
  for (const Command* command : commands) {
    if (const auto* open = std::get_if<OpenCommitment>(&command->what)) {
      payees[{open->budget, IdOfCommitment(open->budget, command->request)}] = open->payee;
    }
  }
  // Those that go over to another budget keep their payees.
  for (const Command* command : commands) {
    const CarryOver* carry = CarryOf(*command);
    if (carry == nullptr || !books.by_budget.contains(carry->from)) continue;
    for (const auto& [id, commitment] : books.by_budget.at(carry->from).commitments) {
      payees[{carry->to, id}] = commitment.payee;
    }
  }
  Many<PayeeId> of;
  Many<std::string> invoices;
  for (const Command* command : commands) {
    const auto* request = std::get_if<RequestPayment>(&command->what);
    if (request == nullptr) continue;
    const auto payee = payees.find({request->budget, request->commitment});
    if (payee == payees.end()) continue;
    of.push_back(payee->second);
    invoices.push_back(InvoiceKeyOf(request->invoice_ref));
  }
  // What came back freed its invoice, and who takes that back needs it again.
  for (const auto& [budget, book] : books.by_budget) {
    for (const auto& [seq, part] : book.parts) {
      const Payment& payment = book.payments.at(part.payment);
      of.push_back(payment.payee);
      invoices.push_back(InvoiceKeyOf(payment.invoice_ref));
    }
  }
  if (of.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto rows, tx.All(kInvoices, of, invoices));
  for (const auto& [payee, invoice, payment] : rows) books.invoices[{payee, invoice}] = payment;
  return absl::OkStatus();
}

absl::Status ReadBankRefs(pg::Tx& tx, absl::Span<const Command* const> commands, Books& books) {
  Many<MunicipalityId> municipalities;
  Many<std::string> refs;
  for (const Command* command : commands) {
    const auto* instruct = std::get_if<InstructPayment>(&command->what);
    if (instruct == nullptr) continue;
    const auto book = books.by_budget.find(instruct->budget);
    if (book == books.by_budget.end()) continue;
    municipalities.push_back(book->second.budget.municipality);
    refs.push_back(instruct->bank_ref);
  }
  if (refs.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto rows, tx.All(kBankRefs, municipalities, refs));
  for (const auto& [municipality, ref] : rows) books.bank_refs.insert({municipality, ref});
  return absl::OkStatus();
}

absl::Span<const pg::AnyStatement> InvoiceStatements() {
  static const pg::AnyStatement statements[] = {kInvoices, kBankRefs};
  return statements;
}

}  // namespace smederij::ledger
