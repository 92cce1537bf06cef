#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/rpc/token_signer.h"
#include "services/cli/remote/endpoint.h"

namespace smederij::cli {

// Who is asked for a token, and for which service.
enum class Audience { kRegistry, kProposals, kBallots, kLedger };

// A development identity provider in the client's hands: signs in as anybody it is asked to be,
// with a key the deployment was told to trust, and exchanges that at registry for tokens, kept
// until they are about to end. For demonstrations and tests; people sign in at their own provider.
// Thread-safe.
class Tokens {
 public:
  // `identity_key`: PEM file of the provider's signing key. Refusals: KEY_FILE_UNREADABLE,
  // SIGNING_KEY_UNUSABLE.
  static absl::StatusOr<std::unique_ptr<Tokens>> Open(const std::string& identity_key,
                                                      const std::string& identity_issuer,
                                                      const Endpoint& registry);

  // A token of `subject` for one service. Refusals: registry's.
  absl::StatusOr<std::string> For(const std::string& subject, Audience audience);

 private:
  struct Kept {
    std::string token;
    absl::Time expires;
  };

  Tokens(rpc::TokenSigner signer, std::string issuer, const Endpoint& registry)
      : signer_(std::move(signer)), issuer_(std::move(issuer)), registry_(registry) {}

  const rpc::TokenSigner signer_;
  const std::string issuer_;
  const Endpoint& registry_;
  absl::Mutex mutex_;
  std::map<std::pair<std::string, Audience>, Kept> kept_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace smederij::cli
