#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"

namespace smederij::rpc {

// The public keys of a token issuer: a JWKS file (RFC 7517) that is looked at again when it
// changes, at most once a second, so keys rotate without a restart. Thread-safe.
class KeySet {
 public:
  struct Key {
    std::string algorithm;  // "ES256", "EdDSA" or "PS256": decided by the key, never by a token.
    std::string jwk;        // JSON.
  };
  using Keys = std::map<std::string, Key>;  // By `kid`.

  // Keys that cannot sign one of the three algorithms, are meant for encryption, or are shorter
  // than RSA 2048 are left out. Refusals: FAILED_PRECONDITION JWKS_UNREADABLE when the file is not
  // there, is no JWKS, holds a private or symmetric key, or holds no usable key.
  static absl::StatusOr<std::unique_ptr<KeySet>> Open(absl::string_view path, const Clock& clock);

  // The keys as of less than a second ago. A file that became unreadable is logged and changes
  // nothing: signing in goes on with the keys that were.
  std::shared_ptr<const Keys> Current() const;

 private:
  struct Stamp {
    int64_t modified_ns = 0;
    int64_t size = 0;
    uint64_t inode = 0;
    bool operator==(const Stamp&) const = default;
  };

  KeySet(absl::string_view path, const Clock& clock) : path_(path), clock_(clock) {}
  Stamp Look() const;

  const std::string path_;
  const Clock& clock_;
  mutable absl::Mutex mutex_;
  mutable std::shared_ptr<const Keys> keys_ ABSL_GUARDED_BY(mutex_);
  mutable Stamp stamp_ ABSL_GUARDED_BY(mutex_);
  mutable absl::Time looked_ ABSL_GUARDED_BY(mutex_);
};

// What a token must be to be believed.
struct JwtRules {
  std::string issuer;                           // `iss`, exactly.
  std::string audience;                         // `aud`, alone.
  std::vector<std::string> types{"at+jwt"};     // `typ`, any of; "application/" is ignored.
  absl::Duration lifetime = absl::Minutes(10);  // At most, from `iat` to `exp`.
  absl::Duration skew = absl::Seconds(60);      // For `iat` and `nbf`; `exp` has none.
};

inline constexpr size_t kTokenBytesMax = 8 * 1024;

// The claims (a JSON object) of `token`, a signed JWT in compact form, or the first rule it breaks.
// Refusals, all UNAUTHENTICATED, in order: TOKEN_TOO_LARGE, TOKEN_MALFORMED, TOKEN_TYPE_REFUSED,
// TOKEN_ALGORITHM_REFUSED, TOKEN_HEADER_REFUSED (it brings or points at keys of its own, or has
// critical extensions), TOKEN_KEY_UNKNOWN, TOKEN_SIGNATURE_WRONG, TOKEN_ISSUER_WRONG,
// TOKEN_AUDIENCE_WRONG, TOKEN_MALFORMED (times missing), TOKEN_NOT_YET_VALID, TOKEN_EXPIRED,
// TOKEN_LIFETIME_TOO_LONG. Thread-safe; costs a signature verification.
absl::StatusOr<std::string> VerifyJwt(absl::string_view token, const KeySet::Keys& keys,
                                      const JwtRules& rules, absl::Time now);

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
