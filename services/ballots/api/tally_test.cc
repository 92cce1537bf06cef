#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/error.h"
#include "common/crypto/hash.h"
#include "services/ballots/testing/polling_place.h"

namespace smederij::ballots {
namespace {

using smederij::testing::TestServer;
using testing::Approve;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::PollingPlace;
using testing::Replica;
using testing::Stub;

template <class T>
std::string Reason(const absl::StatusOr<T>& answer) {
  return ReasonOf(answer.status());
}

absl::StatusOr<v1::Result> Result(PollingPlace& place, Replica& replica) {
  v1::GetResultRequest request;
  request.set_round_id(place.round().ToString());
  return replica.server->Ask(&Stub::GetResult, request);
}

absl::StatusOr<v1::Election> EnterLot(PollingPlace& place, Replica& replica, int official,
                                      std::vector<uint32_t> numbers) {
  v1::EnterLotRequest request;
  request.set_request_id(Uuid::Random().ToString());
  request.set_round_id(place.round().ToString());
  request.mutable_numbers()->Add(numbers.begin(), numbers.end());
  return replica.server->Ask(&Stub::EnterLot, request, place.Official(replica, official));
}

// A closed election: three adults and a youth voted.
void VoteAndClose(PollingPlace& place, Replica& replica, v1::Manifest manifest) {
  place.Publish(replica, manifest);
  const auto vote = [&](uint16_t class_id, std::vector<uint32_t> numbers) {
    const auto cast =
        place.Cast(replica, place.NewVoter(class_id).Cast(1, Approve(std::move(numbers))));
    ASSERT_TRUE(cast.ok()) << cast.status();
  };
  vote(1, {1, 2});
  vote(1, {2});
  vote(1, {});
  vote(2, {2, 3});
  place.LetCloseCome();
  ASSERT_TRUE(place.Close(replica).ok());
}

TEST(Count, FromClosedLogToCertifiedResult) {
  PollingPlace place;
  const auto replica = place.Start("a");
  v1::Manifest manifest = place.Manifest();
  manifest.set_k_min(2);
  VoteAndClose(place, *replica, manifest);
  EXPECT_EQ(Reason(place.Count(*replica)), "ISSUANCE_NOT_FINAL");
  place.registry().CloseRoll({{1, 3}, {2, 1}});
  const auto running = place.Count(*replica);
  ASSERT_TRUE(running.ok()) << running.status();
  EXPECT_EQ(running->state(), v1::Tally::STATE_RUNNING);
  ASSERT_TRUE(replica->service->CountNow().ok());

  const auto tally = place.Tally(*replica);
  ASSERT_TRUE(tally.ok()) << tally.status();
  ASSERT_EQ(tally->state(), v1::Tally::STATE_SUCCEEDED) << tally->failure();
  EXPECT_THAT(tally->imbalances(), IsEmpty());
  EXPECT_EQ(tally->result().turnout(0).ballots(), 3);
  EXPECT_EQ(tally->result().turnout(0).blank(), 1);
  EXPECT_EQ(tally->result().plans(0).number(), 2u);
  EXPECT_EQ(tally->result().plans(0).support(), 3);
  EXPECT_FALSE(tally->result().plans(0).sentence().empty());
  EXPECT_EQ(place.Election(*replica)->state(), v1::Election::STATE_TALLIED);
  EXPECT_EQ(Reason(Result(place, *replica)), "NOT_CERTIFIED");

  ASSERT_TRUE(place.Certify(*replica, *tally, 0).ok());
  EXPECT_EQ(Reason(place.Certify(*replica, *tally, 0)), "SAME_OFFICIAL");
  EXPECT_EQ(Reason(Result(place, *replica)), "NOT_CERTIFIED");
  const auto certified = place.Certify(*replica, *tally, 1);
  ASSERT_TRUE(certified.ok()) << certified.status();
  EXPECT_EQ(certified->state(), v1::Tally::STATE_CERTIFIED);
  EXPECT_EQ(Reason(place.Certify(*replica, *tally, 2)), "WRONG_STATE");
  EXPECT_EQ(Reason(place.Count(*replica)), "WRONG_STATE");

  const auto result = Result(place, *replica);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->result_hash(), tally->result_hash());
  EXPECT_EQ(result->plans_size(), 3);
  EXPECT_EQ(result->turnout(0).ballots(), 3);
  EXPECT_FALSE(result->turnout(0).withheld());
  EXPECT_EQ(result->turnout(1).ballots(), 0);  // One youth is below k_min.
  EXPECT_TRUE(result->turnout(1).withheld());

  // Rows are rewritten, the count can be repeated from them to the same bytes.
  ASSERT_TRUE(replica->service->SequenceNow().ok());
  EXPECT_EQ(place.Number("SELECT count(*) FROM ballots.round WHERE scrambled"), 1);
  EXPECT_EQ(place.Number("SELECT count(*) FROM ballots.cast_head"), 4);
  EXPECT_EQ(place.Number("SELECT count(DISTINCT xmin::text) FROM ballots.cast_head"), 1);
  EXPECT_EQ(place.Number("SELECT count(*) FROM ballots.checkpoint c JOIN ballots.log_state s "
                         "USING (round_id, size)"),
            1);
}

TEST(Count, BeforeCertificationNoPublicAnswerHoldsACount) {
  PollingPlace place;
  const auto replica = place.Start("a");
  VoteAndClose(place, *replica, place.Manifest());
  place.registry().CloseRoll({{1, 3}, {2, 1}});
  ASSERT_TRUE(place.Count(*replica).ok());
  ASSERT_TRUE(replica->service->CountNow().ok());
  v1::GetTallyRequest request;
  request.set_round_id(place.round().ToString());
  EXPECT_EQ(replica->server->Ask(&Stub::GetTally, request).status().code(), kUnauthenticated);
  const auto resident = replica->server->As({.grants = {{.role = policy::v1::ROLE_RESIDENT}}});
  EXPECT_EQ(replica->server->Ask(&Stub::GetTally, request, resident).status().code(),
            kPermissionDenied);
  EXPECT_TRUE(replica->server->Ask(&Stub::GetTally, request, place.Official(*replica, 0)).ok());
  EXPECT_THAT(replica->server->metrics().Text(), ::testing::Not(HasSubstr("lock_heads")));
}

TEST(Count, RefusesInOrderOfPrecedence) {
  PollingPlace place;
  const auto replica = place.Start("a");
  EXPECT_EQ(Reason(place.Count(*replica)), "ELECTION_NOT_FOUND");
  EXPECT_EQ(Reason(place.Tally(*replica)), "ELECTION_NOT_FOUND");
  EXPECT_EQ(Reason(Result(place, *replica)), "ELECTION_NOT_FOUND");
  place.Publish(*replica, place.Manifest());
  EXPECT_EQ(Reason(place.Count(*replica)), "WRONG_STATE");
  EXPECT_EQ(Reason(place.Tally(*replica)), "TALLY_NOT_FOUND");
}

TEST(Certify, OnlyTheNewestCountThatBalancesAsItWasSeen) {
  PollingPlace place;
  const auto replica = place.Start("a");
  VoteAndClose(place, *replica, place.Manifest());
  place.registry().CloseRoll({{1, 2}, {2, 1}});  // Three adults cast.
  ASSERT_TRUE(place.Count(*replica).ok());
  ASSERT_TRUE(replica->service->CountNow().ok());
  const auto unbalanced = place.Tally(*replica);
  ASSERT_EQ(unbalanced->imbalances_size(), 1);
  EXPECT_THAT(unbalanced->imbalances(0), HasSubstr("3 voting keys cast, 2 credentials issued"));
  v1::Tally other = *unbalanced;
  other.set_result_hash(std::string(32, 'x'));
  EXPECT_EQ(Reason(place.Certify(*replica, other, 0)), "RESULT_DIFFERS");
  EXPECT_EQ(Reason(place.Certify(*replica, *unbalanced, 0)), "COUNT_DOES_NOT_BALANCE");
  other.set_version(7);
  EXPECT_EQ(Reason(place.Certify(*replica, other, 0)), "TALLY_NOT_FOUND");

  place.registry().CloseRoll({{1, 3}, {2, 1}});
  ASSERT_EQ(place.Count(*replica)->version(), 2u);
  EXPECT_EQ(Reason(place.Certify(*replica, *unbalanced, 0)), "WRONG_STATE");
  ASSERT_TRUE(replica->service->CountNow().ok());
  const auto balanced = place.Tally(*replica);
  ASSERT_TRUE(place.Certify(*replica, *balanced, 0).ok());
  ASSERT_TRUE(place.Certify(*replica, *balanced, 2).ok());
  EXPECT_EQ(Result(place, *replica)->version(), 2u);
}

TEST(Count, ALostOpeningIsToldAndStopsCertification) {
  PollingPlace place;
  const auto replica = place.Start("a");
  VoteAndClose(place, *replica, place.Manifest());
  ASSERT_TRUE(place.database().Sql("DELETE FROM ballots.cast_head WHERE class_id = 2").ok());
  place.registry().CloseRoll({{1, 3}, {2, 1}});
  ASSERT_TRUE(place.Count(*replica).ok());
  ASSERT_TRUE(replica->service->CountNow().ok());
  const auto tally = place.Tally(*replica);
  ASSERT_EQ(tally->imbalances_size(), 1);
  EXPECT_EQ(tally->imbalances(0), "1 ballots have no opening");
  EXPECT_EQ(Reason(place.Certify(*replica, *tally, 0)), "COUNT_DOES_NOT_BALANCE");
}

TEST(Count, ATallyThatWasBrokenOffIsTakenUpAgain) {
  PollingPlace place;
  auto first = place.Start("a");
  VoteAndClose(place, *first, place.Manifest());
  place.registry().CloseRoll({{1, 3}, {2, 1}});
  ASSERT_TRUE(place.Count(*first).ok());
  ASSERT_TRUE(first->service->CountNow().ok());
  const std::string counted = place.Tally(*first)->result_hash();
  // As a process leaves it that dies while counting; the next one was not asked to count.
  first.reset();
  ASSERT_TRUE(place.database()
                  .Sql("UPDATE ballots.tally SET state = 1, result = NULL, result_hash = NULL")
                  .ok());
  const auto replica = place.Start("a");
  EXPECT_EQ(place.Tally(*replica)->state(), v1::Tally::STATE_RUNNING);
  EXPECT_EQ(Reason(place.Count(*replica)), "COUNT_RUNNING");
  v1::Tally running = *place.Tally(*replica);
  EXPECT_EQ(Reason(place.Certify(*replica, running, 0)), "BAD_HASH");
  running.set_result_hash(counted);
  EXPECT_EQ(Reason(place.Certify(*replica, running, 0)), "WRONG_STATE");
  ASSERT_TRUE(replica->service->CountNow().ok());
  EXPECT_EQ(place.Tally(*replica)->result_hash(), counted);
}

TEST(Count, TwoReplicasCountToTheSameBytes) {
  PollingPlace place;
  const auto a = place.Start("a"), b = place.Start("b");
  VoteAndClose(place, *a, place.Manifest());
  place.registry().CloseRoll({{1, 3}, {2, 1}});
  ASSERT_TRUE(place.Count(*a).ok());
  std::thread other([&] { EXPECT_TRUE(b->service->CountNow().ok()); });
  EXPECT_TRUE(a->service->CountNow().ok());
  other.join();
  EXPECT_EQ(place.Tally(*b)->state(), v1::Tally::STATE_SUCCEEDED);
  EXPECT_EQ(place.Number("SELECT count(*) FROM ballots.tally"), 1);
}

TEST(Lot, IsOnePermutationEnteredByTwo) {
  PollingPlace place;
  const auto replica = place.Start("a");
  v1::Manifest manifest = place.Manifest();
  manifest.mutable_count_rule()->clear_tie_order();
  manifest.mutable_count_rule()->add_tie_order(registry::v1::CountRule::TIE_BREAK_LOT);
  VoteAndClose(place, *replica, manifest);
  place.registry().CloseRoll({{1, 3}, {2, 1}});
  EXPECT_EQ(Reason(place.Count(*replica)), "LOT_MISSING");
  EXPECT_EQ(Reason(EnterLot(place, *replica, 0, {1, 2})), "BAD_LOT");
  EXPECT_EQ(Reason(EnterLot(place, *replica, 0, {1, 2, 2})), "BAD_LOT");
  EXPECT_EQ(Reason(EnterLot(place, *replica, 0, {1, 2, 4})), "BAD_LOT");
  ASSERT_TRUE(EnterLot(place, *replica, 0, {1, 2, 3}).ok());
  EXPECT_EQ(Reason(EnterLot(place, *replica, 0, {1, 2, 3})), "SAME_OFFICIAL");
  ASSERT_TRUE(EnterLot(place, *replica, 0, {3, 1, 2}).ok());  // A slip of the pen.
  EXPECT_EQ(Reason(EnterLot(place, *replica, 1, {1, 2, 3})), "LOT_DIFFERS");
  EXPECT_EQ(Reason(place.Count(*replica)), "LOT_MISSING");
  const auto standing = EnterLot(place, *replica, 1, {3, 1, 2});
  ASSERT_TRUE(standing.ok()) << standing.status();
  EXPECT_THAT(standing->lot(), ::testing::ElementsAre(3, 1, 2));
  EXPECT_EQ(Reason(EnterLot(place, *replica, 0, {1, 2, 3})), "LOT_DIFFERS");
  ASSERT_TRUE(place.Count(*replica).ok());
  ASSERT_TRUE(replica->service->CountNow().ok());
  EXPECT_EQ(place.Tally(*replica)->state(), v1::Tally::STATE_SUCCEEDED);
}

TEST(Lot, HasNoPlaceWhereTheCharterHasNone) {
  PollingPlace place;
  const auto replica = place.Start("a");
  EXPECT_EQ(Reason(EnterLot(place, *replica, 0, {1, 2, 3})), "ELECTION_NOT_FOUND");
  place.Publish(*replica, place.Manifest());
  EXPECT_EQ(Reason(EnterLot(place, *replica, 0, {1, 2, 3})), "NO_LOT_IN_CHARTER");
}

}  // namespace
}  // namespace smederij::ballots
