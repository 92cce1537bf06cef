#pragma once

#include <functional>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace smederij::service {

// A thread that does one thing again and again: every `interval`, and at once when woken. What it
// returns when not OK is logged; the next turn tries again. Ends, after the turn under way, when
// destroyed.
class Background {
 public:
  Background(std::string name, absl::Duration interval, std::function<absl::Status()> turn);
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  void Wake();  // Thread-safe; never blocks.

 private:
  void Run();

  const std::string name_;
  const absl::Duration interval_;
  const std::function<absl::Status()> turn_;
  absl::Mutex mutex_;
  bool woken_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace smederij::service
