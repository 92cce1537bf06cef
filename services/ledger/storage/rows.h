#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/pg/transact.h"
#include "services/ledger/domain/budget.h"
#include "services/ledger/domain/entry.h"

// How rows of the ledger's tables become its values. Shared by what writes and what reads.
namespace smederij::ledger {

struct BudgetRow {
  Budget budget;
  pg::Bytes opening;
  Hash opening_hash{};
};
BudgetRow Decode(pg::Columns& row, pg::As<BudgetRow>);

struct AccountRow {
  BudgetId budget;
  Account account;
};
AccountRow Decode(pg::Columns& row, pg::As<AccountRow>);

struct HeadRow {
  BudgetId budget;
  int64_t seq = 0;
  Hash hash{};
  int64_t account_count = 0;
  Money appropriated;
};
HeadRow Decode(pg::Columns& row, pg::As<HeadRow>);

// An entry without its postings, which are PostingRows.
struct EntryRow {
  Entry entry;
  pg::Bytes canonical;
};
EntryRow Decode(pg::Columns& row, pg::As<EntryRow>);

struct PostingRow {
  int64_t seq = 0;
  EntryType type = EntryType::kAppropriate;
  Posting posting;
};
PostingRow Decode(pg::Columns& row, pg::As<PostingRow>);

// The columns that the Decodes above take, in their order.
#define LEDGER_BUDGET_COLUMNS                                                               \
  "b.budget_id, b.municipality_id, b.district_id, b.fund, b.fiscal_year, b.currency, "      \
  "b.opened_at, b.request_id, b.actor, "                                                    \
  "CASE b.state WHEN 'open' THEN 1 WHEN 'carried' THEN 2 ELSE 3 END::smallint, b.opening, " \
  "b.opening_hash, b.condition_plans, b.condition_category, b.condition_deadline"
#define LEDGER_ACCOUNT_COLUMNS "a.budget_id, a.account_no, a.kind, a.reference, a.debits, a.credits"
#define LEDGER_HEAD_COLUMNS "h.budget_id, h.seq, h.hash, h.account_count, h.appropriated"
#define LEDGER_ENTRY_COLUMNS                                                                    \
  "e.budget_id, e.seq, e.type, e.period_no, e.recorded_at, e.request_id, e.actor, e.approver, " \
  "e.decision_ref, e.link_id, e.reverses_seq, e.record_hash, e.effective_date, e.prev_hash, "   \
  "e.hash, e.canonical"
#define LEDGER_POSTING_COLUMNS                                                            \
  "p.seq, p.type, p.from_no, p.from_kind, f.reference, p.to_no, p.to_kind, t.reference, " \
  "p.amount, "                                                                            \
  "p.from_balance, p.to_balance"

}  // namespace smederij::ledger
