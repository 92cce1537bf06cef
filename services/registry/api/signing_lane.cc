#include "services/registry/api/signing_lane.h"

#include <utility>

#include "absl/time/clock.h"
#include "services/registry/domain/errors.h"

namespace smederij::registry {

SigningLane::SigningLane(int threads, size_t queue_max, obs::Gauge depth)
    : queue_max_(queue_max), depth_(depth) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Work(); });
}

SigningLane::~SigningLane() {
  {
    const absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  for (std::thread& thread : threads_) thread.join();
}

void SigningLane::Submit(absl::Time deadline, Task task) {
  {
    const absl::MutexLock lock(&mutex_);
    if (queue_.size() < queue_max_) {
      queue_.push_back({.deadline = deadline, .task = std::move(task)});
      depth_.Set(static_cast<double>(queue_.size()));
      return;
    }
  }
  task(IssuingBusy());
}

void SigningLane::Work() {
  for (;;) {
    Waiting next;
    {
      const absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(this, &SigningLane::Wakes));
      if (queue_.empty()) return;
      next = std::move(queue_.front());
      queue_.pop_front();
      depth_.Set(static_cast<double>(queue_.size()));
    }
    const bool late = next.deadline <= absl::Now();
    next.task(late ? absl::DeadlineExceededError("late in the signing queue") : absl::OkStatus());
  }
}

}  // namespace smederij::registry
