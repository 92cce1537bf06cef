#pragma once

#include <deque>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/obs/metrics.h"

namespace smederij::registry {

// Threads of their own for blind signatures. One takes over a millisecond of a core, and a class of
// voters who fetch their credentials at the same moment must not keep everybody else from signing
// in. Bounded: what does not fit is refused at once. Thread-safe.
class SigningLane {
 public:
  // Called exactly once: with OK on a thread of the lane, or with the refusal: ISSUING_BUSY at
  // once, DEADLINE_EXCEEDED when its turn comes too late for anybody to wait for it.
  using Task = absl::AnyInvocable<void(absl::Status admitted)>;

  // `depth` follows the number of tasks that wait.
  SigningLane(int threads, size_t queue_max, obs::Gauge depth);
  ~SigningLane();  // Runs what is queued, then joins.
  SigningLane(const SigningLane&) = delete;
  SigningLane& operator=(const SigningLane&) = delete;

  void Submit(absl::Time deadline, Task task);

 private:
  struct Waiting {
    absl::Time deadline;
    Task task;
  };

  void Work();
  bool Wakes() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stopping_ || !queue_.empty(); }

  const size_t queue_max_;
  const obs::Gauge depth_;
  absl::Mutex mutex_;
  std::deque<Waiting> queue_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace smederij::registry
