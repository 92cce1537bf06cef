#include "common/rpc/server.h"

#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "absl/strings/match.h"
#include "absl/synchronization/notification.h"
#include "common/base/error.h"
#include "common/obs/log.h"
#include "common/rpc/testing/rpctest.h"
#include "grpc/health/v1/health.pb.h"

namespace smederij::rpc {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using ::testing::HasSubstr;
using testing::TestServer;

void WaitFor(const std::function<bool()>& condition) {
  while (!condition()) std::this_thread::yield();
}

// What a load balancer sees; UNKNOWN when there is no answer.
HealthCheckResponse::ServingStatus Health(TestServer& server, const std::string& service = "") {
  grpc::TemplatedGenericStub<HealthCheckRequest, HealthCheckResponse> stub(server.Channel());
  grpc::ClientContext context;
  TestServer::Prepare(context, {});
  HealthCheckRequest request;
  request.set_service(service);
  HealthCheckResponse response;
  absl::Notification done;
  bool answered = false;
  stub.UnaryCall(&context, "/grpc.health.v1.Health/Check", grpc::StubOptions(), &request, &response,
                 [&](const grpc::Status& status) {
                   answered = status.ok();
                   done.Notify();
                 });
  done.WaitForNotification();
  return answered ? response.status() : HealthCheckResponse::UNKNOWN;
}

TEST(Server, IsHealthyByTheStandardServiceAndByEachServicesName) {
  RpcTestApi api;
  const auto server = Serving(api);
  EXPECT_EQ(Health(*server), HealthCheckResponse::SERVING);
  EXPECT_EQ(Health(*server, "smederij.rpctest.v1.RpcTestService"), HealthCheckResponse::SERVING);
  EXPECT_EQ(Health(*server, "no.such.Service"), HealthCheckResponse::UNKNOWN);
}

TEST(Server, IsNotServingWhileTheProbeFailsAndServingAgainByItself) {
  RpcTestApi api;
  std::atomic<bool> away{false};
  const auto server = Serving(
      api,
      {.server = {.probe = [&] { return away ? absl::UnavailableError("gone") : absl::OkStatus(); },
                  .probe_every = absl::Milliseconds(1)}});
  EXPECT_EQ(Health(*server), HealthCheckResponse::SERVING);
  away = true;
  WaitFor([&] { return Health(*server) == HealthCheckResponse::NOT_SERVING; });
  away = false;
  WaitFor([&] { return Health(*server) == HealthCheckResponse::SERVING; });
}

TEST(Server, TellsOnceWhyItIsNotServingAndOnceMoreWhenThatChanges) {
  const obs::LogCapture capture;
  std::atomic<int> probes = 0;
  {
    RpcTestApi api;
    const auto server =
        Serving(api, {.server = {.probe = [&]() -> absl::Status {
                                   return Error(kUnavailable, ++probes < 10 ? "AWAY" : "TOO_OLD",
                                                "not now");
                                 },
                                 .probe_every = absl::Milliseconds(1)}});
    WaitFor([&] { return probes > 20; });
  }
  std::vector<std::string> told;
  for (const std::string& line : capture.lines()) {
    if (absl::StrContains(line, "\"not_serving\"")) told.push_back(line);
  }
  EXPECT_THAT(told, ::testing::ElementsAre(HasSubstr("AWAY"), HasSubstr("TOO_OLD")));
}

TEST(Server, ADrainLetsRunningCallsFinishAndTakesNoNewOnes) {
  RpcTestApi api;
  absl::Notification started;
  absl::Notification release;
  api.plain = [&](const Call&, const Request&) {
    started.Notify();
    release.WaitForNotification();
    return Answer("finished");
  };
  const auto server = Serving(api);
  const testing::From from = server->As(Resident());
  absl::StatusOr<Response> answer = absl::UnknownError("none yet");
  std::thread running([&] { answer = server->Ask(&Stub::Plain, Saying("x"), from); });
  started.WaitForNotification();
  absl::Notification drained;
  std::thread drain([&] {
    server->server().Drain();
    drained.Notify();
  });
  WaitFor(
      [&] { return !server->Ask(&Stub::Look, Saying("x"), {.timeout = absl::Seconds(1)}).ok(); });
  EXPECT_FALSE(drained.HasBeenNotified());
  release.Notify();
  running.join();
  drain.join();
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->text(), "finished");
}

TEST(Server, ACallThatOutlivesTheDrainIsCancelled) {
  RpcTestApi api;
  absl::Notification started;
  api.plain = [&](const Call& call, const Request&) -> absl::StatusOr<Response> {
    started.Notify();
    WaitFor([&] { return call.Cancelled(); });
    return absl::CancelledError();
  };
  const auto server = Serving(api, {.server = {.drain = absl::Milliseconds(20)}});
  absl::Status status;
  std::thread running(
      [&] { status = server->Ask(&Stub::Plain, Saying("x"), server->As(Resident())).status(); });
  started.WaitForNotification();
  server->server().Drain();
  running.join();
  EXPECT_FALSE(status.ok());
}

TEST(Server, ATakenPortIsSaidClearly) {
  RpcTestApi api;
  const auto server = Serving(api);
  obs::Registry metrics;
  SystemClock clock;
  const auto keys = KeySet::Open(server->identity().jwks_path(), clock);
  const Authenticator authenticator("ledger", "x", **keys, clock);
  Router router({.service = "ledger"}, authenticator, metrics);
  api.Mount(router);
  const auto second = Server::Start({.listen = server->address()}, router);
  EXPECT_EQ(ReasonOf(second.status()), "LISTEN_FAILED");
  EXPECT_EQ(FactsOf(second.status()), (std::vector<Fact>{{"listen", server->address()}}));
  EXPECT_EQ(ExitCode(second.status()), 1);
}

// One question to the reflection service, as bytes of ServerReflectionRequest; its answer as bytes.
std::string Reflect(TestServer& server, const std::string& question) {
  grpc::GenericStub stub(server.Channel());
  grpc::ClientContext context;
  TestServer::Prepare(context, {});
  grpc::CompletionQueue queue;
  const auto next = [&] {
    void* tag = nullptr;
    bool ok = false;
    return queue.Next(&tag, &ok) && ok;
  };
  const auto call = stub.PrepareCall(
      &context, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", &queue);
  const grpc::Slice slice(question);
  const grpc::ByteBuffer request(&slice, 1);
  grpc::ByteBuffer response;
  call->StartCall(nullptr);
  EXPECT_TRUE(next());
  call->Write(request, nullptr);
  EXPECT_TRUE(next());
  call->Read(&response, nullptr);
  EXPECT_TRUE(next());
  call->WritesDone(nullptr);
  EXPECT_TRUE(next());
  grpc::Status status;
  call->Finish(&status, nullptr);
  EXPECT_TRUE(next());
  grpc::Slice answer;
  EXPECT_TRUE(response.DumpToSingleSlice(&answer).ok());
  return std::string(reinterpret_cast<const char*>(answer.begin()), answer.size());
}

TEST(Server, ReflectionListsEveryServiceAndDescribesHealthToo) {
  RpcTestApi api;
  const auto server = Serving(api);
  const std::string services = Reflect(*server, std::string("\x3a\x00", 2));  // list_services: ""
  EXPECT_THAT(services, HasSubstr("smederij.rpctest.v1.RpcTestService"));
  EXPECT_THAT(services, HasSubstr("grpc.health.v1.Health"));
  const std::string symbol = "grpc.health.v1.Health";  // file_containing_symbol
  const std::string file =
      Reflect(*server, std::string("\x22") + static_cast<char>(symbol.size()) + symbol);
  EXPECT_THAT(file, HasSubstr("HealthCheckRequest"));
}

// In a process of its own: the signal is pending before the server waits for it.
TEST(ServeDeathTest, StopsCleanlyOnASignal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto serve = [](int signal) {
    PrepareProcess();
    kill(getpid(), signal);
    testing::TestIdentity identity;
    SystemClock clock;
    obs::Registry metrics;
    const auto keys = KeySet::Open(identity.jwks_path(), clock);
    const Authenticator authenticator("ledger", identity.issuer(), **keys, clock);
    Router router({.service = "ledger"}, authenticator, metrics);
    RpcTestApi api;
    api.Mount(router);
    std::exit(ExitCode(Serve({}, router, {{"metrics", "127.0.0.1:9"}})));
  };
  const char* ready =
      R"("event":"ready","service":"ledger","grpc":"127.0.0.1:[0-9]+","metrics":"127.0.0.1:9")";
  EXPECT_EXIT(serve(SIGTERM), ::testing::ExitedWithCode(0), ready);
  EXPECT_EXIT(serve(SIGINT), ::testing::ExitedWithCode(0), R"("event":"stopped")");
}

TEST(Tls, FilesThatCannotServeAreRefusedAtStart) {
  testing::TestPki pki;
  const TlsFiles good = pki.Service("ledger");
  EXPECT_TRUE(ServerTls(good).ok());
  const auto reason = [](const TlsFiles& files) { return ReasonOf(ServerTls(files).status()); };
  EXPECT_EQ(reason({good.certificate, "/nowhere.key", good.authority}), "TLS_FILE_UNREADABLE");
  EXPECT_EQ(reason({"/nowhere.pem", good.key, good.authority}), "TLS_FILE_UNREADABLE");
  EXPECT_EQ(reason({good.certificate, good.key, "/nowhere.pem"}), "TLS_FILE_UNREADABLE");
  EXPECT_EQ(reason(pki.Nobody()), "TLS_FILE_UNREADABLE");
  EXPECT_EQ(reason({good.certificate, pki.Service("ballots").key, good.authority}),
            "TLS_KEY_MISMATCH");
  EXPECT_EQ(ExitCode(ServerTls(pki.Nobody()).status()), 2);
}

TEST(Tls, ACertificateOfAnotherAuthorityGetsNowhere) {
  RpcTestApi api;
  const auto server = Serving(api);
  testing::TestPki strangers;
  TlsFiles files = strangers.Service("proposals");
  files.authority = server->pki().Nobody().authority;
  Stub stub(grpc::CreateChannel(server->address(), *ClientTls(files)));
  grpc::ClientContext context;
  TestServer::Prepare(context, {.timeout = absl::Seconds(5)});
  Response response;
  EXPECT_FALSE(stub.Look(&context, Saying("x"), &response).ok());
}

TEST(Server, AMessageBeyondTheLimitIsRefused) {
  RpcTestApi api;
  const auto server = Serving(api, {.server = {.message_bytes_max = 1000}});
  const auto answer = server->Ask(&Stub::Look, Saying(std::string(2000, 'x')));
  EXPECT_EQ(answer.status().code(), kResourceExhausted);
  EXPECT_TRUE(server->Ask(&Stub::Look, Saying(std::string(500, 'x'))).ok());
}

TEST(Server, AMessageThatGrowsBeyondTheLimitWhenUnpackedIsRefused) {
  RpcTestApi api;
  const auto server = Serving(api);
  Stub stub(server->Channel());
  for (const size_t size : {size_t{1} << 20, size_t{64} << 20}) {
    grpc::ClientContext context;
    TestServer::Prepare(context, {});
    context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
    Response response;
    const grpc::Status answer = stub.Look(&context, Saying(std::string(size, 'x')), &response);
    EXPECT_EQ(answer.error_code(), size < size_t{kMessageBytesMax}
                                       ? grpc::StatusCode::OK
                                       : grpc::StatusCode::RESOURCE_EXHAUSTED)
        << size << ": " << answer.error_message();
  }
}

TEST(Server, ARefusalWithMoreThanTrailersTakeArrivesCutShort) {
  RpcTestApi api;
  api.look = [&](const Call&, const Request&) -> absl::StatusOr<Response> {
    Error refusal = Error(kInvalidArgument, "BAD_LINES", "some lines are wrong")
                        .With("long", std::string(20'000, 'x'))
                        .With("short", "y")
                        .With("zlong1", std::string(20'000, 'z'))
                        .With("zlong2", std::string(20'000, 'z'));
    for (int i = 0; i < 1000; ++i) {
      refusal = std::move(refusal).At(absl::StrCat("lines[", 1000 + i, "]"), "is wrong: é");
    }
    return refusal;
  };
  const auto server = Serving(api);
  const absl::Status refused = server->Ask(&Stub::Look, Request()).status();
  EXPECT_EQ(refused.code(), kInvalidArgument) << refused;
  EXPECT_EQ(ReasonOf(refused), "BAD_LINES");
  const std::vector<Fact> fields = FieldsOf(refused);
  ASSERT_GT(fields.size(), 20u);
  EXPECT_EQ(fields[0], Fact("lines[1000]", "is wrong: é"));
  const std::vector<Fact> facts = FactsOf(refused);
  ASSERT_EQ(facts.size(), 5u);
  EXPECT_EQ(facts[0], Fact("fields_not_told", absl::StrCat(1000 - fields.size())));
  EXPECT_EQ(facts[1].first, "long");
  EXPECT_LT(facts[1].second.size(), 2000u);
  EXPECT_EQ(facts[2], Fact("short", "y"));
}

TEST(Server, AnOversizedTokenIsOurRefusal) {
  RpcTestApi api;
  const auto server = Serving(api);
  const auto answer = server->Ask(&Stub::Look, Saying("x"), {.token = std::string(9000, 'x')});
  EXPECT_EQ(ReasonOf(answer.status()), "TOKEN_TOO_LARGE");
}

}  // namespace
}  // namespace smederij::rpc
