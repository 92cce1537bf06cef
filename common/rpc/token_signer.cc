#include "common/rpc/token_signer.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/escaping.h"
#include "common/base/error.h"
#include "common/rpc/rhonabwy.h"

namespace smederij::rpc {
namespace {

using nlohmann::json;

constexpr unsigned int kRsaBitsMin = 2048;
constexpr size_t kCoordinateBytes = 32;  // Of P-256.

Error Unusable(absl::string_view why) {
  return Error(kFailedPrecondition, "SIGNING_KEY_UNUSABLE", "the private key that signs tokens")
      .With("why", why);
}

std::string AlgorithmFor(int type, const json& jwk, unsigned int bits) {
  if ((type & R_KEY_TYPE_EDDSA) != 0) return jwk.value("crv", "") == "Ed25519" ? "EdDSA" : "";
  if ((type & R_KEY_TYPE_EC) != 0) return jwk.value("crv", "") == "P-256" ? "ES256" : "";
  if ((type & R_KEY_TYPE_RSA) != 0) return bits >= kRsaBitsMin ? "PS256" : "";
  return "";
}

// What RFC 7638 hashes, which is also all that a verifier needs.
json PublicMembers(const json& jwk) {
  json bare;
  for (const char* member : {"kty", "crv", "x", "y", "n", "e"}) {
    if (jwk.contains(member)) bare[member] = jwk[member];
  }
  return bare;
}

// Full-length coordinates, as RFC 7518 6.2.1.2 wants them: the library leaves leading zeros out,
// and then one key in a hundred would have a thumbprint that nobody else computes.
void PadCoordinates(json& jwk) {
  if (jwk.value("crv", "") != "P-256") return;
  for (const char* member : {"x", "y", "d"}) {
    std::string bytes;
    if (!absl::WebSafeBase64Unescape(jwk.value(member, ""), &bytes)) continue;
    if (bytes.size() < kCoordinateBytes) bytes.insert(0, kCoordinateBytes - bytes.size(), '\0');
    jwk[member] = absl::WebSafeBase64Escape(bytes);
  }
}

}  // namespace

absl::StatusOr<TokenSigner> TokenSigner::FromPem(absl::string_view pem) {
  jwk_t* raw = nullptr;
  if (r_jwk_init(&raw) != RHN_OK) return Unusable("no memory");
  const internal::Jwk key(raw);
  if (r_jwk_import_from_pem_der(raw, R_X509_TYPE_PRIVKEY, R_FORMAT_PEM,
                                reinterpret_cast<const unsigned char*>(pem.data()),
                                pem.size()) != RHN_OK) {
    return Unusable("it is no private key in PEM");
  }
  const internal::Text exported(r_jwk_export_to_json_str(raw, 0));
  json jwk = json::parse(exported == nullptr ? "" : exported.get(), nullptr, false);
  if (!jwk.is_object()) return Unusable("it is not understood");
  PadCoordinates(jwk);
  const internal::Jwk padded = internal::JwkFromJson(jwk.dump());
  if (padded == nullptr) return Unusable("it is not understood");
  unsigned int bits = 0;
  const int type = r_jwk_key_type(padded.get(), &bits, R_FLAG_IGNORE_REMOTE);
  const internal::Text thumbprint(
      r_jwk_thumbprint(padded.get(), R_JWK_THUMB_SHA256, R_FLAG_IGNORE_REMOTE));
  TokenSigner signer;
  if (thumbprint == nullptr) return Unusable("it is not understood");
  signer.algorithm_ = AlgorithmFor(type, jwk, bits);
  if (signer.algorithm_.empty()) return Unusable("it is not P-256, Ed25519 or RSA of 2048 bits");
  signer.kid_ = thumbprint.get();
  signer.private_jwk_ = jwk.dump();
  json published = PublicMembers(jwk);
  published["kid"] = signer.kid_;
  published["alg"] = signer.algorithm_;
  published["use"] = "sig";
  signer.public_jwk_ = published.dump();
  return signer;
}

absl::StatusOr<std::string> TokenSigner::Sign(absl::string_view claims,
                                              absl::string_view type) const {
  const internal::Jws jws = internal::MakeJws();
  const internal::Jwk key = internal::JwkFromJson(private_jwk_);
  if (jws == nullptr || key == nullptr) return absl::InternalError("the signing key is gone");
  const json header = {{"alg", algorithm_}, {"kid", kid_}, {"typ", std::string(type)}};
  const bool ready =
      r_jws_set_full_header_json_str(jws.get(), header.dump().c_str()) == RHN_OK &&
      r_jws_set_alg(jws.get(), r_str_to_jwa_alg(algorithm_.c_str())) == RHN_OK &&
      r_jws_set_payload(jws.get(), reinterpret_cast<const unsigned char*>(claims.data()),
                        claims.size()) == RHN_OK;
  const internal::Text token(ready ? r_jws_serialize(jws.get(), key.get(), R_FLAG_IGNORE_REMOTE)
                                   : nullptr);
  if (token == nullptr) return absl::InternalError("the token could not be signed");
  return std::string(token.get());
}

std::string Jwks(const std::vector<std::string>& public_jwks) {
  json keys = json::array();
  for (const std::string& jwk : public_jwks) keys.push_back(json::parse(jwk, nullptr, false));
  return json{{"keys", std::move(keys)}}.dump(2);
}

}  // namespace smederij::rpc
