#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/pg/statement.h"
#include "common/pg/transact.h"
#include "services/ledger/domain/account.h"
#include "services/ledger/domain/budget.h"
#include "services/ledger/domain/entry.h"
#include "services/ledger/storage/rows.h"

// What readers see: budgets, entries, balances.
namespace smederij::ledger {

// A budget and where it stands.
struct BudgetState {
  BudgetRow row;
  HeadRow head;
  Money available;
  bool frozen = false;                    // Something was found: it takes no entries.
  std::optional<int64_t> verified_seq;    // The entry that the newest whole verification came to,
  std::optional<absl::Time> verified_at;  // and when it began.
};
BudgetState Decode(pg::Columns& row, pg::As<BudgetState>);

// Refusal: BUDGET_NOT_FOUND.
absl::StatusOr<BudgetState> GetBudget(pg::Tx& tx, BudgetId budget);

// The place of a budget in its district's list.
struct BudgetPlace {
  int32_t fiscal_year = 0;
  std::string fund;
  std::string currency;
};
// At most `limit` budgets of the district after `after`, newest year first, then by fund.
absl::StatusOr<std::vector<BudgetState>> ListBudgets(pg::Tx& tx, DistrictId district,
                                                     const BudgetPlace& after, int64_t limit);
// Before every budget there is.
BudgetPlace FirstPlace();

// An entry with its postings, and the bytes it was hashed as.
struct StoredEntry {
  Entry entry;
  std::string canonical;
  std::vector<EntryType> posting_types;  // As stored beside each posting.
  Money vat = {};                        // In a payment that it settles; negative: that came back.
  std::string taakveld, category;        // Of the commitment it is about, where that has its own.
};
// At most `limit` entries after `after_seq`.
absl::StatusOr<std::vector<StoredEntry>> ListEntries(pg::Tx& tx, BudgetId budget, int64_t after_seq,
                                                     int64_t limit);

// Accounts by number: as they stand, and as they stood after entry `as_of_seq` (those it had).
absl::StatusOr<std::vector<Account>> AccountsNow(pg::Tx& tx, BudgetId budget);
absl::StatusOr<std::vector<Account>> AccountsAsOf(pg::Tx& tx, BudgetId budget, int64_t as_of_seq);

// Every budget there is, by id, after `after`.
absl::StatusOr<std::vector<BudgetId>> BudgetIds(pg::Tx& tx, BudgetId after, int64_t limit);

absl::Span<const pg::AnyStatement> ReadStatements();

}  // namespace smederij::ledger
