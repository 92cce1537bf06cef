// The reading half of posting_store.h.
#include <algorithm>
#include <set>
#include <tuple>

#include "common/pg/now.h"
#include "services/ledger/domain/closings.h"
#include "services/ledger/domain/spending.h"
#include "services/ledger/storage/advance_store.h"
#include "services/ledger/storage/award_store.h"
#include "services/ledger/storage/closing_store.h"
#include "services/ledger/storage/handover_store.h"
#include "services/ledger/storage/indexing_store.h"
#include "services/ledger/storage/payment_store.h"
#include "services/ledger/storage/posting_statements.h"
#include "services/ledger/storage/posting_store.h"
#include "services/ledger/storage/reversal_store.h"
#include "services/ledger/storage/spending_store.h"
#include "services/ledger/storage/verification_store.h"

namespace smederij::ledger {
namespace {

absl::Status ReadBudgets(pg::Tx& tx, const std::vector<BudgetId>& ids, pg::Asked<HeadRow> locked,
                         const Clock* clock, Books& books) {
  const auto given = clock == nullptr ? std::nullopt : std::optional(clock->Now());
  auto time = tx.Ask(kClock, given);
  auto of_budgets = tx.Ask(kBudgets, ids);
  auto periods = AskPeriods(tx, ids);
  auto frozen = AskFrozen(tx, ids);
  ASSIGN_OR_RETURN(const std::vector<HeadRow> heads, locked.All());
  ASSIGN_OR_RETURN(std::tie(books.now, books.today), time.One());
  if (heads.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<BudgetRow> budgets, of_budgets.All());
  for (const HeadRow& head : heads) {
    Book& book = books.by_budget[head.budget];
    book.head_seq = head.seq;
    book.head_hash = head.hash;
    book.account_count = head.account_count;
    book.stored_accounts = head.account_count;
    book.appropriated = head.appropriated;
  }
  // One opened meanwhile has a head that is not locked: it is not there yet.
  for (const BudgetRow& row : budgets) {
    const auto book = books.by_budget.find(row.budget.id);
    if (book != books.by_budget.end()) book->second.budget = row.budget;
  }
  RETURN_IF_ERROR(PlacePeriods(periods, books));
  for (auto& [id, book] : books.by_budget) PlaceInPeriod(books.today, book);
  ASSIGN_OR_RETURN(const std::vector<BudgetId> unsound, frozen.All());
  for (const BudgetId budget : unsound) {
    const auto book = books.by_budget.find(budget);
    if (book != books.by_budget.end()) book->second.frozen = true;
  }
  return absl::OkStatus();
}

using Wanted = std::set<std::pair<BudgetId, AccountKey>>;

Wanted AccountsOf(absl::Span<const Command* const> commands) {
  Wanted wanted;
  for (const Command* command : commands) {
    for (auto& account : AccountsOf(*command)) wanted.insert(std::move(account));
  }
  return wanted;
}

// Those that are moved by what the commands only name.
Wanted AccountsNamed(absl::Span<const Command* const> commands, const Books& books) {
  Wanted wanted;
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
  return wanted;
}

pg::Asked<AccountRow> AskAccounts(pg::Tx& tx, const Wanted& wanted) {
  std::vector<BudgetId> budgets;
  std::vector<int16_t> kinds;
  std::vector<std::string> references;
  for (const auto& [budget, key] : wanted) {
    budgets.push_back(budget);
    kinds.push_back(static_cast<int16_t>(key.kind));
    references.push_back(key.reference);
  }
  return tx.Ask(kAccounts, budgets, kinds, references);
}

absl::Status PlaceAccounts(pg::Asked<AccountRow> asked, Books& books) {
  ASSIGN_OR_RETURN(const std::vector<AccountRow> rows, asked.All());
  for (const AccountRow& row : rows) {
    const auto book = books.by_budget.find(row.budget);
    if (book != books.by_budget.end()) book->second.accounts.emplace(row.account.key, row.account);
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

pg::Asked<RequestRow> AskAnswered(pg::Tx& tx, const std::vector<RequestKey>& keys) {
  std::vector<BudgetId> budgets;
  std::vector<RequestId> ids;
  for (const RequestKey& key : keys) {
    budgets.push_back(key.budget);
    ids.push_back(key.id);
  }
  return tx.Ask(kRequests, budgets, ids);
}

}  // namespace

absl::StatusOr<Locked> LockBooks(pg::Tx& tx, absl::Span<const Command* const> commands,
                                 const std::vector<RequestKey>& keys, const Clock* clock) {
  std::set<BudgetId> ids;
  for (const Command* command : commands) {
    for (const BudgetId budget : BudgetsOf(*command)) ids.insert(budget);
  }
  // The locks before all else: what is read in one statement with a lock may be older than it.
  auto heads = tx.Ask(kLockHeads, {ids.begin(), ids.end()});
  auto answered = AskAnswered(tx, keys);
  auto accounts = AskAccounts(tx, AccountsOf(commands));
  Locked locked;
  Books& books = locked.books;
  RETURN_IF_ERROR(ReadBudgets(tx, {ids.begin(), ids.end()}, std::move(heads), clock, books));
  ASSIGN_OR_RETURN(std::vector<RequestRow> rows, answered.All());
  for (RequestRow& row : rows) locked.answered.emplace(row.key, std::move(row.answered));
  RETURN_IF_ERROR(ReadReversals(tx, commands, books));
  RETURN_IF_ERROR(ReadPartsToTakeBack(tx, books));
  RETURN_IF_ERROR(ReadNamedPayments(tx, commands, books));
  RETURN_IF_ERROR(ReadSpending(tx, commands, books));
  RETURN_IF_ERROR(ReadVat(tx, books));
  RETURN_IF_ERROR(ReadClaims(tx, commands, books));
  RETURN_IF_ERROR(ReadClosings(tx, commands, books));
  RETURN_IF_ERROR(ReadIndexings(tx, commands, books));
  RETURN_IF_ERROR(ReadHandovers(tx, commands, books));
  RETURN_IF_ERROR(PlaceAccounts(std::move(accounts), books));
  const Wanted named = AccountsNamed(commands, books);
  if (!named.empty()) RETURN_IF_ERROR(PlaceAccounts(AskAccounts(tx, named), books));
  RETURN_IF_ERROR(ReadAwards(tx, commands, books));
  RETURN_IF_ERROR(ReadForOpening(tx, commands, books));
  return locked;
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
