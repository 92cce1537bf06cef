// The reading half of posting_store.h.
#include <algorithm>
#include <set>
#include <tuple>

#include "common/pg/now.h"
#include "services/ledger/domain/closings.h"
#include "services/ledger/domain/spending.h"
#include "services/ledger/storage/award_store.h"
#include "services/ledger/storage/closing_store.h"
#include "services/ledger/storage/indexing_store.h"
#include "services/ledger/storage/payment_store.h"
#include "services/ledger/storage/posting_statements.h"
#include "services/ledger/storage/posting_store.h"
#include "services/ledger/storage/reversal_store.h"
#include "services/ledger/storage/spending_store.h"
#include "services/ledger/storage/verification_store.h"

namespace smederij::ledger {
namespace {

absl::Status ReadBudgets(pg::Tx& tx, const std::vector<BudgetId>& ids, const Clock* clock,
                         Books& books) {
  ASSIGN_OR_RETURN(const std::vector<HeadRow> heads, tx.All(kLockHeads, ids));
  // Only now, under the locks: what is read together with a lock may be older than the lock.
  const auto given = clock == nullptr ? std::nullopt : std::optional(clock->Now());
  ASSIGN_OR_RETURN(std::tie(books.now, books.today), tx.One(kClock, given));
  if (heads.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<BudgetRow> budgets, tx.All(kBudgets, ids));
  for (const BudgetRow& row : budgets) {
    Book& book = books.by_budget[row.budget.id];
    book.budget = row.budget;
  }
  for (const HeadRow& head : heads) {
    Book& book = books.by_budget[head.budget];
    book.head_seq = head.seq;
    book.head_hash = head.hash;
    book.account_count = head.account_count;
    book.stored_accounts = head.account_count;
    book.appropriated = head.appropriated;
  }
  RETURN_IF_ERROR(ReadPeriods(tx, ids, books));
  for (auto& [id, book] : books.by_budget) PlaceInPeriod(books.today, book);
  ASSIGN_OR_RETURN(const std::vector<BudgetId> frozen, FrozenAmong(tx, ids));
  for (const BudgetId budget : frozen) {
    const auto book = books.by_budget.find(budget);
    if (book != books.by_budget.end()) book->second.frozen = true;
  }
  return absl::OkStatus();
}

absl::Status ReadAccounts(pg::Tx& tx, absl::Span<const Command* const> commands, Books& books) {
  std::set<std::pair<BudgetId, AccountKey>> wanted;
  for (const Command* command : commands) {
    for (auto& account : AccountsOf(*command)) wanted.insert(std::move(account));
  }
  for (const auto& [budget, book] : books.by_budget) {
    for (const auto& [id, commitment] : book.commitments) {
      for (AccountKey& key : AccountsOf(commitment.plan, id))
        wanted.insert({budget, std::move(key)});
    }
    for (const auto& [seq, entry] : book.entries) {
      for (const Posting& posting : entry.postings) {
        wanted.insert({budget, posting.from});
        wanted.insert({budget, posting.to});
      }
    }
  }
  for (auto& account : IndexedAccounts(commands, books)) wanted.insert(std::move(account));
  std::vector<BudgetId> budgets;
  std::vector<int16_t> kinds;
  std::vector<std::string> references;
  for (const auto& [budget, key] : wanted) {
    if (!books.by_budget.contains(budget)) continue;
    budgets.push_back(budget);
    kinds.push_back(static_cast<int16_t>(key.kind));
    references.push_back(key.reference);
  }
  if (budgets.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<AccountRow> rows,
                   tx.All(kAccounts, budgets, kinds, references));
  for (const AccountRow& row : rows) {
    books.by_budget.at(row.budget).accounts.emplace(row.account.key, row.account);
  }
  return absl::OkStatus();
}

absl::Status ReadForOpening(pg::Tx& tx, absl::Span<const Command* const> commands, Books& books) {
  std::vector<DistrictId> districts;
  for (const Command* command : commands) {
    const auto* open = std::get_if<OpenBudget>(&command->what);
    if (open != nullptr) districts.push_back(open->district);
  }
  if (districts.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<std::string> currencies, tx.All(kCurrencies));
  books.currencies.insert(currencies.begin(), currencies.end());
  ASSIGN_OR_RETURN(const auto rows, tx.All(kDistricts, districts));
  for (const auto& [district, municipality] : rows) books.districts[district] = municipality;
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Books> LockBooks(pg::Tx& tx, absl::Span<const Command* const> commands,
                                const Clock* clock) {
  std::set<BudgetId> ids;
  for (const Command* command : commands) {
    for (const BudgetId budget : BudgetsOf(*command)) ids.insert(budget);
  }
  Books books;
  RETURN_IF_ERROR(ReadBudgets(tx, {ids.begin(), ids.end()}, clock, books));
  RETURN_IF_ERROR(ReadNamedPayments(tx, commands, books));
  RETURN_IF_ERROR(ReadSpending(tx, commands, books));
  RETURN_IF_ERROR(ReadVat(tx, books));
  RETURN_IF_ERROR(ReadClaims(tx, commands, books));
  RETURN_IF_ERROR(ReadReversals(tx, commands, books));
  RETURN_IF_ERROR(ReadClosings(tx, commands, books));
  RETURN_IF_ERROR(ReadIndexings(tx, commands, books));
  RETURN_IF_ERROR(ReadAccounts(tx, commands, books));
  RETURN_IF_ERROR(ReadAwards(tx, commands, books));
  RETURN_IF_ERROR(ReadForOpening(tx, commands, books));
  return books;
}

absl::StatusOr<std::map<RequestKey, Answered>> FindAnswered(pg::Tx& tx,
                                                            const std::vector<RequestKey>& keys) {
  std::vector<BudgetId> budgets;
  std::vector<RequestId> ids;
  for (const RequestKey& key : keys) {
    budgets.push_back(key.budget);
    ids.push_back(key.id);
  }
  ASSIGN_OR_RETURN(std::vector<RequestRow> rows, tx.All(kRequests, budgets, ids));
  std::map<RequestKey, Answered> found;
  for (RequestRow& row : rows) found.emplace(row.key, std::move(row.answered));
  return found;
}

absl::StatusOr<pg::GuardRecord> ReadProgress(pg::Tx& tx) {
  pg::GuardRecord record;
  ASSIGN_OR_RETURN(std::tie(record.commit_no, record.size, record.root), tx.One(kProgress));
  return record;
}

RequestRow Decode(pg::Columns& row, pg::As<RequestRow>) {
  RequestRow result;
  result.key.budget = row.Next<BudgetId>();
  result.key.id = row.Next<RequestId>();
  result.answered.method = row.Next<std::string>();
  result.answered.actor = row.Next<std::string>();
  result.answered.request_hash = row.Next<Hash>();
  result.answered.response = row.Next<pg::Bytes>().value;
  return result;
}

}  // namespace smederij::ledger
