#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/proposals/api/convert.h"
#include "services/proposals/api/page.h"
#include "services/proposals/api/proposals_api.h"
#include "services/proposals/domain/errors.h"
#include "services/proposals/domain/text.h"
#include "services/proposals/storage/forging_store.h"
#include "services/proposals/storage/plan_store.h"
#include "services/proposals/storage/record_store.h"

namespace smederij::proposals {
namespace {

// Whether money may still be awarded that would pay for an offer once it was accepted: the ledger
// would refuse that, and the round could not go on.
absl::Status CheckAwardable(pg::Tx& tx, const Round& round, const Plan& plan) {
  ASSIGN_OR_RETURN(std::vector<Award> awards, AwardsOf(tx, round.id));
  const uint32_t version = awards.empty() ? 1 : awards.back().version + 1;
  awards.push_back({version, 0, plan.id, plan.award, plan.category});
  ASSIGN_OR_RETURN(const absl::CivilDay today, Today(tx));
  return CheckDay(AwardLines(std::move(awards), round.pots, version), round.pots, today);
}

}  // namespace

absl::StatusOr<v1::Plan> ProposalsApi::ForgePlan(const rpc::Call& call,
                                                 const v1::ForgePlanRequest& request) {
  ASSIGN_OR_RETURN(const Plan draft, ParsePlan(request));
  const auto forge = [&](pg::Tx& tx) -> absl::StatusOr<v1::Plan> {
    ASSIGN_OR_RETURN(const Group group, proposals::GetGroup(tx, draft.group));
    // Alone, because plans are numbered one after the other.
    ASSIGN_OR_RETURN(const LockedRound found, Enter(tx, call, group.round, Lock::kAlone));
    if (!group.Has(call.caller.subject)) return NotAMember(group.id);
    RETURN_IF_ERROR(MayForge(found.round, found.now));
    RETURN_IF_ERROR(CheckIdeas(tx, group.round, draft.ideas));
    RETURN_IF_ERROR(CheckExclusive(tx, group.round, draft));
    Plan plan = draft;
    plan.id = PlanId::Random();
    plan.round = group.round;
    ASSIGN_OR_RETURN(plan.number, NextPlanNumber(tx, group.round));
    RETURN_IF_ERROR(InsertPlan(tx, plan, call.caller.subject, found.now));
    return ToProto(plan);
  };
  return Write<v1::Plan>(call, request, forge);
}

absl::StatusOr<v1::Plan> ProposalsApi::CheckPlan(const rpc::Call& call,
                                                 const v1::CheckPlanRequest& request) {
  ASSIGN_OR_RETURN(const auto id, ParseId<PlanId>(request.plan_id(), "plan_id"));
  TextCheck text;
  text.Prose("reason", request.reason(), kReasonMax);
  RETURN_IF_ERROR(text.status());
  const auto check = [&](pg::Tx& tx) -> absl::StatusOr<v1::Plan> {
    ASSIGN_OR_RETURN(const RoundId round, RoundOfPlan(tx, id));
    ASSIGN_OR_RETURN(const LockedRound found, Enter(tx, call, round, Lock::kShared));
    ASSIGN_OR_RETURN(const Plan plan, LockPlan(tx, id));
    ASSIGN_OR_RETURN(const Group group, proposals::GetGroup(tx, plan.group));
    if (!group.Has(call.caller.subject)) return NotAMember(group.id);
    RETURN_IF_ERROR(MayCheck(found.round, plan, request.criterion_id(), found.now));
    RETURN_IF_ERROR(InsertCheck(tx, plan, {request.criterion_id(), request.met(), request.reason()},
                                call.caller.subject, found.now));
    ASSIGN_OR_RETURN(const Plan checked, proposals::GetPlan(tx, id));
    return ToProto(checked);
  };
  return Write<v1::Plan>(call, request, check);
}

absl::StatusOr<v1::Plan> ProposalsApi::AdvisePlan(const rpc::Call& call,
                                                  const v1::AdvisePlanRequest& request) {
  ASSIGN_OR_RETURN(const auto id, ParseId<PlanId>(request.plan_id(), "plan_id"));
  TextCheck text;
  text.Prose("text", request.text(), kIdeaTextMax);
  RETURN_IF_ERROR(text.status());
  const auto advise = [&](pg::Tx& tx) -> absl::StatusOr<v1::Plan> {
    ASSIGN_OR_RETURN(const RoundId round, RoundOfPlan(tx, id));
    ASSIGN_OR_RETURN(const LockedRound found, Enter(tx, call, round, Lock::kShared));
    ASSIGN_OR_RETURN(Plan plan, LockPlan(tx, id));
    RETURN_IF_ERROR(MayForge(found.round, found.now));
    const Advice advice{call.caller.subject, request.text(), found.now};
    RETURN_IF_ERROR(InsertAdvice(tx, plan, advice));
    plan.advice.push_back(advice);
    return ToProto(plan);
  };
  return Write<v1::Plan>(call, request, advise);
}

absl::StatusOr<v1::Plan> ProposalsApi::AdmitPlan(const rpc::Call& call,
                                                 const v1::AdmitPlanRequest& request) {
  ASSIGN_OR_RETURN(const auto id, ParseId<PlanId>(request.plan_id(), "plan_id"));
  const auto admit = [&](pg::Tx& tx) -> absl::StatusOr<v1::Plan> {
    ASSIGN_OR_RETURN(const RoundId round, RoundOfPlan(tx, id));
    ASSIGN_OR_RETURN(const LockedRound found, Enter(tx, call, round, Lock::kShared));
    ASSIGN_OR_RETURN(Plan plan, LockPlan(tx, id));
    RETURN_IF_ERROR(MayAdmit(found.round, plan, found.now));
    RETURN_IF_ERROR(SetAdmitted(tx, plan, call.caller.subject, found.now));
    plan.state = PlanState::kAdmitted;
    return ToProto(plan);
  };
  return Write<v1::Plan>(call, request, admit);
}

absl::StatusOr<v1::Plan> ProposalsApi::GetPlan(const rpc::Call& call,
                                               const v1::GetPlanRequest& request) {
  ASSIGN_OR_RETURN(const auto id, ParseId<PlanId>(request.plan_id(), "plan_id"));
  const auto read = [id](pg::Tx& tx) -> absl::StatusOr<v1::Plan> {
    ASSIGN_OR_RETURN(const Plan plan, proposals::GetPlan(tx, id));
    return ToProto(plan);
  };
  return Read(call, read);
}

absl::StatusOr<v1::ListPlansResponse> ProposalsApi::ListPlans(const rpc::Call& call,
                                                              const v1::ListPlansRequest& request) {
  ASSIGN_OR_RETURN(const auto round, ParseId<RoundId>(request.round_id(), "round_id"));
  ASSIGN_OR_RETURN(const Page page, ParsePage(request.page_size(), request.page_token()));
  const uint32_t after = page.after ? NumberOf(*page.after) : 0;
  const auto read = [&](pg::Tx& tx) -> absl::StatusOr<v1::ListPlansResponse> {
    RETURN_IF_ERROR(proposals::GetRound(tx, round).status());
    ASSIGN_OR_RETURN(const std::vector<Plan> plans,
                     proposals::ListPlans(tx, round, after, page.size));
    v1::ListPlansResponse response;
    for (const Plan& plan : plans) *response.add_plans() = ToProto(plan);
    if (static_cast<int64_t>(plans.size()) == page.size) {
      response.set_next_page_token(
          PageToken(AfterNumber(plans.back().number, plans.back().id.uuid())));
    }
    return response;
  };
  return Read(call, read);
}

absl::StatusOr<v1::Plan> ProposalsApi::AnswerOffer(const rpc::Call& call,
                                                   const v1::AnswerOfferRequest& request) {
  ASSIGN_OR_RETURN(const auto id, ParseId<PlanId>(request.plan_id(), "plan_id"));
  const auto answer = [&](pg::Tx& tx) -> absl::StatusOr<v1::Plan> {
    ASSIGN_OR_RETURN(const RoundId round, RoundOfPlan(tx, id));
    // Alone, because accepted offers are numbered and the last answer lets the round go on.
    ASSIGN_OR_RETURN(const LockedRound found, Enter(tx, call, round, Lock::kAlone));
    ASSIGN_OR_RETURN(const Plan plan, LockPlan(tx, id));
    ASSIGN_OR_RETURN(const Group group, proposals::GetGroup(tx, plan.group));
    RETURN_IF_ERROR(MayAnswer(found.round, group, plan, call.caller.subject, found.now));
    if (request.accept()) RETURN_IF_ERROR(CheckAwardable(tx, found.round, plan));
    RETURN_IF_ERROR(SetAnswered(tx, plan, request.accept(), call.caller.subject, found.now));
    ASSIGN_OR_RETURN(const RecordNow after, ReadRecord(tx, round));
    if (after.record.offers_open == 0) {
      RETURN_IF_ERROR(InsertStep(tx, round, Step::kAwaitAnswers, 1, ""));
    }
    RETURN_IF_ERROR(LookNow(tx, round));
    ASSIGN_OR_RETURN(const Plan answered, proposals::GetPlan(tx, id));
    return ToProto(answered);
  };
  ASSIGN_OR_RETURN(v1::Plan plan, Write<v1::Plan>(call, request, answer));
  wake_();
  return plan;
}

}  // namespace smederij::proposals
