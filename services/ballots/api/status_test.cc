#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/error.h"
#include "common/crypto/log_proof.h"
#include "common/crypto/merkle.h"
#include "services/ballots/testing/polling_place.h"

namespace smederij::ballots {
namespace {

using testing::Approve;
using testing::Envelope;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::PollingPlace;
using testing::Replica;
using testing::Stub;
using testing::Voter;

template <class T>
std::string Reason(const absl::StatusOr<T>& answer) {
  return ReasonOf(answer.status());
}

absl::StatusOr<v1::StatusResponse> ByLeaf(const PollingPlace& place, Replica& replica,
                                          const Envelope& envelope) {
  v1::StatusRequest request;
  request.set_round_id(place.round().ToString());
  request.set_leaf_hash(crypto::ToBytes(crypto::LeafHash(envelope.leaf)));
  return replica.server->Ask(&Stub::Status, request);
}

absl::StatusOr<v1::StatusResponse> ByKey(const PollingPlace& place, Replica& replica,
                                         const Voter& voter) {
  v1::StatusRequest request;
  request.set_round_id(place.round().ToString());
  request.set_voting_key(crypto::ToBytes(voter.key().verifying_key()));
  return replica.server->Ask(&Stub::Status, request);
}

// Whatever waits goes into the log, with a batch of strangers.
void Sequence(PollingPlace& place, Replica& replica) {
  for (int i = 0; i < 8; ++i) {
    ASSERT_TRUE(place.Cast(replica, place.NewVoter().Cast(1, Approve({1}))).ok());
  }
  ASSERT_TRUE(replica.service->SequenceNow().ok());
}

TEST(Status, FollowsABallotIntoTheLogAndGivesAProofToKeep) {
  PollingPlace place;
  const auto replica = place.Start("a");
  const v1::Election election = place.Publish(*replica, place.Manifest());
  const Envelope envelope = place.NewVoter().Cast(3, Approve({1}));
  EXPECT_EQ(Reason(ByLeaf(place, *replica, envelope)), "BALLOT_NOT_FOUND");
  ASSERT_TRUE(place.Cast(*replica, envelope).ok());
  const auto waiting = ByLeaf(place, *replica, envelope);
  ASSERT_TRUE(waiting.ok()) << waiting.status();
  EXPECT_EQ(waiting->state(), v1::StatusResponse::STATE_PENDING);
  EXPECT_EQ(waiting->last_seq(), 3u);
  EXPECT_EQ(waiting->proof(), "");

  Sequence(place, *replica);
  const auto included = ByLeaf(place, *replica, envelope);
  ASSERT_TRUE(included.ok()) << included.status();
  EXPECT_EQ(included->state(), v1::StatusResponse::STATE_INCLUDED);
  EXPECT_EQ(included->last_seq(), 3u);
  const auto verifier = crypto::NoteVerifier::Parse(election.manifest().log_verifier_key());
  const auto checkpoint =
      crypto::CheckLogProof(included->proof(), crypto::LeafHash(envelope.leaf), {*verifier});
  ASSERT_TRUE(checkpoint.ok()) << checkpoint.status() << included->proof();
  EXPECT_EQ(checkpoint->origin, election.manifest().origin());
  EXPECT_EQ(checkpoint->size, 11u);

  // The tree grows with the log; earlier proofs keep.
  Sequence(place, *replica);
  const auto later = ByLeaf(place, *replica, envelope);
  EXPECT_EQ(
      crypto::CheckLogProof(later->proof(), crypto::LeafHash(envelope.leaf), {*verifier})->size,
      19u);
}

TEST(Status, TellsAboutAKeyOnlyWhatTheLogTells) {
  PollingPlace place;
  const auto replica = place.Start("a");
  place.Publish(*replica, place.Manifest());
  const Voter voter = place.NewVoter();
  const Envelope first = voter.Cast(1, Approve({1}));
  ASSERT_TRUE(place.Cast(*replica, first).ok());
  EXPECT_EQ(Reason(ByKey(place, *replica, voter)), "BALLOT_NOT_FOUND");
  Sequence(place, *replica);
  EXPECT_EQ(ByKey(place, *replica, voter)->last_seq(), 1u);

  // Keys and leaves in the log are public: nobody learns from them that this one votes again now.
  const Envelope second = voter.Cast(2, Approve({2}));
  ASSERT_TRUE(place.Cast(*replica, second).ok());
  EXPECT_EQ(ByKey(place, *replica, voter)->last_seq(), 1u);
  EXPECT_EQ(ByLeaf(place, *replica, first)->state(), v1::StatusResponse::STATE_INCLUDED);
  EXPECT_EQ(ByLeaf(place, *replica, first)->last_seq(), 1u);
  // Who made the ballot knows its hash.
  EXPECT_EQ(ByLeaf(place, *replica, second)->state(), v1::StatusResponse::STATE_PENDING);

  Sequence(place, *replica);
  const auto replaced = ByLeaf(place, *replica, first);
  EXPECT_EQ(replaced->state(), v1::StatusResponse::STATE_SUPERSEDED);
  EXPECT_EQ(replaced->last_seq(), 2u);
  EXPECT_NE(replaced->proof(), "");
  const auto last = ByKey(place, *replica, voter);
  EXPECT_EQ(last->state(), v1::StatusResponse::STATE_INCLUDED);
  EXPECT_EQ(last->leaf_hash(), crypto::ToBytes(crypto::LeafHash(second.leaf)));
}

TEST(Status, ABallotReplacedWhileItWaitsIsTold) {
  PollingPlace place;
  const auto replica = place.Start("a");
  place.Publish(*replica, place.Manifest());
  const Voter voter = place.NewVoter();
  const Envelope first = voter.Cast(1, Approve({1}));
  ASSERT_TRUE(place.Cast(*replica, first).ok());
  ASSERT_TRUE(place.Cast(*replica, voter.Cast(2, Approve({2}))).ok());
  const auto replaced = ByLeaf(place, *replica, first);
  EXPECT_EQ(replaced->state(), v1::StatusResponse::STATE_SUPERSEDED);
  EXPECT_EQ(replaced->last_seq(), 2u);
  EXPECT_EQ(replaced->proof(), "");
}

TEST(Status, RefusesInOrderOfPrecedence) {
  PollingPlace place;
  const auto replica = place.Start("a");
  const Envelope envelope = place.NewVoter().Cast(1, Approve({1}));
  v1::StatusRequest request;
  request.set_round_id("no id");
  request.set_leaf_hash("short");
  EXPECT_EQ(Reason(replica->server->Ask(&Stub::Status, request, place.Official(*replica, 0))),
            "IDENTITY_NOT_WELCOME");
  EXPECT_EQ(Reason(replica->server->Ask(&Stub::Status, request)), "BAD_ID");
  request.set_round_id(place.round().ToString());
  EXPECT_EQ(Reason(replica->server->Ask(&Stub::Status, request)), "BAD_HASH");
  request.set_voting_key(std::string(33, 'k'));
  EXPECT_EQ(Reason(replica->server->Ask(&Stub::Status, request)), "BAD_HASH");
  request.clear_ballot();
  EXPECT_EQ(Reason(replica->server->Ask(&Stub::Status, request)), "BAD_HASH");
  EXPECT_EQ(Reason(ByLeaf(place, *replica, envelope)), "ELECTION_NOT_FOUND");
  const v1::Election election = place.Publish(*replica, place.Manifest());
  EXPECT_EQ(Reason(ByLeaf(place, *replica, envelope)), "BALLOT_NOT_FOUND");
  EXPECT_EQ(Reason(ByKey(place, *replica, place.NewVoter())), "BALLOT_NOT_FOUND");
  // The manifest is a leaf, and no ballot.
  EXPECT_EQ(Reason(ByLeaf(place, *replica,
                          {.leaf = election.manifest_bytes(), .choice = "", .nonce = ""})),
            "BALLOT_NOT_FOUND");
}

TEST(Status, LeavesNoTrace) {
  PollingPlace place;
  const auto replica = place.Start("a");
  place.Publish(*replica, place.Manifest());
  const Envelope envelope = place.NewVoter().Cast(1, Approve({1}));
  ASSERT_TRUE(place.Cast(*replica, envelope).ok());
  const std::string before = replica->server->metrics().Text();
  ASSERT_TRUE(ByLeaf(place, *replica, envelope).ok());
  const std::string after = replica->server->metrics().Text();
  EXPECT_THAT(after, Not(HasSubstr("find_leaf")));
  EXPECT_THAT(after, Not(HasSubstr("seconds_count{grpc_method=\"Status\"")));
  EXPECT_EQ(before.find("grpc_method=\"Status\",grpc_code=\"OK\"} 1"), std::string::npos);
  EXPECT_EQ(after.find("grpc_method=\"Status\",grpc_code=\"OK\"} 1"), std::string::npos);
}

}  // namespace
}  // namespace smederij::ballots
