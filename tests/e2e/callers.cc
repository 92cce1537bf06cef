#include "tests/e2e/callers.h"

#include <grpcpp/completion_queue.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "common/base/check.h"
#include "common/rpc/status.h"
#include "common/rpc/tls.h"
#include "smederij/ballots/v1/ballots.pb.h"
#include "smederij/ballots/v1/paper.pb.h"
#include "smederij/ledger/v1/books.pb.h"
#include "smederij/ledger/v1/ledger.pb.h"
#include "smederij/ledger/v1/payee.pb.h"
#include "smederij/ledger/v1/spending.pb.h"
#include "smederij/proposals/v1/proposals.pb.h"
#include "smederij/registry/v1/polling.pb.h"
#include "smederij/registry/v1/registry.pb.h"

namespace smederij::e2e {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::ServiceDescriptor;

constexpr absl::Duration kLifetime = absl::Minutes(5), kPatience = absl::Seconds(20);

// A file's services are known to the pool when something of it is linked in.
void LinkIn() {
  const google::protobuf::Message* const one_of_each[] = {
      &ballots::v1::CastBallotRequest::default_instance(),
      &ballots::v1::Batch::default_instance(),
      &ledger::v1::Posted::default_instance(),
      &ledger::v1::Reversal::default_instance(),
      &ledger::v1::Payee::default_instance(),
      &ledger::v1::Commitment::default_instance(),
      &proposals::v1::GetRoundRequest::default_instance(),
      &registry::v1::ExchangeRequest::default_instance(),
      &registry::v1::AssignOfficerRequest::default_instance()};
  for (const auto* message : one_of_each) CHECK(message->GetDescriptor() != nullptr);
}

std::vector<std::string> ServicesDeclared() {
  std::vector<std::string> services;
  const char* const source = getenv("SMEDERIJ_SOURCE");
  CHECK(source != nullptr);  // Set by ctest.
  const std::string root = absl::StrCat(source, "/proto/smederij");
  for (const auto& file : std::filesystem::recursive_directory_iterator(root)) {
    if (file.path().extension() != ".proto") continue;
    std::string package;
    for (absl::string_view line : absl::StrSplit(ReadFile(file.path()), '\n')) {
      if (absl::ConsumePrefix(&line, "package ")) {
        package = std::string(absl::StripSuffix(line, ";"));
      } else if (absl::ConsumePrefix(&line, "service ")) {
        services.push_back(absl::StrCat(package, ".", line.substr(0, line.find(' '))));
      }
    }
  }
  return services;
}

}  // namespace

std::vector<const Method*> AllMethods() {
  LinkIn();
  std::vector<const Method*> methods;
  for (const std::string& name : ServicesDeclared()) {
    const ServiceDescriptor* const service =
        DescriptorPool::generated_pool()->FindServiceByName(name);
    if (service == nullptr) fprintf(stderr, "%s is not linked in\n", name.c_str());
    CHECK(service != nullptr);
    for (int i = 0; i < service->method_count(); ++i) methods.push_back(service->method(i));
  }
  return methods;
}

const policy::v1::Access& AccessOf(const Method& method) {
  return method.options().GetExtension(policy::v1::access);
}

std::string ServiceOf(const Method& method) {
  return std::vector<std::string>(absl::StrSplit(method.full_name(), '.')).at(1);
}

Callers::Callers(const Town& town)
    : town_(town), signer_(*rpc::TokenSigner::FromPem(ReadFile(town.key("token.key")))) {}

std::string Callers::Token(const Method& method, MunicipalityId municipality,
                           const std::vector<rpc::Grant>& grants, absl::Duration age) const {
  nlohmann::json roles = nlohmann::json::array();
  for (const rpc::Grant& grant : grants) {
    nlohmann::json role = {{"role", policy::v1::Role_Name(grant.role)}};
    if (grant.district) role["district"] = grant.district->ToString();
    roles.push_back(std::move(role));
  }
  const absl::Time issued = absl::Now() - age;
  const nlohmann::json claims = {{"iss", "smederij-registry"},
                                 {"aud", absl::StrCat("smederij-", ServiceOf(method))},
                                 {"sub", SubjectId::Random().ToString()},
                                 {"municipality", municipality.ToString()},
                                 {"roles", std::move(roles)},
                                 {"iat", absl::ToUnixSeconds(issued)},
                                 {"nbf", absl::ToUnixSeconds(issued)},
                                 {"exp", absl::ToUnixSeconds(issued + kLifetime)}};
  return *signer_.Sign(claims.dump());
}

Identity Callers::Holder(const Method& method, rpc::Role role) const {
  return {.token = Token(method, MunicipalityId::Random(), {{.role = role}})};
}

const std::shared_ptr<grpc::Channel>& Callers::ChannelTo(const std::string& service,
                                                         const std::string& as) {
  auto& channel = channels_[{service, as}];
  if (channel != nullptr) return channel;
  rpc::TlsFiles files{.authority = town_.key("ca.pem")};
  if (!as.empty()) {
    files.certificate = town_.key(as + ".pem");
    files.key = town_.key(as + ".key");
  }
  channel = grpc::CreateChannel(town_.address(service), *rpc::ClientTls(files));
  return channel;
}

absl::Status Callers::Call(const Method& method, const Identity& who, const std::string& request) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + kPatience));
  if (!who.token.empty()) context.AddMetadata("authorization", "Bearer " + who.token);
  grpc::GenericStub stub(ChannelTo(ServiceOf(method), who.service));
  grpc::CompletionQueue queue;
  const auto wait = [&queue] {
    void* tag = nullptr;
    bool ok = false;
    CHECK(queue.Next(&tag, &ok));
    return ok;
  };
  const std::string path = absl::StrCat("/", method.service()->full_name(), "/", method.name());
  const auto call = stub.PrepareCall(&context, path, &queue);
  call->StartCall(nullptr);
  grpc::Status status;
  if (wait()) {
    const grpc::Slice slice(request);
    call->WriteLast(grpc::ByteBuffer(&slice, 1), grpc::WriteOptions(), nullptr);
    wait();
    grpc::ByteBuffer answer;
    do call->Read(&answer, nullptr);
    while (wait());
  }
  call->Finish(&status, nullptr);
  wait();
  return status.ok() ? absl::OkStatus() : rpc::FromGrpc(status);
}

}  // namespace smederij::e2e
