#pragma once

#include <grpcpp/server_builder.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/obs/metrics.h"
#include "common/rpc/auth.h"
#include "common/rpc/invocation.h"
#include "google/protobuf/descriptor.h"

namespace smederij::rpc {

struct RouterOptions {
  std::string service = {};  // "ledger": who refuses, in ErrorInfo's domain "ledger.smederij".
  int threads = 8;           // Handlers that run at once; as many as the connection pool is large.
  int streams_max = 2;       // Client streams at once: each holds a thread of its own for its life.
  int in_flight_max = 1024;  // Calls admitted and not yet answered; more are RESOURCE_EXHAUSTED.
};

namespace internal {

enum class Kind { kUnary, kGrouped, kClientStream };

// What a Table hands over: one line of it, its types erased.
struct Mounted {
  absl::string_view service;  // Full name, or empty: the one of `input`'s file that has the method.
  absl::string_view name;     // "CastBallot".
  absl::Duration budget;
  Kind kind = Kind::kUnary;
  const google::protobuf::Descriptor* input = nullptr;
  const google::protobuf::Descriptor* output = nullptr;
  std::function<void(Invocation&)> run;  // Calls the handler, concludes the call.
};

}  // namespace internal

// Every RPC of a process: what the Tables mounted, checked against the descriptors and their access
// options, run in one visible sequence per call:
//   admit → authenticate → authorize → clamp deadline → handler → status → metrics → log line
//
// Mount all, then Complete, then serve. The router outlives the server that serves it.
class Router {
 public:
  // Resolves each row's metrics in `metrics` once. Both references outlive the router.
  Router(const RouterOptions& options, const Authenticator& authenticator, obs::Registry& metrics);
  ~Router();
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  // OK if every method of every service mounted here has exactly one row, of its own types, and an
  // access option that names exactly one way in. Otherwise INTERNAL: all mistakes, one a line.
  absl::Status Complete();

  // Anonymous methods move no counter per call: what happened is held back until the service says
  // that a batch was sequenced, and then shows at once. Thread-safe.
  void FlushAnonymousCounts();

  // Calls admitted and not yet answered, anonymous ones too. Thread-safe.
  int in_flight() const;

  const RouterOptions& options() const;

  std::vector<std::string> services() const;  // Full names of what is mounted.

  // The server's and the tables' own.
  void Mount(internal::Mounted row);
  void RegisterWith(grpc::ServerBuilder& builder);

 private:
  std::unique_ptr<internal::Core> core_;
};

}  // namespace smederij::rpc
