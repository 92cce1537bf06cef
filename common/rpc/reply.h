#pragma once

#include <utility>

#include "absl/status/statusor.h"
#include "common/base/check.h"
#include "common/rpc/encoded.h"
#include "common/rpc/invocation.h"

namespace smederij::rpc {

// The answer a grouped method owes. Move-only; called exactly once, from any thread, with a
// StatusOr<Res>; the client's call ends there. Dropped uncalled it answers INTERNAL and is logged
// as the bug it is. Never blocks: it serialises, logs, and hands over to gRPC.
//
// `reply.MarkReplayed()` before calling it is Call::MarkReplayed from where the call is out of
// reach.
template <class Res>
class [[nodiscard]] Reply {
 public:
  explicit Reply(internal::Invocation* invocation) : invocation_(invocation) {}
  Reply(Reply&& other) noexcept : invocation_(std::exchange(other.invocation_, nullptr)) {}
  Reply& operator=(Reply&& other) noexcept {
    std::swap(invocation_, other.invocation_);
    return *this;
  }
  ~Reply() {
    if (invocation_ != nullptr) invocation_->Conclude(internal::ReplyDropped());
  }

  void operator()(absl::StatusOr<Res> answer) {
    internal::Invocation* const invocation = std::exchange(invocation_, nullptr);
    CHECK(invocation != nullptr);  // Called twice.
    invocation->Conclude(internal::Serialize(answer));
  }

  void MarkReplayed() const { invocation_->call().MarkReplayed(); }

 private:
  internal::Invocation* invocation_;
};

}  // namespace smederij::rpc
