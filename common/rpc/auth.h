#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "common/base/clock.h"
#include "common/rpc/call.h"
#include "common/rpc/jwt.h"

namespace smederij::rpc {

// What a call brought to say who sent it.
struct Evidence {
  std::vector<absl::string_view> authorization = {};  // Values of that metadata key.
  std::vector<absl::string_view> on_behalf_of = {};   // Values of kOnBehalfOf.
  std::string spiffe_id = {};  // The one URI name of the client's certificate, verified by TLS.
};

inline constexpr char kOnBehalfOf[] = "smederij-on-behalf-of";
inline constexpr char kReplayed[] = "smederij-replayed";

// "registry" ↔ SERVICE_REGISTRY; the first without its prefix, in lower case. The URI name in a
// service's certificate is "spiffe://smederij/" and that.
std::string NameOf(Service service);
std::optional<Service> ServiceOfSpiffe(absl::string_view uri);

// Tells who calls. Thread-safe.
class Authenticator {
 public:
  // Tokens of `issuer` for the audience "smederij-<service>", signed by a key of `keys`. Both
  // references outlive the authenticator.
  Authenticator(absl::string_view service, absl::string_view issuer, const KeySet& keys,
                const Clock& clock);

  // The caller `evidence` proves; an empty one when there is none. Refusals, UNAUTHENTICATED:
  // TOKEN_MALFORMED, TWO_IDENTITIES (a token over a service's certificate), those of VerifyJwt,
  // TOKEN_CLAIMS_WRONG; PERMISSION_DENIED ON_BEHALF_OF_REFUSED (named by anyone but a service),
  // INVALID_ARGUMENT BAD_ID.
  absl::StatusOr<Caller> Identify(const Evidence& evidence) const;

 private:
  struct Known {
    Caller caller;
    absl::Time expires;
  };

  absl::StatusOr<Caller> FromToken(absl::string_view token) const;
  std::optional<Caller> Recall(const std::string& digest,
                               const std::shared_ptr<const KeySet::Keys>& keys,
                               absl::Time now) const;
  void Remember(const std::string& digest, const std::shared_ptr<const KeySet::Keys>& keys,
                Known known, absl::Time now) const;

  const JwtRules rules_;
  const KeySet& keys_;
  const Clock& clock_;
  // Verified tokens by SHA-256, until they expire or the keys change: a person makes many calls
  // with one token.
  mutable absl::Mutex mutex_;
  mutable absl::flat_hash_map<std::string, Known> known_ ABSL_GUARDED_BY(mutex_);
  mutable std::shared_ptr<const KeySet::Keys> known_under_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace smederij::rpc
