#include "services/ledger/storage/verify.h"

#include <map>
#include <tuple>
#include <utility>

#include "common/pg/transact.h"
#include "services/ledger/storage/statement_store.h"
#include "services/ledger/storage/verify_records.h"

namespace smederij::ledger {
namespace {

constexpr int64_t kPage = 1000;
constexpr pg::TxOptions kSnapshot{.deadline = absl::InfiniteFuture(),
                                  .isolation = pg::Isolation::kRepeatableRead,
                                  .read_only = true};

// One statement, so one snapshot.
constexpr pg::Statement<std::tuple<int64_t, int64_t>()> kCountRecords{"ledger.count_records", R"sql(
  SELECT record_count,
         (SELECT count(*) FROM ledger.budget) + (SELECT count(*) FROM ledger.entry)
    FROM ledger.progress)sql"};

struct Audited {
  Audit audit;
  std::vector<Finding> records;
};

absl::StatusOr<Audited> AuditBudget(pg::Tx& tx, BudgetId id) {
  ASSIGN_OR_RETURN(const BudgetState state, GetBudget(tx, id));
  Audit audit(state.row.budget, state.row.opening.value, state.row.opening_hash);
  std::map<int64_t, RecordedEntry> recorded;
  for (int64_t after = 0;;) {
    ASSIGN_OR_RETURN(const std::vector<StoredEntry> page, ListEntries(tx, id, after, kPage));
    for (const StoredEntry& stored : page) {
      audit.Read(stored.entry, stored.canonical, stored.posting_types);
      const Entry& entry = stored.entry;
      if (entry.record) recorded[entry.seq] = {.type = entry.type, .record = *entry.record};
    }
    if (page.size() < static_cast<size_t>(kPage)) break;
    after = page.back().entry.seq;
  }
  ASSIGN_OR_RETURN(std::vector<Account> accounts, AccountsNow(tx, id));
  audit.Close({.head_seq = state.head.seq,
               .head_hash = state.head.hash,
               .account_count = state.head.account_count,
               .appropriated = state.head.appropriated,
               .accounts = std::move(accounts)});
  ASSIGN_OR_RETURN(std::vector<Finding> records, VerifyRecords(tx, id, std::move(recorded)));
  return Audited{.audit = std::move(audit), .records = std::move(records)};
}

}  // namespace

absl::StatusOr<Verified> Verify(pg::Pool& pool, const std::function<void(const Finding&)>& found) {
  Verified verified;
  const auto tell = [&](const Finding& finding) {
    ++verified.findings;
    found(finding);
  };
  for (BudgetId after;;) {
    const auto list = [&](pg::Tx& tx) { return BudgetIds(tx, after, kPage); };
    ASSIGN_OR_RETURN(const std::vector<BudgetId> ids, pg::Transact(pool, kSnapshot, list));
    if (ids.empty()) break;
    for (const BudgetId id : ids) {
      const auto audit = [&](pg::Tx& tx) { return AuditBudget(tx, id); };
      ASSIGN_OR_RETURN(const Audited audited, pg::Transact(pool, kSnapshot, audit));
      ++verified.budgets;
      verified.entries += audited.audit.entries();
      for (const Finding& finding : audited.audit.findings()) tell(finding);
      for (const Finding& finding : audited.records) tell(finding);
    }
    after = ids.back();
  }
  const auto count = [](pg::Tx& tx) { return tx.One(kCountRecords); };
  ASSIGN_OR_RETURN(const auto records, pg::Transact(pool, kSnapshot, count));
  if (std::get<0>(records) != std::get<1>(records)) {
    tell({.budget = {}, .seq = 0, .what = "the number of records is not the one that was counted"});
  }
  return verified;
}

}  // namespace smederij::ledger
