#pragma once

#include "absl/status/status.h"
#include "common/rpc/invocation.h"

namespace smederij::rpc {

// The messages a client streams to a handler, read one at a time: memory stays one message deep,
// and the client is held back by gRPC's own flow control. Used by the handler's thread alone.
template <class Req>
class Reader {
 public:
  explicit Reader(internal::Invocation& invocation) : invocation_(invocation) {}

  // Reads the next message into `request`, waiting for it as long as the call's deadline allows.
  // False at the end of the stream, and when there will be no more: then status() says why.
  bool Next(Req* request) {
    if (!status_.ok()) return false;
    if (!invocation_.Next()) {
      status_ = invocation_.stream_status();
      return false;
    }
    status_ = internal::Parse(invocation_.bytes(), *request);
    return status_.ok();
  }

  // OK while messages come and after the client's proper end. Otherwise, after Next was false:
  // CANCELLED, DEADLINE_EXCEEDED, or INVALID_ARGUMENT MALFORMED_REQUEST. A handler returns it
  // before it commits what it read: half a stream is not a request.
  const absl::Status& status() const { return status_; }

 private:
  internal::Invocation& invocation_;
  absl::Status status_;
};

}  // namespace smederij::rpc
