#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/obs/metrics.h"

namespace smederij::rpc::internal {

// What is counted of one method, resolved once. An anonymous method has no latency, and its
// counters do not move while calls come and go: they are held back until Flush.
class MethodMetrics {
 public:
  MethodMetrics(absl::string_view service, absl::string_view method, bool anonymous,
                obs::Registry& registry);

  void Started();
  void Handled(absl::StatusCode code, absl::Duration taken);
  void Flush();  // Shows what was held back. Thread-safe, as the others.

 private:
  static constexpr int kCodes = 17;

  const bool anonymous_;
  obs::Counter started_;
  std::array<obs::Counter, kCodes> handled_;
  obs::Histogram seconds_;
  std::atomic<int64_t> held_started_{0};
  std::array<std::atomic<int64_t>, kCodes> held_handled_{};
};

}  // namespace smederij::rpc::internal
