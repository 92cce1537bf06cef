// What groups of voters got. Random tests print their seed; SMEDERIJ_SEED repeats it.
#include "services/ballots/tally/groups.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/ballots/tally/testing/random_election.h"

namespace smederij::ballots::tally {
namespace {

using testing::ElementsAre;

std::vector<std::string> MoneyOf(const GroupShares& shares) {
  std::vector<std::string> money;
  for (const GroupShare& group : shares.groups) money.push_back(ToText(group.money));
  return money;
}

GroupShares Shared(const Election& election, const std::string& rule,
                   const std::vector<uint32_t>& group_of, size_t groups) {
  return ShareOut(election, MakeRule(rule), MustCount(election, MakeRule(rule)), group_of, groups);
}

TEST(Groups, AnAwardBelongsToItsSupportersInEqualParts) {
  Election election = MakeElection("100", {{"a", "60"}, {"b", "40"}, {"c", "10"}});
  AddBallot(election, {"a"}, 2);
  AddBallot(election, {"a", "b"});
  AddBallot(election, {"b", "c"});
  AddBallot(election, {});
  const GroupShares shares = Shared(election, "greedy_votes", {0, 1, 2, 1}, 4);
  EXPECT_THAT(MoneyOf(shares), ElementsAre("40", "40", "20", "0"));
  EXPECT_EQ(shares.nobody, 0);
}

TEST(Groups, BallotsAreCountedByTheirWeight) {
  Election election = MakeElection("100", {{"a", "60"}, {"b", "40"}, {"c", "10"}});
  AddBallot(election, {"a", "b"}, 3);
  AddBallot(election, {"a"});
  AddBallot(election, {"c"}, 2);
  const GroupShares shares = Shared(election, "greedy_votes", {0, 0, 0}, 1);
  EXPECT_EQ(shares.groups[0].ballots, 6);
  EXPECT_EQ(shares.groups[0].satisfied, 4);
  EXPECT_EQ(shares.groups[0].awards, 7);
}

TEST(Groups, UnderEqualSharesTheyGotWhatTheyPaid) {
  // Each has 25. Both supporters of "a" pay 15; the one who also wants "b" gives the 10 left, and
  // the other two supporters of "b" pay the rest of it.
  Election election = MakeElection("100", {{"a", "30"}, {"b", "50"}});
  AddBallot(election, {"a"});
  AddBallot(election, {"a", "b"});
  AddBallot(election, {"b"}, 2);
  const Outcome outcome = MustCount(election, MakeRule("mes_card"));
  ASSERT_THAT(IdsOf(election, outcome), ElementsAre("a", "b"));
  const GroupShares shares =
      ShareOut(election, MakeRule("mes_card"), outcome, std::vector<uint32_t>{0, 1, 2}, 3);
  EXPECT_THAT(MoneyOf(shares), ElementsAre("15", "25", "40"));
}

TEST(Groups, ACompletionIsSharedEqually) {
  // Before "a" can be paid from shares, "c" would be bought too, which is more than there is.
  Election election = MakeElection("100", {{"a", "30"}, {"b", "70"}, {"c", "40"}});
  AddBallot(election, {"a"});
  AddBallot(election, {"b", "c"}, 4);
  AddBallot(election, {"b"});
  const Rule rule = MakeRule("mes_cost_add1u");
  const Outcome outcome = MustCount(election, rule);
  ASSERT_THAT(IdsOf(election, outcome), ElementsAre("b", "a"));
  ASSERT_EQ(Explain(election, outcome, "a"), "FUNDED_BY_COMPLETION");
  const GroupShares shares = ShareOut(election, rule, outcome, std::vector<uint32_t>{0, 1, 1}, 2);
  EXPECT_THAT(MoneyOf(shares), ElementsAre("30", "70"));
}

TEST(Groups, NobodyGotAPlanThatNobodyChose) {
  Election election = MakeElection("100", {{"a", "60"}, {"b", "30"}});
  AddBallot(election, {"a"});
  const GroupShares shares = Shared(election, "greedy_votes", {0}, 1);
  EXPECT_THAT(MoneyOf(shares), ElementsAre("60"));
  EXPECT_EQ(shares.nobody, 30);
}

TEST(Groups, WithoutPointsAPlanOnABallotHasNoSupportThere) {
  Election election = MakeElection("100", {{"a", "60"}}, BallotKind::kPoints);
  AddPoints(election, {{"a", 0}});
  AddPoints(election, {{"a", 3}});
  const GroupShares shares = Shared(election, "greedy_points", {0, 1}, 2);
  EXPECT_THAT(MoneyOf(shares), ElementsAre("0", "60"));
  EXPECT_EQ(shares.groups[0].satisfied, 0);
  EXPECT_EQ(shares.groups[1].satisfied, 1);
}

TEST(Groups, MoneyOfAllGroupsIsWhatWasSpentExactly) {
  ForRandomElections(80, [](const Election& given, const Rule& given_rule, Dice& dice) {
    Election election = given;
    Rule rule = given_rule;
    if (rule.name == "greedy_votes") rule.partial_award = dice.Roll(0, 1) == 1;
    if (dice.Roll(0, 2) == 0) {
      for (Plan& plan : election.plans) plan.category = dice.Roll(0, 1) == 0 ? "near" : "far";
      election.pots = {{"near", election.budget / 3}, {"far", election.budget * 2 / 3}};
    }
    constexpr size_t kGroups = 3;
    std::vector<uint32_t> group_of(election.ballots.size());
    for (uint32_t& group : group_of) group = static_cast<uint32_t>(dice.Roll(0, kGroups - 1));
    const Outcome outcome = MustCount(election, rule);
    const GroupShares shares = ShareOut(election, rule, outcome, group_of, kGroups);
    Rational money = shares.nobody;
    int64_t ballots = 0;
    for (const GroupShare& group : shares.groups) {
      EXPECT_GE(group.money, 0);
      EXPECT_LE(group.satisfied, group.ballots);
      EXPECT_LE(group.satisfied, group.awards);
      money += group.money;
      ballots += group.ballots;
    }
    EXPECT_EQ(money, outcome.spent);
    EXPECT_EQ(ballots, outcome.voters);
  });
}

TEST(Groups, NobodyPaysMoreThanTheEndowment) {
  ForRandomElections(40, [](const Election& election, const Rule& rule, Dice&) {
    if (!rule.name.starts_with("mes_") || rule.name.back() == 'u') return;
    std::vector<uint32_t> group_of(election.ballots.size());
    for (uint32_t row = 0; row < group_of.size(); ++row) group_of[row] = row;
    const Outcome outcome = MustCount(election, rule);
    const GroupShares shares = ShareOut(election, rule, outcome, group_of, group_of.size());
    for (const GroupShare& voter : shares.groups) {
      EXPECT_LE(voter.money, outcome.contests[0].endowment * static_cast<long>(voter.ballots));
    }
  });
}

TEST(Groups, TooFewVotersAreNotShownAlone) {
  const auto shown = [](const std::vector<int64_t>& voters, size_t groups_max = 10) {
    return ShownAlone(voters, groups_max);
  };
  EXPECT_THAT(shown({5, 100}), ElementsAre(true, true));
  EXPECT_THAT(shown({3, 100, 2}), ElementsAre(false, true, false));
  // Alone in the rest, four could be found by subtraction: seven keep them company.
  EXPECT_THAT(shown({4, 100, 7}), ElementsAre(false, true, false));
  EXPECT_THAT(shown({4, 6}), ElementsAre(false, false));
  EXPECT_THAT(shown({4}), ElementsAre(false));
  EXPECT_THAT(shown({0, 9}), ElementsAre(false, true));
  EXPECT_THAT(shown({}), ElementsAre());
}

TEST(Groups, OnlySoManyAreShown) {
  EXPECT_THAT(ShownAlone({9, 30, 20, 10}, 2), ElementsAre(false, true, true, false));
}

}  // namespace
}  // namespace smederij::ballots::tally
