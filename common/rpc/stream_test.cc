#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "absl/synchronization/notification.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/rpc/testing/rpctest.h"

namespace smederij::rpc {
namespace {

void WaitFor(const std::function<bool()>& condition) {
  while (!condition()) std::this_thread::yield();
}

// A client's end of the stream.
struct Stream {
  explicit Stream(testing::TestServer& server, absl::Duration timeout = absl::Seconds(20))
      : stub(server.Channel()) {
    testing::From from = server.As(Registrar());
    from.timeout = timeout;
    testing::TestServer::Prepare(context, from);
    writer = stub.Import(&context, &response);
  }
  absl::Status Finish() { return FromGrpc(writer->Finish()); }

  Stub stub;
  grpc::ClientContext context;
  Response response;
  std::unique_ptr<grpc::ClientWriter<Request>> writer;
};

absl::StatusOr<Response> Count(const Call&, Reader<Request>& reader) {
  int count = 0;
  Request request;
  while (reader.Next(&request)) ++count;
  RETURN_IF_ERROR(reader.status());
  return Answer(std::to_string(count));
}

TEST(ClientStream, ReadsEveryMessageToTheEnd) {
  RpcTestApi api;
  api.import = Count;
  const auto server = Serving(api);
  for (const int count : {0, 1, 5000}) {
    Stream stream(*server);
    for (int i = 0; i < count; ++i) ASSERT_TRUE(stream.writer->Write(Saying("row")));
    stream.writer->WritesDone();
    ASSERT_TRUE(stream.Finish().ok());
    EXPECT_EQ(stream.response.text(), std::to_string(count));
  }
}

TEST(ClientStream, HalfAStreamIsNotARequest) {
  RpcTestApi api;
  absl::Notification read;
  absl::Notification ended;
  absl::Status status;
  api.import = [&](const Call&, Reader<Request>& reader) -> absl::StatusOr<Response> {
    Request request;
    EXPECT_TRUE(reader.Next(&request));
    read.Notify();
    EXPECT_FALSE(reader.Next(&request));
    EXPECT_FALSE(reader.Next(&request));  // Asked again: the same.
    status = reader.status();
    ended.Notify();
    return status;
  };
  const auto server = Serving(api);
  Stream stream(*server);
  ASSERT_TRUE(stream.writer->Write(Saying("first of many")));
  read.WaitForNotification();
  stream.context.TryCancel();
  ended.WaitForNotification();
  EXPECT_EQ(status.code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(stream.Finish().code(), absl::StatusCode::kCancelled);
}

TEST(ClientStream, AClientThatStallsIsLetGoAtTheDeadline) {
  RpcTestApi api;
  api.budget = absl::Milliseconds(100);
  api.import = Count;
  const auto server = Serving(api);
  Stream stream(*server);
  ASSERT_TRUE(stream.writer->Write(Saying("and then nothing")));
  EXPECT_EQ(stream.Finish().code(), absl::StatusCode::kDeadlineExceeded);
  WaitFor([&] { return server->router().in_flight() == 0; });
}

TEST(ClientStream, MayBeAnsweredBeforeItsEnd) {
  RpcTestApi api;
  api.import = [&](const Call&, Reader<Request>& reader) -> absl::StatusOr<Response> {
    Request request;
    EXPECT_TRUE(reader.Next(&request));
    return Error(kInvalidArgument, "BAD_ROW", "the first row is wrong");
  };
  const auto server = Serving(api);
  Stream stream(*server);
  while (stream.writer->Write(Saying("row"))) {
  }
  EXPECT_EQ(ReasonOf(stream.Finish()), "BAD_ROW");
}

TEST(ClientStream, OnlySoManyRunAtOnceAndTheyDoNotHoldUpOtherCalls) {
  RpcTestApi api;
  std::atomic<int> running{0};
  api.import = [&](const Call& call, Reader<Request>& reader) {
    ++running;
    return Count(call, reader);
  };
  const auto server = Serving(api, {.router = {.threads = 1, .streams_max = 2}});
  Stream first(*server);
  Stream second(*server);
  WaitFor([&] { return running == 2; });
  Stream third(*server);
  const absl::Status refused = third.Finish();
  EXPECT_EQ(ReasonOf(refused), "TOO_MANY_STREAMS");
  EXPECT_EQ(refused.code(), kResourceExhausted);
  EXPECT_TRUE(server->Ask(&Stub::Look, Saying("x")).ok());
  first.writer->WritesDone();
  EXPECT_TRUE(first.Finish().ok());
  second.writer->WritesDone();
  EXPECT_TRUE(second.Finish().ok());
  Stream fourth(*server);
  fourth.writer->WritesDone();
  EXPECT_TRUE(fourth.Finish().ok());
}

TEST(ClientStream, AStrayExceptionEndsItAsInternal) {
  RpcTestApi api;
  api.import = [](const Call&, Reader<Request>&) -> absl::StatusOr<Response> {
    throw std::runtime_error("stray");
  };
  const auto server = Serving(api);
  Stream stream(*server);
  EXPECT_EQ(stream.Finish().code(), kInternal);
}

TEST(ClientStream, NeedsItsRoleBeforeAnythingIsRead) {
  RpcTestApi api;
  bool ran = false;
  api.import = [&](const Call&, Reader<Request>&) {
    ran = true;
    return Answer("ok");
  };
  const auto server = Serving(api);
  Stub stub(server->Channel());
  grpc::ClientContext context;
  testing::TestServer::Prepare(context, server->As(Resident()));
  Response response;
  const auto writer = stub.Import(&context, &response);
  EXPECT_EQ(ReasonOf(FromGrpc(writer->Finish())), "ROLE_NOT_HELD");
  EXPECT_FALSE(ran);
}

}  // namespace
}  // namespace smederij::rpc
