#include "services/ledger/storage/payment_store.h"

#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "common/pg/sqlstate.h"
#include "services/ledger/domain/spending.h"
#include "services/ledger/storage/advance_store.h"
#include "services/ledger/storage/invoice_store.h"

#define LEDGER_PAYMENT_COLUMNS                                                           \
  "p.budget_id, p.payment_id, p.commitment_id, p.payee_id, p.amount, p.invoice_ref, "    \
  "p.requested_by, p.approvals_needed, p.state, p.steps, p.bank_ref, p.iban_version, "   \
  "ARRAY(SELECT s.person FROM ledger.payment_step AS s WHERE s.budget_id = p.budget_id " \
  "AND s.payment_id = p.payment_id AND s.approves ORDER BY s.step_no), "                 \
  "p.receipts_due, p.accounted, p.returned, p.vat, p.repaid, p.repaid_vat"

namespace smederij::ledger {

Payment Decode(pg::Columns& row, pg::As<Payment>) {
  Payment payment;
  payment.budget = row.Next<BudgetId>();
  payment.id = row.Next<PaymentId>();
  payment.commitment = row.Next<CommitmentId>();
  payment.payee = row.Next<PayeeId>();
  payment.amount = row.Next<Money>();
  payment.invoice_ref = row.Next<std::string>();
  payment.requested_by = row.Next<SubjectId>();
  payment.approvals_needed = row.Next<int16_t>();
  payment.state = static_cast<PaymentState>(row.Next<int16_t>());
  payment.steps = row.Next<int16_t>();
  payment.bank_ref = row.Next<std::optional<std::string>>().value_or("");
  payment.iban_version = row.Next<std::optional<int32_t>>().value_or(0);
  payment.approved_by = row.Next<std::vector<SubjectId>>();
  payment.receipts_due = row.Next<std::optional<absl::CivilDay>>();
  payment.accounted = row.Next<Money>();
  payment.returned = row.Next<Money>();
  payment.vat = row.Next<Money>();
  payment.repaid = row.Next<Money>();
  payment.repaid_vat = row.Next<Money>();
  return payment;
}

ListedPayment Decode(pg::Columns& row, pg::As<ListedPayment>) {
  ListedPayment listed;
  listed.payment = Decode(row, pg::As<Payment>{});
  listed.place.requested_at = row.Next<absl::Time>();
  listed.place.id = listed.payment.id;
  return listed;
}

namespace {

template <class T>
using Many = std::vector<T>;
template <class T>
using ManyNullable = std::vector<std::optional<T>>;
using Ids = Many<BudgetId>;

constexpr pg::Statement<Payment(Ids, Many<PaymentId>)> kNamed{"ledger.payments",
                                                              "SELECT " LEDGER_PAYMENT_COLUMNS
                                                              R"sql(
  FROM unnest($1, $2) AS wanted (budget_id, payment_id)
  JOIN ledger.payment AS p USING (budget_id, payment_id))sql"};

constexpr pg::Statement<Payment(Ids, Many<CommitmentId>)> kClaiming{
    "ledger.claiming_payments", "SELECT " LEDGER_PAYMENT_COLUMNS R"sql(
  FROM unnest($1, $2) AS wanted (budget_id, commitment_id)
  JOIN ledger.payment AS p USING (budget_id, commitment_id)
 WHERE p.state IN (1, 2, 3, 7))sql"};

constexpr pg::Statement<void(Ids, Many<PaymentId>, Many<CommitmentId>, Many<PayeeId>, Many<Money>,
                             Many<std::string>, Many<SubjectId>, Many<int16_t>, Many<int16_t>,
                             Many<int16_t>, absl::Time, ManyNullable<std::string>,
                             ManyNullable<int32_t>, ManyNullable<absl::CivilDay>, Many<Money>,
                             Many<Money>, Many<Money>, Many<Money>, Many<Money>)>
    kInsertPayments{"ledger.insert_payments", R"sql(
  INSERT INTO ledger.payment (budget_id, payment_id, commitment_id, municipality_id, payee_id,
                              amount, invoice_ref, requested_by, requested_at, approvals_needed,
                              state, steps, bank_ref, iban_version, receipts_due, vat, accounted,
                              returned, repaid, repaid_vat)
  SELECT p.budget_id, p.payment_id, p.commitment_id, b.municipality_id, p.payee_id, p.amount,
         p.invoice_ref, p.requested_by, $11, p.approvals_needed, p.state, p.steps, p.bank_ref,
         p.iban_version, p.receipts_due, p.vat, p.accounted, p.returned, p.repaid, p.repaid_vat
    FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $12, $13, $14, $15, $16, $17, $18, $19)
      AS p (budget_id, payment_id, commitment_id, payee_id, amount, invoice_ref, requested_by,
            approvals_needed, state, steps, bank_ref, iban_version, receipts_due, vat, accounted,
            returned, repaid, repaid_vat)
    JOIN ledger.budget AS b USING (budget_id))sql"};

constexpr pg::Statement<void(Ids, Many<PaymentId>, Many<int16_t>, Many<int16_t>,
                             ManyNullable<std::string>, ManyNullable<int32_t>, Many<Money>,
                             Many<Money>, Many<Money>, Many<Money>)>
    kMovePayments{"ledger.move_payments", R"sql(
  UPDATE ledger.payment AS p
     SET state = m.state, steps = m.steps, bank_ref = m.bank_ref, iban_version = m.iban_version,
         accounted = m.accounted, returned = m.returned, repaid = m.repaid,
         repaid_vat = m.repaid_vat
    FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
      AS m (budget_id, payment_id, state, steps, bank_ref, iban_version, accounted, returned,
            repaid, repaid_vat)
   WHERE p.budget_id = m.budget_id AND p.payment_id = m.payment_id)sql"};

constexpr pg::Statement<void(
    Ids, Many<PaymentId>, Many<int16_t>, ManyNullable<int16_t>, Many<int16_t>, Many<SubjectId>,
    Many<std::string>, Many<RequestId>, absl::Time, ManyNullable<int64_t>, Many<std::string>,
    Many<SubjectId>, Many<int16_t>, ManyNullable<Money>, ManyNullable<std::string>,
    ManyNullable<Hash>, ManyNullable<std::string>, ManyNullable<MunicipalityId>,
    ManyNullable<Money>, ManyNullable<int16_t>, Many<Money>)>
    kInsertSteps{"ledger.insert_payment_steps", R"sql(
  INSERT INTO ledger.payment_step (budget_id, payment_id, step_no, from_state, to_state, person,
                                   actor, request_id, stepped_at, seq, note, requested_by,
                                   approvals_needed, amount, receipt_ref, document_hash, return_ref,
                                   municipality_id, total, takes_back, vat)
  SELECT budget_id, payment_id, step_no, from_state, to_state, person, actor, request_id, $9, seq,
         note, requested_by, approvals_needed, amount, receipt_ref, document_hash, return_ref,
         municipality_id, total, takes_back, vat
    FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
                $20, $21)
      AS s (budget_id, payment_id, step_no, from_state, to_state, person, actor, request_id, seq,
            note, requested_by, approvals_needed, amount, receipt_ref, document_hash, return_ref,
            municipality_id, total, takes_back, vat))sql"};

// Rare, so one statement each; all of a batch before its steps, which may count the same again.
constexpr pg::Statement<void(BudgetId, PaymentId, int16_t, int16_t)> kTakeBack{
    "ledger.take_part_back", R"sql(
  UPDATE ledger.payment_step SET taken_back_by = $4
   WHERE budget_id = $1 AND payment_id = $2 AND step_no = $3)sql"};

constexpr pg::Statement<ListedPayment(BudgetId, int16_t, std::optional<absl::CivilDay>, absl::Time,
                                      PaymentId, int64_t)>
    kList{"ledger.list_payments", "SELECT " LEDGER_PAYMENT_COLUMNS R"sql(, p.requested_at
  FROM ledger.payment AS p
 WHERE p.budget_id = $1 AND ($2 = 0 OR p.state = $2) AND ($3 IS NULL OR p.receipts_due < $3)
   AND (p.requested_at, p.payment_id) > ($4, $5)
 ORDER BY p.requested_at, p.payment_id LIMIT $6)sql"};

// The payment a command is a step of, if it is one.
std::optional<std::pair<BudgetId, PaymentId>> PaymentOf(const Command& command) {
  const auto of = [](const auto& what) -> std::optional<std::pair<BudgetId, PaymentId>> {
    if constexpr (requires { what.payment; }) {
      return std::pair(what.budget, what.payment);
    } else {
      return std::nullopt;
    }
  };
  return std::visit(of, command.what);
}

absl::Status StorePayments(pg::Tx& tx, const Books& books, const std::vector<PaymentStep>& steps) {
  // Each once, as it stands in the end; true when it is new.
  std::map<std::pair<BudgetId, PaymentId>, bool> moved;
  for (const PaymentStep& step : steps) {
    moved.try_emplace({step.after.budget, step.after.id}, !step.before.has_value());
  }
  Ids new_budgets, budgets;
  Many<PaymentId> new_ids, ids;
  Many<CommitmentId> commitments;
  Many<PayeeId> payees;
  Many<Money> amounts;
  Many<std::string> invoices;
  Many<SubjectId> requesters;
  Many<int16_t> needed, new_states, states, new_steps, step_nos;
  ManyNullable<std::string> new_refs, refs;
  ManyNullable<int32_t> new_ibans, ibans;
  ManyNullable<absl::CivilDay> due;
  Many<Money> new_accounted, accounted, new_returned, returned, vats, new_repaid, repaid;
  Many<Money> new_repaid_vats, repaid_vats;
  for (const auto& [key, is_new] : moved) {
    const Payment& p = books.by_budget.at(key.first).payments.at(key.second);
    (is_new ? new_budgets : budgets).push_back(p.budget);
    (is_new ? new_ids : ids).push_back(p.id);
    (is_new ? new_states : states).push_back(static_cast<int16_t>(p.state));
    (is_new ? new_steps : step_nos).push_back(p.steps);
    (is_new ? new_refs : refs)
        .push_back(p.bank_ref.empty() ? std::nullopt : std::optional(p.bank_ref));
    (is_new ? new_ibans : ibans)
        .push_back(p.iban_version == 0 ? std::nullopt : std::optional(p.iban_version));
    (is_new ? new_accounted : accounted).push_back(p.accounted);
    (is_new ? new_returned : returned).push_back(p.returned);
    (is_new ? new_repaid : repaid).push_back(p.repaid);
    (is_new ? new_repaid_vats : repaid_vats).push_back(p.repaid_vat);
    if (!is_new) continue;
    due.push_back(p.receipts_due);
    vats.push_back(p.vat);
    commitments.push_back(p.commitment);
    payees.push_back(p.payee);
    amounts.push_back(p.amount);
    invoices.push_back(p.invoice_ref);
    requesters.push_back(p.requested_by);
    needed.push_back(p.approvals_needed);
  }
  if (!ids.empty()) {
    RETURN_IF_ERROR(tx.Exec(kMovePayments, budgets, ids, states, step_nos, refs, ibans, accounted,
                            returned, repaid, repaid_vats));
  }
  if (new_ids.empty()) return absl::OkStatus();
  return tx.Exec(kInsertPayments, new_budgets, new_ids, commitments, payees, amounts, invoices,
                 requesters, needed, new_states, new_steps, books.now, new_refs, new_ibans, due,
                 vats, new_accounted, new_returned, new_repaid, new_repaid_vats);
}

}  // namespace

absl::Status ReadNamedPayments(pg::Tx& tx, absl::Span<const Command* const> commands,
                               Books& books) {
  Ids budgets;
  Many<PaymentId> ids;
  for (const Command* command : commands) {
    const auto named = PaymentOf(*command);
    if (!named) continue;
    budgets.push_back(named->first);
    ids.push_back(named->second);
  }
  for (const auto& [budget, book] : books.by_budget) {
    for (const auto& [seq, part] : book.parts) {
      budgets.push_back(budget);
      ids.push_back(part.payment);
    }
  }
  if (ids.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(std::vector<Payment> found, tx.All(kNamed, budgets, ids));
  for (Payment& payment : found) {
    const auto book = books.by_budget.find(payment.budget);
    if (book == books.by_budget.end()) continue;  // Opened meanwhile: its head is not locked.
    const PaymentId id = payment.id;
    book->second.payments.emplace(id, std::move(payment));
  }
  return absl::OkStatus();
}

absl::Status ReadClaims(pg::Tx& tx, absl::Span<const Command* const> commands, Books& books) {
  Ids budgets;
  Many<CommitmentId> ids;
  for (const auto& [budget, book] : books.by_budget) {
    for (const auto& [id, commitment] : book.commitments) {
      budgets.push_back(budget);
      ids.push_back(id);
    }
  }
  if (!ids.empty()) {
    ASSIGN_OR_RETURN(std::vector<Payment> found, tx.All(kClaiming, budgets, ids));
    for (Payment& payment : found) {
      const PaymentId id = payment.id;
      books.by_budget.at(payment.budget).payments.emplace(id, std::move(payment));
    }
  }
  RETURN_IF_ERROR(ReadInvoices(tx, commands, books));
  RETURN_IF_ERROR(ReadBankRefs(tx, commands, books));
  return ReadParts(tx, commands, books);
}

absl::Status StoreSteps(pg::Tx& tx, const Books& books, const std::vector<PaymentStep>& steps) {
  if (steps.empty()) return absl::OkStatus();
  absl::Status status = StorePayments(tx, books, steps);
  // Another budget's, so no common head was locked; the rerun sees it.
  if (pg::Violates(status, "payment_one_per_invoice")) return pg::Rerun("invoice_elsewhere");
  if (pg::Violates(status, "payment_bank_ref_unique")) return pg::Rerun("bank_ref_elsewhere");
  RETURN_IF_ERROR(status);
  Ids budgets;
  Many<PaymentId> ids;
  Many<int16_t> step_nos, to_states, needed;
  ManyNullable<int16_t> from_states;
  Many<SubjectId> people, requesters;
  Many<std::string> actors, notes;
  Many<RequestId> requests;
  ManyNullable<int64_t> seqs;
  ManyNullable<Money> parts, totals;
  Many<Money> vats;
  ManyNullable<int16_t> takes_back;
  ManyNullable<std::string> receipts, returns;
  ManyNullable<Hash> documents;
  ManyNullable<MunicipalityId> municipalities;
  for (const PaymentStep& step : steps) {
    budgets.push_back(step.after.budget);
    ids.push_back(step.after.id);
    step_nos.push_back(step.after.steps);
    from_states.push_back(step.before ? std::optional(static_cast<int16_t>(*step.before))
                                      : std::nullopt);
    to_states.push_back(static_cast<int16_t>(step.after.state));
    people.push_back(step.person);
    actors.push_back(step.actor);
    requests.push_back(step.request);
    seqs.push_back(step.seq == 0 ? std::nullopt : std::optional(step.seq));
    notes.push_back(step.note);
    requesters.push_back(step.after.requested_by);
    needed.push_back(step.after.approvals_needed);
    const bool accounted = step.part && !step.part->came_back();
    const bool returned = step.part && step.part->came_back();
    parts.push_back(step.part ? std::optional(step.part->amount) : std::nullopt);
    receipts.push_back(accounted ? std::optional(step.part->receipt_ref) : std::nullopt);
    documents.push_back(accounted ? std::optional(step.part->document_hash) : std::nullopt);
    returns.push_back(returned ? std::optional(step.part->return_ref) : std::nullopt);
    const MunicipalityId municipality = books.by_budget.at(step.after.budget).budget.municipality;
    municipalities.push_back(step.part ? std::optional(municipality) : std::nullopt);
    totals.push_back(step.part ? std::optional(step.part->total) : std::nullopt);
    vats.push_back(step.part ? step.part->vat : Money());
    takes_back.push_back(step.taken_back ? std::optional(step.taken_back->step_no) : std::nullopt);
    if (step.taken_back) {
      RETURN_IF_ERROR(tx.Exec(kTakeBack, step.after.budget, step.after.id, step.taken_back->step_no,
                              step.after.steps));
    }
  }
  status = tx.Exec(kInsertSteps, budgets, ids, step_nos, from_states, to_states, people, actors,
                   requests, books.now, seqs, notes, requesters, needed, parts, receipts, documents,
                   returns, municipalities, totals, takes_back, vats);
  if (pg::Violates(status, "evidence_not_exceeded") ||
      pg::Violates(status, "evidence_has_one_total")) {
    return pg::Rerun("evidence_elsewhere");
  }
  return status;
}

absl::StatusOr<std::vector<ListedPayment>> ListPayments(pg::Tx& tx, BudgetId budget, int16_t state,
                                                        std::optional<absl::CivilDay> overdue_on,
                                                        const PaymentPlace& after, int64_t limit) {
  return tx.All(kList, budget, state, overdue_on, after.requested_at, after.id, limit);
}

absl::Span<const pg::AnyStatement> PaymentStatements() {
  static const pg::AnyStatement statements[] = {
      kNamed, kClaiming, kInsertPayments, kMovePayments, kInsertSteps, kTakeBack, kList};
  return statements;
}

}  // namespace smederij::ledger
