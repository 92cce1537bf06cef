#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/rpc/invocation.h"
#include "google/protobuf/descriptor.h"

namespace smederij::rpc {

// A response that is serialised already, say out of a cache: a handler that gives
// StatusOr<Encoded<Res>> instead of StatusOr<Res> sends these bytes, shared and not copied. They
// are a serialised Res, which is not checked, and never null.
template <class Res>
struct Encoded {
  static const google::protobuf::Descriptor* descriptor() { return Res::descriptor(); }

  std::shared_ptr<const std::string> bytes;
};

namespace internal {

grpc::ByteBuffer Share(std::shared_ptr<const std::string> bytes);

template <class Res>
absl::StatusOr<grpc::ByteBuffer> Serialize(const absl::StatusOr<Encoded<Res>>& answer) {
  if (!answer.ok()) return answer.status();
  return Share(answer->bytes);
}

}  // namespace internal
}  // namespace smederij::rpc
