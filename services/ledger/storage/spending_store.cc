#include "services/ledger/storage/spending_store.h"

#include <set>
#include <tuple>
#include <utility>

#include "services/ledger/domain/spending.h"

#define LEDGER_COMMITMENT_COLUMNS                                                            \
  "c.budget_id, c.commitment_id, c.plan_id, c.payee_id, c.amount, c.quote_ref, "             \
  "c.decision_ref, c.document_hash, c.payable_from, c.seq, c.opened_at, c.closed_at IS NOT " \
  "NULL, c.vat, c.taakveld, c.category, c.ground, c.decision_date, c.objection_days"

namespace smederij::ledger {

Commitment Decode(pg::Columns& row, pg::As<Commitment>) {
  Commitment commitment;
  commitment.budget = row.Next<BudgetId>();
  commitment.id = row.Next<CommitmentId>();
  commitment.plan = row.Next<PlanId>();
  commitment.payee = row.Next<PayeeId>();
  commitment.amount = row.Next<Money>();
  commitment.quote_ref = row.Next<std::string>();
  commitment.decision_ref = row.Next<std::string>();
  commitment.document_hash = row.Next<Hash>();
  commitment.payable_from = row.Next<absl::CivilDay>();
  commitment.seq = row.Next<int64_t>();
  commitment.opened_at = row.Next<absl::Time>();
  commitment.closed = row.Next<bool>();
  commitment.vat = row.Next<Money>();
  commitment.taakveld = row.Next<std::string>();
  commitment.category = row.Next<std::string>();
  commitment.ground = static_cast<Ground>(row.Next<int16_t>());
  commitment.decision_date = row.Next<std::optional<absl::CivilDay>>();
  commitment.objection_days = row.Next<int16_t>();
  return commitment;
}

namespace {

template <class T>
using Many = std::vector<T>;
using Ids = Many<BudgetId>;

constexpr pg::Statement<Commitment(Ids, Many<CommitmentId>)> kCommitments{
    "ledger.commitments", "SELECT " LEDGER_COMMITMENT_COLUMNS R"sql(
  FROM unnest($1, $2) AS wanted (budget_id, commitment_id)
  JOIN ledger.commitment AS c USING (budget_id, commitment_id))sql"};

struct PayeeRow {
  Payee payee;
};
PayeeRow Decode(pg::Columns& row, pg::As<PayeeRow>) {
  PayeeRow result;
  result.payee.id = row.Next<PayeeId>();
  result.payee.municipality = row.Next<MunicipalityId>();
  result.payee.iban_version = row.Next<int32_t>();
  return result;
}
constexpr pg::Statement<PayeeRow(Many<PayeeId>)> kPayees{"ledger.payees", R"sql(
  SELECT p.payee_id, p.municipality_id,
         (SELECT max(i.version) FROM ledger.payee_iban AS i
           WHERE i.payee_id = p.payee_id AND i.state = 'accepted')
    FROM ledger.payee AS p WHERE p.payee_id = ANY ($1))sql"};

constexpr pg::Statement<void(Ids, Many<CommitmentId>, Many<PlanId>, Many<PayeeId>, Many<Money>,
                             Many<std::string>, Many<std::string>, Many<Hash>, Many<absl::CivilDay>,
                             Many<int64_t>, absl::Time, Many<Money>, Many<std::string>,
                             Many<std::string>, Many<int16_t>, Many<std::optional<absl::CivilDay>>,
                             Many<int16_t>)>
    kInsertCommitments{"ledger.insert_commitments", R"sql(
  INSERT INTO ledger.commitment (budget_id, commitment_id, municipality_id, plan_id, payee_id,
                                 amount, quote_ref, decision_ref, document_hash, payable_from, seq,
                                 opened_at, vat, taakveld, category, ground, decision_date,
                                 objection_days)
  SELECT c.budget_id, c.commitment_id, b.municipality_id, c.plan_id, c.payee_id, c.amount,
         c.quote_ref, c.decision_ref, c.document_hash, c.payable_from, c.seq, $11, c.vat,
         c.taakveld, c.category, c.ground, c.decision_date, c.objection_days
    FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $12, $13, $14, $15, $16, $17)
      AS c (budget_id, commitment_id, plan_id, payee_id, amount, quote_ref, decision_ref,
            document_hash, payable_from, seq, vat, taakveld, category, ground, decision_date,
            objection_days)
    JOIN ledger.budget AS b USING (budget_id))sql"};

constexpr pg::Statement<void(Ids, Many<CommitmentId>, absl::Time)> kCloseCommitments{
    "ledger.close_commitments", R"sql(
  UPDATE ledger.commitment AS c SET closed_at = $3
    FROM unnest($1, $2) AS m (budget_id, commitment_id)
   WHERE c.budget_id = m.budget_id AND c.commitment_id = m.commitment_id)sql"};

constexpr pg::Statement<CommitmentState(BudgetId, std::optional<PlanId>, int64_t, int64_t)>
    kListCommitments{"ledger.list_commitments", "SELECT " LEDGER_COMMITMENT_COLUMNS R"sql(,
         a.credits - a.debits
  FROM ledger.commitment AS c
  JOIN ledger.account AS a
    ON a.budget_id = c.budget_id AND a.kind = 5 AND a.reference = c.commitment_id::text
 WHERE c.budget_id = $1 AND ($2 IS NULL OR c.plan_id = $2) AND c.seq > $3
 ORDER BY c.seq LIMIT $4)sql"};

// A plan's that may still hold money.
constexpr pg::Statement<Commitment(Ids, Many<PlanId>)> kOfPlans{"ledger.commitments_of_plans",
                                                                "SELECT " LEDGER_COMMITMENT_COLUMNS
                                                                R"sql(
  FROM unnest($1, $2) AS wanted (budget_id, plan_id)
  JOIN ledger.commitment AS c USING (budget_id, plan_id) WHERE c.closed_at IS NULL)sql"};

constexpr pg::Statement<Commitment(BudgetId)> kOpenOf{"ledger.open_commitments",
                                                      "SELECT " LEDGER_COMMITMENT_COLUMNS R"sql(
  FROM ledger.commitment AS c WHERE c.budget_id = $1 AND c.closed_at IS NULL)sql"};

constexpr pg::Statement<std::tuple<BudgetId, CommitmentId, Money>(Ids, Many<CommitmentId>)> kVat{
    "ledger.vat_asked", R"sql(
  SELECT p.budget_id, p.commitment_id, sum(p.vat - p.repaid_vat)::bigint
    FROM unnest($1, $2) AS wanted (budget_id, commitment_id)
    JOIN ledger.payment AS p USING (budget_id, commitment_id)
   WHERE p.state NOT IN (5, 6) GROUP BY p.budget_id, p.commitment_id)sql"};

template <class T>
const T* As(const Command& command) {
  return std::get_if<T>(&command.what);
}

}  // namespace

CommitmentState Decode(pg::Columns& row, pg::As<CommitmentState>) {
  CommitmentState state;
  state.commitment = Decode(row, pg::As<Commitment>{});
  state.remaining = row.Next<Money>();
  return state;
}

namespace {

absl::Status ReadOfPlans(pg::Tx& tx, absl::Span<const Command* const> commands, Books& books) {
  Ids budgets;
  Many<PlanId> plans;
  for (const Command* command : commands) {
    const auto* adjust = As<AdjustAwards>(*command);
    if (adjust == nullptr) continue;
    for (const AwardLine& line : adjust->lines) {
      if (!books.by_budget.contains(line.budget)) continue;
      budgets.push_back(line.budget);
      plans.push_back(line.plan);
    }
  }
  const auto keep = [&](std::vector<Commitment> found) {
    for (Commitment& commitment : found) {
      const CommitmentId id = commitment.id;
      books.by_budget.at(commitment.budget).commitments.emplace(id, std::move(commitment));
    }
  };
  if (!plans.empty()) {
    ASSIGN_OR_RETURN(std::vector<Commitment> found, tx.All(kOfPlans, budgets, plans));
    keep(std::move(found));
  }
  for (const Command* command : commands) {
    const CarryOver* carry = CarryOf(*command);
    if (carry == nullptr || !books.by_budget.contains(carry->from)) continue;
    ASSIGN_OR_RETURN(std::vector<Commitment> found, tx.All(kOpenOf, carry->from));
    keep(std::move(found));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ReadSpending(pg::Tx& tx, absl::Span<const Command* const> commands, Books& books) {
  std::set<std::pair<BudgetId, CommitmentId>> named;
  std::set<PayeeId> payees;
  for (const Command* command : commands) {
    if (const auto* open = As<OpenCommitment>(*command)) payees.insert(open->payee);
    if (const auto* close = As<CloseCommitment>(*command)) {
      named.insert({close->budget, close->commitment});
    }
    if (const auto* request = As<RequestPayment>(*command)) {
      named.insert({request->budget, request->commitment});
    }
  }
  for (const auto& [budget, book] : books.by_budget) {
    for (const auto& [id, payment] : book.payments) named.insert({budget, payment.commitment});
  }
  if (!named.empty()) {
    Ids budgets;
    Many<CommitmentId> ids;
    for (const auto& [budget, id] : named) {
      budgets.push_back(budget);
      ids.push_back(id);
    }
    ASSIGN_OR_RETURN(std::vector<Commitment> found, tx.All(kCommitments, budgets, ids));
    for (Commitment& commitment : found) {
      const auto book = books.by_budget.find(commitment.budget);
      if (book == books.by_budget.end()) continue;  // Opened meanwhile: its head is not locked.
      book->second.commitments.emplace(commitment.id, std::move(commitment));
    }
  }
  RETURN_IF_ERROR(ReadOfPlans(tx, commands, books));
  for (const auto& [budget, book] : books.by_budget) {
    for (const auto& [id, commitment] : book.commitments) payees.insert(commitment.payee);
  }
  if (payees.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<PayeeRow> rows,
                   tx.All(kPayees, Many<PayeeId>(payees.begin(), payees.end())));
  for (const PayeeRow& row : rows) books.payees.emplace(row.payee.id, row.payee);
  return absl::OkStatus();
}

absl::Status ReadVat(pg::Tx& tx, Books& books) {
  Ids budgets;
  Many<CommitmentId> ids;
  for (const auto& [budget, book] : books.by_budget) {
    for (const auto& [id, commitment] : book.commitments) {
      if (commitment.vat == Money()) continue;  // Nearly all.
      budgets.push_back(budget);
      ids.push_back(id);
    }
  }
  if (ids.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto rows, tx.All(kVat, budgets, ids));
  for (const auto& [budget, id, vat] : rows) books.by_budget.at(budget).vat_asked[id] = vat;
  return absl::OkStatus();
}

absl::Status StoreSpending(pg::Tx& tx, const Books& books,
                           const std::vector<Commitment>& commitments) {
  Ids budgets, closed_budgets;
  Many<CommitmentId> ids, closed;
  Many<PlanId> plans;
  Many<PayeeId> payees;
  Many<Money> amounts, vats;
  Many<std::string> quotes, decisions, taakvelden, categories;
  Many<Hash> documents;
  Many<absl::CivilDay> days;
  Many<int64_t> seqs;
  Many<int16_t> grounds, terms;
  Many<std::optional<absl::CivilDay>> decided;
  for (const Commitment& c : commitments) {
    if (c.closed) {
      closed_budgets.push_back(c.budget);
      closed.push_back(c.id);
      continue;
    }
    budgets.push_back(c.budget);
    ids.push_back(c.id);
    plans.push_back(c.plan);
    payees.push_back(c.payee);
    amounts.push_back(c.amount);
    quotes.push_back(c.quote_ref);
    decisions.push_back(c.decision_ref);
    documents.push_back(c.document_hash);
    days.push_back(c.payable_from);
    seqs.push_back(c.seq);
    vats.push_back(c.vat);
    taakvelden.push_back(c.taakveld);
    categories.push_back(c.category);
    grounds.push_back(static_cast<int16_t>(c.ground));
    decided.push_back(c.decision_date);
    terms.push_back(c.objection_days);
  }
  if (!ids.empty()) {
    RETURN_IF_ERROR(tx.Exec(kInsertCommitments, budgets, ids, plans, payees, amounts, quotes,
                            decisions, documents, days, seqs, books.now, vats, taakvelden,
                            categories, grounds, decided, terms));
  }
  if (closed.empty()) return absl::OkStatus();
  return tx.Exec(kCloseCommitments, closed_budgets, closed, books.now);
}

absl::StatusOr<std::vector<CommitmentState>> ListCommitments(pg::Tx& tx, BudgetId budget,
                                                             std::optional<PlanId> plan,
                                                             int64_t after_seq, int64_t limit) {
  return tx.All(kListCommitments, budget, plan, after_seq, limit);
}

absl::Span<const pg::AnyStatement> SpendingStatements() {
  static const pg::AnyStatement statements[] = {
      kCommitments,     kPayees, kInsertCommitments, kCloseCommitments,
      kListCommitments, kVat,    kOfPlans,           kOpenOf};
  return statements;
}

}  // namespace smederij::ledger
