#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/channel_arguments.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/base/clock.h"
#include "common/obs/metrics.h"
#include "common/rpc/auth.h"
#include "common/rpc/router.h"
#include "common/rpc/server.h"
#include "common/rpc/status.h"
#include "common/testing/test_identity.h"
#include "common/testing/test_pki.h"

namespace smederij::testing {

// Who calls in a test, and with what.
struct From {
  std::string token = {};    // Sent as a bearer token unless empty.
  std::string service = {};  // "proposals": its client certificate is presented.
  std::vector<std::pair<std::string, std::string>> metadata = {};
  absl::Duration timeout = absl::Seconds(20);
};

struct TestServerOptions {
  rpc::RouterOptions router = {};
  rpc::ServerOptions server = {};  // Address and TLS files are set by the TestServer.
};

// A service as it runs, in the test's process: real router, real server, TLS, tokens, on a free
// port. Handlers are met through a channel, as by anyone.
//
//   testing::TestServer server("ledger", [&](rpc::Router& router) { api.Mount(router); });
//   const auto budget = server.Ask(&v1::LedgerService::Stub::GetBudget, request,
//                                  server.As({.municipality = m, .grants = {{ROLE_AUDITOR}}}));
class TestServer {
 public:
  TestServer(absl::string_view service, const std::function<void(rpc::Router&)>& mount,
             TestServerOptions options = {});
  ~TestServer();

  From As(const Person& person) const { return {.token = identity_.Token(service_, person)}; }
  static From AsService(absl::string_view name) { return {.service = std::string(name)}; }

  // One call of a generated stub's method, its answer as a client of ours reads it. `replayed`
  // tells whether the trailing metadata said so.
  template <class Stub, class Req, class Res>
  absl::StatusOr<Res> Ask(grpc::Status (Stub::*method)(grpc::ClientContext*, const Req&, Res*),
                          const Req& request, const From& from = {}, bool* replayed = nullptr) {
    Stub stub(Channel(from.service));
    grpc::ClientContext context;
    Prepare(context, from);
    Res response;
    const grpc::Status status = (stub.*method)(&context, request, &response);
    if (replayed != nullptr) {
      *replayed = context.GetServerTrailingMetadata().count(rpc::kReplayed) > 0;
    }
    if (!status.ok()) return rpc::FromGrpc(status);
    return response;
  }

  // A channel that presents the certificate of `service`, or none. Thread-safe, as Ask is.
  std::shared_ptr<grpc::Channel> Channel(const std::string& service = "");
  // One of nobody's, of its own.
  std::shared_ptr<grpc::Channel> NewChannel(const grpc::ChannelArguments& arguments) const;
  // Deadline, token and metadata of `from`.
  static void Prepare(grpc::ClientContext& context, const From& from);

  const std::string& address() const { return server_->address(); }
  rpc::Router& router() { return *router_; }
  rpc::Server& server() { return *server_; }
  obs::Registry& metrics() { return metrics_; }
  TestIdentity& identity() { return identity_; }
  TestPki& pki() { return pki_; }

 private:
  const std::string service_;
  TestPki pki_;
  TestIdentity identity_;
  SystemClock clock_;
  obs::Registry metrics_;
  std::unique_ptr<rpc::KeySet> keys_;
  std::unique_ptr<rpc::Authenticator> authenticator_;
  std::unique_ptr<rpc::Router> router_;
  std::unique_ptr<rpc::Server> server_;
  absl::Mutex mutex_;
  std::map<std::string, std::shared_ptr<grpc::Channel>> channels_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace smederij::testing
