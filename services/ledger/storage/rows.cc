#include "services/ledger/storage/rows.h"

namespace smederij::ledger {

BudgetRow Decode(pg::Columns& row, pg::As<BudgetRow>) {
  BudgetRow result;
  Budget& budget = result.budget;
  budget.id = row.Next<BudgetId>();
  budget.municipality = row.Next<MunicipalityId>();
  budget.district = row.Next<DistrictId>();
  budget.fund = row.Next<std::string>();
  budget.fiscal_year = row.Next<int32_t>();
  budget.currency = row.Next<std::string>();
  budget.opened_at = row.Next<absl::Time>();
  budget.request = row.Next<RequestId>();
  budget.actor = row.Next<std::string>();
  budget.state = static_cast<Budget::State>(row.Next<int16_t>());
  result.opening = row.Next<pg::Bytes>();
  result.opening_hash = row.Next<Hash>();
  Condition condition;
  condition.plans = row.Next<std::vector<PlanId>>();
  condition.category = row.Next<std::string>();
  const auto deadline = row.Next<std::optional<absl::CivilDay>>();
  if (deadline) {
    condition.deadline = *deadline;
    budget.condition = std::move(condition);
  }
  return result;
}

AccountRow Decode(pg::Columns& row, pg::As<AccountRow>) {
  AccountRow result;
  result.budget = row.Next<BudgetId>();
  result.account.no = row.Next<int64_t>();
  result.account.key.kind = static_cast<AccountKind>(row.Next<int16_t>());
  result.account.key.reference = row.Next<std::string>();
  result.account.debits = row.Next<Money>();
  result.account.credits = row.Next<Money>();
  return result;
}

HeadRow Decode(pg::Columns& row, pg::As<HeadRow>) {
  HeadRow head;
  head.budget = row.Next<BudgetId>();
  head.seq = row.Next<int64_t>();
  head.hash = row.Next<Hash>();
  head.account_count = row.Next<int64_t>();
  head.appropriated = row.Next<Money>();
  return head;
}

EntryRow Decode(pg::Columns& row, pg::As<EntryRow>) {
  EntryRow result;
  Entry& entry = result.entry;
  entry.budget = row.Next<BudgetId>();
  entry.seq = row.Next<int64_t>();
  entry.type = static_cast<EntryType>(row.Next<int16_t>());
  entry.period_no = row.Next<int16_t>();
  entry.recorded_at = row.Next<absl::Time>();
  entry.request = row.Next<RequestId>();
  entry.actor = row.Next<std::string>();
  entry.approver = row.Next<std::optional<std::string>>().value_or("");
  entry.decision_ref = row.Next<std::string>();
  entry.link = row.Next<std::optional<Uuid>>().value_or(Uuid());
  entry.reverses_seq = row.Next<std::optional<int64_t>>().value_or(0);
  entry.record = row.Next<std::optional<Hash>>();
  entry.effective = row.Next<std::optional<absl::CivilDay>>();
  entry.prev_hash = row.Next<Hash>();
  entry.hash = row.Next<Hash>();
  result.canonical = row.Next<pg::Bytes>();
  return result;
}

PostingRow Decode(pg::Columns& row, pg::As<PostingRow>) {
  PostingRow result;
  Posting& posting = result.posting;
  result.seq = row.Next<int64_t>();
  result.type = static_cast<EntryType>(row.Next<int16_t>());
  posting.from_no = row.Next<int64_t>();
  posting.from.kind = static_cast<AccountKind>(row.Next<int16_t>());
  posting.from.reference = row.Next<std::string>();
  posting.to_no = row.Next<int64_t>();
  posting.to.kind = static_cast<AccountKind>(row.Next<int16_t>());
  posting.to.reference = row.Next<std::string>();
  posting.amount = row.Next<Money>();
  posting.from_balance = row.Next<Money>();
  posting.to_balance = row.Next<Money>();
  return result;
}

}  // namespace smederij::ledger
