#pragma once

#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace smederij::rpc {

// Work that an Executor queues without allocating. The executor never deletes a job.
class Job {
 public:
  Job() = default;
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;
  virtual ~Job() = default;
  virtual void Run() = 0;

 private:
  friend class Executor;
  Job* next_ = nullptr;
};

// A fixed number of threads and a first-in, first-out queue. The queue has no limit of its own: the
// router admits at most so many calls. Thread-safe.
class Executor {
 public:
  explicit Executor(int threads);
  ~Executor();  // Runs what is queued, then joins.

  // `job` stays valid until its Run begins; Run may end its life.
  void Submit(Job* job);

 private:
  void Work();
  bool Wakes() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return first_ != nullptr || stopping_;
  }

  absl::Mutex mutex_;
  Job* first_ ABSL_GUARDED_BY(mutex_) = nullptr;
  Job* last_ ABSL_GUARDED_BY(mutex_) = nullptr;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace smederij::rpc
