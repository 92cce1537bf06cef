#include "services/ledger/storage/advance_store.h"

#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
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
   WHERE s.receipt_ref IS NOT NULL AND s.taken_back_by IS NULL)sql"};

// Over all budgets of a municipality, the first part first.
struct EvidenceRow {
  MunicipalityId municipality;
  std::string evidence;
  Counted counted;
};
EvidenceRow Decode(pg::Columns& row, pg::As<EvidenceRow>) {
  EvidenceRow result;
  result.municipality = row.Next<MunicipalityId>();
  result.evidence = row.Next<std::string>();
  result.counted.budget = row.Next<BudgetId>();
  result.counted.payment = row.Next<PaymentId>();
  result.counted.seq = row.Next<int64_t>();
  result.counted.amount = row.Next<Money>();
  result.counted.total = row.Next<Money>();
  return result;
}
constexpr pg::Statement<EvidenceRow(Many<MunicipalityId>, Many<std::string>)> kEvidence{
    "ledger.evidence", R"sql(
  SELECT s.municipality_id, s.evidence, s.budget_id, s.payment_id, s.seq, s.amount, s.total
    FROM unnest($1, $2) AS wanted (municipality_id, evidence)
    JOIN ledger.payment_step AS s USING (municipality_id, evidence)
   WHERE s.evidence IS NOT NULL AND s.taken_back_by IS NULL
   ORDER BY s.stepped_at, s.budget_id, s.seq)sql"};

struct PartRow {
  BudgetId budget;
  CountedPart part;
};
PartRow Decode(pg::Columns& row, pg::As<PartRow>) {
  PartRow result;
  result.budget = row.Next<BudgetId>();
  CountedPart& counted = result.part;
  counted.payment = row.Next<PaymentId>();
  counted.step_no = row.Next<int16_t>();
  counted.seq = row.Next<int64_t>();
  counted.part.amount = row.Next<Money>();
  counted.part.receipt_ref = row.Next<std::optional<std::string>>().value_or("");
  counted.part.document_hash = row.Next<std::optional<Hash>>().value_or(Hash());
  counted.part.return_ref = row.Next<std::optional<std::string>>().value_or("");
  counted.part.total = row.Next<Money>();
  counted.part.repaid = row.Next<bool>();
  counted.part.vat = row.Next<Money>();
  return result;
}
constexpr pg::Statement<PartRow(Many<BudgetId>, Many<int64_t>)> kParts{"ledger.parts_to_take_back",
                                                                       R"sql(
  SELECT s.budget_id, s.payment_id, s.step_no, s.seq, s.amount, s.receipt_ref, s.document_hash,
         s.return_ref, s.total, s.from_state = 4, s.vat
    FROM unnest($1, $2) AS wanted (budget_id, seq)
    JOIN ledger.payment_step AS s USING (budget_id, seq)
   WHERE s.seq IS NOT NULL AND s.amount IS NOT NULL)sql"};

}  // namespace

absl::Status ReadPartsToTakeBack(pg::Tx& tx, Books& books) {
  Many<BudgetId> budgets;
  Many<int64_t> seqs;
  for (const auto& [budget, book] : books.by_budget) {
    for (const auto& [seq, entry] : book.entries) {
      budgets.push_back(budget);
      seqs.push_back(seq);
    }
  }
  if (seqs.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(std::vector<PartRow> rows, tx.All(kParts, budgets, seqs));
  for (PartRow& row : rows) {
    const int64_t seq = row.part.seq;
    books.by_budget.at(row.budget).parts.emplace(seq, std::move(row.part));
  }
  return absl::OkStatus();
}

absl::Status ReadParts(pg::Tx& tx, absl::Span<const Command* const> commands, Books& books) {
  Many<BudgetId> budgets;
  Many<PaymentId> payments;
  Many<std::string> receipts;
  std::set<std::pair<MunicipalityId, std::string>> wanted;  // Each once: its parts are added up.
  for (const Command* command : commands) {
    PaymentPart part;
    BudgetId budget;
    if (const auto* account = std::get_if<AccountForAdvance>(&command->what)) {
      budget = account->budget;
      part.receipt_ref = account->receipt_ref;
      part.document_hash = account->document_hash;
      budgets.push_back(budget);
      payments.push_back(account->payment);
      receipts.push_back(account->receipt_ref);
    } else if (const auto* back = std::get_if<ReturnAdvance>(&command->what)) {
      budget = back->budget;
      part.return_ref = back->bank_ref;
    } else if (const auto* repaid = std::get_if<ReturnPayment>(&command->what)) {
      budget = repaid->budget;
      part.return_ref = repaid->bank_ref;
    } else {
      continue;
    }
    const auto book = books.by_budget.find(budget);
    if (book == books.by_budget.end()) continue;
    wanted.insert({book->second.budget.municipality, EvidenceOf(part)});
  }
  if (!receipts.empty()) {
    ASSIGN_OR_RETURN(const auto used, tx.All(kReceipts, budgets, payments, receipts));
    for (const auto& [payment, receipt] : used) books.receipts.insert({payment, receipt});
  }
  if (wanted.empty()) return absl::OkStatus();
  Many<MunicipalityId> municipalities;
  Many<std::string> evidence;
  for (const auto& [municipality, what] : wanted) {
    municipalities.push_back(municipality);
    evidence.push_back(what);
  }
  ASSIGN_OR_RETURN(const std::vector<EvidenceRow> rows,
                   tx.All(kEvidence, municipalities, evidence));
  for (const EvidenceRow& row : rows) {
    books.evidence[{row.municipality, row.evidence}].push_back(row.counted);
  }
  return absl::OkStatus();
}

absl::Span<const pg::AnyStatement> AdvanceStatements() {
  static const pg::AnyStatement statements[] = {kReceipts, kEvidence, kParts};
  return statements;
}

}  // namespace smederij::ledger
