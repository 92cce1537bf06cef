#include "common/rpc/executor.h"

#include <utility>

#include "common/base/check.h"

namespace smederij::rpc {

Executor::Executor(int threads) {
  CHECK(threads > 0);
  threads_.reserve(static_cast<size_t>(threads));
  for (int i = 0; i < threads; ++i) threads_.emplace_back(&Executor::Work, this);
}

Executor::~Executor() {
  {
    const absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  for (std::thread& thread : threads_) thread.join();
}

void Executor::Submit(Job* job) {
  const absl::MutexLock lock(&mutex_);
  CHECK(!stopping_);
  if (last_ == nullptr) {
    first_ = job;
  } else {
    last_->next_ = job;
  }
  last_ = job;
}

void Executor::Work() {
  while (true) {
    Job* job = nullptr;
    {
      const absl::MutexLock lock(&mutex_, absl::Condition(this, &Executor::Wakes));
      job = first_;
      if (job == nullptr) return;  // Stopping, and nothing is left.
      first_ = std::exchange(job->next_, nullptr);
      if (first_ == nullptr) last_ = nullptr;
    }
    job->Run();
  }
}

}  // namespace smederij::rpc
