#include "services/registry/domain/charter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace smederij::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

Charter Good() {
  return {.classes = {{.class_id = 1, .name = "children", .age_from = 4, .age_to = 11},
                      {.class_id = 2, .name = "adults", .age_from = 18, .age_to = 120}},
          .ballot_rule = {.kind = BallotKind::kApproval, .choices_max = 3},
          .count_rule = {.rule = "greedy_votes"},
          .criteria = {{.criterion_id = "open-to-all", .text = "Anyone may use it."}},
          .k_min = 20};
}

std::vector<std::string> At(const Charter& charter) {
  std::vector<std::string> fields;
  for (const auto& [field, wrong] : FieldsOf(CheckCharter(charter))) fields.push_back(field);
  return fields;
}

TEST(Charter, AGoodOneHasNoMistakes) { EXPECT_TRUE(CheckCharter(Good()).ok()); }

TEST(Charter, AllMistakesAreToldAtOnce) {
  Charter bad = Good();
  bad.classes[1].class_id = 1;
  bad.classes[1].age_from = 11;
  bad.classes[0].name = "chil\ndren";
  bad.ballot_rule.choices_min = 4;
  bad.count_rule.rule = "greedy_luck";
  bad.criteria.push_back(bad.criteria[0]);
  bad.plan_cost_cents_max = -1;
  bad.k_min = 0;
  const absl::Status status = CheckCharter(bad);
  EXPECT_EQ(ReasonOf(status), "BAD_CHARTER");
  EXPECT_THAT(At(bad),
              UnorderedElementsAre("classes[1].class_id", "classes[1].age_from", "classes[0].name",
                                   "ballot_rule.choices_min", "count_rule.rule",
                                   "criteria[1].criterion_id", "plan_cost_cents_max", "k_min"));
}

TEST(Charter, AnEmptyOneLacksEverythingThatIsNeeded) {
  EXPECT_THAT(At(Charter()),
              UnorderedElementsAre("classes", "ballot_rule.kind", "count_rule.rule", "k_min"));
}

struct ClassCase {
  const char* name;
  VotingClass one;
  std::vector<std::string> at;
};
class ClassRules : public testing::TestWithParam<ClassCase> {};

TEST_P(ClassRules, EitherSideOfEachEdge) {
  Mistakes mistakes;
  CheckClasses({GetParam().one}, mistakes);
  std::vector<std::string> fields;
  for (const auto& [field, wrong] : FieldsOf(mistakes.status("BAD", ""))) fields.push_back(field);
  EXPECT_EQ(fields, GetParam().at);
}

INSTANTIATE_TEST_SUITE_P(
    Edges, ClassRules,
    testing::ValuesIn<ClassCase>({{"largest", {65535, "x", 0, 150, 1000}, {}},
                                  {"smallest", {1, "x", 7, 7, 1}, {}},
                                  {"id_zero", {0, "x", 0, 1, 1}, {"classes[0].class_id"}},
                                  {"id_too_large", {65536, "x", 0, 1, 1}, {"classes[0].class_id"}},
                                  {"too_old", {1, "x", 0, 151, 1}, {"classes[0].age_to"}},
                                  {"upside_down", {1, "x", 8, 7, 1}, {"classes[0].age_from"}},
                                  {"weightless", {1, "x", 0, 1, 0}, {"classes[0].weight"}},
                                  {"too_heavy", {1, "x", 0, 1, 1001}, {"classes[0].weight"}},
                                  {"nameless", {1, " ", 0, 1, 1}, {"classes[0].name"}},
                                  {"overridden", {1, "a\u202eb", 0, 1, 1}, {"classes[0].name"}}}),
    [](const auto& tested) { return tested.param.name; });

TEST(Charter, AdjacentAgesDoNotOverlap) {
  Charter charter = Good();
  charter.classes[1].age_from = 12;
  EXPECT_TRUE(CheckCharter(charter).ok());
  charter.classes[1].age_from = 11;
  EXPECT_THAT(At(charter), ElementsAre("classes[1].age_from"));
}

TEST(Charter, RulesCountTheBallotsTheyAreFor) {
  using K = BallotKind;
  const auto kinds_of = [](absl::string_view rule) {
    std::vector<K> kinds;
    for (const K kind : {K::kApproval, K::kChooseOne, K::kKnapsack, K::kPoints, K::kRanking}) {
      if (CountsBallots(rule, kind)) kinds.push_back(kind);
    }
    return kinds;
  };
  for (const char* rule : {"greedy_votes", "greedy_cost", "greedy_card", "phragmen", "mes_cost",
                           "mes_card", "mes_cost_add1", "mes_cost_add1_full", "mes_cost_add1u",
                           "mes_cost_add1_fullu", "mes_cost_inc1pct", "mes_cost_inc1pctu"}) {
    EXPECT_THAT(kinds_of(rule), ElementsAre(K::kApproval, K::kChooseOne, K::kKnapsack)) << rule;
  }
  for (const char* rule : {"greedy_points", "mes_points", "mes_points_add1", "mes_points_add1_full",
                           "mes_points_inc1pct"}) {
    EXPECT_THAT(kinds_of(rule), ElementsAre(K::kPoints, K::kRanking)) << rule;
  }
  for (const char* rule : {"greedy_points_per_cost", "mes_points_cost"}) {
    EXPECT_THAT(kinds_of(rule), ElementsAre(K::kPoints)) << rule;
  }
  for (const char* rule : {"greedy_borda_per_cost", "mes_borda"}) {
    EXPECT_THAT(kinds_of(rule), ElementsAre(K::kRanking)) << rule;
  }
  EXPECT_THAT(kinds_of(""), IsEmpty());
  EXPECT_THAT(kinds_of("GREEDY_VOTES"), IsEmpty());
}

TEST(Charter, ARuleForOtherBallotsIsAMistake) {
  Charter charter = Good();
  charter.count_rule.rule = "mes_borda";
  EXPECT_THAT(At(charter), ElementsAre("count_rule.rule"));
}

TEST(Charter, TheFirstMisfitBelongsToMostVotesAndMostPoints) {
  Charter charter = Good();
  charter.count_rule.stop_at_first_misfit = true;
  charter.count_rule.partial_award = true;
  EXPECT_TRUE(CheckCharter(charter).ok());
  for (const char* rule : {"mes_cost_add1_full", "phragmen", "greedy_card"}) {
    charter.count_rule.rule = rule;
    EXPECT_THAT(At(charter),
                ElementsAre("count_rule.partial_award", "count_rule.stop_at_first_misfit"))
        << rule;
  }
}

TEST(Charter, AnEndowmentStepBelongsToTheGrowingRules) {
  Charter charter = Good();
  charter.count_rule.endowment_step_cents = 100;
  EXPECT_THAT(At(charter), ElementsAre("count_rule.endowment_step_cents"));
  charter.count_rule.rule = "mes_cost_add1_full";
  EXPECT_TRUE(CheckCharter(charter).ok());
}

TEST(Charter, ChooseOneChoosesOne) {
  Charter charter = Good();
  charter.ballot_rule = {.kind = BallotKind::kChooseOne, .choices_min = 1, .choices_max = 1};
  EXPECT_TRUE(CheckCharter(charter).ok());
  charter.ballot_rule.choices_max = 2;
  EXPECT_THAT(At(charter), ElementsAre("ballot_rule.choices_max"));
}

TEST(Charter, PointsHaveATotalAndALadderThatFits) {
  Charter charter = Good();
  charter.count_rule.rule = "greedy_points";
  charter.ballot_rule = {.kind = BallotKind::kPoints,
                         .points_total_max = 6,
                         .points_per_plan_max = 3,
                         .points_ladder = {3, 2, 1}};
  EXPECT_TRUE(CheckCharter(charter).ok());
  charter.ballot_rule.points_total_max = 5;
  EXPECT_THAT(At(charter), ElementsAre("ballot_rule.points_ladder"));
  charter.ballot_rule = {.kind = BallotKind::kPoints,
                         .points_total_max = 10,
                         .points_per_plan_max = 3,
                         .points_ladder = {4, 0, 2, 2}};
  EXPECT_THAT(At(charter),
              ElementsAre("ballot_rule.points_ladder[0]", "ballot_rule.points_ladder[1]",
                          "ballot_rule.points_ladder[3]"));
  charter.ballot_rule = {.kind = BallotKind::kPoints};
  EXPECT_THAT(At(charter), ElementsAre("ballot_rule.points_total_max"));
  charter = Good();
  charter.ballot_rule.points_total_max = 3;  // On an approval ballot.
  EXPECT_THAT(At(charter), ElementsAre("ballot_rule.points_total_max"));
}

TEST(Charter, ATieOrderMustDecide) {
  using T = TieBreak;
  Charter charter = Good();
  charter.count_rule.tie_order = {T::kSupport, T::kCost, T::kLot};
  EXPECT_TRUE(CheckCharter(charter).ok());
  charter.count_rule.tie_order = {T::kSupport, T::kCost};
  EXPECT_THAT(At(charter), ElementsAre("count_rule.tie_order[1]"));
  charter.count_rule.tie_order = {T::kLot, T::kNumber};
  EXPECT_THAT(At(charter), ElementsAre("count_rule.tie_order[0]"));
  charter.count_rule.tie_order = {T::kCost, T::kCost, T::kNumber};
  EXPECT_THAT(At(charter), ElementsAre("count_rule.tie_order[1]"));
}

}  // namespace
}  // namespace smederij::registry
