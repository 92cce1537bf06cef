#include "services/ledger/storage/plan_money.h"

namespace smederij::ledger {
namespace {

#define LEDGER_PLAN_MONEY_COLUMNS                                                     \
  "SELECT k.plan_id, k.budget_id, array_agg(k.kind ORDER BY k.kind), "                \
  "       array_agg(k.balance ORDER BY k.kind) "                                      \
  "  FROM (SELECT p.plan_id, p.budget_id, p.kind, sum(p.balance)::bigint AS balance " \
  "          FROM ledger.plan_account AS p "

constexpr pg::Statement<PlanMoney(DistrictId, int32_t, std::string, BudgetId, int64_t)>
    kDistrictMoney{"ledger.district_money", LEDGER_PLAN_MONEY_COLUMNS R"sql(
          JOIN ledger.budget AS b ON b.budget_id = p.budget_id
         WHERE b.district_id = $1 AND (b.fiscal_year = $2 OR $2 = 0)
           AND (p.plan_id, p.budget_id) > ($3, $4)
         GROUP BY p.plan_id, p.budget_id, p.kind) AS k
   GROUP BY k.plan_id, k.budget_id ORDER BY k.plan_id, k.budget_id LIMIT $5)sql"};

constexpr pg::Statement<PlanMoney(std::string, BudgetId, int64_t)> kPlanMoney{
    "ledger.plan_money", LEDGER_PLAN_MONEY_COLUMNS R"sql(
         WHERE p.plan_id = $1 AND p.budget_id > $2
         GROUP BY p.plan_id, p.budget_id, p.kind) AS k
   GROUP BY k.plan_id, k.budget_id ORDER BY k.plan_id, k.budget_id LIMIT $3)sql"};

}  // namespace

Money PlanMoney::total() const {
  Money total;
  for (const auto& [kind, balance] : parts) total += balance;
  return total;
}

PlanMoney Decode(pg::Columns& row, pg::As<PlanMoney>) {
  PlanMoney money;
  money.plan = row.Next<std::string>();
  money.budget = row.Next<BudgetId>();
  const auto kinds = row.Next<std::vector<int16_t>>();
  const auto balances = row.Next<std::vector<Money>>();
  for (size_t i = 0; i < kinds.size() && i < balances.size(); ++i) {
    money.parts.emplace_back(static_cast<AccountKind>(kinds[i]), balances[i]);
  }
  return money;
}

absl::StatusOr<std::vector<PlanMoney>> ListDistrictMoney(pg::Tx& tx, DistrictId district,
                                                         int32_t fiscal_year,
                                                         const PlanMoneyPlace& after,
                                                         int64_t limit) {
  return tx.All(kDistrictMoney, district, fiscal_year, after.plan, after.budget, limit);
}

absl::StatusOr<std::vector<PlanMoney>> ListPlanMoney(pg::Tx& tx, PlanId plan,
                                                     const PlanMoneyPlace& after, int64_t limit) {
  return tx.All(kPlanMoney, plan.ToString(), after.budget, limit);
}

absl::Span<const pg::AnyStatement> PlanMoneyStatements() {
  static const pg::AnyStatement statements[] = {kDistrictMoney, kPlanMoney};
  return statements;
}

}  // namespace smederij::ledger
