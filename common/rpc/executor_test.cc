#include "common/rpc/executor.h"

#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <functional>

#include "absl/synchronization/barrier.h"
#include "absl/synchronization/notification.h"

namespace smederij::rpc {
namespace {

class Task final : public Job {
 public:
  explicit Task(std::function<void()> body) : body_(std::move(body)) {}
  void Run() override { body_(); }

 private:
  std::function<void()> body_;
};

TEST(Executor, RunsEverythingSubmittedBeforeItIsDestroyed) {
  std::atomic<int> ran{0};
  std::deque<Task> tasks;
  {
    Executor executor(3);
    for (int i = 0; i < 1000; ++i) executor.Submit(&tasks.emplace_back([&] { ++ran; }));
  }
  EXPECT_EQ(ran, 1000);
}

TEST(Executor, OneThreadKeepsTheOrder) {
  std::vector<int> order;
  std::deque<Task> tasks;
  {
    Executor executor(1);
    for (int i = 0; i < 100; ++i)
      executor.Submit(&tasks.emplace_back([&, i] { order.push_back(i); }));
  }
  ASSERT_EQ(order.size(), 100u);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST(Executor, RunsAsManyAtOnceAsItHasThreadsAndNoMore) {
  constexpr int kThreads = 4;
  std::atomic<int> running{0};
  std::atomic<int> most{0};
  absl::Barrier all(kThreads);  // Passed only if four run at once.
  std::deque<Task> tasks;
  const auto meet = [&] {
    const int now = ++running;
    for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
    }
    all.Block();
    --running;
  };
  const auto count = [&] {
    const int now = ++running;
    for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
    }
    --running;
  };
  {
    Executor executor(kThreads);
    for (int i = 0; i < kThreads; ++i) executor.Submit(&tasks.emplace_back(meet));
    for (int i = 0; i < 200; ++i) executor.Submit(&tasks.emplace_back(count));
  }
  EXPECT_EQ(most, kThreads);
}

TEST(Executor, AJobMayEndItsOwnLife) {
  struct Once final : Job {
    explicit Once(absl::Notification& told) : done(told) {}
    void Run() override {
      absl::Notification& last = done;
      delete this;
      last.Notify();
    }
    absl::Notification& done;
  };
  absl::Notification done;
  Executor executor(1);
  executor.Submit(new Once(done));
  done.WaitForNotification();
}

}  // namespace
}  // namespace smederij::rpc
