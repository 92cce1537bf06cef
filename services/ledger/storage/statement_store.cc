#include "services/ledger/storage/statement_store.h"

#include <limits>
#include <utility>

#include "services/ledger/domain/errors.h"

namespace smederij::ledger {
namespace {

#define LEDGER_STATE_COLUMNS                                                  \
  LEDGER_BUDGET_COLUMNS ", " LEDGER_HEAD_COLUMNS                              \
                        ", a.credits - a.debits, EXISTS (SELECT FROM ledger." \
                        "finding AS n WHERE n.budget_id = b.budget_id OR "    \
                        "n.budget_id IS NULL), v.seq, v.begun_at"
#define LEDGER_STATE_TABLES                                                      \
  " FROM ledger.budget AS b"                                                     \
  " JOIN ledger.budget_head AS h ON h.budget_id = b.budget_id "                  \
  " JOIN ledger.account AS a ON a.budget_id = b.budget_id AND a.account_no = 1 " \
  " LEFT JOIN ledger.verification AS v ON v.budget_id = b.budget_id "

constexpr pg::Statement<BudgetState(BudgetId)> kGetBudget{
    "ledger.get_budget",
    "SELECT " LEDGER_STATE_COLUMNS LEDGER_STATE_TABLES "WHERE b.budget_id = $1"};

constexpr pg::Statement<BudgetState(DistrictId, int32_t, std::string, std::string, int64_t)>
    kListBudgets{"ledger.list_budgets", "SELECT " LEDGER_STATE_COLUMNS LEDGER_STATE_TABLES R"sql(
   WHERE b.district_id = $1 AND b.fiscal_year <= $2
     AND (b.fiscal_year < $2 OR (b.fund, b.currency) > ($3, $4))
   ORDER BY b.fiscal_year DESC, b.fund, b.currency LIMIT $5)sql"};

// With what the books know of an entry besides.
struct ListedEntry {
  EntryRow row;
  Money vat;
  std::string taakveld, category;
};
ListedEntry Decode(pg::Columns& row, pg::As<ListedEntry>) {
  ListedEntry listed;
  listed.row = Decode(row, pg::As<EntryRow>{});
  listed.vat = row.Next<Money>();
  listed.taakveld = row.Next<std::string>();
  listed.category = row.Next<std::string>();
  return listed;
}
constexpr pg::Statement<ListedEntry(BudgetId, int64_t, int64_t)> kListEntries{
    "ledger.list_entries", "SELECT " LEDGER_ENTRY_COLUMNS R"sql(,
         CASE WHEN e.type IN (9, 11, 20) THEN coalesce((
           SELECT CASE e.type WHEN 9 THEN p.vat WHEN 20 THEN -s.vat ELSE b.vat END
             FROM ledger.payment_step AS s
             JOIN ledger.payment AS p USING (budget_id, payment_id)
             LEFT JOIN ledger.payment_step AS b
               ON b.budget_id = s.budget_id AND b.payment_id = s.payment_id
              AND b.step_no = s.takes_back
            WHERE s.budget_id = e.budget_id AND s.seq = e.seq), 0) ELSE 0 END,
         coalesce(c.taakveld, ''), coalesce(c.category, '')
    FROM ledger.entry AS e
    -- Its commitment: that of its payment, or of the account it moves.
    LEFT JOIN LATERAL (
      SELECT k.taakveld, k.category FROM ledger.commitment AS k
       WHERE (e.record_hash IS NOT NULL OR e.reverses_seq IS NOT NULL) AND k.budget_id = e.budget_id
         AND k.commitment_id = coalesce(
           (SELECT p.commitment_id FROM ledger.payment_step AS s
              JOIN ledger.payment AS p USING (budget_id, payment_id)
             WHERE s.budget_id = e.budget_id AND s.seq = e.seq),
           (SELECT a.reference::uuid FROM ledger.posting AS m
              JOIN ledger.account AS a ON a.budget_id = m.budget_id
               AND a.account_no IN (m.from_no, m.to_no) AND a.kind = 5
             WHERE m.budget_id = e.budget_id AND m.seq = e.seq LIMIT 1))) AS c ON true
   WHERE e.budget_id = $1 AND e.seq > $2 ORDER BY e.seq LIMIT $3)sql"};

constexpr pg::Statement<PostingRow(BudgetId, int64_t, int64_t)> kListPostings{
    "ledger.list_postings", "SELECT " LEDGER_POSTING_COLUMNS R"sql(
    FROM ledger.posting AS p
    JOIN ledger.account AS f ON f.budget_id = p.budget_id AND f.account_no = p.from_no
    JOIN ledger.account AS t ON t.budget_id = p.budget_id AND t.account_no = p.to_no
   WHERE p.budget_id = $1 AND p.seq BETWEEN $2 AND $3 ORDER BY p.seq, p.line)sql"};

constexpr pg::Statement<AccountRow(BudgetId)> kAccountsNow{"ledger.accounts_now",
                                                           "SELECT " LEDGER_ACCOUNT_COLUMNS R"sql(
    FROM ledger.account AS a WHERE a.budget_id = $1 ORDER BY a.account_no)sql"};

constexpr pg::Statement<AccountRow(BudgetId, int64_t)> kAccountsAsOf{"ledger.accounts_as_of", R"sql(
  SELECT a.budget_id, a.account_no, a.kind, a.reference, m.debits, m.credits
    FROM (SELECT no, sum(debit)::bigint AS debits, sum(credit)::bigint AS credits
            FROM ledger.posting AS p
           CROSS JOIN LATERAL (VALUES (p.from_no, p.amount, 0), (p.to_no, 0, p.amount))
                   AS leg (no, debit, credit)
           WHERE p.budget_id = $1 AND p.seq <= $2 GROUP BY no) AS m
    JOIN ledger.account AS a ON a.budget_id = $1 AND a.account_no = m.no
   ORDER BY a.account_no)sql"};

constexpr pg::Statement<BudgetId(BudgetId, int64_t)> kBudgetIds{"ledger.budget_ids", R"sql(
  SELECT budget_id FROM ledger.budget WHERE budget_id > $1 ORDER BY budget_id LIMIT $2)sql"};

std::vector<Account> AccountsOf(std::vector<AccountRow> rows) {
  std::vector<Account> accounts;
  accounts.reserve(rows.size());
  for (AccountRow& row : rows) accounts.push_back(std::move(row.account));
  return accounts;
}

}  // namespace

BudgetState Decode(pg::Columns& row, pg::As<BudgetState>) {
  BudgetState state;
  state.row = Decode(row, pg::As<BudgetRow>{});
  state.head = Decode(row, pg::As<HeadRow>{});
  state.available = row.Next<Money>();
  state.frozen = row.Next<bool>();
  state.verified_seq = row.Next<std::optional<int64_t>>();
  state.verified_at = row.Next<std::optional<absl::Time>>();
  return state;
}

absl::StatusOr<BudgetState> GetBudget(pg::Tx& tx, BudgetId budget) {
  ASSIGN_OR_RETURN(std::optional<BudgetState> state, tx.Maybe(kGetBudget, budget));
  if (!state) return BudgetNotFound(budget);
  return *std::move(state);
}

BudgetPlace FirstPlace() {
  return {.fiscal_year = std::numeric_limits<int32_t>::max(), .fund = "", .currency = ""};
}

absl::StatusOr<std::vector<BudgetState>> ListBudgets(pg::Tx& tx, DistrictId district,
                                                     const BudgetPlace& after, int64_t limit) {
  return tx.All(kListBudgets, district, after.fiscal_year, after.fund, after.currency, limit);
}

absl::StatusOr<std::vector<StoredEntry>> ListEntries(pg::Tx& tx, BudgetId budget, int64_t after_seq,
                                                     int64_t limit) {
  ASSIGN_OR_RETURN(std::vector<ListedEntry> rows, tx.All(kListEntries, budget, after_seq, limit));
  std::vector<StoredEntry> entries;
  if (rows.empty()) return entries;
  ASSIGN_OR_RETURN(
      std::vector<PostingRow> postings,
      tx.All(kListPostings, budget, rows.front().row.entry.seq, rows.back().row.entry.seq));
  auto posting = postings.begin();
  for (ListedEntry& listed : rows) {
    StoredEntry& stored = entries.emplace_back();
    stored.entry = std::move(listed.row.entry);
    stored.canonical = std::move(listed.row.canonical.value);
    stored.vat = listed.vat;
    stored.taakveld = std::move(listed.taakveld);
    stored.category = std::move(listed.category);
    for (; posting != postings.end() && posting->seq == stored.entry.seq; ++posting) {
      stored.entry.postings.push_back(std::move(posting->posting));
      stored.posting_types.push_back(posting->type);
    }
  }
  if (posting != postings.end()) return absl::InternalError("postings of an entry that is missing");
  return entries;
}

absl::StatusOr<std::vector<Account>> AccountsNow(pg::Tx& tx, BudgetId budget) {
  ASSIGN_OR_RETURN(std::vector<AccountRow> rows, tx.All(kAccountsNow, budget));
  return AccountsOf(std::move(rows));
}

absl::StatusOr<std::vector<Account>> AccountsAsOf(pg::Tx& tx, BudgetId budget, int64_t as_of_seq) {
  ASSIGN_OR_RETURN(std::vector<AccountRow> rows, tx.All(kAccountsAsOf, budget, as_of_seq));
  return AccountsOf(std::move(rows));
}

absl::StatusOr<std::vector<BudgetId>> BudgetIds(pg::Tx& tx, BudgetId after, int64_t limit) {
  return tx.All(kBudgetIds, after, limit);
}

absl::Span<const pg::AnyStatement> ReadStatements() {
  static const pg::AnyStatement statements[] = {kGetBudget,    kListBudgets, kListEntries,
                                                kListPostings, kAccountsNow, kAccountsAsOf,
                                                kBudgetIds};
  return statements;
}

}  // namespace smederij::ledger
