#include <algorithm>
#include <optional>
#include <utility>

#include "services/proposals/api/convert.h"
#include "services/proposals/api/known.h"
#include "services/proposals/api/proposals_api.h"
#include "services/proposals/domain/condition.h"
#include "services/proposals/domain/errors.h"
#include "services/proposals/storage/plan_store.h"
#include "smederij/ledger/v1/ledger.grpc.pb.h"

namespace smederij::proposals {
namespace {

using Ledger = ledger::v1::LedgerService::Stub;

}  // namespace

absl::StatusOr<ledger::v1::Budget> ProposalsApi::BudgetOf(const rpc::Call& call, const Round& round,
                                                          Pot& pot) const {
  ledger::v1::GetBudgetRequest request;
  request.set_budget_id(pot.budget.ToString());
  const auto budget = neighbours_.ledger.Ask(&Ledger::GetBudget, request, call);
  if (!budget.ok()) return Missing(budget.status(), BudgetNotFound(pot.budget));
  if (Known<DistrictId>(budget->district_id()) != round.district ||
      Known<MunicipalityId>(budget->municipality_id()) != round.municipality) {
    return BudgetOfOtherDistrict(pot.budget);
  }
  if (!budget->has_condition()) return budget;
  pot.category = budget->condition().category();
  absl::CivilDay deadline;
  if (!absl::ParseCivilTime(budget->condition().deadline(), &deadline)) {
    return absl::InternalError("the ledger has a condition without a day");
  }
  pot.deadline = deadline;
  return budget;
}

absl::StatusOr<v1::Round> ProposalsApi::AddPot(const rpc::Call& call,
                                               const v1::AddPotRequest& request) {
  ASSIGN_OR_RETURN(const auto id, ParseId<RoundId>(request.round_id(), "round_id"));
  Pot pot;
  ASSIGN_OR_RETURN(pot.budget, ParseId<BudgetId>(request.budget_id(), "budget_id"));
  if (!request.plan_id().empty()) {
    ASSIGN_OR_RETURN(pot.plan, ParseId<PlanId>(request.plan_id(), "plan_id"));
  }
  ASSIGN_OR_RETURN(pot.amount, ParseAmount(request.amount_cents(), "amount_cents"));
  // A repeated request needs nobody: it gets its answer even while the ledger is away.
  ASSIGN_OR_RETURN(std::optional<v1::Round> earlier, Answered<v1::Round>(call, request));
  if (earlier) return *std::move(earlier);
  // Before the transaction: nobody is asked anything while a connection is held.
  const auto read = [&](pg::Tx& tx) -> absl::StatusOr<std::pair<Round, RoundOrigin>> {
    ASSIGN_OR_RETURN(Round round, proposals::GetRound(tx, id));
    RETURN_IF_ERROR(call.MayActIn(round.municipality, round.district));
    ASSIGN_OR_RETURN(RoundOrigin origin, GetOrigin(tx, id));
    return std::pair(std::move(round), std::move(origin));
  };
  ASSIGN_OR_RETURN(const auto planned, Read(call, read));
  ASSIGN_OR_RETURN(const ledger::v1::Budget budget, BudgetOf(call, planned.first, pot));
  const auto add = [&](pg::Tx& tx) -> absl::StatusOr<v1::Round> {
    ASSIGN_OR_RETURN(LockedRound found, Enter(tx, call, id, Lock::kAlone));
    if (budget.currency() != planned.second.currency) return CurrenciesDiffer();
    std::optional<Plan> plan;
    if (pot.plan != PlanId()) {
      ASSIGN_OR_RETURN(plan, proposals::GetPlan(tx, pot.plan));
      if (plan->round != id) return PlanNotFound(pot.plan);
    }
    const auto& plans = budget.condition().plan_ids();
    const bool meant = std::find(plans.begin(), plans.end(), request.plan_id()) != plans.end();
    if (plans.empty() ? !request.plan_id().empty() : !meant) {
      return BudgetForOtherPlans(pot.budget, request.plan_id());
    }
    RETURN_IF_ERROR(MayAddPot(found.round, pot, plan ? &*plan : nullptr, found.now));
    RETURN_IF_ERROR(InsertPots(tx, id, found.round.pots.size(), {pot}));
    found.round.pots.push_back(pot);
    return ToProto(found);
  };
  return Write<v1::Round>(call, request, add);
}

}  // namespace smederij::proposals
