#pragma once

#include <functional>
#include <memory>

#include "common/rpc/table.h"
#include "common/testing/test_server.h"
#include "smederij/rpctest/v1/rpctest.grpc.pb.h"

namespace smederij::rpc {

namespace v1 = smederij::rpctest::v1;
using Stub = v1::RpcTestService::Stub;
using Request = v1::PlainRequest;
using Response = v1::PlainResponse;

inline Request Saying(const std::string& text) {
  Request request;
  request.set_text(text);
  return request;
}

inline Response Answer(const std::string& text) {
  Response response;
  response.set_text(text);
  return response;
}

// An api whose handlers are the test's; each answers "ok" until the test says otherwise.
class RpcTestApi {
 public:
  using OnPlain = std::function<absl::StatusOr<Response>(const Call&, const Request&)>;
  using OnGroup = std::function<void(const Call&, const Request&, Reply<Response>)>;
  using OnImport = std::function<absl::StatusOr<Response>(const Call&, Reader<Request>&)>;

  OnPlain plain = [](const Call&, const Request&) { return Answer("ok"); };
  OnPlain look = plain;
  OnGroup group = [](const Call&, const Request&, Reply<Response> reply) { reply(Answer("ok")); };
  OnGroup cast = group;
  OnImport import = [](const Call&, Reader<Request>&) { return Answer("ok"); };
  absl::Duration budget = absl::Seconds(20);

  // Instead of `look`, when set.
  std::function<Encoded<Response>()> look_encoded;

  void Mount(Router& router) {
    Table table(router, *this);
    table.Unary("Plain", budget, &RpcTestApi::Plain);
    if (look_encoded) {
      table.Unary("Look", budget, &RpcTestApi::LookEncoded);
    } else {
      table.Unary("Look", budget, &RpcTestApi::Look);
    }
    table.Grouped("Group", budget, &RpcTestApi::Group);
    table.Grouped("Cast", budget, &RpcTestApi::Cast);
    table.ClientStream("Import", budget, &RpcTestApi::Import);
  }

 private:
  absl::StatusOr<Response> Plain(const Call& call, const Request& request) {
    return plain(call, request);
  }
  absl::StatusOr<Response> Look(const Call& call, const Request& request) {
    return look(call, request);
  }
  absl::StatusOr<Encoded<Response>> LookEncoded(const Call&, const Request&) const {
    return look_encoded();
  }
  void Group(const Call& call, const Request& request, Reply<Response> reply) {
    group(call, request, std::move(reply));
  }
  void Cast(const Call& call, const Request& request, Reply<Response> reply) {
    cast(call, request, std::move(reply));
  }
  absl::StatusOr<Response> Import(const Call& call, Reader<Request>& reader) {
    return import(call, reader);
  }
};

inline testing::Person Resident() { return {.grants = {{policy::v1::ROLE_RESIDENT}}}; }
inline testing::Person Registrar() { return {.grants = {{policy::v1::ROLE_REGISTRAR}}}; }

inline std::unique_ptr<testing::TestServer> Serving(RpcTestApi& api,
                                                    testing::TestServerOptions options = {}) {
  return std::make_unique<testing::TestServer>(
      "ledger", [&](Router& router) { api.Mount(router); }, std::move(options));
}

}  // namespace smederij::rpc
