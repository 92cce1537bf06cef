#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "common/base/error.h"
#include "services/proposals/test/forge.h"

namespace smederij::proposals {
namespace {

using ::testing::ElementsAre;
using testing::Person;
using ::testing::SizeIs;
using v1::Plan;
using Stub = Village::Stub;

TEST(Forging, OnlyResidentsOfTheDistrict) {
  Forge forge;
  v1::SubmitIdeaRequest idea;
  idea.set_round_id(forge.round);
  idea.set_title("Bankje");
  idea.set_text("Bij de vijver.");
  const auto submit = [&](const Person& who) {
    return ReasonOf(forge.Write(&Stub::SubmitIdea, idea, who).status());
  };
  EXPECT_EQ(submit(forge.stranger), "ROLE_NOT_HELD_THERE");
  EXPECT_EQ(submit(forge.director), "ROLE_NOT_HELD");
  EXPECT_EQ(submit({}), "IDENTITY_NEEDED");
  Person of_other_town = forge.ann;
  of_other_town.municipality = MunicipalityId::Random();
  EXPECT_EQ(submit(of_other_town), "OTHER_MUNICIPALITY");
  EXPECT_EQ(submit(forge.bob), "");
  idea.set_title("");
  EXPECT_EQ(submit(forge.bob), "BAD_TEXT");
}

TEST(Forging, EndsAtTheFreeze) {
  Forge forge;
  forge.Freeze();
  v1::SubmitIdeaRequest idea;
  idea.set_round_id(forge.round);
  idea.set_title("Te laat");
  idea.set_text("Helaas.");
  EXPECT_EQ(ReasonOf(forge.Write(&Stub::SubmitIdea, idea, forge.ann).status()), "WRONG_PHASE");
  v1::FormGroupRequest form;
  form.set_round_id(forge.round);
  form.set_name("Te laat");
  EXPECT_EQ(ReasonOf(forge.Write(&Stub::FormGroup, form, forge.ann).status()), "WRONG_PHASE");
  v1::JoinGroupRequest join;
  join.set_group_id(forge.group);
  EXPECT_EQ(ReasonOf(forge.Write(&Stub::JoinGroup, join, forge.ann).status()), "WRONG_PHASE")
      << "before ALREADY_MEMBER";
  const auto plan =
      forge.Ask(&Stub::ForgePlan, forge.PlanRequest(forge.group, forge.idea, 1), forge.ann);
  EXPECT_EQ(ReasonOf(plan.status()), "WRONG_PHASE");
  EXPECT_EQ(forge.Check("feasible", true, forge.ann), "WRONG_PHASE");
  EXPECT_EQ(forge.Advise(forge.team, "Doen!"), "WRONG_PHASE");
  EXPECT_EQ(forge.Admit(forge.director), "WRONG_PHASE");
}

TEST(Groups, AnyoneOfTheDistrictMayJoinOnce) {
  Forge forge;
  v1::JoinGroupRequest join;
  join.set_group_id(forge.group);
  const auto joined = forge.Write(&Stub::JoinGroup, join, forge.bob);
  ASSERT_TRUE(joined.ok()) << joined.status();
  EXPECT_THAT(joined->member_ids(),
              ElementsAre(forge.ann.subject.ToString(), forge.bob.subject.ToString()));
  EXPECT_EQ(ReasonOf(forge.Write(&Stub::JoinGroup, join, forge.bob).status()), "ALREADY_MEMBER");
  EXPECT_EQ(ReasonOf(forge.Write(&Stub::JoinGroup, join, forge.stranger).status()),
            "ROLE_NOT_HELD_THERE");
  join.set_group_id(Uuid::Random().ToString());
  EXPECT_EQ(ReasonOf(forge.Write(&Stub::JoinGroup, join, forge.bob).status()), "GROUP_NOT_FOUND");
}

struct PlanCase {
  const char* name;
  std::function<void(Forge&, v1::ForgePlanRequest&)> change;
  const char* reason;
};
class PlanRefusals : public ::testing::TestWithParam<PlanCase> {};

TEST_P(PlanRefusals, AreTold) {
  Forge forge;
  v1::ForgePlanRequest request = forge.PlanRequest(forge.group, forge.idea, 900'00);
  GetParam().change(forge, request);
  EXPECT_EQ(ReasonOf(forge.Ask(&Stub::ForgePlan, request, forge.ann).status()), GetParam().reason);
}

INSTANTIATE_TEST_SUITE_P(
    InOrderOfPrecedence, PlanRefusals,
    ::testing::ValuesIn<PlanCase>(
        {{"right", [](Forge&, auto&) {}, ""},
         {"text",
          [](Forge&, auto& r) {
            r.set_text("");
            r.set_cost_cents(0);
          },
          "BAD_TEXT"},
         {"amount",
          [](Forge&, auto& r) {
            r.set_cost_cents(Money::kCentsMax + 1);
            r.clear_idea_ids();
          },
          "AMOUNT_OUT_OF_RANGE"},
         {"no_idea",
          [](Forge&, auto& r) {
            r.clear_idea_ids();
            r.set_group_id(Uuid::Random().ToString());
          },
          "BAD_PLAN"},
         {"category", [](Forge&, auto& r) { r.set_category("Groen"); }, "BAD_PLAN"},
         {"no_horizon", [](Forge&, auto& r) { r.clear_horizon(); }, "BAD_PLAN"},
         {"group",
          [](Forge&, auto& r) {
            r.set_group_id(Uuid::Random().ToString());
            r.set_idea_ids(0, Uuid::Random().ToString());
          },
          "GROUP_NOT_FOUND"},
         {"member",
          [](Forge& f, auto& r) {
            f.Sql("UPDATE proposals.group_member SET member_id = gen_random_uuid()");
            f.Freeze();
            r.set_idea_ids(0, Uuid::Random().ToString());
          },
          "NOT_A_MEMBER"},
         {"idea", [](Forge&, auto& r) { r.set_idea_ids(0, Uuid::Random().ToString()); },
          "IDEA_NOT_FOUND"},
         {"foreign_idea",
          [](Forge& f, auto& r) { r.set_idea_ids(0, f.MakeIdea(f.MakeRound("Elders"))); },
          "IDEA_OF_OTHER_ROUND"},
         {"exclusive",
          [](Forge& f, auto& r) {
            r.set_exclusive_group("shed");
            r.set_request_id(Uuid::Random().ToString());
            EXPECT_TRUE(f.Ask(&Stub::ForgePlan, r, f.ann).ok());
            r.set_request_id(Uuid::Random().ToString());
            EXPECT_TRUE(f.Ask(&Stub::ForgePlan, r, f.ann).ok()) << "the same category, none";
            r.set_category("green");
            r.set_request_id(Uuid::Random().ToString());
            f.Sql("UPDATE proposals.round SET plans_made = 900");
          },
          "CATEGORIES_DIFFER"},
         {"full", [](Forge& f, auto&) { f.Sql("UPDATE proposals.round SET plans_made = 900"); },
          "TOO_MANY_PLANS"}}),
    [](const auto& one) { return one.param.name; });

TEST(Plans, AreCheckedByTheirGroupAdvisedByTheTeamAdmittedByTheDirector) {
  Forge forge;
  EXPECT_EQ(forge.Check("feasible", true, forge.bob), "NOT_A_MEMBER");
  EXPECT_EQ(forge.Check("fun", true, forge.ann), "CRITERION_NOT_FOUND");
  EXPECT_EQ(forge.Admit(forge.ann), "ROLE_NOT_HELD");
  EXPECT_EQ(forge.Admit(forge.director), "CRITERIA_UNCHECKED");
  EXPECT_EQ(forge.Check("feasible", false, forge.ann), "");
  EXPECT_EQ(forge.Check("open-to-all", true, forge.ann), "");
  EXPECT_EQ(forge.Admit(forge.director), "CRITERIA_NOT_MET");
  EXPECT_EQ(forge.Check("feasible", true, forge.ann), "");
  EXPECT_EQ(forge.Advise(forge.ann, "Wij vinden het goed."), "ROLE_NOT_HELD");
  EXPECT_EQ(forge.Advise(forge.team, ""), "BAD_TEXT");
  EXPECT_EQ(forge.Advise(forge.team, "Wij raden het af."), "");
  EXPECT_EQ(forge.Admit(forge.director), "") << "advice is never a veto";
  EXPECT_EQ(forge.Admit(forge.director), "WRONG_STATE");
  EXPECT_EQ(forge.Check("feasible", false, forge.ann), "WRONG_STATE");
  const Plan plan = forge.PlanOf(forge.plan);
  EXPECT_EQ(plan.state(), Plan::STATE_ADMITTED);
  EXPECT_EQ(plan.number(), 1u);
  EXPECT_THAT(plan.checks(), SizeIs(2));
  EXPECT_THAT(plan.advice(), SizeIs(1));
}

TEST(Plans, KeepTheCategoryTheyWereForgedWith) {
  Forge forge;
  v1::ForgePlanRequest request = forge.PlanRequest(forge.group, forge.idea, 900'00);
  request.set_category("green");
  const auto plan = forge.Ask(&Stub::ForgePlan, request, forge.ann);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->category(), "green");
  EXPECT_EQ(forge.PlanOf(plan->plan_id()).category(), "green");
  EXPECT_EQ(forge.PlanOf(forge.plan).category(), "");
}

TEST(Plans, ThatNoPotIsForAreNotAdmitted) {
  Forge forge;
  forge.Sql("UPDATE proposals.pot SET category = 'green', deadline = '2999-12-31'");
  for (const char* const criterion : {"open-to-all", "feasible"}) {
    EXPECT_EQ(forge.Check(criterion, true, forge.ann), "");
  }
  EXPECT_EQ(forge.Admit(forge.director), "NO_POT_FOR_PLAN");
  forge.Sql("UPDATE proposals.plan SET category = 'green'");
  EXPECT_EQ(forge.Admit(forge.director), "");
}

TEST(Plans, OverTheCapAreNotAdmitted) {
  Forge forge;
  forge.Sql("UPDATE proposals.plan SET cost_cents = 500001");
  forge.Check("feasible", true, forge.ann);
  forge.Check("open-to-all", true, forge.ann);
  EXPECT_EQ(forge.Admit(forge.director), "OVER_CAP");
}

TEST(Plans, TakeAHundredAdvices) {
  Forge forge;
  forge.Sql(
      "INSERT INTO proposals.plan_advice SELECT round_id, plan_id, n, gen_random_uuid(),"
      " 'ja', now() FROM proposals.plan, generate_series(1, 99) AS n");
  EXPECT_EQ(forge.Advise(forge.team, "Honderd."), "");
  EXPECT_EQ(forge.Advise(forge.team, "Honderdeen."), "TOO_MUCH_ADVICE");
}

TEST(Offers, AreAnsweredByMembersOnceAndLetTheRoundGoOn) {
  Forge forge;
  forge.Sql(
      "UPDATE proposals.plan SET state = 5, award_cents = 100, rank = 1,"
      " admitted_at = now(), admitted_by = gen_random_uuid()");
  v1::AnswerOfferRequest request;
  request.set_plan_id(forge.plan);
  request.set_accept(true);
  const auto answer = [&](const Person& who) {
    return ReasonOf(forge.Write(&Stub::AnswerOffer, request, who).status());
  };
  EXPECT_EQ(answer(forge.stranger), "ROLE_NOT_HELD_THERE");
  EXPECT_EQ(answer(forge.bob), "NOT_A_MEMBER");
  const int wakes = forge.wakes;
  EXPECT_EQ(answer(forge.ann), "");
  EXPECT_EQ(forge.wakes, wakes + 1);
  EXPECT_EQ(forge.PlanOf(forge.plan).state(), Plan::STATE_SELECTED);
  EXPECT_EQ(answer(forge.ann), "NO_OFFER_OPEN");
  request.set_plan_id(Uuid::Random().ToString());
  EXPECT_EQ(answer(forge.ann), "PLAN_NOT_FOUND");
}

}  // namespace
}  // namespace smederij::proposals
