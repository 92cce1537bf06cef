#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/obs/log.h"
#include "common/rpc/testing/rpctest.h"

namespace smederij::rpc {
namespace {

using testing::From;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kLabels[] =
    R"(grpc_method="Cast",grpc_service="smederij.rpctest.v1.RpcTestService"} )";

TEST(Anonymous, AnythingThatTellsWhoCallsIsRefused) {
  RpcTestApi api;
  int cast = 0;
  api.cast = [&](const Call&, const Request&, Reply<Response> reply) {
    ++cast;
    reply(Answer("ok"));
  };
  const auto server = Serving(api);
  const auto brought = [&](const From& from) {
    const auto answer = server->Ask(&Stub::Cast, Saying("x"), from);
    EXPECT_EQ(answer.status().code(), kPermissionDenied);
    EXPECT_EQ(ReasonOf(answer.status()), "IDENTITY_NOT_WELCOME");
    const auto facts = FactsOf(answer.status());
    return facts.empty() ? "" : facts[0].second;
  };
  EXPECT_EQ(brought(server->As(Resident())), "authorization");
  EXPECT_EQ(brought({.token = "not even a token"}), "authorization");
  EXPECT_EQ(brought({.service = "proposals"}), "client certificate");
  EXPECT_EQ(brought({.service = "somebody"}), "client certificate");
  for (const char* key : {"traceparent", "tracestate", "baggage", "cookie", kOnBehalfOf}) {
    EXPECT_EQ(brought({.metadata = {{key, "x"}}}), key);
  }
  EXPECT_EQ(cast, 0);
  EXPECT_TRUE(server->Ask(&Stub::Cast, Saying("x")).ok());
  EXPECT_EQ(cast, 1);
}

TEST(Anonymous, TheHandlerKnowsNobodyAndNoTrace) {
  RpcTestApi api;
  bool nobody = false;
  api.cast = [&](const Call& call, const Request&, Reply<Response> reply) {
    nobody = !call.caller.person() && !call.caller.service && !call.trace;
    reply(Answer("ok"));
  };
  const auto server = Serving(api);
  ASSERT_TRUE(server->Ask(&Stub::Cast, Saying("x")).ok());
  EXPECT_TRUE(nobody);
}

TEST(Anonymous, LeavesNoLogLineWhateverHappens) {
  RpcTestApi api;
  const auto server = Serving(api);
  const obs::LogCapture log;
  EXPECT_TRUE(server->Ask(&Stub::Cast, Saying("x")).ok());
  EXPECT_FALSE(server->Ask(&Stub::Cast, Saying("x"), {.token = "x"}).ok());
  api.cast = [](const Call&, const Request&, Reply<Response> reply) {
    reply(absl::InternalError("bug"));
  };
  EXPECT_EQ(server->Ask(&Stub::Cast, Saying("x")).status().code(), kInternal);
  api.cast = [](const Call&, const Request&, Reply<Response>) {
    throw std::runtime_error("stray");
  };
  EXPECT_EQ(server->Ask(&Stub::Cast, Saying("x")).status().code(), kInternal);
  server->server().Drain();  // Nothing can still be on its way to the log.
  EXPECT_THAT(log.lines(), IsEmpty());
}

TEST(Anonymous, CountersMoveOnlyWhenABatchIsSequencedAndThereIsNoLatency) {
  RpcTestApi api;
  const auto server = Serving(api);
  const std::string before = server->metrics().Text();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(server->Ask(&Stub::Cast, Saying("x")).ok());
  ASSERT_FALSE(server->Ask(&Stub::Cast, Saying("x"), {.token = "x"}).ok());
  EXPECT_EQ(server->metrics().Text(), before);
  server->router().FlushAnonymousCounts();
  const std::string text = server->metrics().Text();
  EXPECT_THAT(text, HasSubstr(absl::StrCat("grpc_server_started_total{", kLabels, "4")));
  EXPECT_THAT(
      text, HasSubstr(absl::StrCat(R"(grpc_server_handled_total{grpc_code="OK",)", kLabels, "3")));
  EXPECT_THAT(text,
              HasSubstr(absl::StrCat(R"(grpc_server_handled_total{grpc_code="PermissionDenied",)",
                                     kLabels, "1")));
  EXPECT_THAT(text, Not(HasSubstr(absl::StrCat("grpc_server_handling_seconds_count{", kLabels))));
  server->router().FlushAnonymousCounts();
  EXPECT_EQ(server->metrics().Text(), text);
}

TEST(Anonymous, CountsTowardsTheLimitButNotTheGauge) {
  RpcTestApi api;
  absl::Mutex mutex;
  std::vector<Reply<Response>> waiting;
  api.cast = [&](const Call&, const Request&, Reply<Response> reply) {
    const absl::MutexLock lock(&mutex);
    waiting.push_back(std::move(reply));
  };
  const auto server = Serving(api, {.router = {.in_flight_max = 1}});
  std::thread client([&] { EXPECT_TRUE(server->Ask(&Stub::Cast, Saying("x")).ok()); });
  {
    const absl::MutexLock lock(&mutex);
    const auto arrived = [&] { return waiting.size() == 1; };
    mutex.Await(absl::Condition(&arrived));
  }
  EXPECT_THAT(server->metrics().Text(), HasSubstr("smederij_rpc_in_flight 0"));
  EXPECT_EQ(ReasonOf(server->Ask(&Stub::Cast, Saying("x")).status()), "TOO_MANY_CALLS");
  waiting[0](Answer("ok"));
  client.join();
}

}  // namespace
}  // namespace smederij::rpc
