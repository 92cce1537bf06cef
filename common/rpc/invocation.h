#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/status.h>

#include <atomic>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/rpc/call.h"
#include "common/rpc/executor.h"
#include "google/protobuf/message_lite.h"

// What stands between gRPC's reactors and the handlers. Services include table.h; nothing here is
// for them.
namespace smederij::rpc::internal {

struct Core;
struct Row;

// One RPC on its way through the router's sequence:
//   admit → authenticate → authorize → clamp deadline → handler → status → metrics → log line
// Admission runs on gRPC's thread and never blocks; the rest runs on the executor; Conclude runs
// wherever the answer is. Lives until gRPC is done with it and Run has returned, whichever is last.
class Invocation : public Job {
 public:
  Invocation(Core& core, const Row& row, grpc::CallbackServerContext* context);

  Call& call() { return call_; }
  // The request of a unary or grouped call; of a stream, the message read last.
  grpc::ByteBuffer& bytes() { return bytes_; }

  // Ends the call: once, from any thread. Nothing of the call may be touched afterwards, except by
  // Run, which holds the invocation for itself.
  void Conclude(absl::StatusOr<grpc::ByteBuffer> answer);

  // The next message of a stream into bytes(); false at its end, or when stream_status() says why
  // there is none. Blocks. Only for streams.
  virtual bool Next() { return false; }
  virtual absl::Status stream_status() { return absl::OkStatus(); }

 protected:
  // Either queues the call or refuses it; gRPC's thread.
  void Admit();
  void Release();  // One of the two holders is done.
  void MarkCancelled() { call_.MarkCancelled(); }
  // Sends the answer: `bytes` is meaningful if `status` is OK.
  virtual void Send(grpc::Status status, grpc::ByteBuffer bytes) = 0;

  const Row& row_;
  grpc::ByteBuffer bytes_;

 private:
  void Run() final;
  absl::Status Enter();  // Everything before the handler.
  void ReadTrace();
  absl::Status RefuseIdentity();
  absl::Status Authenticate();
  absl::Status ClampDeadline();
  void Stray(absl::string_view what);
  void Record(const absl::Status& status, const absl::Status& told);

  Core& core_;
  grpc::CallbackServerContext* const context_;
  const absl::Time began_;
  Call call_;
  std::atomic<int> holders_{2};  // gRPC, until OnDone; the executor, until Run returns.
};

// INVALID_ARGUMENT MALFORMED_REQUEST unless `bytes` are a message of that type. Consumes `bytes`.
absl::Status Parse(grpc::ByteBuffer& bytes, google::protobuf::MessageLite& message);
absl::StatusOr<grpc::ByteBuffer> Serialize(const google::protobuf::MessageLite& message);
template <class Res>
absl::StatusOr<grpc::ByteBuffer> Serialize(const absl::StatusOr<Res>& answer) {
  if (!answer.ok()) return answer.status();
  return Serialize(*answer);
}

absl::Status ReplyDropped();  // INTERNAL.

}  // namespace smederij::rpc::internal
