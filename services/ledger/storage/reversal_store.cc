#include "services/ledger/storage/reversal_store.h"

#include <optional>
#include <set>
#include <utility>

#include "services/ledger/storage/rows.h"

#define LEDGER_REVERSAL_COLUMNS                                                       \
  "r.budget_id, r.reversal_id, r.seq, r.reason, r.proposed_by, r.proposed_at, "       \
  "CASE r.state WHEN 'proposed' THEN 1 WHEN 'accepted' THEN 2 ELSE 3 END::smallint, " \
  "r.decided_by, r.reversal_seq"

namespace smederij::ledger {

Reversal Decode(pg::Columns& row, pg::As<Reversal>) {
  Reversal reversal;
  reversal.budget = row.Next<BudgetId>();
  reversal.id = row.Next<ReversalId>();
  reversal.seq = row.Next<int64_t>();
  reversal.reason = row.Next<std::string>();
  reversal.proposed_by = row.Next<SubjectId>();
  reversal.proposed_at = row.Next<absl::Time>();
  reversal.state = static_cast<Reversal::State>(row.Next<int16_t>());
  reversal.decided_by = row.Next<std::optional<SubjectId>>().value_or(SubjectId());
  reversal.reversal_seq = row.Next<std::optional<int64_t>>().value_or(0);
  return reversal;
}

namespace {

template <class T>
using Many = std::vector<T>;
using Ids = Many<BudgetId>;

constexpr pg::Statement<Reversal(Ids, Many<ReversalId>)> kNamed{"ledger.reversals",
                                                                "SELECT " LEDGER_REVERSAL_COLUMNS
                                                                R"sql(
  FROM unnest($1, $2) AS wanted (budget_id, reversal_id)
  JOIN ledger.reversal AS r USING (budget_id, reversal_id))sql"};

constexpr pg::Statement<Reversal(Ids, Many<int64_t>)> kOfEntries{
    "ledger.reversals_of_entries", "SELECT " LEDGER_REVERSAL_COLUMNS R"sql(
  FROM unnest($1, $2) AS wanted (budget_id, seq)
  JOIN ledger.reversal AS r USING (budget_id, seq) WHERE r.state <> 'refused')sql"};

constexpr pg::Statement<EntryRow(Ids, Many<int64_t>)> kEntries{"ledger.entries_to_reverse",
                                                               "SELECT " LEDGER_ENTRY_COLUMNS
                                                               R"sql(
  FROM unnest($1, $2) AS wanted (budget_id, seq) JOIN ledger.entry AS e USING (budget_id, seq))sql"};

constexpr pg::Statement<PostingRow(BudgetId, int64_t)> kPostings{"ledger.postings_to_reverse",
                                                                 "SELECT " LEDGER_POSTING_COLUMNS
                                                                 R"sql(
    FROM ledger.posting AS p
    JOIN ledger.account AS f ON f.budget_id = p.budget_id AND f.account_no = p.from_no
    JOIN ledger.account AS t ON t.budget_id = p.budget_id AND t.account_no = p.to_no
   WHERE p.budget_id = $1 AND p.seq = $2 ORDER BY p.line)sql"};

// Of released awards, the newest entry that changed the plan's award since. Looks through what came
// after in the budget, which taking back is rare enough for.
constexpr pg::Statement<std::tuple<BudgetId, std::string, int64_t>(Ids, Many<int64_t>)> kAdjusted{
    "ledger.adjusted_since_released", R"sql(
  SELECT r.budget_id, a.reference, max(p.seq)
    FROM unnest($1, $2) AS wanted (budget_id, seq)
    JOIN ledger.posting AS r ON r.budget_id = wanted.budget_id AND r.seq = wanted.seq AND r.type = 7
    JOIN ledger.account AS a ON a.budget_id = r.budget_id AND a.account_no = r.from_no
    JOIN ledger.posting AS p
      ON p.budget_id = r.budget_id AND p.seq > r.seq AND p.type = 12
     AND r.from_no IN (p.from_no, p.to_no)
   GROUP BY r.budget_id, a.reference)sql"};

constexpr pg::Statement<void(BudgetId, ReversalId, int64_t, std::string, SubjectId, absl::Time)>
    kInsert{"ledger.insert_reversal", R"sql(
  INSERT INTO ledger.reversal (budget_id, reversal_id, seq, reason, proposed_by, proposed_at, state)
  VALUES ($1, $2, $3, $4, $5, $6, 'proposed'))sql"};

constexpr pg::Statement<void(BudgetId, ReversalId, bool, SubjectId, int64_t, absl::Time)> kDecide{
    "ledger.decide_reversal", R"sql(
  UPDATE ledger.reversal
     SET state = CASE WHEN $3 THEN 'accepted' ELSE 'refused' END, decided_by = $4,
         reversal_seq = NULLIF($5, 0), decided_at = $6
   WHERE budget_id = $1 AND reversal_id = $2)sql"};

constexpr pg::Statement<Reversal(BudgetId, absl::Time, ReversalId, int64_t)> kList{
    "ledger.list_reversals", "SELECT " LEDGER_REVERSAL_COLUMNS R"sql(
  FROM ledger.reversal AS r
 WHERE r.budget_id = $1 AND (r.proposed_at, r.reversal_id) > ($2, $3)
 ORDER BY r.proposed_at, r.reversal_id LIMIT $4)sql"};

constexpr pg::Statement<int64_t(BudgetId)> kUndecided{"ledger.undecided_reversals", R"sql(
  SELECT COALESCE(e.seq, r.reversal_seq)
    FROM (SELECT * FROM ledger.reversal WHERE budget_id = $1 AND state = 'accepted') AS r
    FULL JOIN (SELECT * FROM ledger.entry WHERE budget_id = $1 AND reverses_seq IS NOT NULL) AS e
      ON e.seq = r.reversal_seq
   WHERE (e.reverses_seq, e.decision_ref, e.actor, e.approver) IS DISTINCT FROM
         (r.seq, r.reason, 'person:' || r.proposed_by, 'person:' || r.decided_by)
   ORDER BY 1 LIMIT 100)sql"};

void Keep(std::vector<Reversal> found, Books& books) {
  for (Reversal& reversal : found) {
    const ReversalId id = reversal.id;
    books.by_budget.at(reversal.budget).reversals.insert_or_assign(id, std::move(reversal));
  }
}

// Entries with their postings: rare, so one look-up each.
absl::Status ReadEntries(pg::Tx& tx, const Ids& budgets, const Many<int64_t>& seqs, Books& books) {
  ASSIGN_OR_RETURN(std::vector<EntryRow> rows, tx.All(kEntries, budgets, seqs));
  for (EntryRow& row : rows) {
    Entry& entry = row.entry;
    ASSIGN_OR_RETURN(std::vector<PostingRow> postings, tx.All(kPostings, entry.budget, entry.seq));
    for (PostingRow& posting : postings) entry.postings.push_back(std::move(posting.posting));
    books.by_budget.at(entry.budget).entries.insert_or_assign(entry.seq, std::move(entry));
  }
  ASSIGN_OR_RETURN(const auto adjusted, tx.All(kAdjusted, budgets, seqs));
  for (const auto& [budget, plan, seq] : adjusted) {
    books.by_budget.at(budget).adjusted[{AccountKind::kReserved, plan}] = seq;
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ReadReversals(pg::Tx& tx, absl::Span<const Command* const> commands, Books& books) {
  Ids named_budgets, budgets;
  Many<ReversalId> named;
  std::set<std::pair<BudgetId, int64_t>> wanted;
  for (const Command* command : commands) {
    if (const auto* propose = std::get_if<ProposeReversal>(&command->what)) {
      if (books.by_budget.contains(propose->budget)) wanted.insert({propose->budget, propose->seq});
    } else if (const auto* decide = std::get_if<DecideReversal>(&command->what)) {
      if (!books.by_budget.contains(decide->budget)) continue;
      named_budgets.push_back(decide->budget);
      named.push_back(decide->reversal);
    }
  }
  if (!named.empty()) {
    ASSIGN_OR_RETURN(std::vector<Reversal> found, tx.All(kNamed, named_budgets, named));
    for (const Reversal& reversal : found) wanted.insert({reversal.budget, reversal.seq});
    Keep(std::move(found), books);
  }
  if (wanted.empty()) return absl::OkStatus();
  Many<int64_t> seqs;
  for (const auto& [budget, seq] : wanted) {
    budgets.push_back(budget);
    seqs.push_back(seq);
  }
  ASSIGN_OR_RETURN(std::vector<Reversal> others, tx.All(kOfEntries, budgets, seqs));
  Keep(std::move(others), books);
  return ReadEntries(tx, budgets, seqs, books);
}

// Rare too; and what is proposed, refused and proposed again in one batch has to be in that order.
absl::Status StoreReversals(pg::Tx& tx, const Books& books,
                            const std::vector<Reversal>& reversals) {
  for (const Reversal& r : reversals) {
    if (r.state == Reversal::State::kProposed) {
      RETURN_IF_ERROR(tx.Exec(kInsert, r.budget, r.id, r.seq, r.reason, r.proposed_by, books.now));
    } else {
      RETURN_IF_ERROR(tx.Exec(kDecide, r.budget, r.id, r.state == Reversal::State::kAccepted,
                              r.decided_by, r.reversal_seq, books.now));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Reversal>> ListReversals(pg::Tx& tx, BudgetId budget,
                                                    const ReversalPlace& after, int64_t limit) {
  return tx.All(kList, budget, after.proposed_at, after.id, limit);
}

absl::StatusOr<std::vector<int64_t>> UndecidedReversals(pg::Tx& tx, BudgetId budget) {
  return tx.All(kUndecided, budget);
}

absl::Span<const pg::AnyStatement> ReversalStatements() {
  static const pg::AnyStatement statements[] = {kNamed,  kOfEntries, kEntries, kPostings, kAdjusted,
                                                kInsert, kDecide,    kList,    kUndecided};
  return statements;
}

}  // namespace smederij::ledger
