#include "services/ledger/storage/verify_records.h"

#include <optional>
#include <tuple>

#include "services/ledger/storage/indexing_store.h"
#include "services/ledger/storage/payment_store.h"
#include "services/ledger/storage/spending_store.h"

namespace smederij::ledger {
namespace {

constexpr int64_t kPage = 1000;

constexpr pg::Statement<std::tuple<int64_t, PaymentId>(BudgetId)> kPostedSteps{
    "ledger.posted_payment_steps", R"sql(
  SELECT seq, payment_id FROM ledger.payment_step
   WHERE budget_id = $1 AND seq IS NOT NULL ORDER BY seq)sql"};

// The record of everything that posted an entry, by that entry's number.
absl::StatusOr<std::map<int64_t, Hash>> RecordsBySeq(pg::Tx& tx, BudgetId budget) {
  std::map<int64_t, Hash> records;
  for (int64_t after = 0;;) {
    ASSIGN_OR_RETURN(const std::vector<CommitmentState> page,
                     ListCommitments(tx, budget, std::nullopt, after, kPage));
    for (const CommitmentState& state : page) {
      records[state.commitment.seq] = RecordOf(state.commitment);
    }
    if (page.size() < static_cast<size_t>(kPage)) break;
    after = page.back().commitment.seq;
  }
  ASSIGN_OR_RETURN(const std::optional<Indexing> indexing, IndexingOf(tx, budget));
  if (indexing) records[indexing->seq] = RecordOf(*indexing);
  std::map<PaymentId, Hash> payments;
  for (PaymentPlace after;;) {
    ASSIGN_OR_RETURN(const std::vector<ListedPayment> page,
                     ListPayments(tx, budget, 0, after, kPage));
    for (const ListedPayment& listed : page) {
      payments[listed.payment.id] = RecordOf(listed.payment);
    }
    if (page.size() < static_cast<size_t>(kPage)) break;
    after = page.back().place;
  }
  ASSIGN_OR_RETURN(const auto steps, tx.All(kPostedSteps, budget));
  for (const auto& [seq, payment] : steps) records[seq] = payments[payment];
  return records;
}

}  // namespace

absl::StatusOr<std::vector<Finding>> VerifyRecords(pg::Tx& tx, BudgetId budget,
                                                   std::map<int64_t, RecordedEntry> entries) {
  ASSIGN_OR_RETURN(const auto records, RecordsBySeq(tx, budget));
  std::vector<Finding> findings;
  for (const auto& [seq, record] : records) {
    const auto entry = entries.find(seq);
    if (entry == entries.end() || entry->second.record != record) {
      findings.push_back({budget, seq, "what it rests on is not what it says"});
    }
    if (entry != entries.end()) entries.erase(entry);
  }
  for (const auto& [seq, entry] : entries) {
    // What ends a commitment here carries the record its opening was compared with.
    if (entry.type == EntryType::kCloseCommitment || entry.type == EntryType::kCarryOut) continue;
    findings.push_back({budget, seq, "what it rests on is not there"});
  }
  return findings;
}

absl::Span<const pg::AnyStatement> RecordStatements() {
  static const pg::AnyStatement statements[] = {kPostedSteps};
  return statements;
}

}  // namespace smederij::ledger
