#pragma once

#include <string>

#include "common/base/error.h"
#include "services/proposals/test/village.h"

namespace smederij::proposals {

// A village with a round, an idea, ann's group, and a plan of hers.
struct Forge : Village {
  const std::string round = MakeRound();
  const std::string idea = MakeIdea(round);
  const std::string group = MakeGroup(round);
  const std::string plan = MakePlan(group, idea, 900'00, /*admitted=*/false);

  std::string Check(const std::string& criterion, bool met, const testing::Person& who) {
    v1::CheckPlanRequest request;
    request.set_plan_id(plan);
    request.set_criterion_id(criterion);
    request.set_met(met);
    request.set_reason("Daarom.");
    return ReasonOf(Write(&Village::Stub::CheckPlan, request, who).status());
  }
  std::string Admit(const testing::Person& who) {
    v1::AdmitPlanRequest request;
    request.set_plan_id(plan);
    return ReasonOf(Write(&Village::Stub::AdmitPlan, request, who).status());
  }
  std::string Advise(const testing::Person& who, const std::string& text) {
    v1::AdvisePlanRequest request;
    request.set_plan_id(plan);
    request.set_text(text);
    return ReasonOf(Write(&Village::Stub::AdvisePlan, request, who).status());
  }
  // As if the freeze had come.
  void Freeze() { Sql("UPDATE proposals.round SET freeze_at = clock_timestamp()"); }
};

}  // namespace smederij::proposals
