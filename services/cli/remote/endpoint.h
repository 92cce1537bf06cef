#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace smederij::cli {

// One service, as a person's program speaks to it: over TLS, with a bearer token or with nothing.
// A call that finds the service away, or too slow, is repeated until `patience` has run out: every
// write here carries a request_id, so a repetition is safe. Thread-safe.
class Endpoint {
 public:
  // `authority`: PEM file of the certificate authority the service's certificate comes from.
  // Never blocks; connecting begins with the first call. Refusal: TLS_FILE_UNREADABLE.
  static absl::StatusOr<Endpoint> Open(absl::string_view address, const std::string& authority,
                                       absl::Duration patience);

  // Calls a method of a generated stub; `token` empty sends no identity. Refusals are the
  // service's own, or UNAVAILABLE when patience has run out.
  template <class Stub, class Req, class Res>
  absl::StatusOr<Res> Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Req&, Res*),
                           const Req& request, absl::string_view token = "") const {
    Stub stub(channel_);
    Res response;
    const auto once = [&](grpc::ClientContext* context) {
      response.Clear();
      return (stub.*method)(context, request, &response);
    };
    if (absl::Status status = Patiently(once, token); !status.ok()) return status;
    return response;
  }

  // The same for calls of another shape: `once` makes the call in the context it is given.
  absl::Status Patiently(absl::FunctionRef<grpc::Status(grpc::ClientContext*)> once,
                         absl::string_view token) const;

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

 private:
  Endpoint(std::shared_ptr<grpc::Channel> channel, absl::Duration patience)
      : channel_(std::move(channel)), patience_(patience) {}

  std::shared_ptr<grpc::Channel> channel_;
  absl::Duration patience_;
};

}  // namespace smederij::cli
