#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <memory>
#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/rpc/call.h"
#include "common/rpc/tls.h"

namespace smederij::rpc {

// What travels with an outgoing call. A handler passes its own: Outgoing(call).
struct Outgoing {
  Outgoing() = default;
  // Deadline and trace of `call`; its person as the one acted for.
  Outgoing(const Call& call);  // NOLINT: a call is what an outgoing call is made of.

  absl::Time deadline = absl::InfiniteFuture();
  std::optional<obs::Trace> trace;
  std::optional<SubjectId> on_behalf_of;
};

// Whether a call may be sent again when it is unknown what became of it. Reads may; so may every
// write that carries a request_id.
enum class Retry { kNever, kWhenUnavailable };

// Another service, over one channel with mutual TLS. Thread-safe. A blocking call: never from
// gRPC's own threads, never while holding a database connection.
class Peer {
 public:
  // Never fails and never blocks: connecting begins with the first call, and each call waits for a
  // connection within its own deadline. Refusals of the credentials' files: those of ReadTls.
  static absl::StatusOr<Peer> Open(absl::string_view address, const TlsFiles& tls);
  explicit Peer(std::shared_ptr<grpc::Channel> channel) : channel_(std::move(channel)) {}

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

  // Calls a generated stub's method:
  //   peer.Ask(&v1::RegistryService::Stub::GetRoll, request, call)
  // Refusals are the other service's, or UNAVAILABLE and DEADLINE_EXCEEDED. A deadline is required:
  // an infinite one becomes kAskMax from now.
  template <class Stub, class Req, class Res>
  absl::StatusOr<Res> Ask(grpc::Status (Stub::*method)(grpc::ClientContext*, const Req&, Res*),
                          const Req& request, const Outgoing& outgoing,
                          Retry retry = Retry::kWhenUnavailable) const {
    Stub stub(channel_);
    Res response;
    const auto attempt = [&](grpc::ClientContext* context) {
      response.Clear();
      return (stub.*method)(context, request, &response);
    };
    if (absl::Status status = Run(attempt, outgoing, retry); !status.ok()) return status;
    return response;
  }

  static constexpr absl::Duration kAskMax = absl::Seconds(10);
  static constexpr int kAttemptsMax = 4;

 private:
  static absl::Status Run(absl::FunctionRef<grpc::Status(grpc::ClientContext*)> attempt,
                          const Outgoing& outgoing, Retry retry);

  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace smederij::rpc
