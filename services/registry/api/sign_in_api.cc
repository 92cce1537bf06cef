#include "services/registry/api/sign_in_api.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "common/rpc/table.h"
#include "services/registry/api/convert.h"
#include "services/registry/domain/errors.h"
#include "services/registry/domain/resident.h"
#include "services/registry/storage/person_store.h"

namespace smederij::registry {
namespace {

using nlohmann::json;

constexpr absl::Duration kExchange = absl::Seconds(2);

struct Holder {
  Person person;
  std::vector<RoleGrant> grants;
};

// The claim `roles`: what was granted, and for a resident where they live.
json RolesOf(const Holder& holder) {
  json roles = json::array();
  if (holder.person.district) {
    roles.push_back({{"role", policy::v1::Role_Name(policy::v1::ROLE_RESIDENT)},
                     {"district", holder.person.district->ToString()}});
  }
  for (const RoleGrant& grant : holder.grants) {
    json role{{"role", policy::v1::Role_Name(static_cast<policy::v1::Role>(grant.role))}};
    if (grant.district) role["district"] = grant.district->ToString();
    if (grant.limit_cents > 0) role["limit_cents"] = grant.limit_cents;
    roles.push_back(std::move(role));
  }
  return roles;
}

}  // namespace

void SignInApi::Mount(rpc::Router& router) {
  rpc::Table table(router, *this);
  table.Unary("Exchange", kExchange, &SignInApi::Exchange);
}

absl::StatusOr<SignInApi::Identity> SignInApi::Verify(absl::string_view subject_token) const {
  const absl::StatusOr<std::string> text =
      rpc::VerifyJwt(subject_token, *identity_keys_.Current(), rules_.identity, clock_.Now());
  if (!text.ok()) return BadSubjectToken(ReasonOf(text.status()));
  const json claims = json::parse(*text, nullptr, /*allow_exceptions=*/false);
  if (!claims.is_object() || !claims.contains("sub") || !claims["sub"].is_string()) {
    return BadSubjectToken("SUBJECT_MISSING");
  }
  Identity identity{.subject = claims["sub"].get<std::string>(), .acr = ""};
  if (!IsSubject(identity.subject)) return BadSubjectToken("SUBJECT_MALFORMED");
  if (claims.contains("acr") && claims["acr"].is_string()) {
    identity.acr = claims["acr"].get<std::string>();
  }
  const auto& will_do = rules_.acr;
  if (!will_do.empty() &&
      std::find(will_do.begin(), will_do.end(), identity.acr) == will_do.end()) {
    return BadSubjectToken("ACR_TOO_WEAK");
  }
  return identity;
}

absl::StatusOr<v1::ExchangeResponse> SignInApi::Exchange(const rpc::Call& call,
                                                         const v1::ExchangeRequest& request) {
  ASSIGN_OR_RETURN(const Identity identity, Verify(request.subject_token()));
  if (!IsAudience(request.audience())) return UnknownAudience();
  const Hash key = pseudonyms_.PersonKey(identity.subject);
  const auto find = [&](pg::Tx& tx) -> absl::StatusOr<Holder> {
    ASSIGN_OR_RETURN(const std::optional<Person> person, FindPerson(tx, key));
    if (!person) return UnknownSubject();
    ASSIGN_OR_RETURN(std::vector<RoleGrant> grants, GrantsOf(tx, person->id));
    return Holder{.person = *person, .grants = std::move(grants)};
  };
  ASSIGN_OR_RETURN(const Holder holder, database_.Read(call.deadline, find));
  // Somebody whose last role was taken back, and who lives nowhere here.
  if (!holder.person.district && holder.grants.empty()) return UnknownSubject();
  const absl::Time now = absl::FromUnixSeconds(absl::ToUnixSeconds(clock_.Now()));
  const absl::Time expires = now + rules_.token_lifetime;
  json claims{{"iss", rules_.token_issuer},
              {"aud", request.audience()},
              {"sub", pseudonyms_.For(request.audience(), holder.person.id).ToString()},
              {"jti", Uuid::Random().ToString()},
              {"iat", absl::ToUnixSeconds(now)},
              {"nbf", absl::ToUnixSeconds(now)},
              {"exp", absl::ToUnixSeconds(expires)},
              {"municipality", holder.person.municipality.ToString()},
              {"roles", RolesOf(holder)}};
  if (!identity.acr.empty()) claims["acr"] = identity.acr;
  v1::ExchangeResponse response;
  ASSIGN_OR_RETURN(*response.mutable_access_token(), signer_.Sign(claims.dump()));
  *response.mutable_expire_time() = ToProto(expires);
  return response;
}

}  // namespace smederij::registry
