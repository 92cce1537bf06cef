#include "services/ballots/domain/choice.h"

#include <gtest/gtest.h>

#include <functional>

#include "common/base/error.h"
#include "services/ballots/testing/election.h"

namespace smederij::ballots {
namespace {

using testing::SampleManifest;

std::string WrongIn(const absl::Status& status) {
  if (status.ok()) return "";
  EXPECT_EQ(ReasonOf(status), "INVALID_CHOICE") << status;
  for (const auto& [name, value] : FactsOf(status)) {
    if (name == "wrong") return value;
  }
  return "?";
}

Choice Make(BallotKind kind, std::vector<Choice::Line> lines) {
  return {.kind = kind, .lines = std::move(lines)};
}

TEST(Choice, SurvivesItsBytes) {
  for (const Choice& choice :
       {Make(BallotKind::kApproval, {}), Make(BallotKind::kApproval, {{1, 0}, {9, 0}}),
        Make(BallotKind::kRanking, {{9, 0}, {1, 0}, {5, 0}}),
        Make(BallotKind::kPoints, {{1, 3}, {2, 1}})}) {
    const auto parsed = ParseChoice(Encode(choice));
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_EQ(*parsed, choice);
  }
}

TEST(Choice, IsParsedStrictly) {
  const std::string good = Encode(Make(BallotKind::kPoints, {{1, 3}, {2, 1}}));
  const auto wrong = [](const std::string& bytes) { return WrongIn(ParseChoice(bytes).status()); };
  EXPECT_EQ(wrong(good), "");
  EXPECT_EQ(wrong(""), "VERSION");
  EXPECT_EQ(wrong("\x02" + good.substr(1)), "VERSION");
  EXPECT_EQ(wrong(std::string("\x01\x00\x00\x00", 4)), "KIND");
  EXPECT_EQ(wrong(std::string("\x01\x06\x00\x00", 4)), "KIND");
  EXPECT_EQ(wrong(good + '\0'), "LENGTH");
  for (size_t length = 2; length < good.size(); ++length) {
    EXPECT_EQ(wrong(good.substr(0, length)), "LENGTH") << length;
  }
  EXPECT_EQ(wrong(Encode(Make(BallotKind::kApproval, {{2, 0}, {1, 0}}))), "ORDER");
  EXPECT_EQ(wrong(Encode(Make(BallotKind::kApproval, {{2, 0}, {2, 0}}))), "DUPLICATE");
  EXPECT_EQ(wrong(Encode(Make(BallotKind::kRanking, {{2, 0}, {1, 0}, {2, 0}}))), "DUPLICATE");
  EXPECT_EQ(wrong(Encode(Make(BallotKind::kPoints, {{1, 0}}))), "POINTS_ZERO");
}

struct Case {
  const char* name;
  std::function<void(Manifest&)> rule;
  Choice choice;
  const char* wrong;
};

class BallotRules : public ::testing::TestWithParam<Case> {};

TEST_P(BallotRules, JudgeTheChoice) {
  Manifest m = SampleManifest();  // Costs 6000, 4000, 2500; pot 10000.
  GetParam().rule(m);
  EXPECT_EQ(WrongIn(CheckChoice(GetParam().choice, m)), GetParam().wrong);
}

void Approval(Manifest&) {}
void TwoAtMost(Manifest& m) { m.ballot_rule.choices_max = 2; }
void TwoOrThree(Manifest& m) { m.ballot_rule.choices_min = 2; }
void One(Manifest& m) { m.ballot_rule.kind = BallotKind::kChooseOne; }
void Knapsack(Manifest& m) { m.ballot_rule.kind = BallotKind::kKnapsack; }
void Ranking(Manifest& m) { m.ballot_rule.kind = BallotKind::kRanking; }
void Points(Manifest& m) {
  m.ballot_rule.kind = BallotKind::kPoints;
  m.ballot_rule.points_total_max = 6;
  m.ballot_rule.points_per_plan_max = 4;
}
void Ladder(Manifest& m) {
  m.ballot_rule.kind = BallotKind::kPoints;
  m.ballot_rule.points_ladder = {3, 2, 1};
}

constexpr BallotKind kA = BallotKind::kApproval, kP = BallotKind::kPoints;

INSTANTIATE_TEST_SUITE_P(
    InOrderOfPrecedence, BallotRules,
    ::testing::ValuesIn<Case>({
        {"blank", Approval, Make(kA, {}), ""},
        {"all", Approval, Make(kA, {{1, 0}, {2, 0}, {3, 0}}), ""},
        {"kind_beats_blank", Approval, Make(kP, {}), "KIND"},
        {"unknown_plan", Approval, Make(kA, {{1, 0}, {4, 0}}), "UNKNOWN_PLAN"},
        {"two", TwoAtMost, Make(kA, {{1, 0}, {2, 0}}), ""},
        {"three", TwoAtMost, Make(kA, {{1, 0}, {2, 0}, {3, 0}}), "TOO_MANY"},
        {"unknown_beats_too_many", TwoAtMost, Make(kA, {{1, 0}, {2, 0}, {4, 0}}), "UNKNOWN_PLAN"},
        {"blank_is_not_too_few", TwoOrThree, Make(kA, {}), ""},
        {"too_few", TwoOrThree, Make(kA, {{1, 0}}), "TOO_FEW"},
        {"just_enough", TwoOrThree, Make(kA, {{1, 0}, {2, 0}}), ""},
        {"one", One, Make(BallotKind::kChooseOne, {{3, 0}}), ""},
        {"two_of_one", One, Make(BallotKind::kChooseOne, {{1, 0}, {2, 0}}), "TOO_MANY"},
        {"exactly_the_pot", Knapsack, Make(BallotKind::kKnapsack, {{1, 0}, {2, 0}}), ""},
        {"over_the_pot", Knapsack, Make(BallotKind::kKnapsack, {{1, 0}, {2, 0}, {3, 0}}),
         "OVER_POT"},
        {"any_order", Ranking, Make(BallotKind::kRanking, {{3, 0}, {1, 0}}), ""},
        {"all_points", Points, Make(kP, {{1, 4}, {2, 2}}), ""},
        {"one_point_over", Points, Make(kP, {{1, 4}, {2, 3}}), "POINTS_TOTAL"},
        {"total_beats_per_plan", Points, Make(kP, {{1, 5}, {2, 2}}), "POINTS_TOTAL"},
        {"too_many_for_one", Points, Make(kP, {{1, 5}}), "POINTS_PER_PLAN"},
        {"no_wrapping_sum", Points, Make(kP, {{1, UINT32_MAX}, {2, 2}}), "POINTS_TOTAL"},
        {"whole_ladder", Ladder, Make(kP, {{1, 1}, {2, 3}, {3, 2}}), ""},
        {"part_of_the_ladder", Ladder, Make(kP, {{1, 2}}), ""},
        {"rung_twice", Ladder, Make(kP, {{1, 3}, {2, 3}}), "POINTS_LADDER"},
        {"no_such_rung", Ladder, Make(kP, {{1, 4}}), "POINTS_LADDER"},
    }),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace smederij::ballots
