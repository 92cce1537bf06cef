#include "services/proposals/storage/record_store.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "common/base/status_macros.h"
#include "common/pg/bytes.h"
#include "services/proposals/domain/errors.h"
#include "services/proposals/storage/correction_store.h"
#include "services/proposals/storage/plan_store.h"
#include "services/proposals/storage/round_store.h"

namespace smederij::proposals {

StepDone Decode(pg::Columns& row, pg::As<StepDone>);
Award Decode(pg::Columns& row, pg::As<Award>);

namespace {

using pg::Bytes;

constexpr pg::Statement<StepDone(RoundId)> kSteps{"proposals.steps_of_round", R"sql(
  SELECT step, version, done_at FROM proposals.step WHERE round_id = $1
   ORDER BY done_at, step, version)sql"};

constexpr pg::Statement<std::tuple<int64_t, int64_t, int32_t>(RoundId)> kCounts{
    "proposals.plan_counts", R"sql(
  SELECT count(*) FILTER (WHERE state NOT IN (1, 3)), count(*) FILTER (WHERE state = 5),
         coalesce(max(award_version), 0)
    FROM proposals.plan WHERE round_id = $1)sql"};

constexpr pg::Statement<Bytes(RoundId, int16_t, int32_t)> kAnswer{"proposals.step_answer", R"sql(
  SELECT answer FROM proposals.step WHERE round_id = $1 AND step = $2 AND version = $3)sql"};

constexpr pg::Statement<void(RoundId, int16_t, int32_t, RequestId, Bytes)> kInsertStep{
    "proposals.insert_step", R"sql(
  INSERT INTO proposals.step (round_id, step, version, request_id, answer)
  VALUES ($1, $2, $3, $4, $5))sql"};

constexpr pg::Statement<void(RoundId, Bytes)> kSetManifestHash{"proposals.set_manifest_hash",
                                                               R"sql(
  UPDATE proposals.round SET manifest_hash = $2 WHERE round_id = $1)sql"};

constexpr pg::Statement<void(RoundId, absl::Time)> kSetApproved{"proposals.set_approved", R"sql(
  UPDATE proposals.round SET approved_at = clock_timestamp(), closes_at = $2
   WHERE round_id = $1)sql"};

constexpr pg::Statement<void(RoundId, absl::Time)> kSetClosesAt{"proposals.set_closes_at", R"sql(
  UPDATE proposals.round SET closes_at = $2 WHERE round_id = $1)sql"};

constexpr pg::Statement<void(RoundId, int16_t)> kSetOutcome{"proposals.set_outcome", R"sql(
  UPDATE proposals.round SET outcome = $2 WHERE round_id = $1)sql"};

constexpr pg::Statement<void(RoundId)> kSetDone{"proposals.set_done", R"sql(
  UPDATE proposals.round SET done_at = clock_timestamp(), waits_for = '', blocked_reason = ''
   WHERE round_id = $1)sql"};

constexpr pg::Statement<void(RoundId)> kFreezePlans{"proposals.freeze_plans", R"sql(
  UPDATE proposals.plan
     SET state = CASE state WHEN 1 THEN 3 ELSE state END,
         text_hash = sha256(convert_to(title || E'\n' || text, 'UTF8'))
   WHERE round_id = $1)sql"};

constexpr pg::Statement<void(RoundId, std::string, std::string)> kEndPlans{"proposals.end_plans",
                                                                           R"sql(
  UPDATE proposals.plan
     SET state = CASE state WHEN 2 THEN 6 ELSE 3 END,
         reason = CASE state WHEN 2 THEN $2 ELSE reason END,
         sentence = CASE state WHEN 2 THEN $3 ELSE sentence END
   WHERE round_id = $1 AND state IN (1, 2))sql"};

constexpr pg::Statement<void(RoundId, std::vector<PlanId>, std::vector<int16_t>,
                             std::vector<int64_t>, std::vector<Money>,
                             std::vector<std::optional<int32_t>>, std::vector<std::string>,
                             std::vector<std::string>, std::vector<std::string>)>
    kMarkPlans{"proposals.mark_plans", R"sql(
  UPDATE proposals.plan AS p
     SET state = m.state, support = m.support, award_cents = m.award_cents,
         award_version = m.award_version, rank = m.rank, reason = m.reason, sentence = m.sentence,
         sentence_nl = m.sentence_nl
    FROM unnest($2::uuid[], $3::smallint[], $4::bigint[], $5::bigint[], $6::integer[], $7::text[],
                $8::text[], $9::text[]) WITH ORDINALITY
         AS m (plan_id, state, support, award_cents, award_version, reason, sentence, sentence_nl,
               rank)
   WHERE p.round_id = $1 AND p.plan_id = m.plan_id)sql"};

constexpr pg::Statement<void(RoundId, Bytes, int32_t)> kSetResult{"proposals.set_result", R"sql(
  UPDATE proposals.round SET result_hash = $2, result_version = $3, outcome = 1
   WHERE round_id = $1)sql"};

constexpr pg::Statement<Award(RoundId)> kAwards{"proposals.awards_of_round", R"sql(
  SELECT award_version, rank, plan_id, award_cents, category
    FROM proposals.plan WHERE round_id = $1 AND award_version IS NOT NULL
   ORDER BY award_version, rank)sql"};

constexpr pg::Statement<void(RoundId, int32_t, std::vector<PlanId>, std::vector<BudgetId>,
                             std::vector<Money>)>
    kInsertLines{"proposals.insert_award_lines", R"sql(
  INSERT INTO proposals.award_line (round_id, version, plan_id, budget_id, amount_cents)
  SELECT $1, $2, plan_id, budget_id, amount_cents
    FROM unnest($3::uuid[], $4::uuid[], $5::bigint[]) AS line (plan_id, budget_id, amount_cents))sql"};

constexpr pg::Statement<void(RoundId, int32_t)> kSetFunded{"proposals.set_funded", R"sql(
  UPDATE proposals.plan SET state = 8 WHERE round_id = $1 AND award_version = $2 AND state = 4)sql"};

constexpr pg::Statement<void(RoundId)> kLapseOffers{"proposals.lapse_offers", R"sql(
  UPDATE proposals.plan SET state = 7 WHERE round_id = $1 AND state = 5)sql"};

constexpr pg::Statement<void(RoundId, absl::Time, std::string, std::string)> kPostpone{
    "proposals.postpone_round", R"sql(
  UPDATE proposals.round SET look_at = $2, waits_for = $3, blocked_reason = $4
   WHERE round_id = $1)sql"};

constexpr pg::Statement<RoundId(int64_t)> kDue{"proposals.due_rounds", R"sql(
  SELECT round_id FROM proposals.round
   WHERE done_at IS NULL AND look_at <= clock_timestamp() ORDER BY look_at LIMIT $1)sql"};

constexpr pg::Statement<std::tuple<int64_t, int64_t, std::optional<int64_t>>()> kBacklog{
    "proposals.backlog", R"sql(
  SELECT count(*), count(*) FILTER (WHERE blocked_reason <> ''),
         (extract(epoch FROM min(look_at) - clock_timestamp()) * 1000000)::bigint
    FROM proposals.round WHERE done_at IS NULL)sql"};

constexpr pg::Statement<RoundId(RoundId, Uuid, int64_t)> kTakeLease{"proposals.take_lease", R"sql(
  INSERT INTO proposals.lease AS l (round_id, holder, held_until)
  VALUES ($1, $2, clock_timestamp() + $3 * interval '1 microsecond')
  ON CONFLICT (round_id) DO UPDATE
     SET holder = excluded.holder, held_until = excluded.held_until
   WHERE l.holder = excluded.holder OR l.held_until <= clock_timestamp()
  RETURNING round_id)sql"};

constexpr pg::Statement<RoundId(RoundId)> kLockLease{"proposals.lock_lease", R"sql(
  SELECT round_id FROM proposals.lease WHERE round_id = $1 FOR UPDATE)sql"};

constexpr pg::Statement<bool(RoundId, Uuid)> kHoldsLease{"proposals.holds_lease", R"sql(
  SELECT holder = $2 AND held_until > clock_timestamp()
    FROM proposals.lease WHERE round_id = $1)sql"};

constexpr pg::Statement<void(RoundId, Uuid)> kGiveLease{"proposals.give_lease", R"sql(
  UPDATE proposals.lease SET held_until = clock_timestamp()
   WHERE round_id = $1 AND holder = $2)sql"};

absl::StatusOr<RecordNow> Complete(pg::Tx& tx, LockedRound locked) {
  const RoundId id = locked.round.id;
  RecordNow found{.record = {.round = std::move(locked.round), .steps = {}}, .now = locked.now};
  ASSIGN_OR_RETURN(found.record.steps, tx.All(kSteps, id));
  ASSIGN_OR_RETURN(const auto counts, tx.One(kCounts, id));
  found.record.plans_admitted = static_cast<uint32_t>(std::get<0>(counts));
  found.record.offers_open = static_cast<uint32_t>(std::get<1>(counts));
  found.record.award_version = static_cast<uint32_t>(std::get<2>(counts));
  ASSIGN_OR_RETURN(found.record.corrections, AcceptedCorrections(tx, id));
  return found;
}

}  // namespace

StepDone Decode(pg::Columns& row, pg::As<StepDone>) {
  return {.step = static_cast<Step>(row.Next<int16_t>()),
          .version = static_cast<uint32_t>(row.Next<int32_t>()),
          .at = row.Next<absl::Time>()};
}

Award Decode(pg::Columns& row, pg::As<Award>) {
  return {.version = static_cast<uint32_t>(row.Next<int32_t>()),
          .rank = static_cast<uint32_t>(row.Next<int32_t>()),
          .plan = row.Next<PlanId>(),
          .amount = row.Next<Money>(),
          .category = row.Next<std::string>()};
}

absl::StatusOr<RecordNow> ReadRecord(pg::Tx& tx, RoundId id) {
  ASSIGN_OR_RETURN(LockedRound round, ReadRound(tx, id));
  return Complete(tx, std::move(round));
}

absl::StatusOr<RecordNow> LockRecord(pg::Tx& tx, RoundId id) {
  ASSIGN_OR_RETURN(LockedRound round, LockRound(tx, id, Lock::kAlone));
  return Complete(tx, std::move(round));
}

absl::StatusOr<std::optional<std::string>> AnswerOf(pg::Tx& tx, RoundId id, Step step,
                                                    uint32_t version) {
  ASSIGN_OR_RETURN(std::optional<Bytes> answer, tx.Maybe(kAnswer, id, static_cast<int16_t>(step),
                                                         static_cast<int32_t>(version)));
  if (!answer) return std::optional<std::string>();
  return std::optional<std::string>(std::move(answer->value));
}

absl::Status InsertStep(pg::Tx& tx, RoundId id, Step step, uint32_t version,
                        const std::string& answer) {
  return tx.Exec(kInsertStep, id, static_cast<int16_t>(step), static_cast<int32_t>(version),
                 KeyOf(id, step, version), Bytes(answer));
}

absl::Status SetManifestHash(pg::Tx& tx, RoundId id, const std::string& hash) {
  return tx.Exec(kSetManifestHash, id, Bytes(hash));
}

absl::Status SetApproved(pg::Tx& tx, RoundId id, absl::Time closes_at) {
  return tx.Exec(kSetApproved, id, closes_at);
}

absl::Status SetClosesAt(pg::Tx& tx, RoundId id, absl::Time closes_at) {
  return tx.Exec(kSetClosesAt, id, closes_at);
}

absl::Status SetOutcome(pg::Tx& tx, RoundId id, Outcome outcome) {
  return tx.Exec(kSetOutcome, id, static_cast<int16_t>(outcome));
}

absl::Status SetDone(pg::Tx& tx, RoundId id) { return tx.Exec(kSetDone, id); }

absl::Status FreezePlans(pg::Tx& tx, RoundId id) { return tx.Exec(kFreezePlans, id); }

absl::Status EndPlans(pg::Tx& tx, RoundId id, const std::string& reason,
                      const std::string& sentence) {
  return tx.Exec(kEndPlans, id, reason, sentence);
}

absl::StatusOr<std::vector<Plan>> AdmittedPlans(pg::Tx& tx, RoundId id) {
  ASSIGN_OR_RETURN(std::vector<Plan> plans, ListPlans(tx, id, 0, kPlansMax));
  std::erase_if(plans, [](const Plan& plan) { return plan.state != PlanState::kAdmitted; });
  return plans;
}

absl::Status MarkPlans(pg::Tx& tx, RoundId id, const Result& result) {
  std::vector<PlanId> plans;
  std::vector<int16_t> states;
  std::vector<int64_t> supports;
  std::vector<Money> awards;
  std::vector<std::optional<int32_t>> versions;
  std::vector<std::string> reasons, sentences, sentences_nl;
  for (const PlanResult& plan : result.plans) {
    plans.push_back(plan.plan);
    states.push_back(static_cast<int16_t>(StateAfter(plan.decision)));
    supports.push_back(plan.support);
    awards.push_back(plan.award);
    versions.push_back(plan.decision == Decision::kAwarded ? std::optional<int32_t>(1)
                                                           : std::nullopt);
    reasons.push_back(plan.reason);
    sentences.push_back(plan.sentence);
    sentences_nl.push_back(plan.sentence_nl);
  }
  RETURN_IF_ERROR(tx.Exec(kMarkPlans, id, plans, states, supports, awards, versions, reasons,
                          sentences, sentences_nl));
  return tx.Exec(kSetResult, id, Bytes(result.hash), static_cast<int32_t>(result.version));
}

absl::StatusOr<std::vector<Award>> AwardsOf(pg::Tx& tx, RoundId id) { return tx.All(kAwards, id); }

absl::Status SetFunded(pg::Tx& tx, RoundId id, const std::vector<AwardLine>& lines) {
  if (lines.empty()) return absl::InternalError("a reservation without lines");
  const auto version = static_cast<int32_t>(lines.front().version);
  std::vector<PlanId> plans;
  std::vector<BudgetId> budgets;
  std::vector<Money> amounts;
  for (const AwardLine& line : lines) {
    plans.push_back(line.plan);
    budgets.push_back(line.budget);
    amounts.push_back(line.amount);
  }
  RETURN_IF_ERROR(tx.Exec(kInsertLines, id, version, plans, budgets, amounts));
  return tx.Exec(kSetFunded, id, version);
}

absl::Status LapseOffers(pg::Tx& tx, RoundId id) { return tx.Exec(kLapseOffers, id); }

absl::Status Postpone(pg::Tx& tx, RoundId id, absl::Time look_at, const std::string& waits_for,
                      const std::string& blocked_reason) {
  return tx.Exec(kPostpone, id, look_at, waits_for, blocked_reason);
}

absl::StatusOr<std::vector<RoundId>> DueRounds(pg::Tx& tx, int64_t limit) {
  return tx.All(kDue, limit);
}

absl::StatusOr<Backlog> ReadBacklog(pg::Tx& tx) {
  ASSIGN_OR_RETURN(const auto row, tx.One(kBacklog));
  Backlog backlog{.open = std::get<0>(row), .blocked = std::get<1>(row), .next_due = {}};
  if (std::get<2>(row)) backlog.next_due = absl::Microseconds(*std::get<2>(row));
  return backlog;
}

absl::StatusOr<bool> TakeLease(pg::Tx& tx, RoundId id, Uuid holder, absl::Duration length) {
  ASSIGN_OR_RETURN(const auto taken,
                   tx.Maybe(kTakeLease, id, holder, absl::ToInt64Microseconds(length)));
  return taken.has_value();
}

absl::Status LockLease(pg::Tx& tx, RoundId id) { return tx.Maybe(kLockLease, id).status(); }

absl::StatusOr<bool> HoldsLease(pg::Tx& tx, RoundId id, Uuid holder) {
  ASSIGN_OR_RETURN(const std::optional<bool> holds, tx.Maybe(kHoldsLease, id, holder));
  return holds.value_or(false);
}

absl::Status GiveLease(pg::Tx& tx, RoundId id, Uuid holder) {
  return tx.Exec(kGiveLease, id, holder);
}

absl::Span<const pg::AnyStatement> RecordStatements() {
  static const pg::AnyStatement kAll[] = {
      kSteps,       kCounts,     kAnswer,      kInsertStep,  kSetManifestHash, kSetApproved,
      kSetClosesAt, kSetOutcome, kSetDone,     kFreezePlans, kEndPlans,        kMarkPlans,
      kSetResult,   kAwards,     kInsertLines, kSetFunded,   kLapseOffers,     kPostpone,
      kDue,         kBacklog,    kTakeLease,   kLockLease,   kHoldsLease,      kGiveLease};
  return kAll;
}

}  // namespace smederij::proposals
