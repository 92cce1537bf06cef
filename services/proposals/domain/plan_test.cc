#include "services/proposals/domain/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/error.h"
#include "services/proposals/domain/sample.h"

namespace smederij::proposals {
namespace {

using ::testing::ElementsAre;
using ::testing::Key;
using ::testing::Pair;

Plan SamplePlan() {
  Plan plan;
  plan.id = Named<PlanId>("swing");
  plan.group = Named<GroupId>("group");
  plan.cost = Money::Cents(2'500'00);
  plan.checks = {{"open-to-all", true, "on the green"}, {"feasible", true, "two quotes"}};
  return plan;
}

struct AdmissionCase {
  const char* name;
  absl::Time now;
  PlanState state;
  std::vector<Check> checks;
  int64_t cost_cents;
  const char* refusal;
};

class Admission : public testing::TestWithParam<AdmissionCase> {};

TEST_P(Admission, Decides) {
  Plan plan = SamplePlan();
  plan.state = GetParam().state;
  plan.checks = GetParam().checks;
  plan.cost = Money::Cents(GetParam().cost_cents);
  EXPECT_EQ(ReasonOf(MayAdmit(SampleRound(), plan, GetParam().now)), GetParam().refusal);
}

const Check kOpen{"open-to-all", true, ""}, kFeasible{"feasible", true, ""};
const Check kClosed{"open-to-all", false, ""}, kForeign{"of-another-charter", true, ""};

INSTANTIATE_TEST_SUITE_P(
    InOrderOfPrecedence, Admission,
    testing::ValuesIn<AdmissionCase>({
        {"exactly_the_cap", Hour(9), PlanState::kForged, {kOpen, kFeasible}, 2'500'00, ""},
        {"one_cent_over", Hour(9), PlanState::kForged, {kOpen, kFeasible}, 2'500'01, "OVER_CAP"},
        {"unmet_beats_cap",
         Hour(9),
         PlanState::kForged,
         {kClosed, kFeasible},
         2'500'01,
         "CRITERIA_NOT_MET"},
        {"unchecked_beats_unmet",
         Hour(9),
         PlanState::kForged,
         {kClosed},
         2'500'01,
         "CRITERIA_UNCHECKED"},
        {"a_foreign_check_counts_for_nothing",
         Hour(9),
         PlanState::kForged,
         {kOpen, kForeign},
         1,
         "CRITERIA_UNCHECKED"},
        {"state_beats_checks", Hour(9), PlanState::kAdmitted, {}, 1, "WRONG_STATE"},
        {"freeze_beats_all", Hour(10), PlanState::kAdmitted, {}, 2'500'01, "WRONG_PHASE"},
    }),
    [](const auto& one) { return one.param.name; });

TEST(MayAdmit, OnlyWhatAPotMayPayFor) {
  Plan plan = SamplePlan();
  Round round = SampleRound();
  for (Pot& pot : round.pots) pot.category = "green";
  EXPECT_EQ(ReasonOf(MayAdmit(round, plan, Hour(9))), "NO_POT_FOR_PLAN");
  plan.category = "play";
  EXPECT_EQ(ReasonOf(MayAdmit(round, plan, Hour(9))), "NO_POT_FOR_PLAN");
  plan.category = "green";
  EXPECT_EQ(ReasonOf(MayAdmit(round, plan, Hour(9))), "");
  plan.category = "";
  round.pots[1].category = "";
  EXPECT_EQ(ReasonOf(MayAdmit(round, plan, Hour(9))), "");
  plan.cost = Money::Cents(2'500'01);
  round.pots[1].category = "green";
  EXPECT_EQ(ReasonOf(MayAdmit(round, plan, Hour(9))), "OVER_CAP") << "before NO_POT_FOR_PLAN";
}

TEST(MayAdmit, MoneyOfItsOwnDoesNotCountAgainstTheCap) {
  Plan plan = SamplePlan();
  plan.cost = Money::Cents(2'600'00);
  Round round = SampleRound();
  round.pots.push_back({Named<BudgetId>("sponsor"), Money::Cents(99'99), "", plan.id});
  EXPECT_EQ(ReasonOf(MayAdmit(round, plan, Hour(9))), "OVER_CAP");
  round.pots.back().amount = Money::Cents(100'00);
  EXPECT_EQ(ReasonOf(MayAdmit(round, plan, Hour(9))), "");
}

TEST(Admission, NoCapMeansNoCapAndAdviceIsNoVeto) {
  Round round = SampleRound();
  round.charter.plan_cost_max = Money();
  Plan plan = SamplePlan();
  plan.cost = Money::Cents(Money::kCentsMax);
  plan.advice = {{Named<SubjectId>("team"), "We advise against this.", Hour(1)}};
  EXPECT_TRUE(MayAdmit(round, plan, Hour(9)).ok());
}

TEST(Admission, NamesTheCriteriaThatAreMissing) {
  Plan plan = SamplePlan();
  plan.checks.clear();
  EXPECT_THAT(FactsOf(MayAdmit(SampleRound(), plan, Hour(9))),
              ElementsAre(Pair("criteria", "open-to-all feasible")));
}

TEST(Check, RefusalsInOrder) {
  Plan plan = SamplePlan();
  EXPECT_TRUE(MayCheck(SampleRound(), plan, "feasible", Hour(9)).ok());
  EXPECT_EQ(ReasonOf(MayCheck(SampleRound(), plan, "fun", Hour(9))), "CRITERION_NOT_FOUND");
  plan.state = PlanState::kAdmitted;
  EXPECT_EQ(ReasonOf(MayCheck(SampleRound(), plan, "fun", Hour(9))), "WRONG_STATE");
  EXPECT_EQ(ReasonOf(MayCheck(SampleRound(), plan, "fun", Hour(10))), "WRONG_PHASE");
}

TEST(Forge, NamesAtLeastOneIdeaAndNoneTwice) {
  const IdeaId a = Named<IdeaId>("a"), b = Named<IdeaId>("b");
  EXPECT_TRUE(CheckForged({a, b}, Horizon::kShortStrike, "", "").ok());
  EXPECT_TRUE(CheckForged({a}, Horizon::kShortStrike, "green-2", "").ok());
  EXPECT_THAT(FieldsOf(CheckForged({a, b, a}, Horizon::kShortStrike, "Green!", "")),
              ElementsAre(Key("exclusive_group"), Key("idea_ids[2]")));
  EXPECT_THAT(FieldsOf(CheckForged({a}, std::nullopt, "", "")), ElementsAre(Key("horizon")));
  EXPECT_EQ(ReasonOf(CheckForged({}, Horizon::kShortStrike, "", "")), "BAD_PLAN");
  for (const char* const category : {"green", "a", "2", "social-work-2"}) {
    EXPECT_TRUE(CheckForged({a}, Horizon::kShortStrike, "", category).ok()) << category;
  }
  EXPECT_TRUE(CheckForged({a}, Horizon::kShortStrike, "", std::string(60, 'a')).ok());
  for (const std::string& category :
       {std::string("Green"), std::string("-green"), std::string("green-"), std::string("a--b"),
        std::string("other plans"), std::string(61, 'a')}) {
    EXPECT_THAT(FieldsOf(CheckForged({a}, Horizon::kShortStrike, "", category)),
                ElementsAre(Key("category")))
        << category;
  }
  EXPECT_EQ(ReasonOf(CheckForged({a}, Horizon::kShortStrike, std::string(61, 'a'), "")),
            "BAD_PLAN");
  EXPECT_EQ(ReasonOf(CheckForged(std::vector<IdeaId>(51, a), Horizon::kShortStrike, "", "")),
            "BAD_PLAN");
}

TEST(Answer, OnlyMembersOnlyOpenOffersOnlyInTime) {
  const SubjectId ann = Named<SubjectId>("ann");
  Group group;
  group.members = {ann};
  Plan plan = SamplePlan();
  plan.state = PlanState::kOffered;
  Round round = SampleRound();
  EXPECT_TRUE(MayAnswer(round, group, plan, ann, Hour(60) - absl::Microseconds(1)).ok());
  EXPECT_EQ(ReasonOf(MayAnswer(round, group, plan, ann, Hour(60))), "NO_OFFER_OPEN");
  round.instants.answer_until.reset();
  EXPECT_TRUE(MayAnswer(round, group, plan, ann, Hour(600)).ok());
  for (const PlanState other : {PlanState::kSelected, PlanState::kDeclined, PlanState::kFunded,
                                PlanState::kNotSelected, PlanState::kAdmitted}) {
    plan.state = other;
    EXPECT_EQ(ReasonOf(MayAnswer(round, group, plan, ann, Hour(55))), "NO_OFFER_OPEN");
    EXPECT_EQ(ReasonOf(MayAnswer(round, group, plan, Named<SubjectId>("bob"), Hour(55))),
              "NOT_A_MEMBER");
  }
}

}  // namespace
}  // namespace smederij::proposals
