#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "common/base/error.h"
#include "google/rpc/error_details.pb.h"
#include "services/ballots/testing/polling_place.h"

namespace smederij::ballots {
namespace {

using testing::Approve;
using testing::Envelope;
using testing::PollingPlace;
using testing::Stub;
using testing::Voter;

// "" for a ballot that was cast.
std::string Reason(const v1::CastBallotsResponse::Outcome& outcome) {
  if (outcome.has_cast()) return "";
  google::rpc::ErrorInfo info;
  for (const auto& detail : outcome.refused().details()) {
    if (detail.UnpackTo(&info)) return info.reason();
  }
  return "no reason";
}

std::vector<std::string> Reasons(const v1::CastBallotsResponse& response) {
  std::vector<std::string> reasons;
  for (const auto& outcome : response.outcomes()) reasons.push_back(Reason(outcome));
  return reasons;
}

TEST(CastBallots, AnswersEachBallotInItsPlace) {
  PollingPlace place;
  const auto replica = place.Start("a");
  place.Publish(*replica, place.Manifest());
  const Voter voter = place.NewVoter();
  const Envelope first = voter.Cast(1, Approve({1}));
  Envelope unsigned_leaf = place.NewVoter().Cast(1, Approve({1}));
  unsigned_leaf.leaf.back() = static_cast<char>(unsigned_leaf.leaf.back() ^ 1);
  const auto answer = place.CastMany(*replica, {first,
                                                unsigned_leaf,
                                                place.NewVoter(2).Cast(1, Approve({2})),
                                                {.leaf = "", .choice = "", .nonce = ""},
                                                place.NewVoter().Cast(1, Approve({9}))});
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(Reasons(*answer),
            (std::vector<std::string>{"", "BAD_SIGNATURE", "", "BAD_LEAF", "INVALID_CHOICE"}));
  EXPECT_EQ(answer->outcomes(1).refused().code(),
            static_cast<int>(absl::StatusCode::kPermissionDenied));
  EXPECT_EQ(place.Number("SELECT count(*) FROM ballots.pending"), 2);

  // What CastBallot says of the same leaf is the same, byte for byte.
  const auto alone = place.Cast(*replica, first);
  ASSERT_TRUE(alone.ok()) << alone.status();
  EXPECT_EQ(alone->receipt(), answer->outcomes(0).cast().receipt());
  EXPECT_EQ(alone->leaf_hash(), answer->outcomes(0).cast().leaf_hash());
}

TEST(CastBallots, OneKeyMayCastSeveralTimesInOneCall) {
  PollingPlace place;
  const auto replica = place.Start("a");
  place.Publish(*replica, place.Manifest());
  const Voter voter = place.NewVoter();
  const Envelope second = voter.Cast(2, Approve({2}));
  const auto answer = place.CastMany(
      *replica, {voter.Cast(1, Approve({1})), second, second, voter.Cast(1, Approve({3}))});
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(Reasons(*answer), (std::vector<std::string>{"", "", "", "STALE_SEQ"}));
  EXPECT_FALSE(answer->outcomes(1).cast().replayed());
  EXPECT_TRUE(answer->outcomes(2).cast().replayed());
  EXPECT_EQ(place.Number("SELECT last_seq FROM ballots.cast_head"), 2);
}

TEST(CastBallots, ACallThatIsRepeatedCastsNothingTwice) {
  PollingPlace place;
  const auto a = place.Start("a"), b = place.Start("b");
  place.Publish(*a, place.Manifest());
  std::vector<Envelope> envelopes;
  for (int i = 0; i < kBallotsPerCallMax; ++i) {
    envelopes.push_back(place.NewVoter().Cast(1, Approve({1})));
  }
  constexpr size_t kCopies = 4;
  std::array<absl::StatusOr<v1::CastBallotsResponse>, kCopies> answers;
  std::vector<std::thread> threads;
  for (size_t copy = 0; copy < kCopies; ++copy) {
    threads.emplace_back(
        [&, copy] { answers[copy] = place.CastMany(copy % 2 == 0 ? *a : *b, envelopes); });
  }
  for (std::thread& thread : threads) thread.join();
  for (int i = 0; i < kBallotsPerCallMax; ++i) {
    int fresh = 0;
    for (const auto& answer : answers) {
      ASSERT_TRUE(answer.ok()) << answer.status();
      ASSERT_TRUE(answer->outcomes(i).has_cast()) << Reason(answer->outcomes(i));
      fresh += answer->outcomes(i).cast().replayed() ? 0 : 1;
      EXPECT_EQ(answer->outcomes(i).cast().receipt(), answers[0]->outcomes(i).cast().receipt());
    }
    EXPECT_EQ(fresh, 1);
  }
  EXPECT_EQ(place.Number("SELECT count(*) FROM ballots.pending"), kBallotsPerCallMax);
}

TEST(CastBallots, IsRefusedAsAWhole) {
  PollingPlace place;
  const auto replica = place.Start("a");
  place.Publish(*replica, place.Manifest());
  const Envelope envelope = place.NewVoter().Cast(1, Approve({1}));
  v1::CastBallotsRequest request;
  const auto reason = [&](const auto& from) {
    return std::string(ReasonOf(replica->server->Ask(&Stub::CastBallots, request, from).status()));
  };
  EXPECT_EQ(reason(place.Official(*replica, 0)), "IDENTITY_NOT_WELCOME");
  const testing::From nobody{};
  EXPECT_EQ(reason(nobody), "NO_BALLOTS");
  for (int i = 0; i <= kBallotsPerCallMax; ++i) request.add_ballots()->set_leaf(envelope.leaf);
  EXPECT_EQ(reason(nobody), "TOO_MANY_BALLOTS");
  EXPECT_EQ(place.Number("SELECT count(*) FROM ballots.pending"), 0);
}

}  // namespace
}  // namespace smederij::ballots
