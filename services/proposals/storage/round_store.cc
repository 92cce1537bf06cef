#include "services/proposals/storage/round_store.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "common/pg/now.h"
#include "services/proposals/domain/errors.h"

namespace smederij::proposals {

Round Decode(pg::Columns& row, pg::As<Round>);
RoundOrigin Decode(pg::Columns& row, pg::As<RoundOrigin>);

namespace {

using pg::Bytes;
using Time = absl::Time;
using MaybeTime = std::optional<absl::Time>;

constexpr pg::Statement<void(RoundId, MunicipalityId, DistrictId, std::string, int32_t, std::string,
                             bool, CharterId, Bytes, std::vector<std::string>, Money, Time, Time,
                             Time, Time, Time, MaybeTime, absl::CivilDay, SubjectId)>
    kInsert{"proposals.insert_round", R"sql(
  INSERT INTO proposals.round (
    round_id, municipality_id, district_id, title, year, currency, demonstration, charter_id,
    charter, criteria, plan_cost_max_cents, freeze_at, issue_from, issue_until, cast_from,
    cast_until, answer_until, reference_date, created_by)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19))sql"};

constexpr pg::Statement<void(RoundId, int64_t, std::vector<BudgetId>, std::vector<Money>,
                             std::vector<std::string>, std::vector<std::optional<PlanId>>,
                             std::vector<std::optional<absl::CivilDay>>)>
    kInsertPots{"proposals.insert_pots", R"sql(
  INSERT INTO proposals.pot (round_id, position, budget_id, amount_cents, category, plan_id, deadline)
  SELECT $1, $2 + position, budget_id, amount_cents, category, plan_id, deadline
    FROM unnest($3::uuid[], $4::bigint[], $5::text[], $6::uuid[], $7::date[]) WITH ORDINALITY
      AS line (budget_id, amount_cents, category, plan_id, deadline, position))sql"};

constexpr pg::Statement<void(RoundId, std::vector<int32_t>, std::vector<std::string>,
                             std::vector<std::string>)>
    kInsertStations{"proposals.insert_stations", R"sql(
  INSERT INTO proposals.station (round_id, number, name, postcodes)
  SELECT $1, * FROM unnest($2::int[], $3::text[], $4::text[]))sql"};

constexpr pg::Statement<Round(RoundId)> kGet{"proposals.get_round", R"sql(
  SELECT round_id, municipality_id, district_id, title, year, charter_id, criteria,
         plan_cost_max_cents, freeze_at, issue_from, issue_until, cast_from, cast_until,
         reference_date, answer_until,
         ARRAY(SELECT budget_id FROM proposals.pot WHERE round_id = r.round_id ORDER BY position),
         ARRAY(SELECT amount_cents FROM proposals.pot WHERE round_id = r.round_id ORDER BY position),
         ARRAY(SELECT category FROM proposals.pot WHERE round_id = r.round_id ORDER BY position),
         ARRAY(SELECT plan_id FROM proposals.pot WHERE round_id = r.round_id ORDER BY position),
         ARRAY(SELECT deadline FROM proposals.pot WHERE round_id = r.round_id ORDER BY position),
         ARRAY(SELECT number FROM proposals.station WHERE round_id = r.round_id ORDER BY number),
         ARRAY(SELECT name FROM proposals.station WHERE round_id = r.round_id ORDER BY number),
         ARRAY(SELECT postcodes FROM proposals.station WHERE round_id = r.round_id ORDER BY number),
         demonstration, created_at, pot_approved_by, pot_decision_ref, pot_approved_at,
         manifest_hash, approved_at, closes_at, result_hash, outcome, done_at, waits_for,
         blocked_reason
    FROM proposals.round AS r WHERE round_id = $1)sql"};

constexpr pg::Statement<Round(DistrictId, MaybeTime, std::optional<Uuid>, int64_t)> kList{
    "proposals.list_rounds", R"sql(
  SELECT round_id, municipality_id, district_id, title, year, charter_id, criteria,
         plan_cost_max_cents, freeze_at, issue_from, issue_until, cast_from, cast_until,
         reference_date, answer_until,
         ARRAY(SELECT budget_id FROM proposals.pot WHERE round_id = r.round_id ORDER BY position),
         ARRAY(SELECT amount_cents FROM proposals.pot WHERE round_id = r.round_id ORDER BY position),
         ARRAY(SELECT category FROM proposals.pot WHERE round_id = r.round_id ORDER BY position),
         ARRAY(SELECT plan_id FROM proposals.pot WHERE round_id = r.round_id ORDER BY position),
         ARRAY(SELECT deadline FROM proposals.pot WHERE round_id = r.round_id ORDER BY position),
         ARRAY(SELECT number FROM proposals.station WHERE round_id = r.round_id ORDER BY number),
         ARRAY(SELECT name FROM proposals.station WHERE round_id = r.round_id ORDER BY number),
         ARRAY(SELECT postcodes FROM proposals.station WHERE round_id = r.round_id ORDER BY number),
         demonstration, created_at, pot_approved_by, pot_decision_ref, pot_approved_at,
         manifest_hash, approved_at, closes_at, result_hash, outcome, done_at, waits_for,
         blocked_reason
    FROM proposals.round AS r
   WHERE district_id = $1 AND ($2::timestamptz IS NULL OR (created_at, round_id) < ($2, $3))
   ORDER BY created_at DESC, round_id DESC LIMIT $4)sql"};

constexpr pg::Statement<RoundOrigin(RoundId)> kOrigin{"proposals.get_origin", R"sql(
  SELECT charter, currency, created_by FROM proposals.round WHERE round_id = $1)sql"};

// The clock is read on top of the row lock, so after it: a writer that had to wait for the freeze
// sees the time at which it got through.
constexpr pg::Statement<Time(RoundId)> kLockShared{"proposals.lock_round_shared", R"sql(
  SELECT clock_timestamp()
    FROM (SELECT round_id FROM proposals.round WHERE round_id = $1 FOR SHARE) AS locked)sql"};
constexpr pg::Statement<Time(RoundId)> kLockAlone{"proposals.lock_round_alone", R"sql(
  SELECT clock_timestamp()
    FROM (SELECT round_id FROM proposals.round WHERE round_id = $1 FOR UPDATE) AS locked)sql"};

constexpr pg::Statement<void(RoundId, Time, Time, Time, Time, Time, MaybeTime, absl::CivilDay)>
    kSetInstants{"proposals.set_instants", R"sql(
  UPDATE proposals.round
     SET freeze_at = $2, issue_from = $3, issue_until = $4, cast_from = $5, cast_until = $6,
         answer_until = $7, reference_date = $8, look_at = clock_timestamp()
   WHERE round_id = $1)sql"};

constexpr pg::Statement<void(RoundId, SubjectId, std::string, Time)> kSetPotApproval{
    "proposals.set_pot_approval", R"sql(
  UPDATE proposals.round
     SET pot_approved_by = $2, pot_decision_ref = $3, pot_approved_at = $4,
         look_at = clock_timestamp()
   WHERE round_id = $1)sql"};

constexpr pg::Statement<int32_t(RoundId)> kNextPlanNumber{"proposals.next_plan_number", R"sql(
  UPDATE proposals.round SET plans_made = plans_made + 1 WHERE round_id = $1 RETURNING plans_made)sql"};

constexpr pg::Statement<absl::CivilDay()> kToday{"proposals.today", R"sql(
  SELECT (clock_timestamp() AT TIME ZONE 'Europe/Amsterdam')::date)sql"};

constexpr pg::Statement<void(RoundId)> kLookNow{"proposals.look_now", R"sql(
  UPDATE proposals.round SET look_at = clock_timestamp() WHERE round_id = $1)sql"};

}  // namespace

Round Decode(pg::Columns& row, pg::As<Round>) {
  Round round{.id = row.Next<RoundId>(),
              .municipality = row.Next<MunicipalityId>(),
              .district = row.Next<DistrictId>(),
              .title = row.Next<std::string>(),
              .year = row.Next<int32_t>()};
  round.charter = {.id = row.Next<CharterId>(),
                   .criteria = row.Next<std::vector<std::string>>(),
                   .plan_cost_max = row.Next<Money>()};
  round.instants = {.freeze_at = row.Next<Time>(),
                    .issue_from = row.Next<Time>(),
                    .issue_until = row.Next<Time>(),
                    .cast_from = row.Next<Time>(),
                    .cast_until = row.Next<Time>(),
                    .reference_date = row.Next<absl::CivilDay>(),
                    .answer_until = row.Next<MaybeTime>()};
  const auto budgets = row.Next<std::vector<BudgetId>>();
  const auto amounts = row.Next<std::vector<Money>>();
  const auto categories = row.Next<std::vector<std::string>>();
  const auto plans = row.Next<std::vector<std::optional<PlanId>>>();
  const auto deadlines = row.Next<std::vector<std::optional<absl::CivilDay>>>();
  for (size_t i = 0; i < std::min({budgets.size(), amounts.size(), categories.size(), plans.size(),
                                   deadlines.size()});
       ++i) {
    round.pots.push_back(
        {budgets[i], amounts[i], categories[i], plans[i].value_or(PlanId()), deadlines[i]});
  }
  const auto numbers = row.Next<std::vector<int32_t>>();
  const auto names = row.Next<std::vector<std::string>>();
  const auto postcodes = row.Next<std::vector<std::string>>();
  for (size_t i = 0; i < std::min({numbers.size(), names.size(), postcodes.size()}); ++i) {
    round.stations.push_back({.number = static_cast<uint32_t>(numbers[i]),
                              .name = names[i],
                              .postcodes = absl::StrSplit(postcodes[i], ' ', absl::SkipEmpty())});
  }
  round.demonstration = row.Next<bool>();
  round.created_at = row.Next<Time>();
  const auto by = row.Next<std::optional<SubjectId>>();
  auto decision_ref = row.Next<std::optional<std::string>>();
  const auto at = row.Next<MaybeTime>();
  if (by && decision_ref && at) round.pot_approval = {*by, *std::move(decision_ref), *at};
  round.manifest_hash = row.Next<std::optional<Bytes>>().value_or(Bytes()).value;
  round.approved_at = row.Next<MaybeTime>();
  round.closes_at = row.Next<MaybeTime>();
  round.result_hash = row.Next<std::optional<Bytes>>().value_or(Bytes()).value;
  round.outcome = static_cast<Outcome>(row.Next<int16_t>());
  round.done_at = row.Next<MaybeTime>();
  round.waits_for = row.Next<std::string>();
  round.blocked_reason = row.Next<std::string>();
  return round;
}

RoundOrigin Decode(pg::Columns& row, pg::As<RoundOrigin>) {
  return {.charter = row.Next<Bytes>().value,
          .currency = row.Next<std::string>(),
          .created_by = row.Next<SubjectId>()};
}

absl::Status InsertRound(pg::Tx& tx, const Round& round, const RoundOrigin& origin) {
  const Instants& in = round.instants;
  const absl::Status status =
      tx.Exec(kInsert, round.id, round.municipality, round.district, round.title, round.year,
              origin.currency, round.demonstration, round.charter.id, Bytes(origin.charter),
              round.charter.criteria, round.charter.plan_cost_max, in.freeze_at, in.issue_from,
              in.issue_until, in.cast_from, in.cast_until, in.answer_until, in.reference_date,
              origin.created_by);
  if (pg::Violates(status, "round_one_of_its_name")) return RoundExists(round.title, round.year);
  RETURN_IF_ERROR(status);
  RETURN_IF_ERROR(InsertPots(tx, round.id, 0, round.pots));
  std::vector<int32_t> numbers;
  std::vector<std::string> names, postcodes;
  for (const Station& station : round.stations) {
    numbers.push_back(static_cast<int32_t>(station.number));
    names.push_back(station.name);
    postcodes.push_back(absl::StrJoin(station.postcodes, " "));
  }
  return tx.Exec(kInsertStations, round.id, numbers, names, postcodes);
}

absl::Status InsertPots(pg::Tx& tx, RoundId id, size_t before, const std::vector<Pot>& pots) {
  std::vector<BudgetId> budgets;
  std::vector<Money> amounts;
  std::vector<std::string> categories;
  std::vector<std::optional<PlanId>> plans;
  std::vector<std::optional<absl::CivilDay>> deadlines;
  for (const Pot& pot : pots) {
    budgets.push_back(pot.budget);
    amounts.push_back(pot.amount);
    categories.push_back(pot.category);
    plans.push_back(pot.plan == PlanId() ? std::nullopt : std::optional(pot.plan));
    deadlines.push_back(pot.deadline);
  }
  return tx.Exec(kInsertPots, id, static_cast<int64_t>(before), budgets, amounts, categories, plans,
                 deadlines);
}

absl::StatusOr<Round> GetRound(pg::Tx& tx, RoundId id) {
  ASSIGN_OR_RETURN(std::optional<Round> round, tx.Maybe(kGet, id));
  if (!round) return RoundNotFound(id);
  return *std::move(round);
}

absl::StatusOr<RoundOrigin> GetOrigin(pg::Tx& tx, RoundId id) {
  ASSIGN_OR_RETURN(std::optional<RoundOrigin> origin, tx.Maybe(kOrigin, id));
  if (!origin) return RoundNotFound(id);
  return *std::move(origin);
}

absl::StatusOr<LockedRound> LockRound(pg::Tx& tx, RoundId id, Lock lock) {
  ASSIGN_OR_RETURN(const MaybeTime now,
                   tx.Maybe(lock == Lock::kShared ? kLockShared : kLockAlone, id));
  if (!now) return RoundNotFound(id);
  // A statement of its own: it sees what the lock had to wait for.
  ASSIGN_OR_RETURN(Round round, GetRound(tx, id));
  return LockedRound{.round = std::move(round), .now = *now};
}

absl::StatusOr<LockedRound> ReadRound(pg::Tx& tx, RoundId id) {
  ASSIGN_OR_RETURN(Round round, GetRound(tx, id));
  ASSIGN_OR_RETURN(const Time now, pg::Now(tx));
  return LockedRound{.round = std::move(round), .now = now};
}

absl::StatusOr<absl::CivilDay> Today(pg::Tx& tx) { return tx.One(kToday); }

absl::StatusOr<std::vector<Round>> ListRounds(pg::Tx& tx, DistrictId district,
                                              const std::optional<After>& after, int64_t limit) {
  return tx.All(kList, district, after ? MaybeTime(after->at) : std::nullopt,
                after ? std::optional<Uuid>(after->id) : std::nullopt, limit);
}

absl::Status SetInstants(pg::Tx& tx, RoundId id, const Instants& in) {
  return tx.Exec(kSetInstants, id, in.freeze_at, in.issue_from, in.issue_until, in.cast_from,
                 in.cast_until, in.answer_until, in.reference_date);
}

absl::Status SetPotApproval(pg::Tx& tx, RoundId id, const PotApproval& approval) {
  return tx.Exec(kSetPotApproval, id, approval.by, approval.decision_ref, approval.at);
}

absl::StatusOr<uint32_t> NextPlanNumber(pg::Tx& tx, RoundId id) {
  const auto number = tx.One(kNextPlanNumber, id);
  if (pg::Violates(number.status(), "round_plans_made_range")) return TooManyPlans(kPlansMax);
  if (!number.ok()) return number.status();
  return static_cast<uint32_t>(*number);
}

absl::Status LookNow(pg::Tx& tx, RoundId id) { return tx.Exec(kLookNow, id); }

absl::Span<const pg::AnyStatement> RoundStatements() {
  static const pg::AnyStatement kAll[] = {
      kInsert,         kInsertPots, kInsertStations, kGet,         kList,
      kOrigin,         kLockShared, kLockAlone,      kSetInstants, kSetPotApproval,
      kNextPlanNumber, kToday,      kLookNow};
  return kAll;
}

}  // namespace smederij::proposals
