#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "common/base/error.h"
#include "common/crypto/merkle.h"
#include "services/ballots/domain/receipt.h"
#include "services/ballots/testing/polling_place.h"

namespace smederij::ballots {
namespace {

using testing::Approve;
using testing::Envelope;
using testing::Issuer;
using testing::PollingPlace;
using testing::Replica;
using testing::Stub;
using testing::Voter;

template <class T>
std::string Reason(const absl::StatusOr<T>& answer) {
  return ReasonOf(answer.status());
}

TEST(CastBallot, GivesAReceiptThatTheManifestsKeyOpens) {
  PollingPlace place;
  const auto replica = place.Start("a");
  const v1::Election election = place.Publish(*replica, place.Manifest());
  const Envelope envelope = place.NewVoter().Cast(1, Approve({1, 2}));
  const auto cast = place.Cast(*replica, envelope);
  ASSERT_TRUE(cast.ok()) << cast.status();
  EXPECT_FALSE(cast->replayed());
  EXPECT_EQ(cast->leaf_hash(), crypto::ToBytes(crypto::LeafHash(envelope.leaf)));
  const auto receipt =
      OpenReceipt(cast->receipt(), *crypto::ToArray<32>(election.manifest().receipt_key()));
  ASSERT_TRUE(receipt.ok()) << receipt.status();
  EXPECT_EQ(receipt->origin, election.manifest().origin());
  EXPECT_EQ(receipt->include_by,
            absl::FromUnixSeconds(election.manifest().cast_until().seconds()) + kIncludeWithin);

  const auto again = place.Cast(*replica, envelope);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->replayed());
  EXPECT_EQ(again->receipt(), cast->receipt());
  EXPECT_EQ(place.Number("SELECT count(*) FROM ballots.pending"), 1);
}

TEST(CastBallot, RefusesInOrderOfPrecedence) {
  PollingPlace place;
  const auto replica = place.Start("a");
  const Voter voter = place.NewVoter();
  const Envelope good = voter.Cast(5, Approve({1}));
  EXPECT_EQ(Reason(place.Cast(*replica, good)), "ELECTION_NOT_FOUND");
  place.Publish(*replica, place.Manifest());
  ASSERT_TRUE(place.Cast(*replica, good).ok());

  const auto reason = [&](const Envelope& envelope) {
    return Reason(place.Cast(*replica, envelope));
  };
  // Each next one also has every later fault, where that is possible.
  Envelope large = good;
  large.leaf = std::string(4097, 'x');
  EXPECT_EQ(reason(large), "TOO_LARGE");
  large = good;
  large.choice = std::string(2049, 'x');
  EXPECT_EQ(reason(large), "TOO_LARGE");
  large = good;
  large.nonce = std::string(33, 'x');
  EXPECT_EQ(reason(large), "TOO_LARGE");
  Envelope parsed = good;
  parsed.leaf += '\0';
  EXPECT_EQ(reason(parsed), "BAD_LEAF");
  EXPECT_EQ(reason(Voter(RoundId::Random(), 1, Issuer()).Cast(1, "bad")), "ELECTION_NOT_FOUND");

  BallotLeaf draft = voter.Draft(1, "bad", std::string(32, 'n'));
  draft.class_id = 2;  // Another class's key, besides seq and opening.
  Envelope envelope{.leaf = Encode(draft), .choice = "bad", .nonce = "short"};
  EXPECT_EQ(reason(envelope), "BAD_CREDENTIAL");
  draft.class_id = 3;  // No such class.
  envelope.leaf = voter.SignLeaf(draft);
  EXPECT_EQ(reason(envelope), "BAD_CREDENTIAL");
  draft = voter.Draft(1, "bad", std::string(32, 'n'));
  draft.credential[0] = static_cast<char>(draft.credential[0] ^ 1);
  envelope.leaf = voter.SignLeaf(draft);
  EXPECT_EQ(reason(envelope), "BAD_CREDENTIAL");
  draft = voter.Draft(1, "bad", std::string(32, 'n'));
  draft.voting_key = place.NewVoter().key().verifying_key();  // Not the key that was signed.
  envelope.leaf = voter.SignLeaf(draft);
  EXPECT_EQ(reason(envelope), "BAD_CREDENTIAL");

  envelope.leaf = Encode(voter.Draft(1, "bad", std::string(32, 'n')));
  EXPECT_EQ(reason(envelope), "BAD_SIGNATURE");
  envelope.leaf = voter.SignLeaf(voter.Draft(1, "bad", std::string(32, 'n')));
  EXPECT_EQ(reason(envelope), "BAD_OPENING");
  EXPECT_EQ(reason(voter.Cast(1, "bad")), "INVALID_CHOICE");
  EXPECT_EQ(reason(voter.Cast(1, Approve({1, 9}))), "INVALID_CHOICE");
  EXPECT_EQ(reason(voter.Cast(5, Approve({2}))), "STALE_SEQ");
  EXPECT_EQ(reason(voter.Cast(4, Approve({1}))), "STALE_SEQ");
  EXPECT_EQ(FactsOf(place.Cast(*replica, voter.Cast(4, Approve({1}))).status()),
            (std::vector<Fact>{{"last_seq", "5"}}));

  // The same leaf is the same ballot, whatever comes with it.
  Envelope repeated = good;
  repeated.choice = "bad";
  EXPECT_TRUE(place.Cast(*replica, repeated)->replayed());

  place.LetCloseCome();
  EXPECT_EQ(reason(voter.Cast(6, "bad")), "NOT_OPEN");
  EXPECT_EQ(reason(envelope), "NOT_OPEN");
  EXPECT_TRUE(place.Cast(*replica, good)->replayed());
  ASSERT_TRUE(place.Close(*replica).ok());
  EXPECT_EQ(reason(voter.Cast(6, Approve({1}))), "NOT_OPEN");
  EXPECT_TRUE(place.Cast(*replica, good)->replayed());
}

TEST(CastBallot, IsRefusedToAnybodyWhoSaysWhoTheyAre) {
  PollingPlace place;
  const auto replica = place.Start("a");
  place.Publish(*replica, place.Manifest());
  v1::CastBallotRequest request;
  const Envelope envelope = place.NewVoter().Cast(1, Approve({1}));
  request.set_leaf(envelope.leaf);
  request.set_choice(envelope.choice);
  request.set_nonce(envelope.nonce);
  EXPECT_EQ(Reason(replica->server->Ask(&Stub::CastBallot, request, place.Official(*replica, 0))),
            "IDENTITY_NOT_WELCOME");
  EXPECT_EQ(place.Number("SELECT count(*) FROM ballots.cast_head"), 0);
}

TEST(CastBallot, AManifestThatIsNotApprovedTakesNoBallot) {
  PollingPlace place;
  const auto replica = place.Start("a");
  const v1::Manifest manifest = place.Manifest();
  place.registry().OpenRoll(manifest);
  ASSERT_TRUE(place.Propose(*replica, manifest).ok());
  const Envelope envelope = place.NewVoter().Cast(1, Approve({1}));
  EXPECT_EQ(Reason(place.Cast(*replica, envelope)), "NOT_OPEN");
  place.Publish(*replica, manifest);
  EXPECT_TRUE(place.Cast(*replica, envelope).ok());
}

TEST(CastBallot, ALaterSeqReplacesAndForgetsTheEarlierChoice) {
  PollingPlace place;
  const auto replica = place.Start("a");
  place.Publish(*replica, place.Manifest());
  const Voter voter = place.NewVoter();
  const Envelope first = voter.Cast(1, Approve({1}));
  ASSERT_TRUE(place.Cast(*replica, first).ok());
  ASSERT_TRUE(place.Cast(*replica, voter.Cast(7, Approve({2}))).ok());
  ASSERT_TRUE(place.Cast(*replica, voter.Cast(UINT32_MAX, Approve({3}))).ok());
  EXPECT_EQ(place.Number("SELECT count(*) FROM ballots.cast_head"), 1);
  EXPECT_EQ(place.Number("SELECT count(*) FROM ballots.pending"), 3);
  EXPECT_EQ(place.Number("SELECT casts::bigint FROM ballots.cast_head"), 3);
  EXPECT_EQ(place.Number("SELECT get_byte(choice, 7)::bigint FROM ballots.cast_head"), 3);
  // A superseded ballot still has its receipt.
  EXPECT_TRUE(place.Cast(*replica, first)->replayed());
}

TEST(CastBallot, AKeyCastsTwentyTimes) {
  PollingPlace place;
  const auto replica = place.Start("a");
  place.Publish(*replica, place.Manifest());
  const Voter voter = place.NewVoter();
  for (uint32_t seq = 1; seq <= 20; ++seq) {
    ASSERT_TRUE(place.Cast(*replica, voter.Cast(seq, Approve({}))).ok()) << seq;
  }
  EXPECT_EQ(Reason(place.Cast(*replica, voter.Cast(21, Approve({})))), "TOO_MANY_CASTS");
  EXPECT_EQ(Reason(place.Cast(*replica, voter.Cast(20, Approve({1})))), "STALE_SEQ");
}

TEST(CastBallot, RacingCopiesOverTwoReplicasAreOneBallot) {
  PollingPlace place;
  const auto a = place.Start("a"), b = place.Start("b");
  place.Publish(*a, place.Manifest());
  constexpr size_t kVoters = 6, kCopies = 6;
  std::vector<Envelope> envelopes;
  for (size_t i = 0; i < kVoters; ++i) envelopes.push_back(place.NewVoter().Cast(1, Approve({1})));
  std::vector<std::thread> threads;
  std::array<std::array<absl::StatusOr<v1::CastBallotResponse>, kCopies>, kVoters> answers;
  for (size_t copy = 0; copy < kCopies; ++copy) {
    threads.emplace_back([&, copy] {
      for (size_t i = 0; i < kVoters; ++i) {
        answers[i][copy] = place.Cast(copy % 2 == 0 ? *a : *b, envelopes[i]);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& copies : answers) {
    int fresh = 0;
    for (const auto& answer : copies) {
      ASSERT_TRUE(answer.ok()) << answer.status();
      fresh += answer->replayed() ? 0 : 1;
      EXPECT_EQ(answer->receipt(), copies[0]->receipt());
    }
    EXPECT_EQ(fresh, 1);
  }
  EXPECT_EQ(place.Number("SELECT count(*) FROM ballots.cast_head"), kVoters);
  EXPECT_EQ(place.Number("SELECT count(*) FROM ballots.pending"), kVoters);
}

TEST(CastBallot, RacingBallotsOfOneKeyLeaveTheHighestThatWasTaken) {
  PollingPlace place;
  const auto a = place.Start("a"), b = place.Start("b");
  place.Publish(*a, place.Manifest());
  const Voter voter = place.NewVoter();
  std::vector<std::thread> threads;
  std::array<absl::StatusOr<v1::CastBallotResponse>, 8> answers;
  for (uint32_t i = 0; i < answers.size(); ++i) {
    threads.emplace_back(
        [&, i] { answers[i] = place.Cast(i % 2 == 0 ? *a : *b, voter.Cast(i + 1, Approve({1}))); });
  }
  for (std::thread& thread : threads) thread.join();
  int64_t taken = 0, highest = 0;
  for (size_t i = 0; i < answers.size(); ++i) {
    if (answers[i].ok()) {
      ++taken;
      highest = static_cast<int64_t>(i) + 1;
    } else {
      EXPECT_EQ(Reason(answers[i]), "STALE_SEQ");
    }
  }
  EXPECT_EQ(highest, 8);  // Nothing is staler than it.
  EXPECT_EQ(place.Number("SELECT last_seq FROM ballots.cast_head"), highest);
  EXPECT_EQ(place.Number("SELECT casts::bigint FROM ballots.cast_head"), taken);
  EXPECT_EQ(place.Number("SELECT count(*) FROM ballots.pending"), taken);
}

}  // namespace
}  // namespace smederij::ballots
