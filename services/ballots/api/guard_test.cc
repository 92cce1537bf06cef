#include <gtest/gtest.h>

#include "common/base/error.h"
#include "services/ballots/testing/polling_place.h"

namespace smederij::ballots {
namespace {

using testing::Approve;
using testing::PollingPlace;

// What a restored backup is: a database that has forgotten what was promised.
void Forget(PollingPlace& place) {
  ASSERT_TRUE(place.database().Sql("UPDATE ballots.progress SET commit_no = commit_no - 1").ok());
}

TEST(Guard, AReplicaStartsAgainWhereItWas) {
  PollingPlace place;
  {
    const auto replica = place.Start("a");
    place.Publish(*replica, place.Manifest());
    ASSERT_TRUE(place.Cast(*replica, place.NewVoter().Cast(1, Approve({1}))).ok());
  }
  EXPECT_EQ(place.Number("SELECT commit_no FROM ballots.progress"), 2);
  const auto replica = place.Start("a");
  EXPECT_TRUE(place.Cast(*replica, place.NewVoter().Cast(1, Approve({1}))).ok());
}

TEST(Guard, ADatabaseThatForgotACommitIsNotServed) {
  PollingPlace place;
  {
    const auto replica = place.Start("a");
    place.Publish(*replica, place.Manifest());
    ASSERT_TRUE(place.Cast(*replica, place.NewVoter().Cast(1, Approve({1}))).ok());
  }
  Forget(place);
  EXPECT_EQ(ReasonOf(place.TryStart("a").status()), "DATABASE_BEHIND_GUARD");
  // Adopting it is a decision of people.
  EXPECT_TRUE(place.TryStart("a", /*working=*/false, /*adopt=*/true).ok());
}

TEST(Guard, AMissingGuardIsNotTakenForAnEmptyDatabase) {
  PollingPlace place;
  {
    const auto replica = place.Start("a");
    place.Publish(*replica, place.Manifest());
  }
  EXPECT_EQ(ReasonOf(place.TryStart("elsewhere").status()), "GUARD_MISSING");
}

TEST(Guard, AReplicaThatWasAwayCatchesUp) {
  PollingPlace place;
  { const auto away = place.Start("b"); }
  {
    const auto replica = place.Start("a");
    place.Publish(*replica, place.Manifest());
    ASSERT_TRUE(place.Cast(*replica, place.NewVoter().Cast(1, Approve({1}))).ok());
  }
  EXPECT_TRUE(place.TryStart("b").ok());
}

TEST(Guard, ADatabaseRolledBackUnderARunningReplicaGetsNoMoreBallots) {
  PollingPlace place;
  const auto replica = place.Start("a");
  place.Publish(*replica, place.Manifest());
  ASSERT_TRUE(place.Cast(*replica, place.NewVoter().Cast(1, Approve({1}))).ok());
  Forget(place);
  const auto answer = place.Cast(*replica, place.NewVoter().Cast(1, Approve({1})));
  EXPECT_EQ(answer.status().code(), kUnavailable) << answer.status();
  EXPECT_EQ(place.Number("SELECT count(*) FROM ballots.cast_head"), 1);
}

TEST(Guard, KeysOfAnotherServiceDoNotServeAnElectionUnderWay) {
  PollingPlace place;
  {
    const auto replica = place.Start("a");
    place.Publish(*replica, place.Manifest());
  }
  const_cast<Signers&>(place.signers()).receipt_key = crypto::SigningKey::Random();
  EXPECT_EQ(ReasonOf(place.TryStart("a").status()), "KEYS_OF_ANOTHER");
}

}  // namespace
}  // namespace smederij::ballots
