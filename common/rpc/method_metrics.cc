#include "common/rpc/method_metrics.h"

#include <string>

#include "common/base/check.h"

namespace smederij::rpc::internal {
namespace {

// The names that dashboards for gRPC services already select by.
constexpr const char* kCodeNames[] = {
    "OK",       "Canceled",       "Unknown",          "InvalidArgument",   "DeadlineExceeded",
    "NotFound", "AlreadyExists",  "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
    "Aborted",  "OutOfRange",     "Unimplemented",    "Internal",          "Unavailable",
    "DataLoss", "Unauthenticated"};

}  // namespace

MethodMetrics::MethodMetrics(absl::string_view service, absl::string_view method, bool anonymous,
                             obs::Registry& registry)
    : anonymous_(anonymous) {
  static_assert(std::size(kCodeNames) == kCodes);
  const obs::Labels labels = {{"grpc_service", std::string(service)},
                              {"grpc_method", std::string(method)}};
  started_ = registry.AddCounter("grpc_server_started_total", "Calls begun.", labels);
  for (size_t code = 0; code < kCodes; ++code) {
    obs::Labels with_code = labels;
    with_code["grpc_code"] = kCodeNames[code];
    handled_[code] =
        registry.AddCounter("grpc_server_handled_total", "Calls answered, by code.", with_code);
  }
  if (anonymous) return;
  seconds_ = registry.AddHistogram("grpc_server_handling_seconds",
                                   "From admission to answer, refused calls included.",
                                   obs::LatencyBuckets(), labels);
}

void MethodMetrics::Started() {
  if (anonymous_) {
    held_started_.fetch_add(1, std::memory_order_relaxed);
  } else {
    started_.Add();
  }
}

void MethodMetrics::Handled(absl::StatusCode code, absl::Duration taken) {
  const auto index = static_cast<size_t>(code);
  CHECK(index < kCodes);
  if (anonymous_) {
    held_handled_[index].fetch_add(1, std::memory_order_relaxed);
    return;
  }
  handled_[index].Add();
  seconds_.Observe(taken);
}

void MethodMetrics::Flush() {
  if (!anonymous_) return;
  const auto show = [](std::atomic<int64_t>& held, const obs::Counter& counter) {
    if (held.load(std::memory_order_relaxed) == 0) return;
    counter.Add(static_cast<double>(held.exchange(0, std::memory_order_relaxed)));
  };
  show(held_started_, started_);
  for (size_t code = 0; code < kCodes; ++code) show(held_handled_[code], handled_[code]);
}

}  // namespace smederij::rpc::internal
