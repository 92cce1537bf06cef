#pragma once

#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "common/pg/statement.h"
#include "services/ledger/storage/posting_store.h"
#include "services/ledger/storage/rows.h"

// The SQL of posting_store.h. Every statement takes arrays: one round trip for a whole batch.
namespace smederij::ledger {

struct RequestRow {
  RequestKey key;
  Answered answered;
};
RequestRow Decode(pg::Columns& row, pg::As<RequestRow>);

using Ids = std::vector<BudgetId>;
template <class T>
using Many = std::vector<T>;
// Commits, records, root.
using ProgressRow = std::tuple<int64_t, int64_t, Hash>;
template <class T>
using ManyNullable = std::vector<std::optional<T>>;

// ── Reading ────────────────────────────────────────────────────────────────────────────────────
inline constexpr pg::Statement<HeadRow(Ids)> kLockHeads{"ledger.lock_heads",
                                                        "SELECT " LEDGER_HEAD_COLUMNS R"sql(
  FROM ledger.budget_head AS h WHERE h.budget_id = ANY ($1) ORDER BY h.budget_id FOR UPDATE)sql"};

inline constexpr pg::Statement<std::tuple<absl::Time, absl::CivilDay>(std::optional<absl::Time>)>
    kClock{"ledger.clock", R"sql(
  SELECT now, (now AT TIME ZONE 'Europe/Amsterdam')::date
    FROM (SELECT COALESCE($1, clock_timestamp()) AS now OFFSET 0) AS clock)sql"};

inline constexpr pg::Statement<BudgetRow(Ids)> kBudgets{"ledger.budgets",
                                                        "SELECT " LEDGER_BUDGET_COLUMNS R"sql(
  FROM ledger.budget AS b WHERE b.budget_id = ANY ($1))sql"};

inline constexpr pg::Statement<AccountRow(Ids, Many<int16_t>, Many<std::string>)> kAccounts{
    "ledger.accounts", "SELECT " LEDGER_ACCOUNT_COLUMNS R"sql(
  FROM unnest($1, $2, $3) AS wanted (budget_id, kind, reference)
  JOIN ledger.account AS a USING (budget_id, kind, reference))sql"};

// What sources promised, and what of it came over or went over.
inline constexpr pg::Statement<AccountRow(Ids)> kSourceAccounts{
    "ledger.source_accounts", "SELECT " LEDGER_ACCOUNT_COLUMNS R"sql(
  FROM ledger.account AS a WHERE a.budget_id = ANY ($1) AND a.kind IN (1, 8, 9))sql"};

inline constexpr pg::Statement<std::string()> kCurrencies{"ledger.currencies", R"sql(
  SELECT currency FROM ledger.currency)sql"};

inline constexpr pg::Statement<std::tuple<DistrictId, MunicipalityId>(Many<DistrictId>)> kDistricts{
    "ledger.districts", R"sql(
  SELECT district_id, municipality_id FROM ledger.district WHERE district_id = ANY ($1))sql"};

inline constexpr pg::Statement<RequestRow(Ids, Many<RequestId>)> kRequests{"ledger.requests", R"sql(
  SELECT r.budget_id, r.request_id, r.method, r.actor, r.request_hash, r.response
    FROM unnest($1, $2) AS wanted (budget_id, request_id)
    JOIN ledger.request AS r USING (budget_id, request_id))sql"};

inline constexpr pg::Statement<ProgressRow()> kProgress{"ledger.progress", R"sql(
  SELECT commit_no, record_count, root FROM ledger.progress)sql"};

// ── Writing ────────────────────────────────────────────────────────────────────────────────────
inline constexpr pg::Statement<void(Many<DistrictId>, Many<MunicipalityId>)> kInsertDistricts{
    "ledger.insert_districts", R"sql(
  INSERT INTO ledger.district (district_id, municipality_id) SELECT * FROM unnest($1, $2)
      ON CONFLICT ON CONSTRAINT district_pkey DO NOTHING)sql"};

inline constexpr pg::Statement<void(Ids, Many<MunicipalityId>, Many<DistrictId>, Many<std::string>,
                                    Many<int32_t>, Many<std::string>, Many<absl::Time>,
                                    Many<RequestId>, Many<std::string>, Many<pg::Bytes>,
                                    Many<Hash>)>
    kInsertBudgets{"ledger.insert_budgets", R"sql(
  INSERT INTO ledger.budget (budget_id, municipality_id, district_id, fund, fiscal_year, currency,
                             opened_at, request_id, actor, opening, opening_hash)
  SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11))sql"};

// One with a condition, of which there are few.
inline constexpr pg::Statement<void(BudgetId, MunicipalityId, DistrictId, std::string, int32_t,
                                    std::string, absl::Time, RequestId, std::string, pg::Bytes,
                                    Hash, std::vector<PlanId>, std::string, absl::CivilDay)>
    kInsertConditional{"ledger.insert_conditional_budget", R"sql(
  INSERT INTO ledger.budget (budget_id, municipality_id, district_id, fund, fiscal_year, currency,
                             opened_at, request_id, actor, opening, opening_hash, condition_plans,
                             condition_category, condition_deadline)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14))sql"};

inline constexpr pg::Statement<void(Ids, Many<int16_t>, Many<absl::CivilDay>, Many<absl::CivilDay>)>
    kInsertPeriods{"ledger.insert_periods", R"sql(
  INSERT INTO ledger.period (budget_id, period_no, first_day, last_day)
  SELECT * FROM unnest($1, $2, $3, $4))sql"};

inline constexpr pg::Statement<void(Ids, Many<Hash>)> kInsertHeads{"ledger.insert_heads", R"sql(
  INSERT INTO ledger.budget_head (budget_id, seq, hash, account_count, appropriated)
  SELECT budget_id, 0, hash, 0, 0 FROM unnest($1, $2) AS opened (budget_id, hash))sql"};

inline constexpr pg::Statement<void(Ids, Many<int64_t>, Many<int16_t>, Many<std::string>,
                                    Many<bool>, Many<Money>, Many<Money>)>
    kInsertAccounts{"ledger.insert_accounts", R"sql(
  INSERT INTO ledger.account (budget_id, account_no, kind, reference, may_overdraw, debits, credits)
  SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7))sql"};

// By what was moved and not to what was computed: the CHECK then judges the row as it really is.
inline constexpr pg::Statement<int64_t(Ids, Many<int64_t>, Many<Money>, Many<Money>)> kMoveAccounts{
    "ledger.move_accounts", R"sql(
  WITH moved AS (
    UPDATE ledger.account AS a SET debits = a.debits + m.debits, credits = a.credits + m.credits
      FROM unnest($1, $2, $3, $4) AS m (budget_id, account_no, debits, credits)
     WHERE a.budget_id = m.budget_id AND a.account_no = m.account_no
    RETURNING 1)
  SELECT count(*) FROM moved)sql"};

inline constexpr pg::Statement<void(
    Ids, Many<int64_t>, Many<Hash>, Many<pg::Bytes>, Many<Hash>, Many<int16_t>, Many<int16_t>,
    absl::Time, Many<RequestId>, Many<std::string>, ManyNullable<std::string>, Many<std::string>,
    ManyNullable<Uuid>, ManyNullable<int64_t>, ManyNullable<Hash>, ManyNullable<absl::CivilDay>)>
    kInsertEntries{"ledger.insert_entries", R"sql(
  INSERT INTO ledger.entry (budget_id, seq, prev_seq, prev_hash, canonical, hash, type, period_no,
                            recorded_at, request_id, actor, approver, decision_ref, link_id,
                            reverses_seq, record_hash, effective_date)
  SELECT budget_id, seq, NULLIF(seq - 1, 0), prev_hash, canonical, hash, type, period_no, $8,
         request_id, actor, approver, decision_ref, link_id, reverses_seq, record_hash,
         effective_date
    FROM unnest($1, $2, $3, $4, $5, $6, $7, $9, $10, $11, $12, $13, $14, $15, $16)
      AS e (budget_id, seq, prev_hash, canonical, hash, type, period_no, request_id, actor,
            approver, decision_ref, link_id, reverses_seq, record_hash, effective_date))sql"};

inline constexpr pg::Statement<void(Ids, Many<int64_t>, Many<int16_t>, Many<int16_t>, Many<int64_t>,
                                    Many<int16_t>, Many<int64_t>, Many<int16_t>, Many<Money>,
                                    Many<Money>, Many<Money>)>
    kInsertPostings{"ledger.insert_postings", R"sql(
  INSERT INTO ledger.posting (budget_id, seq, line, type, from_no, from_kind, to_no, to_kind, amount,
                              from_balance, to_balance)
  SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11))sql"};

inline constexpr pg::Statement<void(Ids, Many<int64_t>, Many<Hash>, Many<int64_t>, Many<Money>)>
    kMoveHeads{"ledger.move_heads", R"sql(
  UPDATE ledger.budget_head AS h
     SET seq = m.seq, hash = m.hash, account_count = m.account_count, appropriated = m.appropriated
    FROM unnest($1, $2, $3, $4, $5) AS m (budget_id, seq, hash, account_count, appropriated)
   WHERE h.budget_id = m.budget_id)sql"};

inline constexpr pg::Statement<void(BudgetId, std::string)> kMoveBudget{"ledger.move_budget",
                                                                        R"sql(
  UPDATE ledger.budget SET state = $2 WHERE budget_id = $1)sql"};

inline constexpr pg::Statement<void(Ids, Many<RequestId>, Many<std::string>, Many<std::string>,
                                    Many<Hash>, Many<pg::Bytes>)>
    kInsertRequests{"ledger.insert_requests", R"sql(
  INSERT INTO ledger.request (budget_id, request_id, method, actor, request_hash, response)
  SELECT * FROM unnest($1, $2, $3, $4, $5, $6))sql"};

// Last of all: every commit of every replica waits for this one row.
inline constexpr pg::Statement<ProgressRow(int64_t, pg::Bytes)> kAdvance{"ledger.advance", R"sql(
  UPDATE ledger.progress
     SET commit_no = commit_no + 1, record_count = record_count + $1, root = sha256(root || $2)
  RETURNING commit_no, record_count, root)sql"};

}  // namespace smederij::ledger
