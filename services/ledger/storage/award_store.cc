#include "services/ledger/storage/award_store.h"

#include <map>
#include <set>
#include <string>
#include <tuple>

#include "common/pg/sqlstate.h"

namespace smederij::ledger {
namespace {

template <class T>
using Many = std::vector<T>;
using Ids = Many<BudgetId>;
using VersionRow = std::tuple<RoundId, int32_t>;

constexpr pg::Statement<VersionRow(Many<RoundId>, Many<int32_t>)> kVersions{"ledger.award_versions",
                                                                            R"sql(
  SELECT v.round_id, v.award_version
    FROM unnest($1, $2) AS wanted (round_id, award_version)
    JOIN ledger.award_version AS v USING (round_id, award_version))sql"};

constexpr pg::Statement<VersionRow(Many<RoundId>)> kVersionsOf{"ledger.award_versions_of", R"sql(
  SELECT round_id, award_version FROM ledger.award_version WHERE round_id = ANY ($1))sql"};

constexpr pg::Statement<std::tuple<RoundId, BudgetId, PlanId, Money>(Many<RoundId>)> kAwards{
    "ledger.awards", R"sql(
  SELECT round_id, budget_id, plan_id, amount FROM ledger.award WHERE round_id = ANY ($1))sql"};

constexpr pg::Statement<void(Many<RoundId>, Many<int32_t>)> kInsertVersions{
    "ledger.insert_award_versions", R"sql(
  INSERT INTO ledger.award_version (round_id, award_version) SELECT * FROM unnest($1, $2))sql"};

constexpr pg::Statement<void(Ids, Many<RoundId>, Many<PlanId>, Many<Money>)> kInsertAwards{
    "ledger.insert_awards", R"sql(
  INSERT INTO ledger.award (budget_id, round_id, plan_id, amount)
  SELECT budget_id, round_id, plan_id, 0 FROM unnest($1, $2, $3, $4)
    AS c (budget_id, round_id, plan_id, amount)
      ON CONFLICT ON CONSTRAINT award_pkey DO NOTHING)sql"};

constexpr pg::Statement<void(Ids, Many<RoundId>, Many<PlanId>, Many<Money>)> kMoveAwards{
    "ledger.move_awards", R"sql(
  UPDATE ledger.award AS a SET amount = a.amount + c.amount
    FROM unnest($1, $2, $3, $4) AS c (budget_id, round_id, plan_id, amount)
   WHERE a.budget_id = c.budget_id AND a.round_id = c.round_id AND a.plan_id = c.plan_id)sql"};

constexpr pg::Statement<std::tuple<std::string, Money>(BudgetId)> kByPlan{"ledger.awards_by_plan",
                                                                          R"sql(
  SELECT plan_id::text, sum(amount)::bigint FROM ledger.award WHERE budget_id = $1
   GROUP BY plan_id ORDER BY plan_id)sql"};

// What went over to next year, reserved or committed, of each plan. Looks through a budget's
// postings, which replacing awards is rare enough for.
constexpr pg::Statement<std::tuple<BudgetId, std::string, Money>(Ids)> kCarriedOut{
    "ledger.carried_out_by_plan", R"sql(
  SELECT p.budget_id, coalesce(c.plan_id::text, a.reference), sum(p.amount)::bigint
    FROM ledger.posting AS p
    JOIN ledger.account AS a ON a.budget_id = p.budget_id AND a.account_no = p.from_no
    LEFT JOIN ledger.commitment AS c
      ON c.budget_id = p.budget_id
     AND c.commitment_id = CASE WHEN p.from_kind = 5 THEN a.reference::uuid END
   WHERE p.budget_id = ANY ($1) AND p.to_kind = 8 AND p.from_kind IN (4, 5)
   GROUP BY p.budget_id, coalesce(c.plan_id::text, a.reference))sql"};

}  // namespace

absl::Status ReadAwards(pg::Tx& tx, absl::Span<const Command* const> commands, Books& books) {
  Many<RoundId> rounds;
  Many<int32_t> versions;
  std::set<RoundId> replaced;
  for (const Command* command : commands) {
    if (const auto* awards = std::get_if<ReserveAwards>(&command->what)) {
      rounds.push_back(awards->round);
      versions.push_back(awards->version);
    } else if (const auto* adjust = std::get_if<AdjustAwards>(&command->what)) {
      replaced.insert(adjust->round);
    }
  }
  if (!rounds.empty()) {
    ASSIGN_OR_RETURN(const auto rows, tx.All(kVersions, rounds, versions));
    for (const auto& [round, version] : rows) books.reserved_versions.insert({round, version});
  }
  if (replaced.empty()) return absl::OkStatus();
  const Many<RoundId> of(replaced.begin(), replaced.end());
  ASSIGN_OR_RETURN(const auto all, tx.All(kVersionsOf, of));
  for (const auto& [round, version] : all) books.reserved_versions.insert({round, version});
  ASSIGN_OR_RETURN(const auto awards, tx.All(kAwards, of));
  for (const auto& [round, budget, plan, amount] : awards) {
    books.awards[round][{budget, plan}] = amount;
  }
  Ids budgets;
  for (const auto& [round, budget, plan, amount] : awards) budgets.push_back(budget);
  ASSIGN_OR_RETURN(const auto carried, tx.All(kCarriedOut, budgets));
  for (const auto& [budget, plan, amount] : carried) {
    if (const auto id = Uuid::Parse(plan)) books.carried_out[{budget, PlanId(*id)}] = amount;
  }
  return absl::OkStatus();
}

absl::Status StoreAwards(pg::Tx& tx, const std::vector<AwardChange>& changes,
                         const std::vector<std::pair<RoundId, int32_t>>& versions) {
  if (!versions.empty()) {
    Many<RoundId> rounds;
    Many<int32_t> numbers;
    for (const auto& [round, version] : versions) {
      rounds.push_back(round);
      numbers.push_back(version);
    }
    const absl::Status status = tx.Exec(kInsertVersions, rounds, numbers);
    // Another replica stored the same version from other budgets, so no common head was locked.
    if (pg::Violates(status, "award_version_pkey")) return pg::Rerun("award_version_elsewhere");
    RETURN_IF_ERROR(status);
  }
  std::map<std::tuple<BudgetId, RoundId, PlanId>, Money> totals;
  for (const AwardChange& change : changes) {
    totals[{change.budget, change.round, change.plan}] += change.amount;
  }
  if (totals.empty()) return absl::OkStatus();
  Ids budgets;
  Many<RoundId> rounds;
  Many<PlanId> plans;
  Many<Money> amounts;
  for (const auto& [key, amount] : totals) {
    budgets.push_back(std::get<0>(key));
    rounds.push_back(std::get<1>(key));
    plans.push_back(std::get<2>(key));
    amounts.push_back(amount);
  }
  RETURN_IF_ERROR(tx.Exec(kInsertAwards, budgets, rounds, plans, amounts));
  return tx.Exec(kMoveAwards, budgets, rounds, plans, amounts);
}

absl::StatusOr<std::vector<std::string>> WrongAwards(pg::Tx& tx, BudgetId budget,
                                                     const Audit& audit) {
  ASSIGN_OR_RETURN(const auto rows, tx.All(kByPlan, budget));
  std::map<std::string, Money> awards;
  for (const auto& [plan, amount] : rows) awards[plan] = amount;
  for (const auto& [plan, awarded] : audit.awarded()) awards.try_emplace(plan);
  std::vector<std::string> wrong;
  for (const auto& [plan, amount] : awards) {
    const auto awarded = audit.awarded().find(plan);
    const Money got = awarded == audit.awarded().end() ? Money() : awarded->second.amount;
    // What a plan gave back is not taken from it once more when it gets less.
    const bool gave_back = awarded != audit.awarded().end() && awarded->second.gave_back;
    if (gave_back ? amount > got : amount != got) wrong.push_back(plan);
  }
  return wrong;
}

absl::Span<const pg::AnyStatement> AwardStatements() {
  static const pg::AnyStatement statements[] = {kVersions,   kVersionsOf,     kAwards,
                                                kCarriedOut, kInsertVersions, kInsertAwards,
                                                kMoveAwards, kByPlan};
  return statements;
}

}  // namespace smederij::ledger
