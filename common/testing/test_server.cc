#include "common/testing/test_server.h"

#include <grpcpp/create_channel.h>

#include <cstdio>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"

namespace smederij::testing {

TestServer::TestServer(absl::string_view service, const std::function<void(rpc::Router&)>& mount,
                       TestServerOptions options)
    : service_(service) {
  auto keys = rpc::KeySet::Open(identity_.jwks_path(), clock_);
  CHECK(keys.ok());
  keys_ = *std::move(keys);
  authenticator_ =
      std::make_unique<rpc::Authenticator>(service_, identity_.issuer(), *keys_, clock_);
  options.router.service = service_;
  router_ = std::make_unique<rpc::Router>(options.router, *authenticator_, metrics_);
  mount(*router_);
  options.server.listen = "127.0.0.1:0";
  options.server.tls = pki_.Service(service_);
  auto server = rpc::Server::Start(options.server, *router_);
  if (!server.ok()) std::fprintf(stderr, "%s\n", server.status().ToString().c_str());
  CHECK(server.ok());
  server_ = *std::move(server);
}

TestServer::~TestServer() { server_->Drain(); }

std::shared_ptr<grpc::Channel> TestServer::Channel(const std::string& service) {
  const absl::MutexLock lock(&mutex_);
  std::shared_ptr<grpc::Channel>& channel = channels_[service];
  if (channel == nullptr) {
    const auto credentials =
        rpc::ClientTls(service.empty() ? pki_.Nobody() : pki_.Service(service));
    CHECK(credentials.ok());
    channel = grpc::CreateChannel(address(), *credentials);
  }
  return channel;
}

std::shared_ptr<grpc::Channel> TestServer::NewChannel(
    const grpc::ChannelArguments& arguments) const {
  const auto credentials = rpc::ClientTls(pki_.Nobody());
  CHECK(credentials.ok());
  return grpc::CreateCustomChannel(address(), *credentials, arguments);
}

void TestServer::Prepare(grpc::ClientContext& context, const From& from) {
  context.set_deadline(absl::ToChronoTime(absl::Now() + from.timeout));
  if (!from.token.empty())
    context.AddMetadata("authorization", absl::StrCat("Bearer ", from.token));
  for (const auto& [name, value] : from.metadata) context.AddMetadata(name, value);
}

}  // namespace smederij::testing
