#include "common/rpc/invocation.h"

#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "common/base/error.h"
#include "common/obs/log.h"
#include "common/rpc/testing/rpctest.h"

namespace smederij::rpc {
namespace {

using nlohmann::json;
using testing::From;
using ::testing::HasSubstr;

constexpr char kMethod[] = "smederij.rpctest.v1.RpcTestService/Plain";

std::vector<json> Lines(const obs::LogCapture& log, const std::string& event) {
  std::vector<json> lines;
  for (const std::string& line : log.lines()) {
    json object = json::parse(line);
    if (object["event"] == event) lines.push_back(std::move(object));
  }
  return lines;
}

void WaitFor(const std::function<bool()>& condition) {
  while (!condition()) std::this_thread::yield();
}

TEST(Invocation, ABareInternalErrorIsAllTheClientSeesAndTheLogHasTheRest) {
  RpcTestApi api;
  api.plain = [](const Call&, const Request&) -> absl::StatusOr<Response> {
    return absl::InternalError("page 7 is torn");
  };
  const auto server = Serving(api);
  const obs::LogCapture log;
  const auto answer = server->Ask(&Stub::Plain, Saying("x"), server->As(Resident()));
  EXPECT_EQ(answer.status().code(), kInternal);
  const auto lines = Lines(log, "rpc");
  ASSERT_EQ(lines.size(), 1u);
  const std::string id = lines[0]["call"];
  EXPECT_EQ(answer.status().message(), absl::StrCat("call ", id));
  EXPECT_THAT(lines[0]["status"].get<std::string>(), HasSubstr("page 7 is torn"));
  EXPECT_EQ(lines[0]["level"], "error");
}

TEST(Invocation, StrayExceptionsBecomeInternalForEveryKindOfMethod) {
  RpcTestApi api;
  api.plain = [](const Call&, const Request&) -> absl::StatusOr<Response> {
    throw std::runtime_error("stray in plain");
  };
  api.group = [](const Call&, const Request&, Reply<Response>) { throw 7; };
  const auto server = Serving(api);
  const obs::LogCapture log;
  const From from = server->As(Resident());
  EXPECT_EQ(server->Ask(&Stub::Plain, Saying("x"), from).status().code(), kInternal);
  EXPECT_EQ(server->Ask(&Stub::Group, Saying("x"), from).status().code(), kInternal);
  EXPECT_THAT(Lines(log, "rpc")[0]["status"].get<std::string>(), HasSubstr("stray in plain"));
  WaitFor([&] { return !Lines(log, "stray_exception").empty(); });
  EXPECT_THAT(Lines(log, "rpc")[1]["status"].get<std::string>(), HasSubstr("reply was dropped"));
}

TEST(Invocation, AGroupedHandlerThatThrowsAfterGivingItsReplyAwayAnswersOnce) {
  RpcTestApi api;
  std::vector<Reply<Response>> queue;
  absl::Notification queued;
  api.group = [&](const Call&, const Request&, Reply<Response> reply) {
    queue.push_back(std::move(reply));
    queued.Notify();
    throw std::runtime_error("after the handover");
  };
  const auto server = Serving(api);
  std::thread batch([&] {
    queued.WaitForNotification();
    queue[0].MarkReplayed();
    queue[0](Answer("from the batch"));
  });
  bool replayed = false;
  const auto answer = server->Ask(&Stub::Group, Saying("x"), server->As(Resident()), &replayed);
  batch.join();
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->text(), "from the batch");
  EXPECT_TRUE(replayed);
}

TEST(Invocation, RequestAndCallOutliveTheReplyOfAGroupedHandler) {
  RpcTestApi api;
  std::string text;
  std::string method;
  absl::Notification read;
  api.group = [&](const Call& call, const Request& request, Reply<Response> reply) {
    std::thread([&] { reply(Answer("early")); }).join();
    text = request.text();  // The client may have its answer by now.
    method = call.method;
    EXPECT_FALSE(call.Cancelled());
    read.Notify();
  };
  const auto server = Serving(api);
  EXPECT_TRUE(server->Ask(&Stub::Group, Saying("still here"), server->As(Resident())).ok());
  read.WaitForNotification();
  EXPECT_EQ(text, "still here");
  EXPECT_EQ(method, "smederij.rpctest.v1.RpcTestService/Group");
}

TEST(Invocation, BytesThatAreNoMessageAreRefusedAfterTheCallerIsKnown) {
  RpcTestApi api;
  const auto server = Serving(api);
  const auto send = [&](const From& from) {
    grpc::GenericStub stub(server->Channel(from.service));
    grpc::ClientContext context;
    testing::TestServer::Prepare(context, from);
    const grpc::Slice slice("\xff\xff\xff");
    const grpc::ByteBuffer request(&slice, 1);
    grpc::ByteBuffer response;
    grpc::Status status;
    absl::Notification done;
    stub.UnaryCall(&context, absl::StrCat("/", kMethod), grpc::StubOptions(), &request, &response,
                   [&](grpc::Status answered) {
                     status = std::move(answered);
                     done.Notify();
                   });
    done.WaitForNotification();
    return FromGrpc(status);
  };
  EXPECT_EQ(ReasonOf(send({})), "IDENTITY_NEEDED");
  const absl::Status malformed = send(server->As(Resident()));
  EXPECT_EQ(ReasonOf(malformed), "MALFORMED_REQUEST");
  EXPECT_EQ(malformed.code(), kInvalidArgument);
}

TEST(Invocation, TheDeadlineIsTheSoonerOfTheClientsAndTheBudget) {
  RpcTestApi api;
  api.budget = absl::Seconds(5);
  absl::Duration left;
  api.plain = [&](const Call& call, const Request&) {
    left = call.deadline - absl::Now();
    return Answer("ok");
  };
  const auto server = Serving(api);
  From from = server->As(Resident());
  from.timeout = absl::Hours(1);
  ASSERT_TRUE(server->Ask(&Stub::Plain, Saying("x"), from).ok());
  EXPECT_LE(left, absl::Seconds(5));
  EXPECT_GT(left, absl::Seconds(3));
  from.timeout = absl::InfiniteDuration();
  ASSERT_TRUE(server->Ask(&Stub::Plain, Saying("x"), from).ok());
  EXPECT_LE(left, absl::Seconds(5));
  from.timeout = absl::Seconds(2);
  ASSERT_TRUE(server->Ask(&Stub::Plain, Saying("x"), from).ok());
  EXPECT_LE(left, absl::Milliseconds(2'500));  // gRPC rounds a timeout up on the wire.
}

TEST(Invocation, MoreCallsThanAdmittedAreRefusedWithARetryDelayAndTheOthersFinish) {
  RpcTestApi api;
  absl::Mutex mutex;
  std::vector<Reply<Response>> waiting;
  api.group = [&](const Call&, const Request&, Reply<Response> reply) {
    const absl::MutexLock lock(&mutex);
    waiting.push_back(std::move(reply));
  };
  const auto server = Serving(api, {.router = {.in_flight_max = 3}});
  const From from = server->As(Resident());
  std::vector<std::thread> clients;
  std::atomic<int> answered{0};
  for (int i = 0; i < 3; ++i) {
    clients.emplace_back([&] {
      if (server->Ask(&Stub::Group, Saying("x"), from).ok()) ++answered;
    });
  }
  WaitFor([&] {
    const absl::MutexLock lock(&mutex);
    return waiting.size() == 3;
  });
  EXPECT_EQ(server->router().in_flight(), 3);
  EXPECT_THAT(server->metrics().Text(), HasSubstr("smederij_rpc_in_flight 3"));
  // Before anything else is looked at: not even the token.
  const auto refused = server->Ask(&Stub::Plain, Saying("x"), {.token = "x"});
  EXPECT_EQ(refused.status().code(), kResourceExhausted);
  EXPECT_EQ(ReasonOf(refused.status()), "TOO_MANY_CALLS");
  EXPECT_GT(RetryDelayOf(refused.status()), absl::ZeroDuration());
  for (Reply<Response>& reply : waiting) reply(Answer("ok"));
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(answered, 3);
  EXPECT_EQ(server->router().in_flight(), 0);
  EXPECT_TRUE(server->Ask(&Stub::Plain, Saying("x"), from).ok());
}

TEST(Invocation, ABusyExecutorQueuesAndACallThatWaitedTooLongNeverStarts) {
  RpcTestApi api;
  api.budget = absl::Milliseconds(500);
  absl::Notification release;
  std::atomic<int> started{0};
  api.plain = [&](const Call&, const Request&) {
    ++started;
    release.WaitForNotification();
    return Answer("ok");
  };
  const auto server = Serving(api, {.router = {.threads = 1}});
  const From from = server->As(Resident());
  std::thread first([&] { EXPECT_TRUE(server->Ask(&Stub::Plain, Saying("x"), from).ok()); });
  WaitFor([&] { return started == 1; });
  absl::Status late;
  std::thread second([&] { late = server->Ask(&Stub::Plain, Saying("x"), from).status(); });
  WaitFor([&] { return server->router().in_flight() == 2; });
  const absl::Time admitted = absl::Now();
  WaitFor([&] { return absl::Now() > admitted + api.budget; });
  release.Notify();
  first.join();
  second.join();
  EXPECT_EQ(late.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(started, 1);
}

TEST(Invocation, AHandlerSeesThatItsClientGaveUp) {
  RpcTestApi api;
  absl::Notification started;
  absl::Notification finished;
  api.plain = [&](const Call& call, const Request&) -> absl::StatusOr<Response> {
    started.Notify();
    WaitFor([&] { return call.Cancelled(); });
    finished.Notify();
    return absl::CancelledError();
  };
  const auto server = Serving(api);
  const obs::LogCapture log;
  grpc::ClientContext context;
  testing::TestServer::Prepare(context, server->As(Resident()));
  std::thread giving_up([&] {
    started.WaitForNotification();
    context.TryCancel();
  });
  Stub stub(server->Channel());
  Response response;
  const grpc::Status status = stub.Plain(&context, Saying("x"), &response);
  giving_up.join();
  finished.WaitForNotification();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::CANCELLED);
  WaitFor([&] { return !Lines(log, "rpc").empty(); });
  EXPECT_EQ(Lines(log, "rpc")[0]["code"], "CANCELLED");
}

TEST(Invocation, OneLogLineACallSaysWhatHappenedToWhomInWhichTrace) {
  RpcTestApi api;
  api.plain = [](const Call& call, const Request&) -> absl::StatusOr<Response> {
    call.MarkReplayed();
    return Error(kFailedPrecondition, "ROUND_NOT_OPEN", "not open").With("round", "x");
  };
  const auto server = Serving(api);
  const testing::Person person = Resident();
  const obs::LogCapture log;
  From from = server->As(person);
  from.metadata = {{"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}};
  ASSERT_FALSE(server->Ask(&Stub::Plain, Saying("x"), from).ok());
  const auto lines = Lines(log, "rpc");
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0]["method"], kMethod);
  EXPECT_EQ(lines[0]["code"], "FAILED_PRECONDITION");
  EXPECT_EQ(lines[0]["reason"], "ROUND_NOT_OPEN");
  EXPECT_EQ(lines[0]["fact_round"], "x");
  EXPECT_EQ(lines[0]["caller"], person.subject.ToString());
  EXPECT_EQ(lines[0]["trace"], "0af7651916cd43dd8448eb211c80319c");
  EXPECT_GE(lines[0]["ms"].get<double>(), 0);
  EXPECT_EQ(lines[0].count("status"), 0u);
}

TEST(Invocation, CallsAreCountedUnderTheNamesDashboardsKnow) {
  RpcTestApi api;
  const auto server = Serving(api);
  const std::string row =
      R"(grpc_method="Plain",grpc_service="smederij.rpctest.v1.RpcTestService"} )";
  EXPECT_THAT(server->metrics().Text(), HasSubstr("grpc_server_started_total{" + row + "0"));
  ASSERT_TRUE(server->Ask(&Stub::Plain, Saying("x"), server->As(Resident())).ok());
  ASSERT_FALSE(server->Ask(&Stub::Plain, Saying("x")).ok());
  const std::string text = server->metrics().Text();
  EXPECT_THAT(text, HasSubstr("grpc_server_started_total{" + row + "2"));
  EXPECT_THAT(text, HasSubstr(R"(grpc_server_handled_total{grpc_code="OK",)" + row + "1"));
  EXPECT_THAT(text,
              HasSubstr(R"(grpc_server_handled_total{grpc_code="Unauthenticated",)" + row + "1"));
  EXPECT_THAT(text, HasSubstr("grpc_server_handling_seconds_count{" + row + "2"));
}

}  // namespace
}  // namespace smederij::rpc
