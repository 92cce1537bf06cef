// Every promise of the vote holds when a service is killed at the worst moments: what was answered
// stays, nobody gets a second credential, and the count balances.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <random>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "tests/fault/polls.h"

namespace smederij::e2e {
namespace {

struct Point {
  const char* name;
  const char* service;
  int times_max;      // It comes by at least so often in a round.
  bool two_replicas;  // Half of the voters, and the late ones, go to another process.
};

constexpr Point kPoints[] = {
    {"issue.signed", "registry", 8, false},      {"issue.stored", "registry", 3, false},
    {"issue.committed", "registry", 3, false},   {"issue.guarded", "registry", 3, false},
    {"cast.stored", "ballots", 2, true},         {"cast.committed", "ballots", 2, true},
    {"cast.guarded", "ballots", 2, true},        {"sequence.appended", "ballots", 2, false},
    {"sequence.committed", "ballots", 2, false}, {"sequence.signed", "ballots", 2, false},
    {"close.flushed", "ballots", 1, true},       {"close.committed", "ballots", 1, true}};

constexpr int kVoters = 12;
constexpr int kThreads = 4;
constexpr int kRoundsOfAll = 200;

// Starts the service again, well, whenever it is gone.
class Watch {
 public:
  Watch(Town& town, std::string service) : town_(town), service_(std::move(service)) {
    thread_ = std::thread([this] {
      while (!over_) {
        if (!town_.Runs(service_)) {
          town_.Start(service_);
          ++crashes_;
        }
        absl::SleepFor(absl::Milliseconds(5));
      }
    });
  }
  // How often it was gone.
  int End() {
    over_ = true;
    if (thread_.joinable()) thread_.join();
    return crashes_;
  }
  ~Watch() { End(); }

 private:
  Town& town_;
  const std::string service_;
  std::atomic<bool> over_ = false;
  std::atomic<int> crashes_ = 0;
  std::thread thread_;
};

class VoteCrash : public ::testing::Test {
 protected:
  static Town& town() {
    static Town town;
    return town;
  }
  static Polls& polls() {
    static Polls polls(town(), {.voters = kVoters});
    return polls;
  }

  // Fetches, is refused a second credential, casts, and casts again where `voter` is odd.
  void Vote(int voter, bool two_replicas) {
    const auto device = polls().Fetch(voter);
    if (!device.ok()) return Fail(device.status());
    if (const std::string reason = polls().FetchAnother(voter); reason != "ALREADY_ISSUED") {
      Fail(absl::InternalError(absl::StrCat("a second credential: ", reason)));
    }
    const std::string where = two_replicas && voter % 2 == 0 ? Town::kSecondBallots : "ballots";
    for (uint32_t seq = 1; seq <= 1u + static_cast<uint32_t>(voter % 2); ++seq) {
      const auto kept = polls().Cast(*device, seq, 1 + seq, where);
      if (!kept.ok()) return Fail(kept.status());
      Keep(*kept);
    }
  }

  // Casts again and again through the other process until the election is closed.
  void VoteLate() {
    const auto device = polls().Fetch(0);
    if (!device.ok()) return Fail(device.status());
    for (uint32_t seq = 2; seq <= 20; ++seq) {
      const auto kept = polls().Cast(*device, seq, 1, Town::kSecondBallots);
      if (!kept.ok()) return;  // NOT_OPEN, as it should in the end.
      Keep(*kept);
    }
  }

  void Keep(const Kept& kept) {
    const absl::MutexLock lock(&mutex_);
    kept_.push_back(kept);
  }
  void Fail(const absl::Status& status) {
    const absl::MutexLock lock(&mutex_);
    ADD_FAILURE() << status;
  }

  void HoldRound(const Point& point, int times) {
    SCOPED_TRACE(absl::StrCat(point.name, ":", times));
    if (point.two_replicas && !town().Runs(Town::kSecondBallots)) {
      town().Start(Town::kSecondBallots);
    }
    if (!point.two_replicas && town().Runs(Town::kSecondBallots)) town().Stop(Town::kSecondBallots);
    polls().OpenRound();
    kept_.clear();
    town().Stop(point.service);
    town().Start(point.service, {absl::StrCat("SMEDERIJ_CRASH_AT=", point.name, ":", times)});
    Watch watch(town(), point.service);

    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (int voter = t; voter < kVoters; voter += kThreads) Vote(voter, point.two_replicas);
      });
    }
    for (std::thread& thread : threads) thread.join();
    std::thread late;
    if (point.two_replicas) late = std::thread([&] { VoteLate(); });
    EXPECT_TRUE(polls().BringForward().ok());
    const absl::Status closed = polls().Close();
    EXPECT_TRUE(closed.ok()) << closed;
    if (late.joinable()) late.join();

    ASSERT_TRUE(polls().CloseRoll().ok());
    const auto tally = polls().Count();
    ASSERT_TRUE(tally.ok()) << tally.status();
    EXPECT_THAT(tally->imbalances(), ::testing::IsEmpty());
    ASSERT_EQ(tally->result().turnout_size(), 1);
    EXPECT_EQ(tally->result().turnout(0).issued(), kVoters);
    EXPECT_EQ(tally->result().turnout(0).ballots(), kVoters);
    EXPECT_GE(kept_.size(), 18u);
    for (const Kept& kept : kept_) {
      const absl::Status proven = polls().Prove(kept);
      EXPECT_TRUE(proven.ok()) << proven;
    }
    EXPECT_EQ(watch.End(), 1) << "the point was not reached";
  }

  absl::Mutex mutex_;
  std::vector<Kept> kept_;
};

TEST_F(VoteCrash, AtEveryNamedPointEveryPromiseIsKept) {
  const bool all = std::getenv("SMEDERIJ_ALL") != nullptr;
  const auto seed = std::random_device()();
  std::printf("seed %u\n", seed);
  std::mt19937 random(seed);
  const int rounds = all ? kRoundsOfAll : static_cast<int>(std::size(kPoints));
  for (int i = 0; i < rounds && !HasFatalFailure(); ++i) {
    const Point& point = kPoints[static_cast<size_t>(i) % std::size(kPoints)];
    HoldRound(point, 1 + static_cast<int>(random() % static_cast<uint32_t>(point.times_max)));
  }
}

}  // namespace
}  // namespace smederij::e2e
