#pragma once

#include <grpcpp/impl/service_type.h>

#include <atomic>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "common/rpc/executor.h"
#include "common/rpc/method_metrics.h"
#include "common/rpc/router.h"

namespace smederij::rpc::internal {

// One method: immutable once mounted.
struct Row {
  std::string path;  // "/package.Service/Method"; gRPC keeps a pointer to it.
  absl::Duration budget;
  Kind kind = Kind::kUnary;
  Access access;
  std::function<void(Invocation&)> run;
  std::unique_ptr<MethodMetrics> metrics;

  absl::string_view method() const { return absl::string_view(path).substr(1); }
};

// A service as gRPC wants one, made of rows.
class MountedService final : public grpc::Service {
 public:
  void Add(Core& core, const Row& row);

 private:
  int methods_ = 0;
};

// What every call of a router shares.
struct Core {
  Core(const RouterOptions& router_options, const Authenticator& who, obs::Registry& registry)
      : options(router_options),
        authenticator(who),
        metrics(registry),
        in_flight_gauge(registry.AddGauge(
            "smederij_rpc_in_flight", "Calls admitted and not answered; anonymous ones left out.")),
        calls_executor(router_options.threads),
        streams_executor(router_options.streams_max) {}

  const RouterOptions options;
  const Authenticator& authenticator;
  obs::Registry& metrics;
  const obs::Gauge in_flight_gauge;
  std::atomic<int> in_flight{0};
  std::atomic<int> streams{0};

  std::deque<Row> rows;  // Addresses are kept.
  absl::btree_map<std::string, std::unique_ptr<MountedService>> services;
  absl::btree_set<const google::protobuf::FileDescriptor*> files;
  absl::btree_set<std::string> mounted;  // Paths.
  std::vector<std::string> mistakes;

  Executor calls_executor;  // Last: joined before anything a call uses goes.
  Executor streams_executor;
};

}  // namespace smederij::rpc::internal
