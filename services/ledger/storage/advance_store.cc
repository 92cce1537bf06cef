#include "services/ledger/storage/advance_store.h"

#include <string>
#include <tuple>
#include <vector>

#include "common/base/status_macros.h"

namespace smederij::ledger {
namespace {

template <class T>
using Many = std::vector<T>;

constexpr pg::Statement<std::tuple<PaymentId, std::string>(Many<BudgetId>, Many<PaymentId>,
                                                           Many<std::string>)>
    kReceipts{"ledger.receipts", R"sql(
  SELECT s.payment_id, s.receipt_ref
    FROM unnest($1, $2, $3) AS wanted (budget_id, payment_id, receipt_ref)
    JOIN ledger.payment_step AS s USING (budget_id, payment_id, receipt_ref)
   WHERE s.receipt_ref IS NOT NULL)sql"};

// Over all budgets of a municipality.
constexpr pg::Statement<std::tuple<MunicipalityId, Hash, BudgetId, PaymentId, int64_t>(
    Many<MunicipalityId>, Many<Hash>)>
    kDocuments{"ledger.counted_documents", R"sql(
  SELECT s.municipality_id, s.document_hash, s.budget_id, s.payment_id, s.seq
    FROM unnest($1, $2) AS wanted (municipality_id, document_hash)
    JOIN ledger.payment_step AS s USING (municipality_id, document_hash)
   WHERE s.document_hash IS NOT NULL)sql"};

constexpr pg::Statement<std::tuple<MunicipalityId, std::string, BudgetId, PaymentId, int64_t>(
    Many<MunicipalityId>, Many<std::string>)>
    kReturns{"ledger.counted_returns", R"sql(
  SELECT s.municipality_id, s.return_ref, s.budget_id, s.payment_id, s.seq
    FROM unnest($1, $2) AS wanted (municipality_id, return_ref)
    JOIN ledger.payment_step AS s USING (municipality_id, return_ref)
   WHERE s.return_ref IS NOT NULL)sql"};

absl::Status ReadReceipts(pg::Tx& tx, absl::Span<const Command* const> commands, Books& books) {
  Many<BudgetId> budgets;
  Many<PaymentId> payments;
  Many<std::string> receipts;
  Many<MunicipalityId> municipalities;
  Many<Hash> documents;
  for (const Command* command : commands) {
    const auto* account = std::get_if<AccountForAdvance>(&command->what);
    if (account == nullptr) continue;
    const auto book = books.by_budget.find(account->budget);
    if (book == books.by_budget.end()) continue;
    budgets.push_back(account->budget);
    payments.push_back(account->payment);
    receipts.push_back(account->receipt_ref);
    municipalities.push_back(book->second.budget.municipality);
    documents.push_back(account->document_hash);
  }
  if (budgets.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto used, tx.All(kReceipts, budgets, payments, receipts));
  for (const auto& [payment, receipt] : used) books.receipts.insert({payment, receipt});
  ASSIGN_OR_RETURN(const auto counted, tx.All(kDocuments, municipalities, documents));
  for (const auto& [municipality, document, budget, payment, seq] : counted) {
    books.documents[{municipality, document}] = {budget, payment, seq};
  }
  return absl::OkStatus();
}

absl::Status ReadReturns(pg::Tx& tx, absl::Span<const Command* const> commands, Books& books) {
  Many<MunicipalityId> municipalities;
  Many<std::string> refs;
  for (const Command* command : commands) {
    const auto* back = std::get_if<ReturnAdvance>(&command->what);
    if (back == nullptr) continue;
    const auto book = books.by_budget.find(back->budget);
    if (book == books.by_budget.end()) continue;
    municipalities.push_back(book->second.budget.municipality);
    refs.push_back(back->bank_ref);
  }
  if (refs.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto counted, tx.All(kReturns, municipalities, refs));
  for (const auto& [municipality, ref, budget, payment, seq] : counted) {
    books.returns[{municipality, ref}] = {budget, payment, seq};
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ReadParts(pg::Tx& tx, absl::Span<const Command* const> commands, Books& books) {
  RETURN_IF_ERROR(ReadReceipts(tx, commands, books));
  return ReadReturns(tx, commands, books);
}

absl::Span<const pg::AnyStatement> AdvanceStatements() {
  static const pg::AnyStatement statements[] = {kReceipts, kDocuments, kReturns};
  return statements;
}

}  // namespace smederij::ledger
