#include "services/cli/remote/endpoint.h"

#include <grpcpp/create_channel.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/rpc/status.h"
#include "common/rpc/tls.h"

namespace smederij::cli {
namespace {

constexpr absl::Duration kCallMax = absl::Seconds(30);
constexpr absl::Duration kPauseFirst = absl::Milliseconds(20);
constexpr absl::Duration kPauseMax = absl::Seconds(1);

// Repeating may help: the service is away, starting, full, or was too slow.
bool Passing(const absl::Status& status) {
  return status.code() == kUnavailable || status.code() == kResourceExhausted ||
         status.code() == absl::StatusCode::kDeadlineExceeded;
}

}  // namespace

absl::StatusOr<Endpoint> Endpoint::Open(absl::string_view address, const std::string& authority,
                                        absl::Duration patience) {
  ASSIGN_OR_RETURN(const std::shared_ptr<grpc::ChannelCredentials> credentials,
                   rpc::ClientTls({.certificate = "", .key = "", .authority = authority}));
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 500);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 50);
  // Also what one attempt may take, the TLS handshake on a busy machine included.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 5000);
  // Not shared with the process's other channels: nobody can tell by the connection that a ballot
  // came from the one who fetched a credential a moment ago.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return Endpoint(grpc::CreateCustomChannel(std::string(address), credentials, arguments),
                  patience);
}

absl::Status Endpoint::Patiently(absl::FunctionRef<grpc::Status(grpc::ClientContext*)> once,
                                 absl::string_view token) const {
  const absl::Time until = absl::Now() + patience_;
  absl::Duration pause = kPauseFirst;
  while (true) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + kCallMax));
    if (!token.empty()) context.AddMetadata("authorization", absl::StrCat("Bearer ", token));
    const absl::Status status = rpc::FromGrpc(once(&context));
    if (!Passing(status) || absl::Now() + pause > until) return status;
    absl::SleepFor(std::max(pause, RetryDelayOf(status)));
    pause = std::min(pause * 2, kPauseMax);
    // Connecting makes progress only while somebody waits for it: with nothing but sleeps in
    // between, every attempt would run into its own time limit.
    channel_->WaitForConnected(absl::ToChronoTime(std::min(until, absl::Now() + kPauseMax)));
  }
}

}  // namespace smederij::cli
