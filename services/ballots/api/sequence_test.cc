#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "common/base/error.h"
#include "services/ballots/testing/polling_place.h"

namespace smederij::ballots {
namespace {

using testing::Approve;
using testing::PollingPlace;
using testing::Voter;

template <class T>
std::string Reason(const absl::StatusOr<T>& answer) {
  return ReasonOf(answer.status());
}

// The promise of the close: whatever was acknowledged, by whichever replica, stands in the log
// before the leaf that closes it; nothing is acknowledged after.
TEST(Close, NoBallotIsAcknowledgedAfterItWithTwoReplicas) {
  PollingPlace place;
  const auto a = place.Start("a", /*working=*/true), b = place.Start("b", /*working=*/true);
  place.Publish(*a, place.Manifest(/*demonstration=*/true));
  std::vector<Voter> voters;
  for (int i = 0; i < 4; ++i) voters.push_back(place.NewVoter());
  std::atomic<int64_t> acknowledged{0};
  std::atomic<int> refused{0};
  std::vector<std::thread> threads;
  for (size_t i = 0; i < voters.size(); ++i) {
    threads.emplace_back([&, i] {
      for (uint32_t seq = 1; seq <= 20; ++seq) {
        const auto answer = place.Cast(i % 2 == 0 ? *a : *b, voters[i].Cast(seq, Approve({1})));
        if (answer.ok()) {
          ++acknowledged;
        } else {
          EXPECT_EQ(Reason(answer), "NOT_OPEN") << answer.status();
          ++refused;
          return;
        }
      }
    });
  }
  while (acknowledged.load() < 8) std::this_thread::yield();
  ASSERT_TRUE(place.BringForward(*a, 0).ok());
  ASSERT_TRUE(place.BringForward(*b, 1).ok());
  const auto closed = place.Close(*b);
  ASSERT_TRUE(closed.ok()) << closed.status();
  const int64_t size = place.Number("SELECT size FROM ballots.log_state");
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(place.Number("SELECT size FROM ballots.log_state"), size);
  EXPECT_EQ(place.Number("SELECT count(*) FROM ballots.pending"), 0);
  EXPECT_EQ(place.Number("SELECT count(*) FROM ballots.log_leaf WHERE get_byte(leaf, 0) = 2"),
            acknowledged.load());
  // The closing leaf is the last one, and says how many there are.
  EXPECT_EQ(place.Number("SELECT count(*) FROM ballots.log_leaf l, ballots.log_state s WHERE "
                         "l.idx = s.size - 1 AND get_byte(l.leaf, 0) = 4 AND "
                         "get_byte(l.leaf, 18) = 3"),
            1);
  EXPECT_EQ(place.Number("SELECT get_byte(leaf, 26)::bigint FROM ballots.log_leaf l, "
                         "ballots.log_state s WHERE l.idx = s.size - 1"),
            acknowledged.load());
}

TEST(Sequencer, WaitsForEightKeysOfOneClassAndShuffles) {
  PollingPlace place;
  const auto replica = place.Start("a");
  place.Publish(*replica, place.Manifest());
  const Voter often = place.NewVoter();
  for (uint32_t seq = 1; seq <= 9; ++seq) {  // One key nine times is one key.
    ASSERT_TRUE(place.Cast(*replica, often.Cast(seq, Approve({1}))).ok());
  }
  for (int i = 0; i < 6; ++i) {
    ASSERT_TRUE(place.Cast(*replica, place.NewVoter().Cast(1, Approve({1}))).ok());
  }
  ASSERT_TRUE(place.Cast(*replica, place.NewVoter(2).Cast(1, Approve({1}))).ok());
  ASSERT_TRUE(replica->service->SequenceNow().ok());
  EXPECT_EQ(place.Number("SELECT size FROM ballots.log_state"), 2);
  ASSERT_TRUE(place.Cast(*replica, place.NewVoter().Cast(1, Approve({1}))).ok());
  ASSERT_TRUE(replica->service->SequenceNow().ok());
  EXPECT_EQ(place.Number("SELECT size FROM ballots.log_state"), 2 + 9 + 7);
  EXPECT_EQ(place.Number("SELECT count(*) FROM ballots.pending"), 1);  // The youth still waits.
  EXPECT_EQ(place.Number("SELECT count(*) FROM ballots.checkpoint c JOIN ballots.log_state s "
                         "USING (round_id, size)"),
            1);
  // A ballot in the log is still known.
  EXPECT_EQ(Reason(place.Cast(*replica, often.Cast(9, Approve({2})))), "STALE_SEQ");
}

TEST(Sequencer, ADemonstrationWaitsForNobody) {
  PollingPlace place;
  const auto replica = place.Start("a");  // Whose sequencer only moves when woken.
  place.Publish(*replica, place.Manifest(/*demonstration=*/true));
  ASSERT_TRUE(place.Cast(*replica, place.NewVoter().Cast(1, Approve({1}))).ok());
  const absl::Time deadline = absl::Now() + absl::Seconds(30);
  while (place.Number("SELECT size FROM ballots.log_state") < 3 && absl::Now() < deadline) {
    std::this_thread::yield();
  }
  EXPECT_EQ(place.Number("SELECT size FROM ballots.log_state"), 3);
}

TEST(Sequencer, TwoOfThemMakeOneLog) {
  PollingPlace place;
  const auto a = place.Start("a", /*working=*/true), b = place.Start("b", /*working=*/true);
  place.Publish(*a, place.Manifest(/*demonstration=*/true));
  for (int i = 0; i < 24; ++i) {
    ASSERT_TRUE(place.Cast(i % 2 == 0 ? *a : *b, place.NewVoter().Cast(1, Approve({1}))).ok());
  }
  const absl::Time deadline = absl::Now() + absl::Seconds(30);
  while (place.Number("SELECT count(*) FROM ballots.pending") > 0 && absl::Now() < deadline) {
    std::this_thread::yield();
  }
  EXPECT_EQ(place.Number("SELECT size FROM ballots.log_state"), 26);
  EXPECT_EQ(place.Number("SELECT max(idx) FROM ballots.log_leaf"), 25);
  EXPECT_EQ(place.Number("SELECT leaves FROM ballots.progress"), 26);
}

TEST(Rows, TellNeitherTimeNorPersonNorRequest) {
  PollingPlace place;
  EXPECT_EQ(place.Number("SELECT count(*) FROM information_schema.columns "
                         "WHERE table_schema = 'ballots' AND table_name IN "
                         "('cast_head', 'pending', 'log_leaf', 'log_state', 'checkpoint', "
                         "'progress') AND data_type NOT IN ('uuid', 'bytea', 'bigint', 'integer', "
                         "'smallint', 'text', 'boolean')"),
            0);
  EXPECT_EQ(place.Number("SELECT count(*) FROM information_schema.columns "
                         "WHERE table_schema = 'ballots' AND table_name IN "
                         "('cast_head', 'pending', 'log_leaf') AND column_name IN "
                         "('request_id', 'official', 'caller', 'address', 'station')"),
            0);
}

}  // namespace
}  // namespace smederij::ballots
