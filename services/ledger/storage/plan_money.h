#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/base/id.h"
#include "common/base/money.h"
#include "common/pg/statement.h"
#include "common/pg/transact.h"
#include "services/ledger/domain/account.h"

// What plans hold, over all budgets.
namespace smederij::ledger {

// One plan's money of one budget, by what it is for: those kinds that the plan has an account of.
struct PlanMoney {
  std::string plan;
  BudgetId budget;
  std::vector<std::pair<AccountKind, Money>> parts;  // By kind.

  Money total() const;
};
PlanMoney Decode(pg::Columns& row, pg::As<PlanMoney>);

// The place of a row in such a list: by plan, then by budget.
struct PlanMoneyPlace {
  std::string plan;
  BudgetId budget;
};

// At most `limit` rows after `after`: of the budgets of a district, of one fiscal year unless 0; or
// of one plan.
absl::StatusOr<std::vector<PlanMoney>> ListDistrictMoney(pg::Tx& tx, DistrictId district,
                                                         int32_t fiscal_year,
                                                         const PlanMoneyPlace& after,
                                                         int64_t limit);
absl::StatusOr<std::vector<PlanMoney>> ListPlanMoney(pg::Tx& tx, PlanId plan,
                                                     const PlanMoneyPlace& after, int64_t limit);

absl::Span<const pg::AnyStatement> PlanMoneyStatements();

}  // namespace smederij::ledger
