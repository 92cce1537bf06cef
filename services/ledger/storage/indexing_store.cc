#include "services/ledger/storage/indexing_store.h"

#include <limits>
#include <set>
#include <tuple>
#include <utility>

#include "services/ledger/domain/indexings.h"

namespace smederij::ledger {
namespace {

using Decided = std::tuple<std::string, Money>;

// What a council appropriated, by source, less what it took back of that: neither what lapsed nor
// what went back because a condition was not met changes what it had decided.
constexpr pg::Statement<Decided(BudgetId, int64_t)> kDecided{"ledger.decided_by_source", R"sql(
  SELECT s.reference, sum(CASE WHEN p.from_kind = 1 THEN p.amount ELSE -p.amount END)::bigint
    FROM ledger.posting AS p
    JOIN ledger.account AS s ON s.budget_id = p.budget_id
     AND s.account_no = CASE WHEN p.from_kind = 1 THEN p.from_no ELSE p.to_no END
   WHERE p.budget_id = $1 AND p.seq <= $2 AND p.type IN (1, 11, 18) AND 1 IN (p.from_kind, p.to_kind)
   GROUP BY s.reference ORDER BY s.reference)sql"};

constexpr pg::Statement<Indexing(std::vector<BudgetId>)> kIndexings{"ledger.indexings", R"sql(
  SELECT budget_id, from_budget_id, rate, from_seq, seq FROM ledger.indexing
   WHERE budget_id = ANY ($1))sql"};

constexpr pg::Statement<void(BudgetId, BudgetId, int32_t, int64_t, int64_t)> kInsert{
    "ledger.insert_indexing", R"sql(
  INSERT INTO ledger.indexing (budget_id, from_budget_id, rate, from_seq, seq)
  VALUES ($1, $2, $3, $4, $5))sql"};

// What an entry took from each source.
constexpr pg::Statement<Decided(BudgetId, int64_t)> kTaken{"ledger.taken_from_sources", R"sql(
  SELECT s.reference, p.amount
    FROM ledger.posting AS p
    JOIN ledger.account AS s ON s.budget_id = p.budget_id AND s.account_no = p.from_no
   WHERE p.budget_id = $1 AND p.seq = $2 ORDER BY p.line)sql"};

const IndexAppropriations* IndexIn(const Command& command) {
  return std::get_if<IndexAppropriations>(&command.what);
}

absl::StatusOr<std::map<std::string, Money>> DecidedIn(pg::Tx& tx, BudgetId budget, int64_t seq) {
  ASSIGN_OR_RETURN(const std::vector<Decided> rows, tx.All(kDecided, budget, seq));
  std::map<std::string, Money> decided;
  for (const auto& [source, amount] : rows) decided.emplace(source, amount);
  return decided;
}

}  // namespace

Indexing Decode(pg::Columns& row, pg::As<Indexing>) {
  Indexing indexing;
  indexing.budget = row.Next<BudgetId>();
  indexing.from = row.Next<BudgetId>();
  indexing.rate = row.Next<int32_t>();
  indexing.from_seq = row.Next<int64_t>();
  indexing.seq = row.Next<int64_t>();
  return indexing;
}

// Rare: once a year for every budget.
absl::Status ReadIndexings(pg::Tx& tx, absl::Span<const Command* const> commands, Books& books) {
  std::vector<BudgetId> budgets;
  std::set<BudgetId> years_before;
  for (const Command* command : commands) {
    const IndexAppropriations* const index = IndexIn(*command);
    if (index == nullptr) continue;
    budgets.push_back(index->budget);
    years_before.insert(index->from);
  }
  if (budgets.empty()) return absl::OkStatus();
  for (const BudgetId budget : years_before) {
    const auto book = books.by_budget.find(budget);
    if (book == books.by_budget.end()) continue;
    ASSIGN_OR_RETURN(book->second.decided, DecidedIn(tx, budget, book->second.head_seq));
  }
  ASSIGN_OR_RETURN(const std::vector<Indexing> known, tx.All(kIndexings, budgets));
  for (const Indexing& indexing : known) {
    const auto book = books.by_budget.find(indexing.budget);
    if (book != books.by_budget.end()) book->second.indexed = true;
  }
  return absl::OkStatus();
}

std::vector<std::pair<BudgetId, AccountKey>> IndexedAccounts(
    absl::Span<const Command* const> commands, const Books& books) {
  // Also those that a command before it in the batch makes, in whichever year.
  std::set<std::string> sources;
  for (const auto& [id, book] : books.by_budget) {
    for (const auto& [source, amount] : book.decided) sources.insert(source);
  }
  for (const Command* command : commands) {
    const auto* appropriate = std::get_if<Appropriate>(&command->what);
    if (appropriate != nullptr) sources.insert(appropriate->source);
  }
  std::vector<std::pair<BudgetId, AccountKey>> accounts;
  for (const Command* command : commands) {
    const IndexAppropriations* const index = IndexIn(*command);
    if (index == nullptr) continue;
    accounts.emplace_back(index->budget, Available());
    for (const std::string& source : sources) accounts.emplace_back(index->budget, Source(source));
  }
  return accounts;
}

absl::Status StoreIndexings(pg::Tx& tx, const std::vector<Indexing>& indexings) {
  for (const Indexing& indexing : indexings) {
    RETURN_IF_ERROR(tx.Exec(kInsert, indexing.budget, indexing.from, indexing.rate,
                            indexing.from_seq, indexing.seq));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<Indexing>> IndexingOf(pg::Tx& tx, BudgetId budget) {
  return tx.Maybe(kIndexings, std::vector<BudgetId>{budget});
}

absl::StatusOr<std::string> CheckIndexing(pg::Tx& tx, const Indexing& indexing) {
  ASSIGN_OR_RETURN(const auto decided, DecidedIn(tx, indexing.from, indexing.from_seq));
  ASSIGN_OR_RETURN(const std::vector<Decided> taken, tx.All(kTaken, indexing.budget, indexing.seq));
  const bool known = indexing.rate >= kRateMin && indexing.rate <= kRateMax;
  const auto moves = known ? Indexed(decided, indexing.rate) : std::nullopt;
  bool same = moves && moves->size() == taken.size();
  for (size_t i = 0; same && i < taken.size(); ++i) {
    const Move& move = (*moves)[i];
    same = move.from == Source(std::get<0>(taken[i])) && move.amount == std::get<1>(taken[i]);
  }
  return std::string(same ? "" : "is not what was appropriated the year before, at its rate");
}

absl::Span<const pg::AnyStatement> IndexingStatements() {
  static const pg::AnyStatement statements[] = {kDecided, kIndexings, kInsert, kTaken};
  return statements;
}

}  // namespace smederij::ledger
