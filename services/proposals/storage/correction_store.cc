#include "services/proposals/storage/correction_store.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "services/proposals/domain/errors.h"

namespace smederij::proposals {

Correction Decode(pg::Columns& row, pg::As<Correction>);
CorrectionNow Decode(pg::Columns& row, pg::As<CorrectionNow>);
AwardLine Decode(pg::Columns& row, pg::As<AwardLine>);

namespace {

constexpr absl::string_view kReason = "CORRECTED";

constexpr pg::Statement<void(RoundId, int32_t, CorrectionId, std::string, SubjectId, absl::Time)>
    kInsert{"proposals.insert_correction", R"sql(
  INSERT INTO proposals.correction (round_id, number, correction_id, decision_ref, proposed_by,
                                    proposed_at, state)
  VALUES ($1, $2, $3, $4, $5, $6, 1))sql"};

constexpr pg::Statement<void(RoundId, int32_t, std::vector<PlanId>, std::vector<Money>,
                             std::vector<std::optional<BudgetId>>)>
    kInsertLines{"proposals.insert_correction_lines", R"sql(
  INSERT INTO proposals.correction_line (round_id, number, plan_id, amount_cents, budget_id)
  SELECT $1, $2, plan_id, amount_cents, budget_id
    FROM unnest($3::uuid[], $4::bigint[], $5::uuid[])
      AS line (plan_id, amount_cents, budget_id))sql"};

constexpr pg::Statement<RoundId(CorrectionId)> kRoundOf{"proposals.round_of_correction", R"sql(
  SELECT round_id FROM proposals.correction WHERE correction_id = $1)sql"};

// Lines as three arrays, in the order of the plans' numbers.
constexpr pg::Statement<Correction(CorrectionId)> kGet{"proposals.get_correction", R"sql(
  SELECT round_id, number, correction_id, decision_ref, state, proposed_by, decided_by,
         ledger_reason, ledger_sentence, proposed_at,
         ARRAY(SELECT l.plan_id FROM proposals.correction_line AS l
                 JOIN proposals.plan AS p USING (round_id, plan_id)
                WHERE l.round_id = c.round_id AND l.number = c.number ORDER BY p.number),
         ARRAY(SELECT l.amount_cents FROM proposals.correction_line AS l
                 JOIN proposals.plan AS p USING (round_id, plan_id)
                WHERE l.round_id = c.round_id AND l.number = c.number ORDER BY p.number),
         ARRAY(SELECT l.budget_id FROM proposals.correction_line AS l
                 JOIN proposals.plan AS p USING (round_id, plan_id)
                WHERE l.round_id = c.round_id AND l.number = c.number ORDER BY p.number)
    FROM proposals.correction AS c WHERE correction_id = $1)sql"};

constexpr pg::Statement<Correction(RoundId, int32_t, int64_t)> kList{"proposals.list_corrections",
                                                                     R"sql(
  SELECT round_id, number, correction_id, decision_ref, state, proposed_by, decided_by,
         ledger_reason, ledger_sentence, proposed_at,
         ARRAY(SELECT l.plan_id FROM proposals.correction_line AS l
                 JOIN proposals.plan AS p USING (round_id, plan_id)
                WHERE l.round_id = c.round_id AND l.number = c.number ORDER BY p.number),
         ARRAY(SELECT l.amount_cents FROM proposals.correction_line AS l
                 JOIN proposals.plan AS p USING (round_id, plan_id)
                WHERE l.round_id = c.round_id AND l.number = c.number ORDER BY p.number),
         ARRAY(SELECT l.budget_id FROM proposals.correction_line AS l
                 JOIN proposals.plan AS p USING (round_id, plan_id)
                WHERE l.round_id = c.round_id AND l.number = c.number ORDER BY p.number)
    FROM proposals.correction AS c
   WHERE round_id = $1 AND number > $2 ORDER BY number LIMIT $3)sql"};

constexpr pg::Statement<CorrectionNow(RoundId)> kAccepted{"proposals.accepted_corrections", R"sql(
  SELECT number, state FROM proposals.correction
   WHERE round_id = $1 AND state IN (2, 4, 5) ORDER BY number)sql"};

constexpr pg::Statement<void(RoundId, int32_t, int16_t, SubjectId, absl::Time)> kDecide{
    "proposals.decide_correction", R"sql(
  UPDATE proposals.correction SET state = $3, decided_by = $4, decided_at = $5
   WHERE round_id = $1 AND number = $2)sql"};

constexpr pg::Statement<void(RoundId)> kReopen{"proposals.reopen_round", R"sql(
  UPDATE proposals.round SET done_at = NULL, look_at = clock_timestamp()
   WHERE round_id = $1)sql"};

// A correction names all awards there are, so the newest one says it all.
constexpr pg::Statement<AwardLine(RoundId)> kCurrent{"proposals.current_award_lines", R"sql(
  WITH newest AS (SELECT max(version) AS version FROM proposals.award_line
                   WHERE round_id = $1 AND corrects)
  SELECT l.version, l.plan_id, l.budget_id, l.amount_cents, p.category
    FROM proposals.award_line AS l
    JOIN proposals.plan AS p USING (round_id, plan_id)
    JOIN proposals.pot AS o USING (round_id, budget_id), newest
   WHERE l.round_id = $1 AND l.amount_cents > 0
     AND (newest.version IS NULL OR l.version = newest.version)
   ORDER BY o.position, p.number)sql"};

constexpr pg::Statement<void(RoundId, int32_t, std::vector<PlanId>, std::vector<BudgetId>,
                             std::vector<Money>)>
    kInsertAwards{"proposals.insert_corrected_lines", R"sql(
  INSERT INTO proposals.award_line (round_id, version, plan_id, budget_id, amount_cents, corrects)
  SELECT $1, $2, plan_id, budget_id, amount_cents, true
    FROM unnest($3::uuid[], $4::uuid[], $5::bigint[]) AS line (plan_id, budget_id, amount_cents))sql"};

constexpr pg::Statement<void(RoundId, int32_t, std::vector<PlanId>, std::vector<Money>, std::string,
                             std::string, std::string)>
    kCorrectPlans{"proposals.correct_plans", R"sql(
  UPDATE proposals.plan AS p
     SET state = CASE WHEN c.amount_cents > 0 THEN 8 ELSE 6 END, award_cents = c.amount_cents,
         correction = $2, reason = $5, sentence = $6, sentence_nl = $7
    FROM unnest($3::uuid[], $4::bigint[]) AS c (plan_id, amount_cents)
   WHERE p.round_id = $1 AND p.plan_id = c.plan_id)sql"};

constexpr pg::Statement<void(RoundId, int32_t)> kDone{"proposals.correction_done", R"sql(
  UPDATE proposals.correction SET state = 4 WHERE round_id = $1 AND number = $2)sql"};

constexpr pg::Statement<void(RoundId, int32_t, std::string, std::string)> kTurnedDown{
    "proposals.correction_turned_down", R"sql(
  UPDATE proposals.correction SET state = 5, ledger_reason = $3, ledger_sentence = $4
   WHERE round_id = $1 AND number = $2)sql"};

int32_t NumberOf(const Correction& correction) { return static_cast<int32_t>(correction.number); }

// What the lines say of plans, as columns.
std::pair<std::vector<PlanId>, std::vector<Money>> ColumnsOf(const Correction& correction) {
  std::pair<std::vector<PlanId>, std::vector<Money>> columns;
  for (const CorrectionLine& line : correction.lines) {
    columns.first.push_back(line.plan);
    columns.second.push_back(line.amount);
  }
  return columns;
}

}  // namespace

Correction Decode(pg::Columns& row, pg::As<Correction>) {
  Correction correction;
  correction.round = row.Next<RoundId>();
  correction.number = static_cast<uint32_t>(row.Next<int32_t>());
  correction.id = row.Next<CorrectionId>();
  correction.decision_ref = row.Next<std::string>();
  correction.state = static_cast<CorrectionState>(row.Next<int16_t>());
  correction.proposed_by = row.Next<SubjectId>();
  correction.decided_by = row.Next<std::optional<SubjectId>>().value_or(SubjectId());
  correction.ledger_reason = row.Next<std::string>();
  correction.ledger_sentence = row.Next<std::string>();
  correction.proposed_at = row.Next<absl::Time>();
  const auto plans = row.Next<std::vector<PlanId>>();
  const auto amounts = row.Next<std::vector<Money>>();
  const auto pots = row.Next<std::vector<std::optional<BudgetId>>>();
  for (size_t i = 0; i < plans.size(); ++i) {
    correction.lines.push_back({plans[i], amounts[i], pots[i].value_or(BudgetId())});
  }
  return correction;
}

CorrectionNow Decode(pg::Columns& row, pg::As<CorrectionNow>) {
  return {.number = static_cast<uint32_t>(row.Next<int32_t>()),
          .state = static_cast<CorrectionState>(row.Next<int16_t>())};
}

AwardLine Decode(pg::Columns& row, pg::As<AwardLine>) {
  return {.version = static_cast<uint32_t>(row.Next<int32_t>()),
          .plan = row.Next<PlanId>(),
          .budget = row.Next<BudgetId>(),
          .amount = row.Next<Money>(),
          .category = row.Next<std::string>()};
}

absl::Status InsertCorrection(pg::Tx& tx, const Correction& correction) {
  RETURN_IF_ERROR(tx.Exec(kInsert, correction.round, NumberOf(correction), correction.id,
                          correction.decision_ref, correction.proposed_by, correction.proposed_at));
  const auto [plans, amounts] = ColumnsOf(correction);
  std::vector<std::optional<BudgetId>> pots;
  for (const CorrectionLine& line : correction.lines) {
    pots.push_back(line.pot == BudgetId() ? std::nullopt : std::optional(line.pot));
  }
  return tx.Exec(kInsertLines, correction.round, NumberOf(correction), plans, amounts, pots);
}

absl::StatusOr<RoundId> RoundOfCorrection(pg::Tx& tx, CorrectionId id) {
  ASSIGN_OR_RETURN(const std::optional<RoundId> round, tx.Maybe(kRoundOf, id));
  if (!round) return CorrectionNotFound(id);
  return *round;
}

absl::StatusOr<Correction> GetCorrection(pg::Tx& tx, CorrectionId id) {
  ASSIGN_OR_RETURN(std::optional<Correction> correction, tx.Maybe(kGet, id));
  if (!correction) return CorrectionNotFound(id);
  return *std::move(correction);
}

absl::StatusOr<Correction> CorrectionNumbered(pg::Tx& tx, RoundId round, uint32_t number) {
  ASSIGN_OR_RETURN(std::vector<Correction> corrections, ListCorrections(tx, round, number - 1, 1));
  if (corrections.empty() || corrections[0].number != number) {
    return absl::InternalError(absl::StrCat("there is no correction ", number));
  }
  return std::move(corrections[0]);
}

absl::StatusOr<std::vector<Correction>> ListCorrections(pg::Tx& tx, RoundId round, uint32_t after,
                                                        int64_t limit) {
  return tx.All(kList, round, static_cast<int32_t>(after), limit);
}

absl::StatusOr<std::vector<CorrectionNow>> AcceptedCorrections(pg::Tx& tx, RoundId round) {
  return tx.All(kAccepted, round);
}

absl::Status SetDecided(pg::Tx& tx, const Correction& correction, CorrectionState to, SubjectId by,
                        absl::Time at) {
  RETURN_IF_ERROR(
      tx.Exec(kDecide, correction.round, NumberOf(correction), static_cast<int16_t>(to), by, at));
  if (to != CorrectionState::kAccepted) return absl::OkStatus();
  return tx.Exec(kReopen, correction.round);
}

absl::StatusOr<std::vector<AwardLine>> CurrentLines(pg::Tx& tx, RoundId round) {
  return tx.All(kCurrent, round);
}

absl::Status SetCorrected(pg::Tx& tx, const Correction& correction,
                          const std::vector<AwardLine>& lines) {
  std::vector<PlanId> plans;
  std::vector<BudgetId> budgets;
  std::vector<Money> amounts;
  for (const AwardLine& line : lines) {
    plans.push_back(line.plan);
    budgets.push_back(line.budget);
    amounts.push_back(line.amount);
  }
  if (lines.empty()) return absl::InternalError("a correction without lines");
  const auto version = static_cast<int32_t>(lines.front().version);
  RETURN_IF_ERROR(tx.Exec(kInsertAwards, correction.round, version, plans, budgets, amounts));
  const auto [corrected, awards] = ColumnsOf(correction);
  RETURN_IF_ERROR(tx.Exec(
      kCorrectPlans, correction.round, NumberOf(correction), corrected, awards,
      std::string(kReason),
      absl::StrCat("the decision ", correction.decision_ref, " changed what the plan gets"),
      absl::StrCat("het besluit ", correction.decision_ref, " veranderde wat het plan krijgt")));
  return tx.Exec(kDone, correction.round, NumberOf(correction));
}

absl::Status SetTurnedDown(pg::Tx& tx, const Correction& correction, const std::string& reason,
                           const std::string& sentence) {
  return tx.Exec(kTurnedDown, correction.round, NumberOf(correction), reason, sentence);
}

absl::Span<const pg::AnyStatement> CorrectionStatements() {
  static const pg::AnyStatement kAll[] = {
      kInsert, kInsertLines, kRoundOf,      kGet,          kList, kAccepted,  kDecide,
      kReopen, kCurrent,     kInsertAwards, kCorrectPlans, kDone, kTurnedDown};
  return kAll;
}

}  // namespace smederij::proposals
