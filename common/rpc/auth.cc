#include "common/rpc/auth.h"

#include <openssl/sha.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"

namespace smederij::rpc {
namespace {

using nlohmann::json;

constexpr absl::string_view kSpiffe = "spiffe://smederij/";
constexpr absl::string_view kServicePrefix = "SERVICE_";
constexpr size_t kKnownTokensMax = 4096;

Error ClaimsWrong(absl::string_view claim) {
  return Error(kUnauthenticated, "TOKEN_CLAIMS_WRONG",
               "a claim of the token is not what it must be")
      .With("claim", claim);
}

template <class AnyId>
std::optional<AnyId> IdOf(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return std::nullopt;
  const std::optional<Uuid> uuid = Uuid::Parse(found->get<std::string>());
  if (!uuid) return std::nullopt;
  return AnyId(*uuid);
}

// One element of the claim `roles`. A role this build does not know grants nothing; a district or a
// limit that cannot be read must not become "everywhere" or "unlimited": the token is refused.
absl::Status ReadGrant(const json& object, std::vector<Grant>& grants) {
  if (!object.is_object() || !object.contains("role") || !object["role"].is_string()) {
    return ClaimsWrong("roles");
  }
  Grant grant;
  if (object.contains("district")) {
    grant.district = IdOf<DistrictId>(object, "district");
    if (!grant.district) return ClaimsWrong("roles.district");
  }
  if (object.contains("limit_cents")) {
    const json& limit = object["limit_cents"];
    if (!limit.is_number_integer() || limit < 0 || limit > Money::kCentsMax) {
      return ClaimsWrong("roles.limit_cents");
    }
    grant.limit_cents = limit.get<int64_t>();
  }
  if (policy::v1::Role_Parse(object["role"].get<std::string>(), &grant.role) &&
      grant.role != policy::v1::ROLE_UNSPECIFIED) {
    grants.push_back(grant);
  }
  return absl::OkStatus();
}

absl::StatusOr<Caller> ReadClaims(const json& claims) {
  Caller caller;
  const auto subject = IdOf<SubjectId>(claims, "sub");
  if (!subject) return ClaimsWrong("sub");
  caller.subject = *subject;
  const auto municipality = IdOf<MunicipalityId>(claims, "municipality");
  if (!municipality) return ClaimsWrong("municipality");
  caller.municipality = *municipality;
  const json roles = claims.value("roles", json::array());
  if (!roles.is_array()) return ClaimsWrong("roles");
  for (const json& role : roles) RETURN_IF_ERROR(ReadGrant(role, caller.grants));
  if (claims.contains("acr")) {
    if (!claims["acr"].is_string()) return ClaimsWrong("acr");
    caller.acr = claims["acr"].get<std::string>();
  }
  return caller;
}

// "Bearer x", the scheme in any case as RFC 9110 has it.
std::optional<absl::string_view> BearerOf(absl::string_view authorization) {
  constexpr absl::string_view kBearer = "bearer ";
  if (!absl::StartsWithIgnoreCase(authorization, kBearer)) return std::nullopt;
  return absl::StripAsciiWhitespace(authorization.substr(kBearer.size()));
}

std::string Digest(absl::string_view token) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const uint8_t*>(token.data()), token.size(),
         reinterpret_cast<uint8_t*>(digest.data()));
  return digest;
}

}  // namespace

std::string NameOf(Service service) {
  return absl::AsciiStrToLower(
      absl::StripPrefix(policy::v1::Service_Name(service), kServicePrefix));
}

std::optional<Service> ServiceOfSpiffe(absl::string_view uri) {
  if (!absl::ConsumePrefix(&uri, kSpiffe)) return std::nullopt;
  for (int number = policy::v1::Service_MIN; number <= policy::v1::Service_MAX; ++number) {
    const auto service = static_cast<Service>(number);
    if (number != policy::v1::SERVICE_UNSPECIFIED && policy::v1::Service_IsValid(number) &&
        uri == absl::string_view(NameOf(service))) {
      return service;
    }
  }
  return std::nullopt;
}

Authenticator::Authenticator(absl::string_view service, absl::string_view issuer,
                             const KeySet& keys, const Clock& clock)
    : rules_{.issuer = std::string(issuer), .audience = absl::StrCat("smederij-", service)},
      keys_(keys),
      clock_(clock) {}

absl::StatusOr<Caller> Authenticator::Identify(const Evidence& evidence) const {
  const std::optional<Service> service = ServiceOfSpiffe(evidence.spiffe_id);
  Caller caller;
  if (!evidence.authorization.empty()) {
    const std::optional<absl::string_view> token = BearerOf(evidence.authorization.front());
    if (!token || evidence.authorization.size() > 1) {
      return Error(kUnauthenticated, "TOKEN_MALFORMED", "authorization is not one bearer token");
    }
    if (service) {
      return Error(kUnauthenticated, "TWO_IDENTITIES",
                   "a service calls as itself, never with a person's token");
    }
    ASSIGN_OR_RETURN(caller, FromToken(*token));
  }
  caller.service = service;
  if (!evidence.on_behalf_of.empty()) {
    if (!service || evidence.on_behalf_of.size() > 1) {
      return Error(kPermissionDenied, "ON_BEHALF_OF_REFUSED",
                   "only a service acts on behalf of a person, and of one");
    }
    ASSIGN_OR_RETURN(caller.on_behalf_of,
                     ParseId<SubjectId>(evidence.on_behalf_of.front(), kOnBehalfOf));
  }
  return caller;
}

absl::StatusOr<Caller> Authenticator::FromToken(absl::string_view token) const {
  const std::shared_ptr<const KeySet::Keys> keys = keys_.Current();
  const absl::Time now = clock_.Now();
  if (token.size() > kTokenBytesMax) return VerifyJwt(token, *keys, rules_, now).status();
  const std::string digest = Digest(token);
  if (std::optional<Caller> known = Recall(digest, keys, now)) return *std::move(known);
  ASSIGN_OR_RETURN(const std::string text, VerifyJwt(token, *keys, rules_, now));
  const json claims = json::parse(text, nullptr, /*allow_exceptions=*/false);
  ASSIGN_OR_RETURN(Caller caller, ReadClaims(claims));
  Remember(digest, keys,
           {.caller = caller, .expires = absl::FromUnixSeconds(claims["exp"].get<int64_t>())}, now);
  return caller;
}

std::optional<Caller> Authenticator::Recall(const std::string& digest,
                                            const std::shared_ptr<const KeySet::Keys>& keys,
                                            absl::Time now) const {
  const absl::MutexLock lock(&mutex_);
  if (known_under_ != keys) return std::nullopt;
  const auto found = known_.find(digest);
  if (found == known_.end() || found->second.expires <= now) return std::nullopt;
  return found->second.caller;
}

void Authenticator::Remember(const std::string& digest,
                             const std::shared_ptr<const KeySet::Keys>& keys, Known known,
                             absl::Time now) const {
  const absl::MutexLock lock(&mutex_);
  if (known_under_ != keys) {  // A key may be gone, and with it what it signed.
    known_.clear();
    known_under_ = keys;
  }
  if (known_.size() >= kKnownTokensMax) {
    absl::erase_if(known_, [&](const auto& entry) { return entry.second.expires <= now; });
    if (known_.size() >= kKnownTokensMax) known_.clear();
  }
  known_.insert_or_assign(digest, std::move(known));
}

}  // namespace smederij::rpc
