#include "services/ledger/storage/closing_store.h"

#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "services/ledger/storage/statement_store.h"

#define LEDGER_CLOSING_COLUMNS                                                        \
  "c.budget_id, c.closing_id, c.period_no, c.seq, c.trial_hash, c.proposed_by, "      \
  "c.proposed_at, "                                                                   \
  "CASE c.state WHEN 'proposed' THEN 1 WHEN 'accepted' THEN 2 ELSE 3 END::smallint, " \
  "c.decided_by, c.decided_seq, c.entry_seq"

namespace smederij::ledger {

Closing Decode(pg::Columns& row, pg::As<Closing>) {
  Closing closing;
  closing.budget = row.Next<BudgetId>();
  closing.id = row.Next<ClosingId>();
  closing.period_no = row.Next<int16_t>();
  closing.seq = row.Next<int64_t>();
  closing.trial_hash = row.Next<Hash>();
  closing.proposed_by = row.Next<SubjectId>();
  closing.proposed_at = row.Next<absl::Time>();
  closing.state = static_cast<Closing::State>(row.Next<int16_t>());
  closing.decided_by = row.Next<std::optional<SubjectId>>().value_or(SubjectId());
  closing.decided_seq = row.Next<std::optional<int64_t>>().value_or(0);
  closing.entry_seq = row.Next<std::optional<int64_t>>().value_or(0);
  return closing;
}

namespace {

using Ids = std::vector<BudgetId>;

constexpr pg::Statement<PeriodRow(Ids)> kPeriods{"ledger.periods", R"sql(
  SELECT budget_id, period_no,
         CASE state WHEN 'open' THEN 1 WHEN 'closing' THEN 2 ELSE 3 END::smallint
    FROM ledger.period WHERE budget_id = ANY ($1) AND state <> 'open')sql"};

constexpr pg::Statement<Closing(Ids, std::vector<ClosingId>)> kNamed{
    "ledger.closings", "SELECT " LEDGER_CLOSING_COLUMNS R"sql(
  FROM unnest($1, $2) AS wanted (budget_id, closing_id)
  JOIN ledger.closing AS c USING (budget_id, closing_id))sql"};

constexpr pg::Statement<std::tuple<BudgetId, int16_t, PlanId, Money>(Ids)> kAtBank{
    "ledger.at_bank_by_period", R"sql(
  SELECT p.budget_id, e.period_no, c.plan_id, sum(p.amount)::bigint
    FROM ledger.payment AS p
    JOIN ledger.commitment AS c ON c.budget_id = p.budget_id AND c.commitment_id = p.commitment_id
    JOIN ledger.payment_step AS s
      ON s.budget_id = p.budget_id AND s.payment_id = p.payment_id AND s.to_state = p.state
    JOIN ledger.entry AS e ON e.budget_id = s.budget_id AND e.seq = s.seq
   WHERE p.budget_id = ANY ($1) AND p.state = 3
   GROUP BY p.budget_id, e.period_no, c.plan_id
   ORDER BY p.budget_id, e.period_no, c.plan_id)sql"};

constexpr pg::Statement<Closing(BudgetId)> kOf{"ledger.closings_of",
                                               "SELECT " LEDGER_CLOSING_COLUMNS R"sql(
  FROM ledger.closing AS c WHERE c.budget_id = $1
 ORDER BY c.period_no, c.seq, c.proposed_at, c.closing_id)sql"};

constexpr pg::Statement<void(BudgetId, ClosingId, int16_t, int64_t, Hash, SubjectId, absl::Time)>
    kInsert{"ledger.insert_closing", R"sql(
  INSERT INTO ledger.closing (budget_id, closing_id, period_no, seq, trial_hash, proposed_by,
                              proposed_at, state)
  VALUES ($1, $2, $3, $4, $5, $6, $7, 'proposed'))sql"};

constexpr pg::Statement<void(BudgetId, ClosingId, bool, SubjectId, int64_t, int64_t, absl::Time)>
    kDecide{"ledger.decide_closing", R"sql(
  UPDATE ledger.closing
     SET state = CASE WHEN $3 THEN 'accepted' ELSE 'refused' END, decided_by = $4,
         decided_seq = $5, entry_seq = NULLIF($6, 0), decided_at = $7
   WHERE budget_id = $1 AND closing_id = $2)sql"};

constexpr pg::Statement<void(BudgetId, int16_t, std::string)> kMove{"ledger.move_period", R"sql(
  UPDATE ledger.period SET state = $3 WHERE budget_id = $1 AND period_no = $2)sql"};

}  // namespace

pg::Asked<PeriodRow> AskPeriods(pg::Tx& tx, const std::vector<BudgetId>& ids) {
  return tx.Ask(kPeriods, ids);
}

absl::Status PlacePeriods(pg::Asked<PeriodRow> asked, Books& books) {
  ASSIGN_OR_RETURN(const std::vector<PeriodRow> rows, asked.All());
  for (const auto& [budget, period_no, state] : rows) {
    const auto book = books.by_budget.find(budget);
    if (book == books.by_budget.end()) continue;
    book->second.periods[static_cast<size_t>(period_no - 1)] = static_cast<PeriodState>(state);
  }
  return absl::OkStatus();
}

absl::Status ReadClosings(pg::Tx& tx, absl::Span<const Command* const> commands, Books& books) {
  Ids budgets;
  std::vector<ClosingId> ids;
  std::set<BudgetId> whole;
  std::set<BudgetId> ending;
  for (const Command* command : commands) {
    if (const auto* propose = std::get_if<ProposeClosing>(&command->what)) {
      if (!books.by_budget.contains(propose->budget)) continue;
      whole.insert(propose->budget);
      ending.insert(propose->budget);
    } else if (const ReturnFunds* give_back = ReturnOf(*command)) {
      if (books.by_budget.contains(give_back->budget)) whole.insert(give_back->budget);
    } else if (const CarryOver* carry = CarryOf(*command)) {
      for (const BudgetId budget : {carry->from, carry->to}) {
        if (books.by_budget.contains(budget)) whole.insert(budget);
      }
    } else if (const auto* decide = std::get_if<DecideClosing>(&command->what)) {
      if (!books.by_budget.contains(decide->budget)) continue;
      budgets.push_back(decide->budget);
      ids.push_back(decide->closing);
    }
  }
  if (!ids.empty()) {
    ASSIGN_OR_RETURN(std::vector<Closing> found, tx.All(kNamed, budgets, ids));
    for (Closing& closing : found) {
      const ClosingId id = closing.id;
      books.by_budget.at(closing.budget).closings.emplace(id, std::move(closing));
    }
  }
  if (!ending.empty()) {
    ASSIGN_OR_RETURN(const auto rows, tx.All(kAtBank, Ids(ending.begin(), ending.end())));
    for (const auto& [budget, period_no, plan, amount] : rows) {
      books.by_budget.at(budget).at_bank.push_back(
          {.period_no = period_no, .plan = plan, .amount = amount});
    }
  }
  for (const BudgetId budget : whole) {
    ASSIGN_OR_RETURN(std::vector<Account> accounts, AccountsNow(tx, budget));
    Book& book = books.by_budget.at(budget);
    for (Account& account : accounts) {
      AccountKey key = account.key;
      book.accounts.insert_or_assign(std::move(key), std::move(account));
    }
  }
  return absl::OkStatus();
}

absl::Status StoreClosings(pg::Tx& tx, const Books& books, const std::vector<Closing>& closings) {
  for (const Closing& c : closings) {
    if (c.state == Closing::State::kProposed) {
      RETURN_IF_ERROR(tx.Exec(kInsert, c.budget, c.id, c.period_no, c.seq, c.trial_hash,
                              c.proposed_by, books.now));
      RETURN_IF_ERROR(tx.Exec(kMove, c.budget, c.period_no, "closing"));
    } else {
      const bool accepted = c.state == Closing::State::kAccepted;
      RETURN_IF_ERROR(tx.Exec(kDecide, c.budget, c.id, accepted, c.decided_by, c.decided_seq,
                              c.entry_seq, books.now));
      RETURN_IF_ERROR(tx.Exec(kMove, c.budget, c.period_no, accepted ? "closed" : "open"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Closing>> ClosingsOf(pg::Tx& tx, BudgetId budget) {
  return tx.All(kOf, budget);
}

absl::StatusOr<std::array<PeriodState, 12>> PeriodsNow(pg::Tx& tx, BudgetId budget) {
  ASSIGN_OR_RETURN(const std::vector<PeriodRow> rows, tx.All(kPeriods, Ids{budget}));
  std::array<PeriodState, 12> periods = AllOpen();
  for (const auto& [of, period_no, state] : rows) {
    periods[static_cast<size_t>(period_no - 1)] = static_cast<PeriodState>(state);
  }
  return periods;
}

absl::Span<const pg::AnyStatement> ClosingStatements() {
  static const pg::AnyStatement statements[] = {kPeriods, kNamed,  kAtBank, kOf,
                                                kInsert,  kDecide, kMove};
  return statements;
}

}  // namespace smederij::ledger
