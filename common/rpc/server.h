#pragma once

#include <grpcpp/server.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/call_once.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/rpc/router.h"
#include "common/rpc/tls.h"

namespace smederij::rpc {

inline constexpr int kMessageBytesMax = 4 * 1024 * 1024;

struct ServerOptions {
  std::string listen = "127.0.0.1:0";  // Port 0 takes a free one.
  TlsFiles tls = {};
  int message_bytes_max = kMessageBytesMax;  // Of one request; a larger one is RESOURCE_EXHAUSTED.
  absl::Duration drain = absl::Seconds(10);  // What running calls get to finish in, when stopping.
  // Whether calls can be served now, say a ping of the database; asked every `probe_every` from a
  // thread of the server. While it is not OK, health answers NOT_SERVING. None: always.
  std::function<absl::Status()> probe = {};
  absl::Duration probe_every = absl::Seconds(1);
};

// A gRPC server over TLS with standard health (grpc.health.v1) and reflection. Thread-safe.
class Server {
 public:
  // Completes `router`, binds, and serves. Refusals: INTERNAL with the router's mistakes, those of
  // ServerTls, UNAVAILABLE LISTEN_FAILED when the address is taken or not ours.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const ServerOptions& options,
                                                       Router& router);
  ~Server();  // Drains.

  const std::string& address() const { return address_; }  // With the port really taken.

  // Health becomes NOT_SERVING, no call is accepted any more, running ones may finish within the
  // drain time and are cancelled after it. Returns when none is left, to every caller.
  void Drain();

 private:
  class Health;

  Server() = default;

  absl::once_flag drained_;
  absl::Duration drain_;
  std::string address_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<Health> health_;
};

// First in main, before any thread: blocks the signals that Serve waits for so that every thread
// inherits the mask, ignores SIGPIPE, turns off absl's deadlock detector (its graph costs more than
// the locks), and sends gRPC's own log to ours.
void PrepareProcess();

// Starts a server, writes the line {"event":"ready","grpc":"127.0.0.1:PORT",…} with `facts`, waits
// for SIGTERM or SIGINT, drains. Returns what kept it from starting, or OK after a drain.
absl::Status Serve(const ServerOptions& options, Router& router,
                   const std::vector<std::pair<std::string, std::string>>& facts = {});

// What main returns: 0 for OK; otherwise logs the status as one line, event "failed", and gives 2
// for what is wrong with how the process was set up (INVALID_ARGUMENT, FAILED_PRECONDITION), 1 for
// the rest.
int ExitCode(const absl::Status& status);

}  // namespace smederij::rpc
