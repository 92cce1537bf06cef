#include "services/ledger/storage/verify_records.h"

#include <optional>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "services/ledger/storage/closing_store.h"
#include "services/ledger/storage/indexing_store.h"
#include "services/ledger/storage/payment_store.h"
#include "services/ledger/storage/spending_store.h"

namespace smederij::ledger {
namespace {

constexpr int64_t kPage = 1000;

// With what an advance was accounted for by, or what came back; without it where the payment itself
// is the record.
struct PostedStep {
  int64_t seq = 0;
  PaymentId payment;
  SubjectId person;
  std::optional<PaymentPart> part;
};
PostedStep Decode(pg::Columns& row, pg::As<PostedStep>) {
  PostedStep step;
  step.seq = row.Next<int64_t>();
  step.payment = row.Next<PaymentId>();
  step.person = row.Next<SubjectId>();
  const auto amount = row.Next<std::optional<Money>>();
  PaymentPart part;
  part.receipt_ref = row.Next<std::string>();
  part.document_hash = row.Next<std::optional<Hash>>().value_or(Hash());
  part.return_ref = row.Next<std::string>();
  part.total = row.Next<std::optional<Money>>().value_or(Money());
  part.repaid = row.Next<bool>();
  part.vat = row.Next<Money>();
  if (amount) {
    part.amount = *amount;
    step.part = std::move(part);
  }
  return step;
}
constexpr pg::Statement<PostedStep(BudgetId)> kPostedSteps{"ledger.posted_payment_steps", R"sql(
  SELECT seq, payment_id, person, amount, coalesce(receipt_ref, ''), document_hash,
         coalesce(return_ref, ''), total, from_state IS NOT DISTINCT FROM 4, vat
    FROM ledger.payment_step
   WHERE budget_id = $1 AND seq IS NOT NULL AND takes_back IS NULL ORDER BY seq)sql"};

// Entries that take a part of a payment back without a step that does, steps without such an
// entry, and parts that count no more though no step took them back.
constexpr pg::Statement<int64_t(BudgetId)> kWrongTakenBack{"ledger.wrong_taken_back", R"sql(
  SELECT coalesce(e.seq, s.seq)
    FROM (SELECT e.seq, e.reverses_seq
            FROM ledger.entry AS e
            JOIN ledger.entry AS r ON r.budget_id = e.budget_id AND r.seq = e.reverses_seq
           WHERE e.budget_id = $1 AND e.reverses_seq IS NOT NULL AND r.type IN (16, 17, 20)) AS e
    FULL JOIN (
      SELECT coalesce(b.seq, p.seq) AS seq,
             CASE WHEN b.step_no IS NOT NULL THEN p.seq END AS part_seq
        FROM (SELECT * FROM ledger.payment_step
               WHERE budget_id = $1 AND taken_back_by IS NOT NULL) AS p
        FULL JOIN (SELECT * FROM ledger.payment_step
                    WHERE budget_id = $1 AND takes_back IS NOT NULL) AS b
          ON b.payment_id = p.payment_id AND b.step_no = p.taken_back_by
         AND b.takes_back = p.step_no) AS s ON s.seq = e.seq
   WHERE e.reverses_seq IS DISTINCT FROM s.part_seq OR e.seq IS NULL
   ORDER BY 1 LIMIT 100)sql"};

// Parts here of documents and bank lines that count for more than they come to, come to different
// sums, or count otherwise than is kept of them; by the first of these parts.
constexpr pg::Statement<int64_t(BudgetId)> kWrongEvidence{"ledger.wrong_evidence", R"sql(
  SELECT m.seq
    FROM (SELECT municipality_id, evidence, min(seq) AS seq
            FROM ledger.payment_step
           WHERE budget_id = $1 AND evidence IS NOT NULL AND municipality_id IS NOT NULL
           GROUP BY municipality_id, evidence) AS m
   CROSS JOIN LATERAL (
     SELECT coalesce(sum(s.amount), 0) AS counted, min(s.total) AS least, max(s.total) AS most
       FROM ledger.payment_step AS s
      WHERE s.municipality_id = m.municipality_id AND s.evidence = m.evidence
        AND s.taken_back_by IS NULL) AS p
    LEFT JOIN ledger.evidence AS e USING (municipality_id, evidence)
   WHERE p.counted > p.least OR p.least <> p.most
      OR e.counted::numeric IS DISTINCT FROM p.counted OR e.total <> p.most
   ORDER BY m.seq LIMIT 100)sql"};

// Payments that say to be accounted for, or to have come back, otherwise than their steps do; and
// plans that have other money with payees than their advances, or than was paid.
constexpr pg::Statement<std::tuple<std::string, std::string>(BudgetId)> kWrongAdvances{
    "ledger.wrong_advances", R"sql(
  SELECT 'what was accounted for of payment ', p.payment_id::text
    FROM ledger.payment AS p
    LEFT JOIN (
      SELECT payment_id, sum(amount) FILTER (WHERE receipt_ref IS NOT NULL) AS accounted,
             sum(amount) FILTER (WHERE from_state = 7 AND return_ref IS NOT NULL) AS returned,
             sum(amount) FILTER (WHERE from_state = 4) AS repaid,
             sum(vat) FILTER (WHERE from_state = 4) AS repaid_vat
        FROM ledger.payment_step
       WHERE budget_id = $1 AND amount IS NOT NULL AND taken_back_by IS NULL
       GROUP BY payment_id) AS s USING (payment_id)
   WHERE p.budget_id = $1
     AND (coalesce(s.accounted, 0), coalesce(s.returned, 0), coalesce(s.repaid, 0),
          coalesce(s.repaid_vat, 0)) IS DISTINCT FROM
         (p.accounted::numeric, p.returned::numeric, p.repaid::numeric, p.repaid_vat::numeric)
  UNION ALL
  SELECT 'what is advanced to plan ', coalesce(a.plan_id, o.plan_id)
    FROM (SELECT reference AS plan_id, credits - debits AS balance
            FROM ledger.account WHERE budget_id = $1 AND kind = 10) AS a
    FULL JOIN (SELECT c.plan_id::text AS plan_id, sum(p.amount - p.accounted - p.returned) AS owed
                 FROM ledger.payment AS p
                 JOIN ledger.commitment AS c USING (budget_id, commitment_id)
                WHERE p.budget_id = $1 AND p.state = 7 GROUP BY c.plan_id) AS o USING (plan_id)
   WHERE coalesce(a.balance, 0) <> coalesce(o.owed, 0)
  UNION ALL
  SELECT 'what is paid for plan ', coalesce(a.plan_id, o.plan_id)
    FROM (SELECT reference AS plan_id, credits - debits AS balance
            FROM ledger.account WHERE budget_id = $1 AND kind = 7) AS a
    FULL JOIN (SELECT c.plan_id::text AS plan_id,
                      sum(CASE WHEN p.receipts_due IS NULL THEN p.amount ELSE p.accounted END
                          - p.repaid) AS kept
                 FROM ledger.payment AS p
                 JOIN ledger.commitment AS c USING (budget_id, commitment_id)
                WHERE p.budget_id = $1 AND p.state IN (4, 7) GROUP BY c.plan_id) AS o USING (plan_id)
   WHERE coalesce(a.balance, 0) <> coalesce(o.kept, 0))sql"};

// What the bank was told of too early, or for an account that nobody accepted; awards of money that
// was for other plans, or until an earlier day; and what was carried past that day, but of the time
// when it could be.
constexpr pg::Statement<std::tuple<int64_t, std::string>(BudgetId)> kUnlawful{
    "ledger.unlawful_entries", R"sql(
  SELECT s.seq, 'told the bank before the objection term had run out'
    FROM ledger.payment_step AS s
    JOIN ledger.payment AS p USING (budget_id, payment_id)
    JOIN ledger.commitment AS c USING (budget_id, commitment_id)
   WHERE s.budget_id = $1 AND s.to_state = 3
     AND (s.stepped_at AT TIME ZONE 'Europe/Amsterdam')::date < c.payable_from
  UNION ALL
  SELECT s.seq, 'told the bank of an account that no second person accepted'
    FROM ledger.payment_step AS s
    JOIN ledger.payment AS p USING (budget_id, payment_id)
    LEFT JOIN ledger.payee_iban AS i ON i.payee_id = p.payee_id AND i.version = p.iban_version
   WHERE s.budget_id = $1 AND s.to_state = 3 AND i.state IS DISTINCT FROM 'accepted'
  UNION ALL
  SELECT a.seq, 'awards money whose condition is not met'
    FROM ledger.posting AS a
    JOIN ledger.budget AS b USING (budget_id)
    JOIN ledger.entry AS e USING (budget_id, seq)
    JOIN ledger.account AS t ON t.budget_id = a.budget_id AND t.account_no = a.to_no
   WHERE a.budget_id = $1 AND a.from_kind = 3 AND a.to_kind = 4 AND b.condition_deadline IS NOT NULL
     AND ((e.recorded_at AT TIME ZONE 'Europe/Amsterdam')::date > b.condition_deadline
          OR (b.condition_plans <> '{}' AND t.reference::uuid <> ALL (b.condition_plans)))
  UNION ALL
  SELECT p.seq, 'carries money over that was to be awarded before'
    FROM ledger.posting AS p
    JOIN ledger.budget AS b USING (budget_id)
    JOIN ledger.entry AS e USING (budget_id, seq)
   WHERE p.budget_id = $1 AND p.from_kind = 2 AND p.to_kind = 8
     AND (e.recorded_at AT TIME ZONE 'Europe/Amsterdam')::date > b.condition_deadline
     AND e.recorded_at > (SELECT m.applied_at FROM ledger.migration AS m
                           WHERE m.name = 'carry_by_source')
   ORDER BY 1 LIMIT 100)sql"};

// Commitments whose payments have more VAT than was agreed.
constexpr pg::Statement<std::string(BudgetId)> kWrongVat{"ledger.wrong_vat", R"sql(
  SELECT c.commitment_id::text
    FROM ledger.commitment AS c
    JOIN ledger.payment AS p USING (budget_id, commitment_id)
   WHERE c.budget_id = $1 AND p.state NOT IN (5, 6)
   GROUP BY c.commitment_id, c.vat HAVING sum(p.vat - p.repaid_vat) > c.vat)sql"};

// Closings that no entry tells of, but of the time when an entry did not have to.
constexpr pg::Statement<int16_t(BudgetId)> kUnentered{"ledger.unentered_closings", R"sql(
  SELECT c.period_no FROM ledger.closing AS c
   WHERE c.budget_id = $1 AND c.state = 'accepted' AND c.entry_seq IS NULL
     AND c.decided_at > (SELECT m.applied_at FROM ledger.migration AS m
                          WHERE m.name = 'closing_entries') ORDER BY c.period_no)sql"};

// The record of everything that posted an entry, by that entry's number.
absl::StatusOr<std::map<int64_t, Hash>> RecordsBySeq(pg::Tx& tx, BudgetId budget) {
  std::map<int64_t, Hash> records;
  for (int64_t after = 0;;) {
    ASSIGN_OR_RETURN(const std::vector<CommitmentState> page,
                     ListCommitments(tx, budget, std::nullopt, after, kPage));
    for (const CommitmentState& state : page) {
      records[state.commitment.seq] = RecordOf(state.commitment);
    }
    if (page.size() < static_cast<size_t>(kPage)) break;
    after = page.back().commitment.seq;
  }
  ASSIGN_OR_RETURN(const std::optional<Indexing> indexing, IndexingOf(tx, budget));
  if (indexing) records[indexing->seq] = RecordOf(*indexing);
  ASSIGN_OR_RETURN(const std::vector<Closing> closings, ClosingsOf(tx, budget));
  for (const Closing& closing : closings) {
    if (closing.entry_seq != 0) records[closing.entry_seq] = RecordOf(closing);
  }
  std::map<PaymentId, Payment> payments;
  for (PaymentPlace after;;) {
    ASSIGN_OR_RETURN(const std::vector<ListedPayment> page,
                     ListPayments(tx, budget, 0, std::nullopt, after, kPage));
    for (const ListedPayment& listed : page) {
      payments[listed.payment.id] = listed.payment;
    }
    if (page.size() < static_cast<size_t>(kPage)) break;
    after = page.back().place;
  }
  ASSIGN_OR_RETURN(const auto steps, tx.All(kPostedSteps, budget));
  for (const PostedStep& step : steps) {
    const Payment& payment = payments[step.payment];
    records[step.seq] = step.part ? RecordOf(payment, *step.part, step.person) : RecordOf(payment);
  }
  return records;
}

}  // namespace

absl::StatusOr<std::vector<Finding>> VerifyRecords(pg::Tx& tx, BudgetId budget,
                                                   std::map<int64_t, RecordedEntry> entries) {
  ASSIGN_OR_RETURN(const auto records, RecordsBySeq(tx, budget));
  std::vector<Finding> findings;
  for (const auto& [seq, record] : records) {
    const auto entry = entries.find(seq);
    if (entry == entries.end() || entry->second.record != record) {
      findings.push_back({budget, seq, "what it rests on is not what it says"});
    }
    if (entry != entries.end()) entries.erase(entry);
  }
  for (const auto& [seq, entry] : entries) {
    // What ends a commitment here carries the record its opening was compared with.
    if (entry.type == EntryType::kCloseCommitment || entry.type == EntryType::kCarryOut) continue;
    findings.push_back({budget, seq, "what it rests on is not there"});
  }
  ASSIGN_OR_RETURN(const auto wrong, tx.All(kWrongAdvances, budget));
  for (const auto& [what, id] : wrong) {
    findings.push_back({budget, 0, absl::StrCat(what, id, " is not what its entries say")});
  }
  ASSIGN_OR_RETURN(const std::vector<int64_t> taken_back, tx.All(kWrongTakenBack, budget));
  for (const int64_t seq : taken_back) {
    findings.push_back({budget, seq, "what it takes back of a payment is not what its steps say"});
  }
  ASSIGN_OR_RETURN(const std::vector<int64_t> evidence, tx.All(kWrongEvidence, budget));
  for (const int64_t seq : evidence) {
    findings.push_back({budget, seq, "what it rests on counts otherwise than its parts say"});
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> commitments, tx.All(kWrongVat, budget));
  for (const std::string& id : commitments) {
    findings.push_back(
        {budget, 0, absl::StrCat("payments on commitment ", id, " have more VAT than it has")});
  }
  ASSIGN_OR_RETURN(const auto unlawful, tx.All(kUnlawful, budget));
  for (const auto& [seq, what] : unlawful) findings.push_back({budget, seq, what});
  ASSIGN_OR_RETURN(const std::vector<int16_t> unentered, tx.All(kUnentered, budget));
  for (const int16_t period_no : unentered) {
    findings.push_back({budget, 0, absl::StrCat("no entry closed period ", period_no)});
  }
  return findings;
}

absl::Span<const pg::AnyStatement> RecordStatements() {
  static const pg::AnyStatement statements[] = {kPostedSteps,   kWrongTakenBack, kWrongEvidence,
                                                kWrongAdvances, kWrongVat,       kUnentered,
                                                kUnlawful};
  return statements;
}

}  // namespace smederij::ledger
