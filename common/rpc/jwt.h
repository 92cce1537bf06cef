#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/rpc/key_set.h"

namespace smederij::rpc {

// What a token must be to be believed.
struct JwtRules {
  std::string issuer = {};    // `iss`, exactly.
  std::string audience = {};  // `aud`, alone.
  // `typ`, any of, in any case; "application/" before it is ignored. "" stands for none at all.
  std::vector<std::string> types{"at+jwt"};
  // Any of ES256, EdDSA, PS256, RS256; the key must be of its type.
  std::vector<std::string> algorithms{"ES256", "EdDSA", "PS256"};
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

}  // namespace smederij::rpc
