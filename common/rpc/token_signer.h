#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace smederij::rpc {

// Signs tokens with one private key. Thread-safe.
class TokenSigner {
 public:
  // A PEM private key: EC P-256 signs ES256, Ed25519 EdDSA, RSA (2048 bits or more) PS256. `kid` is
  // the key's RFC 7638 thumbprint. Refusal: FAILED_PRECONDITION SIGNING_KEY_UNUSABLE.
  static absl::StatusOr<TokenSigner> FromPem(absl::string_view pem);

  const std::string& kid() const { return kid_; }
  const std::string& algorithm() const { return algorithm_; }
  // The public half, a JSON object with kid, alg and use.
  const std::string& public_jwk() const { return public_jwk_; }

  // The compact JWT over `claims`, a JSON object.
  absl::StatusOr<std::string> Sign(absl::string_view claims,
                                   absl::string_view type = "at+jwt") const;

 private:
  TokenSigner() = default;

  std::string kid_;
  std::string algorithm_;
  std::string private_jwk_;
  std::string public_jwk_;
};

// {"keys":[…]}, as served and as read by KeySet. Each member is a JSON object.
std::string Jwks(const std::vector<std::string>& public_jwks);

}  // namespace smederij::rpc
