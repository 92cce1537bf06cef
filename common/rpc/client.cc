#include "common/rpc/client.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/support/channel_arguments.h>

#include <algorithm>
#include <utility>

#include "absl/random/random.h"
#include "absl/time/clock.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/rpc/auth.h"
#include "common/rpc/status.h"

namespace smederij::rpc {
namespace {

constexpr absl::Duration kFirstDelay = absl::Milliseconds(50);
constexpr absl::Duration kDelayMax = absl::Seconds(1);

// Half to all of an exponentially growing delay, so that many who failed together do not come back
// together; never sooner than the other side asked for.
absl::Duration DelayBefore(int attempt, absl::Duration asked) {
  thread_local absl::BitGen generator;
  const absl::Duration grown = std::min(kDelayMax, kFirstDelay * (1 << attempt));
  return std::max(asked, grown * absl::Uniform(generator, 0.5, 1.0));
}

void Prepare(grpc::ClientContext& context, const Outgoing& outgoing, absl::Time deadline) {
  context.set_deadline(absl::ToChronoTime(deadline));
  context.set_wait_for_ready(true);
  if (outgoing.trace) context.AddMetadata("traceparent", outgoing.trace->Child().Traceparent());
  if (outgoing.on_behalf_of) {
    context.AddMetadata(kOnBehalfOf, outgoing.on_behalf_of->ToString());
  }
}

}  // namespace

Outgoing::Outgoing(const Call& call) : deadline(call.deadline), trace(call.trace) {
  if (call.caller.person()) {
    on_behalf_of = call.caller.subject;
  } else {
    on_behalf_of = call.caller.on_behalf_of;
  }
}

absl::StatusOr<Peer> Peer::Open(absl::string_view address, const TlsFiles& tls) {
  ASSIGN_OR_RETURN(const auto credentials, ClientTls(tls));
  grpc::ChannelArguments arguments;
  // gRPC's own pauses between attempts to connect grow to two minutes: too long for a service next
  // door that restarts.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 1'000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 5'000);
  // A peer that vanished without a word is noticed.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 30'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  // Retries are ours: gRPC's would repeat what may not be repeated, or on top of us.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  return Peer(grpc::CreateCustomChannel(std::string(address), credentials, arguments));
}

absl::Status Peer::Run(absl::FunctionRef<grpc::Status(grpc::ClientContext*)> attempt,
                       const Outgoing& outgoing, Retry retry) {
  const absl::Time deadline = std::min(outgoing.deadline, absl::Now() + kAskMax);
  for (int number = 0;; ++number) {
    grpc::ClientContext context;
    Prepare(context, outgoing, deadline);
    absl::Status status = FromGrpc(attempt(&context));
    const bool again = status.code() == absl::StatusCode::kUnavailable &&
                       retry == Retry::kWhenUnavailable && number + 1 < kAttemptsMax;
    if (!again) return status;
    const absl::Duration delay = DelayBefore(number, RetryDelayOf(status));
    if (absl::Now() + delay >= deadline) return status;
    absl::SleepFor(delay);
  }
}

}  // namespace smederij::rpc
