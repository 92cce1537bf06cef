#include "services/cli/remote/tokens.h"

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/time/clock.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "smederij/registry/v1/registry.grpc.pb.h"

namespace smederij::cli {
namespace {

namespace v1 = registry::v1;

constexpr absl::Duration kSubjectTokenLife = absl::Minutes(5);
constexpr absl::Duration kKeepUntilLeft = absl::Minutes(1);
// Thousands of voters sign in once each: their tokens are not worth keeping.
constexpr size_t kKeptMax = 512;

std::string AudienceName(Audience audience) {
  switch (audience) {
    case Audience::kRegistry:
      return "smederij-registry";
    case Audience::kProposals:
      return "smederij-proposals";
    case Audience::kBallots:
      return "smederij-ballots";
    case Audience::kLedger:
      return "smederij-ledger";
  }
  return "";
}

}  // namespace

absl::StatusOr<std::unique_ptr<Tokens>> Tokens::Open(const std::string& identity_key,
                                                     const std::string& identity_issuer,
                                                     const Endpoint& registry) {
  std::ifstream file(identity_key, std::ios::binary);
  if (!file) {
    return Error(kFailedPrecondition, "KEY_FILE_UNREADABLE",
                 "the identity provider's key cannot be read")
        .With("path", identity_key);
  }
  const std::string pem{std::istreambuf_iterator<char>(file), {}};
  ASSIGN_OR_RETURN(rpc::TokenSigner signer, rpc::TokenSigner::FromPem(pem));
  return std::unique_ptr<Tokens>(new Tokens(std::move(signer), identity_issuer, registry));
}

absl::StatusOr<std::string> Tokens::For(const std::string& subject, Audience audience) {
  const auto key = std::make_pair(subject, audience);
  {
    absl::MutexLock lock(&mutex_);
    const auto found = kept_.find(key);
    if (found != kept_.end() && absl::Now() + kKeepUntilLeft < found->second.expires) {
      return found->second.token;
    }
  }
  const int64_t now = absl::ToUnixSeconds(absl::Now());
  const nlohmann::json claims = {{"iss", issuer_},
                                 {"aud", "smederij-registry"},
                                 {"sub", subject},
                                 {"acr", "substantial"},
                                 {"iat", now},
                                 {"nbf", now},
                                 {"exp", now + absl::ToInt64Seconds(kSubjectTokenLife)}};
  v1::ExchangeRequest request;
  ASSIGN_OR_RETURN(*request.mutable_subject_token(), signer_.Sign(claims.dump(), "JWT"));
  request.set_audience(AudienceName(audience));
  ASSIGN_OR_RETURN(const v1::ExchangeResponse answer,
                   registry_.Call(&v1::RegistryService::Stub::Exchange, request));
  absl::MutexLock lock(&mutex_);
  if (kept_.size() >= kKeptMax) kept_.clear();
  kept_[key] = {.token = answer.access_token(),
                .expires = absl::FromUnixSeconds(answer.expire_time().seconds())};
  return answer.access_token();
}

}  // namespace smederij::cli
