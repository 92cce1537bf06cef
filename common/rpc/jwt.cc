#include "common/rpc/jwt.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/rpc/rhonabwy.h"

namespace smederij::rpc {
namespace {

using nlohmann::json;

Error Refused(absl::string_view reason, absl::string_view sentence) {
  return Error(kUnauthenticated, reason, sentence);
}

Error Malformed() { return Refused("TOKEN_MALFORMED", "the token is not a signed JWT"); }

constexpr const char* kTypeOf[][2] = {
    {"ES256", "EC"}, {"EdDSA", "OKP"}, {"PS256", "RSA"}, {"RS256", "RSA"}};

absl::string_view KeyTypeOf(absl::string_view algorithm) {
  for (const auto& [name, type] : kTypeOf) {
    if (algorithm == name) return type;
  }
  return "";
}

bool Contains(const std::vector<std::string>& list, absl::string_view value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

std::string TextOf(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// A JSON object in base64url without padding, as RFC 7515 writes it and no other way.
std::optional<json> DecodeObject(absl::string_view part) {
  const bool clean = std::all_of(part.begin(), part.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_';
  });
  std::string text;
  if (!clean || !absl::WebSafeBase64Unescape(part, &text)) return std::nullopt;
  json object = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) return std::nullopt;
  return object;
}

absl::Status CheckHeader(const json& header, const JwtRules& rules) {
  const std::string type = absl::AsciiStrToLower(TextOf(header, "typ"));
  const absl::string_view bare = absl::StripPrefix(type, "application/");
  const bool type_known =
      std::any_of(rules.types.begin(), rules.types.end(), [&](const std::string& allowed) {
        return absl::EqualsIgnoreCase(allowed, bare) &&
               (!allowed.empty() || !header.contains("typ"));
      });
  if (!type_known) return Refused("TOKEN_TYPE_REFUSED", "the token is of another type");
  if (!Contains(rules.algorithms, TextOf(header, "alg"))) {
    return Refused("TOKEN_ALGORITHM_REFUSED", "the token's algorithm is not accepted");
  }
  // A token never says which key to believe beyond naming one of ours, and never where to get one.
  for (const char* member : {"jku", "jwk", "x5u", "x5c", "crit", "b64", "zip"}) {
    if (header.contains(member)) {
      return Refused("TOKEN_HEADER_REFUSED", "the token's header holds what is never accepted")
          .With("member", member);
    }
  }
  return absl::OkStatus();
}

absl::Status CheckSignature(absl::string_view token, const std::string& algorithm,
                            const KeySet::Key& key) {
  const Error wrong = Refused("TOKEN_SIGNATURE_WRONG", "the token's signature is not the issuer's");
  const internal::Jws jws = internal::MakeJws();
  const internal::Jwk jwk = internal::JwkFromJson(key.jwk);
  if (jws == nullptr || jwk == nullptr) return wrong;
  const int parsed = r_jws_advanced_compact_parsen(jws.get(), token.data(), token.size(),
                                                   R_PARSE_NONE, R_FLAG_IGNORE_REMOTE);
  // The library read the header by itself: it must have come to the same algorithm.
  if (parsed != RHN_OK || r_jws_get_alg(jws.get()) != r_str_to_jwa_alg(algorithm.c_str()) ||
      r_jws_verify_signature(jws.get(), jwk.get(), R_FLAG_IGNORE_REMOTE) != RHN_OK) {
    return wrong;
  }
  return absl::OkStatus();
}

absl::Status CheckParties(const json& claims, const JwtRules& rules) {
  if (TextOf(claims, "iss") != rules.issuer || rules.issuer.empty()) {
    return Refused("TOKEN_ISSUER_WRONG", "the token is of another issuer");
  }
  const json audience = claims.value("aud", json());
  // One audience: a token good for several services could be used by each at the others.
  const bool ours = audience == rules.audience || audience == json::array({rules.audience});
  if (!ours) return Refused("TOKEN_AUDIENCE_WRONG", "the token is for another service");
  return absl::OkStatus();
}

std::optional<absl::Time> TimeOf(const json& claims, const char* name) {
  constexpr int64_t kSecondsMax = int64_t{1} << 40;
  const auto found = claims.find(name);
  if (found == claims.end() || !found->is_number_integer()) return std::nullopt;
  if (found->is_number_unsigned() && found->get<uint64_t>() > kSecondsMax) return std::nullopt;
  const int64_t seconds = found->get<int64_t>();
  if (seconds < 0) return std::nullopt;
  return absl::FromUnixSeconds(seconds);
}

absl::Status CheckTimes(const json& claims, const JwtRules& rules, absl::Time now) {
  const std::optional<absl::Time> issued = TimeOf(claims, "iat");
  const std::optional<absl::Time> expires = TimeOf(claims, "exp");
  const std::optional<absl::Time> begins = claims.contains("nbf") ? TimeOf(claims, "nbf") : issued;
  if (!issued || !expires || !begins) return Malformed();
  if (*issued > now + rules.skew || *begins > now + rules.skew) {
    return Refused("TOKEN_NOT_YET_VALID", "the token is not valid yet");
  }
  if (*expires <= now) return Refused("TOKEN_EXPIRED", "the token has expired");
  if (*expires - *issued > rules.lifetime) {
    return Refused("TOKEN_LIFETIME_TOO_LONG", "the token is valid for too long");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> VerifyJwt(absl::string_view token, const KeySet::Keys& keys,
                                      const JwtRules& rules, absl::Time now) {
  if (token.size() > kTokenBytesMax) {
    return Refused("TOKEN_TOO_LARGE", "the token is too large").With("bytes_max", kTokenBytesMax);
  }
  const std::vector<absl::string_view> parts = absl::StrSplit(token, '.');
  if (parts.size() != 3 || parts[2].empty()) return Malformed();
  const std::optional<json> header = DecodeObject(parts[0]);
  const std::optional<json> claims = DecodeObject(parts[1]);
  if (!header || !claims) return Malformed();
  RETURN_IF_ERROR(CheckHeader(*header, rules));
  const std::string algorithm = TextOf(*header, "alg");
  const auto key = keys.find(TextOf(*header, "kid"));
  if (key == keys.end() || key->second.type != KeyTypeOf(algorithm) ||
      (!key->second.algorithm.empty() && key->second.algorithm != algorithm)) {
    return Refused("TOKEN_KEY_UNKNOWN", "the token names no key of the issuer for its algorithm");
  }
  RETURN_IF_ERROR(CheckSignature(token, algorithm, key->second));
  RETURN_IF_ERROR(CheckParties(*claims, rules));
  RETURN_IF_ERROR(CheckTimes(*claims, rules, now));
  return claims->dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace smederij::rpc
