#include "services/ledger/storage/step_store.h"

namespace smederij::ledger {

ListedStep Decode(pg::Columns& row, pg::As<ListedStep>) {
  ListedStep step;
  step.step_no = row.Next<int16_t>();
  step.from_state = row.Next<std::optional<int16_t>>().value_or(0);
  step.to_state = row.Next<int16_t>();
  step.person = row.Next<SubjectId>();
  step.stepped_at = row.Next<absl::Time>();
  step.seq = row.Next<std::optional<int64_t>>().value_or(0);
  step.effective = row.Next<std::optional<absl::CivilDay>>();
  step.note = row.Next<std::string>();
  step.moved = row.Next<Money>();
  step.receipt_ref = row.Next<std::optional<std::string>>().value_or("");
  step.document_hash = row.Next<std::optional<Hash>>();
  step.return_ref = row.Next<std::optional<std::string>>().value_or("");
  step.total = row.Next<Money>();
  step.vat = row.Next<Money>();
  step.takes_back = row.Next<std::optional<int16_t>>().value_or(0);
  step.taken_back_by = row.Next<std::optional<int16_t>>().value_or(0);
  return step;
}

namespace {

constexpr pg::Statement<ListedStep(BudgetId, PaymentId, int16_t, int64_t)> kList{
    "ledger.list_payment_steps", R"sql(
  SELECT s.step_no, s.from_state, s.to_state, s.person, s.stepped_at, s.seq, e.effective_date,
         s.note, CASE WHEN s.seq IS NULL THEN 0 ELSE coalesce(s.amount, b.amount, p.amount) END,
         s.receipt_ref, s.document_hash, s.return_ref, coalesce(s.total, 0), s.vat, s.takes_back,
         s.taken_back_by
    FROM ledger.payment_step AS s
    JOIN ledger.payment AS p USING (budget_id, payment_id)
    LEFT JOIN ledger.payment_step AS b
      ON b.budget_id = s.budget_id AND b.payment_id = s.payment_id AND b.step_no = s.takes_back
    LEFT JOIN ledger.entry AS e ON e.budget_id = s.budget_id AND e.seq = s.seq
   WHERE s.budget_id = $1 AND s.payment_id = $2 AND s.step_no > $3
   ORDER BY s.step_no LIMIT $4)sql"};

}  // namespace

absl::StatusOr<std::vector<ListedStep>> ListSteps(pg::Tx& tx, BudgetId budget, PaymentId payment,
                                                  int16_t after, int64_t limit) {
  return tx.All(kList, budget, payment, after, limit);
}

absl::Span<const pg::AnyStatement> StepStatements() {
  static const pg::AnyStatement statements[] = {kList};
  return statements;
}

}  // namespace smederij::ledger
