#include <optional>
#include <utility>

#include "common/pg/now.h"
#include "services/proposals/api/convert.h"
#include "services/proposals/api/known.h"
#include "services/proposals/api/page.h"
#include "services/proposals/api/proposals_api.h"
#include "services/proposals/domain/condition.h"
#include "services/proposals/domain/errors.h"
#include "services/proposals/domain/explain.h"
#include "services/proposals/domain/text.h"
#include "services/proposals/storage/record_store.h"
#include "smederij/registry/v1/registry.grpc.pb.h"

namespace smederij::proposals {
namespace {

using Registry = registry::v1::RegistryService::Stub;

}  // namespace

absl::StatusOr<RoundOrigin> ProposalsApi::LookUp(const rpc::Call& call, Round& round) const {
  registry::v1::GetDistrictRequest ask_district;
  ask_district.set_district_id(round.district.ToString());
  const auto district = neighbours_.registry.Ask(&Registry::GetDistrict, ask_district, call);
  if (!district.ok()) return Missing(district.status(), DistrictNotFound(round.district));
  round.municipality = Known<MunicipalityId>(district->municipality_id());
  RETURN_IF_ERROR(call.MayActIn(round.municipality, round.district));

  registry::v1::GetCharterRequest ask_charter;
  ask_charter.set_charter_id(round.charter.id.ToString());
  const auto charter = neighbours_.registry.Ask(&Registry::GetCharter, ask_charter, call);
  if (!charter.ok()) return Missing(charter.status(), CharterNotFound(round.charter.id));
  if (Known<DistrictId>(charter->district_id()) != round.district) {
    return CharterOfOtherDistrict(round.charter.id);
  }
  for (const registry::v1::Criterion& criterion : charter->criteria()) {
    round.charter.criteria.push_back(criterion.criterion_id());
  }
  round.charter.plan_cost_max = Money::Cents(charter->plan_cost_cents_max());

  RoundOrigin origin{
      .charter = charter->SerializeAsString(), .currency = "", .created_by = call.caller.subject};
  std::optional<BudgetId> for_plans;
  for (Pot& pot : round.pots) {
    ASSIGN_OR_RETURN(const ledger::v1::Budget budget, BudgetOf(call, round, pot));
    if (!origin.currency.empty() && origin.currency != budget.currency()) return CurrenciesDiffer();
    origin.currency = budget.currency();
    if (!for_plans && budget.condition().plan_ids_size() > 0) for_plans = pot.budget;
  }
  if (for_plans) return BudgetForPlans(*for_plans);
  RETURN_IF_ERROR(CheckDeadlines(round.pots, round.instants));
  return origin;
}

absl::StatusOr<v1::Round> ProposalsApi::CreateRound(const rpc::Call& call,
                                                    const v1::CreateRoundRequest& request) {
  ASSIGN_OR_RETURN(Round round, ParseRound(request));
  // A repeated request needs nobody: it gets its answer even while the other services are away.
  ASSIGN_OR_RETURN(std::optional<v1::Round> earlier, Answered<v1::Round>(call, request));
  if (earlier) return *std::move(earlier);
  // Before the transaction: nobody is asked anything while a connection is held.
  ASSIGN_OR_RETURN(const RoundOrigin origin, LookUp(call, round));
  round.id = RoundId::Random();
  const auto create = [&](pg::Tx& tx) -> absl::StatusOr<v1::Round> {
    RETURN_IF_ERROR(InsertRound(tx, round, origin));
    ASSIGN_OR_RETURN(const LockedRound created, ReadRound(tx, round.id));
    RETURN_IF_ERROR(CheckInstants(created.round.instants, created.now));
    return ToProto(created);
  };
  ASSIGN_OR_RETURN(v1::Round created, Write<v1::Round>(call, request, create));
  wake_();
  return created;
}

absl::StatusOr<v1::Round> ProposalsApi::RescheduleRound(const rpc::Call& call,
                                                        const v1::RescheduleRoundRequest& request) {
  ASSIGN_OR_RETURN(const auto id, ParseId<RoundId>(request.round_id(), "round_id"));
  const Instants wanted = ParseInstants(request.instants());
  RETURN_IF_ERROR(CheckInstants(wanted, absl::InfinitePast()));
  const auto move = [&](pg::Tx& tx) -> absl::StatusOr<v1::Round> {
    ASSIGN_OR_RETURN(LockedRound found, Enter(tx, call, id, Lock::kAlone));
    ASSIGN_OR_RETURN(found.round.instants, Rescheduled(found.round, wanted, found.now));
    RETURN_IF_ERROR(CheckDeadlines(found.round.pots, found.round.instants));
    RETURN_IF_ERROR(SetInstants(tx, id, found.round.instants));
    return ToProto(found);
  };
  ASSIGN_OR_RETURN(v1::Round moved, Write<v1::Round>(call, request, move));
  wake_();
  return moved;
}

absl::StatusOr<v1::Round> ProposalsApi::ApprovePot(const rpc::Call& call,
                                                   const v1::ApprovePotRequest& request) {
  ASSIGN_OR_RETURN(const auto id, ParseId<RoundId>(request.round_id(), "round_id"));
  TextCheck check;
  check.Line("decision_ref", request.decision_ref(), kDecisionRefMax);
  RETURN_IF_ERROR(check.status());
  const auto approve = [&](pg::Tx& tx) -> absl::StatusOr<v1::Round> {
    ASSIGN_OR_RETURN(LockedRound found, Enter(tx, call, id, Lock::kAlone));
    const Money limit = call.LimitIn(found.round.municipality, found.round.district);
    RETURN_IF_ERROR(MayApprovePot(found.round, limit, found.now));
    found.round.pot_approval = PotApproval{call.caller.subject, request.decision_ref(), found.now};
    RETURN_IF_ERROR(SetPotApproval(tx, id, *found.round.pot_approval));
    return ToProto(found);
  };
  ASSIGN_OR_RETURN(v1::Round approved, Write<v1::Round>(call, request, approve));
  wake_();
  return approved;
}

absl::StatusOr<v1::Round> ProposalsApi::GetRound(const rpc::Call& call,
                                                 const v1::GetRoundRequest& request) {
  ASSIGN_OR_RETURN(const auto id, ParseId<RoundId>(request.round_id(), "round_id"));
  const auto read = [id](pg::Tx& tx) -> absl::StatusOr<v1::Round> {
    ASSIGN_OR_RETURN(const LockedRound found, ReadRound(tx, id));
    return ToProto(found);
  };
  return Read(call, read);
}

absl::StatusOr<v1::ListRoundsResponse> ProposalsApi::ListRounds(
    const rpc::Call& call, const v1::ListRoundsRequest& request) {
  ASSIGN_OR_RETURN(const auto district, ParseId<DistrictId>(request.district_id(), "district_id"));
  ASSIGN_OR_RETURN(const Page page, ParsePage(request.page_size(), request.page_token()));
  const auto read = [&](pg::Tx& tx) -> absl::StatusOr<v1::ListRoundsResponse> {
    ASSIGN_OR_RETURN(const std::vector<Round> rounds,
                     proposals::ListRounds(tx, district, page.after, page.size));
    ASSIGN_OR_RETURN(const absl::Time now, pg::Now(tx));
    v1::ListRoundsResponse response;
    for (const Round& round : rounds) *response.add_rounds() = ToProto(round, now);
    if (static_cast<int64_t>(rounds.size()) == page.size) {
      response.set_next_page_token(PageToken({rounds.back().created_at, rounds.back().id.uuid()}));
    }
    return response;
  };
  return Read(call, read);
}

absl::StatusOr<v1::RoundExplanation> ProposalsApi::ExplainRound(
    const rpc::Call& call, const v1::ExplainRoundRequest& request) {
  ASSIGN_OR_RETURN(const auto id, ParseId<RoundId>(request.round_id(), "round_id"));
  const auto read = [id](pg::Tx& tx) -> absl::StatusOr<v1::RoundExplanation> {
    ASSIGN_OR_RETURN(const RecordNow found, ReadRecord(tx, id));
    return ToProto(found.record.round, Explain(found.record, found.now), found.now);
  };
  return Read(call, read);
}

}  // namespace smederij::proposals
