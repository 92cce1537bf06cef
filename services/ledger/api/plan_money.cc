// What plans hold, of ledger_api.h.
#include "services/ledger/storage/plan_money.h"

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/pg/transact.h"
#include "services/ledger/api/convert.h"
#include "services/ledger/api/ledger_api.h"

namespace smederij::ledger {
namespace {

constexpr int32_t kYearMin = 2000, kYearMax = 2999;

v1::PlanMoney ToProto(const PlanMoney& money) {
  v1::PlanMoney proto;
  proto.set_plan_id(money.plan);
  proto.set_budget_id(money.budget.ToString());
  for (const auto& [kind, balance] : money.parts) {
    v1::PlanMoney::Part* const part = proto.add_parts();
    part->set_kind(static_cast<v1::AccountKind>(kind));
    part->set_balance_cents(balance.cents());
    if (kind == AccountKind::kReserved) proto.set_left_cents(balance.cents());
    if (kind == AccountKind::kAdvanced) proto.set_advanced_cents(balance.cents());
  }
  proto.set_total_cents(money.total().cents());
  return proto;
}

}  // namespace

absl::StatusOr<v1::ListPlanMoneyResponse> LedgerApi::ListPlanMoney(
    const rpc::Call& call, const v1::ListPlanMoneyRequest& request) {
  const bool of_plan = request.district_id().empty();
  DistrictId district;
  PlanId plan;
  if (of_plan) {
    ASSIGN_OR_RETURN(plan, ParseId<PlanId>(request.plan_id(), "plan_id"));
  } else {
    ASSIGN_OR_RETURN(district, ParseId<DistrictId>(request.district_id(), "district_id"));
    if (!request.plan_id().empty()) return BadId("plan_id");
  }
  const int32_t year = request.fiscal_year();
  if (year != 0 && (of_plan || year < kYearMin || year > kYearMax)) {
    return Error(kInvalidArgument, "OUT_OF_RANGE", "a number is out of range")
        .At("fiscal_year", "must be 2000 to 2999, and goes with a district");
  }
  ASSIGN_OR_RETURN(const int64_t size, PageSize(request.page_size()));
  const std::string of = of_plan ? plan.ToString() : absl::StrCat(district.ToString(), "/", year);
  ASSIGN_OR_RETURN(const std::vector<std::string> parts,
                   ParsePageToken(request.page_token(), "plan_money", of, 2));
  PlanMoneyPlace after;
  if (!parts.empty()) {
    after.plan = parts[0];
    const std::optional<Uuid> budget = Uuid::Parse(parts[1]);
    if (!budget) return BadPageToken();
    after.budget = BudgetId(*budget);
  }
  const auto read = [&](pg::Tx& tx) {
    return of_plan ? ledger::ListPlanMoney(tx, plan, after, size + 1)
                   : ListDistrictMoney(tx, district, year, after, size + 1);
  };
  ASSIGN_OR_RETURN(std::vector<PlanMoney> rows,
                   pg::Transact(pool_, {.deadline = call.deadline, .read_only = true}, read));
  v1::ListPlanMoneyResponse response;
  if (rows.size() > static_cast<size_t>(size)) {
    rows.pop_back();
    response.set_next_page_token(
        PageToken("plan_money", of, {rows.back().plan, rows.back().budget.ToString()}));
  }
  for (const PlanMoney& money : rows) *response.add_money() = ToProto(money);
  return response;
}

}  // namespace smederij::ledger
