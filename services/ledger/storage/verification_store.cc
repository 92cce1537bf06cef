#include "services/ledger/storage/verification_store.h"

#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/ledger/domain/errors.h"
#include "services/ledger/storage/posting_store.h"

namespace smederij::ledger {
namespace {

using Ids = std::vector<BudgetId>;
using VerificationRow = std::tuple<bool, std::optional<absl::Time>, std::optional<int64_t>>;

constexpr pg::Statement<VerificationRow(BudgetId)> kVerification{"ledger.verification", R"sql(
  SELECT COALESCE(v.requested_at >= COALESCE(v.begun_at, v.requested_at), false), v.begun_at, v.seq
    FROM ledger.budget AS b
    LEFT JOIN ledger.verification AS v ON v.budget_id = b.budget_id
   WHERE b.budget_id = $1)sql"};

constexpr pg::Statement<StoredFinding(BudgetId)> kFindings{"ledger.findings", R"sql(
  SELECT budget_id, seq, what, found_at FROM ledger.finding
   WHERE budget_id = $1 OR budget_id IS NULL ORDER BY finding_id)sql"};

constexpr pg::Statement<void(BudgetId)> kRequest{"ledger.request_verification", R"sql(
  INSERT INTO ledger.verification AS v (budget_id, requested_at) VALUES ($1, clock_timestamp())
      ON CONFLICT ON CONSTRAINT verification_pkey
      DO UPDATE SET requested_at = EXCLUDED.requested_at)sql"};

// Every budget of a municipality's years is a few thousand rows: sorted anew each time.
constexpr pg::Statement<BudgetId(int64_t, int64_t)> kNext{"ledger.next_to_verify", R"sql(
  SELECT b.budget_id
    FROM ledger.budget AS b
    LEFT JOIN ledger.budget_head AS h ON h.budget_id = b.budget_id
    LEFT JOIN ledger.verification AS v ON v.budget_id = b.budget_id
   WHERE v.begun_at IS NULL OR v.requested_at >= v.begun_at
      OR v.begun_at < clock_timestamp() - $2 * interval '1 second'
      OR (v.seq IS DISTINCT FROM h.seq AND v.begun_at < clock_timestamp() - $1 * interval '1 second')
   ORDER BY COALESCE(v.requested_at >= COALESCE(v.begun_at, v.requested_at), false) DESC,
            v.begun_at NULLS FIRST, b.budget_id LIMIT 1)sql"};

constexpr pg::Statement<BudgetId(BudgetId)> kLockHead{"ledger.lock_head_to_freeze", R"sql(
  SELECT budget_id FROM ledger.budget_head WHERE budget_id = $1 FOR UPDATE)sql"};

constexpr pg::Statement<void(BudgetId, absl::Time, int64_t)> kStoreWalk{"ledger.store_walk", R"sql(
  INSERT INTO ledger.verification AS v (budget_id, begun_at, seq) VALUES ($1, $2, $3)
      ON CONFLICT ON CONSTRAINT verification_pkey
      DO UPDATE SET begun_at = EXCLUDED.begun_at, seq = EXCLUDED.seq
       WHERE v.begun_at IS NULL OR v.begun_at < EXCLUDED.begun_at)sql"};

constexpr pg::Statement<int64_t(std::optional<BudgetId>, std::vector<int64_t>,
                                std::vector<std::string>)>
    kStoreFindings{"ledger.store_findings", R"sql(
  WITH added AS (
    INSERT INTO ledger.finding (budget_id, seq, what)
    SELECT $1, f.seq, f.what FROM unnest($2, $3) WITH ORDINALITY AS f (seq, what, place)
     WHERE NOT EXISTS (SELECT FROM ledger.finding AS earlier
                        WHERE earlier.budget_id IS NOT DISTINCT FROM $1)
     ORDER BY f.place
    RETURNING 1)
  SELECT count(*) FROM added)sql"};

constexpr pg::Statement<BudgetId(Ids)> kFrozen{"ledger.frozen_among", R"sql(
  SELECT asked.budget_id FROM unnest($1) AS asked (budget_id)
   WHERE EXISTS (SELECT FROM ledger.finding AS f WHERE f.budget_id = asked.budget_id)
      OR EXISTS (SELECT FROM ledger.finding AS f WHERE f.budget_id IS NULL))sql"};

constexpr pg::Statement<Soundness()> kSoundness{"ledger.soundness", R"sql(
  SELECT (SELECT CASE WHEN bool_or(f.budget_id IS NULL)
                      THEN (SELECT greatest(count(*), 1) FROM ledger.budget)
                      ELSE count(DISTINCT f.budget_id) END
            FROM ledger.finding AS f),
         COALESCE((SELECT max(extract(epoch FROM clock_timestamp()
                                      - COALESCE(v.begun_at, b.opened_at)))::bigint
                     FROM ledger.budget AS b
                     LEFT JOIN ledger.verification AS v ON v.budget_id = b.budget_id), 0))sql"};

// One statement, so one snapshot.
constexpr pg::Statement<std::tuple<int64_t, int64_t>()> kCountRecords{"ledger.count_records", R"sql(
  SELECT record_count,
         (SELECT count(*) FROM ledger.budget) + (SELECT count(*) FROM ledger.entry)
    FROM ledger.progress)sql"};

}  // namespace

StoredFinding Decode(pg::Columns& row, pg::As<StoredFinding>) {
  StoredFinding stored;
  stored.finding.budget = row.Next<std::optional<BudgetId>>().value_or(BudgetId());
  stored.finding.seq = row.Next<int64_t>();
  stored.finding.what = row.Next<std::string>();
  stored.found_at = row.Next<absl::Time>();
  return stored;
}

Soundness Decode(pg::Columns& row, pg::As<Soundness>) {
  return {.frozen_budgets = row.Next<int64_t>(), .unverified_seconds = row.Next<int64_t>()};
}

absl::StatusOr<Verification> GetVerification(pg::Tx& tx, BudgetId budget) {
  ASSIGN_OR_RETURN(const auto row, tx.Maybe(kVerification, budget));
  if (!row) return BudgetNotFound(budget);
  Verification verification{.budget = budget,
                            .requested = std::get<0>(*row),
                            .begun_at = std::get<1>(*row),
                            .seq = std::get<2>(*row).value_or(0),
                            .findings = {}};
  ASSIGN_OR_RETURN(verification.findings, tx.All(kFindings, budget));
  return verification;
}

absl::Status RequestVerification(pg::Tx& tx, BudgetId budget) { return tx.Exec(kRequest, budget); }

absl::StatusOr<std::optional<BudgetId>> NextToVerify(pg::Tx& tx, absl::Duration changed,
                                                     absl::Duration unchanged) {
  return tx.Maybe(kNext, absl::ToInt64Seconds(changed), absl::ToInt64Seconds(unchanged));
}

absl::StatusOr<int64_t> StoreWalk(pg::Tx& tx, BudgetId budget, absl::Time begun_at, int64_t seq,
                                  const std::vector<Finding>& findings) {
  ASSIGN_OR_RETURN(const int64_t added, StoreFindings(tx, findings));
  RETURN_IF_ERROR(tx.Exec(kStoreWalk, budget, begun_at, seq));
  return added;
}

absl::StatusOr<int64_t> StoreFindings(pg::Tx& tx, const std::vector<Finding>& findings) {
  std::map<BudgetId, std::pair<std::vector<int64_t>, std::vector<std::string>>> by_budget;
  for (const Finding& finding : findings) {
    by_budget[finding.budget].first.push_back(finding.seq);
    by_budget[finding.budget].second.push_back(finding.what);
  }
  int64_t added = 0;
  for (const auto& [budget, found] : by_budget) {
    // One that names a budget there is not concerns all of them, and must not be lost for that.
    bool whole = budget == BudgetId();
    if (!whole) {
      ASSIGN_OR_RETURN(const auto head, tx.All(kLockHead, budget));
      whole = head.empty();
    }
    ASSIGN_OR_RETURN(const int64_t stored,
                     tx.One(kStoreFindings, whole ? std::nullopt : std::optional(budget),
                            found.first, found.second));
    added += stored;
  }
  return added;
}

pg::Asked<BudgetId> AskFrozen(pg::Tx& tx, const std::vector<BudgetId>& ids) {
  return tx.Ask(kFrozen, ids);
}

absl::StatusOr<Soundness> GetSoundness(pg::Tx& tx) { return tx.One(kSoundness); }

absl::StatusOr<std::string> CheckRecords(pg::Tx& tx) {
  ASSIGN_OR_RETURN(const auto records, tx.One(kCountRecords));
  if (std::get<0>(records) == std::get<1>(records)) return std::string();
  return std::string("the number of records is not the one that was counted");
}

absl::StatusOr<std::string> CheckGuard(pg::Tx& tx, const pg::GuardRecord& guard) {
  ASSIGN_OR_RETURN(const pg::GuardRecord database, ReadProgress(tx));
  if (database.commit_no < guard.commit_no || database.size < guard.size) {
    return absl::StrCat("the database stands at commit ", database.commit_no,
                        ", the guard remembers ", guard.commit_no);
  }
  if (database.commit_no == guard.commit_no && database != guard) {
    return std::string("the database is as long as the guard remembers, but not the same");
  }
  return std::string();
}

absl::Span<const pg::AnyStatement> VerificationStatements() {
  static const pg::AnyStatement statements[] = {
      kVerification, kFindings,      kRequest, kNext,      kLockHead,
      kStoreWalk,    kStoreFindings, kFrozen,  kSoundness, kCountRecords};
  return statements;
}

}  // namespace smederij::ledger
