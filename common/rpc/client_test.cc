#include "common/rpc/client.h"

#include <gtest/gtest.h>

#include <atomic>

#include "absl/time/clock.h"
#include "common/base/error.h"
#include "common/rpc/testing/rpctest.h"

namespace smederij::rpc {
namespace {

// A handler that fails `failures` times, then answers.
RpcTestApi::OnPlain Failing(std::atomic<int>& calls, int failures) {
  return [&calls, failures](const Call&, const Request&) -> absl::StatusOr<Response> {
    if (calls++ < failures) return Error(kUnavailable, "DATABASE_UNAVAILABLE", "away");
    return Answer("ok");
  };
}

Peer Proposals(testing::TestServer& server) {
  return *Peer::Open(server.address(), server.pki().Service("proposals"));
}

TEST(Peer, CarriesDeadlineTraceAndThePersonOfTheCallItServes) {
  RpcTestApi api;
  Caller caller;
  obs::Trace trace;
  absl::Duration left;
  api.plain = [&](const Call& call, const Request&) {
    caller = call.caller;
    trace = *call.trace;
    left = call.deadline - absl::Now();
    return Answer("ok");
  };
  const auto server = Serving(api);
  Call call({.subject = SubjectId::Random()}, absl::Now() + absl::Seconds(3), Access());
  call.trace = obs::Trace::Make();
  const auto answer = Proposals(*server).Ask(&Stub::Plain, Saying("x"), call);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(caller.service, policy::v1::SERVICE_PROPOSALS);
  EXPECT_EQ(caller.on_behalf_of, call.caller.subject);
  EXPECT_FALSE(caller.person());
  EXPECT_EQ(trace.id, call.trace->id);
  EXPECT_NE(trace.span, call.trace->span);
  EXPECT_LE(left, absl::Seconds(3));
}

TEST(Peer, TriesAgainWhenUnavailableButNotForever) {
  RpcTestApi api;
  const auto server = Serving(api);
  const Peer peer = Proposals(*server);
  std::atomic<int> calls{0};
  api.plain = Failing(calls, Peer::kAttemptsMax - 1);
  EXPECT_TRUE(peer.Ask(&Stub::Plain, Saying("x"), {}).ok());
  EXPECT_EQ(calls, Peer::kAttemptsMax);
  calls = 0;
  api.plain = Failing(calls, 1000);
  const auto answer = peer.Ask(&Stub::Plain, Saying("x"), {});
  EXPECT_EQ(ReasonOf(answer.status()), "DATABASE_UNAVAILABLE");
  EXPECT_EQ(calls, Peer::kAttemptsMax);
}

TEST(Peer, TriesOnceWhatMayNotBeRepeatedOrWasRefused) {
  RpcTestApi api;
  const auto server = Serving(api);
  const Peer peer = Proposals(*server);
  std::atomic<int> calls{0};
  api.plain = Failing(calls, 1);
  EXPECT_FALSE(peer.Ask(&Stub::Plain, Saying("x"), {}, Retry::kNever).ok());
  EXPECT_EQ(calls, 1);
  calls = 0;
  api.plain = [&](const Call&, const Request&) -> absl::StatusOr<Response> {
    ++calls;
    return Error(kAborted, "STALE", "a refusal");
  };
  EXPECT_EQ(ReasonOf(peer.Ask(&Stub::Plain, Saying("x"), {}).status()), "STALE");
  EXPECT_EQ(calls, 1);
}

TEST(Peer, WaitsForAPeerThatIsNotThereYetOnlyAsLongAsTheDeadline) {
  testing::TestPki pki;
  const Peer nobody = *Peer::Open("127.0.0.1:1", pki.Service("proposals"));
  Outgoing outgoing;
  outgoing.deadline = absl::Now() + absl::Milliseconds(100);
  const absl::Time began = absl::Now();
  EXPECT_EQ(nobody.Ask(&Stub::Plain, Saying("x"), outgoing).status().code(),
            absl::StatusCode::kDeadlineExceeded);
  EXPECT_LT(absl::Now() - began, absl::Seconds(5));
}

TEST(Peer, NeedsItsFiles) {
  EXPECT_EQ(ReasonOf(Peer::Open("127.0.0.1:1", {.authority = "/nowhere"}).status()),
            "TLS_FILE_UNREADABLE");
}

}  // namespace
}  // namespace smederij::rpc
