// Ballots known in sums only: the same outcome where sums are enough, refused where they are not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "common/base/error.h"
#include "services/ballots/tally/replay.h"
#include "services/ballots/tally/testing/small_election.h"

namespace smederij::ballots::tally {
namespace {

using ::testing::Key;
using ::testing::UnorderedElementsAre;

// The election with every ballot from row `from` on given as sums.
Election InSums(const Election& election, size_t from) {
  Election sums = election;
  sums.ballots = {};
  for (size_t row = 0; row < election.ballots.size(); ++row) {
    const BallotView ballot = election.ballots[row];
    if (row < from) {
      sums.ballots.Add(ballot.choices, ballot.weight);
      continue;
    }
    std::vector<int64_t> given(election.plans.size(), 0);
    for (const Choice& choice : ballot.choices) {
      given[choice.plan] += election.kind == BallotKind::kPoints ? choice.points : 1;
    }
    sums.sums.Add(1, given, ballot.weight);
  }
  return sums;
}

Election Random(BallotKind kind, std::mt19937_64& random) {
  Election election = MakeElection(
      "100", {{"a", "30"}, {"b", "40", "g"}, {"c", "50.5", "g"}, {"d", "0"}, {"e", "90"}}, kind);
  const size_t most = kind == BallotKind::kChooseOne ? 1 : election.plans.size();
  for (uint64_t left = 1 + random() % 20; left > 0; --left) {
    std::vector<Choice> choices;
    for (uint32_t plan = 0; plan < election.plans.size() && choices.size() < most; ++plan) {
      if (random() % 2 == 0) choices.push_back({plan, 1 + static_cast<uint32_t>(random() % 3)});
    }
    election.ballots.Add(choices, 1 + static_cast<int64_t>(random() % 3));
  }
  return election;
}

TEST(Sums, ComeToTheSameOrAreRefusedByEveryRule) {
  const auto seed = std::random_device()();
  std::mt19937_64 random(seed);
  int same = 0, refused = 0;
  for (const RuleInfo& info : Rules()) {
    for (const BallotKind kind : info.kinds) {
      for (int i = 0; i < 20; ++i) {
        const Election election = Random(kind, random);
        Rule rule = MakeRule(std::string(info.name));
        rule.support_min_basis_points = static_cast<uint32_t>(random() % 4'000);
        const Election sums = InSums(election, random() % election.ballots.size());
        const absl::StatusOr<Outcome> outcome = Count(sums, rule);
        SCOPED_TRACE(absl::StrCat(info.name, " ", NameOf(kind), " seed ", seed));
        if (!NeedsOnlySums(info.name, kind)) {
          ++refused;
          ASSERT_EQ(ReasonOf(outcome.status()), "RULE_INVALID");
          continue;
        }
        ++same;
        ASSERT_TRUE(outcome.ok()) << outcome.status();
        const Outcome single = MustCount(election, rule);
        ASSERT_EQ(outcome->selected, single.selected);
        ASSERT_EQ(outcome->voters, single.voters);
        ASSERT_EQ(outcome->threshold, single.threshold);
        for (size_t plan = 0; plan < election.plans.size(); ++plan) {
          ASSERT_EQ(outcome->plans[plan].award, single.plans[plan].award);
          ASSERT_EQ(outcome->plans[plan].support, single.plans[plan].support);
          ASSERT_EQ(outcome->plans[plan].reason, single.plans[plan].reason);
          ASSERT_EQ(outcome->plans[plan].facts, single.plans[plan].facts);
        }
        ASSERT_TRUE(Replay(sums, rule, *outcome).ok());
      }
    }
  }
  EXPECT_GT(same, 100);
  EXPECT_GT(refused, 100);
}

TEST(Sums, ThatCannotBeAreTold) {
  Election election = MakeElection("100", {{"a", "30"}, {"b", "40"}});
  election.sums.voters = -1;
  election.sums.support = {3};
  EXPECT_THAT(FieldsOf(CheckElection(election)),
              UnorderedElementsAre(Key("sums.voters"), Key("sums.support")));
  election.sums = {.voters = 3, .support = {1, -1}};
  EXPECT_THAT(FieldsOf(CheckElection(election)), UnorderedElementsAre(Key("sums.support")));
  election.sums = {.voters = 3, .support = {kSupportMax, kSupportMax}};
  EXPECT_THAT(FieldsOf(CheckElection(election)), UnorderedElementsAre(Key("ballots")));
}

}  // namespace
}  // namespace smederij::ballots::tally
