#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/rpc/call.h"
#include "common/rpc/jwt.h"
#include "common/rpc/router.h"
#include "common/rpc/token_signer.h"
#include "services/registry/api/pseudonyms.h"
#include "services/registry/api/write.h"
#include "smederij/registry/v1/registry.pb.h"

namespace smederij::registry {

namespace v1 = smederij::registry::v1;

// Whom registry believes about who people are, and as whom it speaks itself.
struct SignInRules {
  rpc::JwtRules identity;        // What a token of the identity provider must be.
  std::vector<std::string> acr;  // Ways of proving identity that will do; empty: any.
  std::string token_issuer;      // `iss` of our own tokens.
  absl::Duration token_lifetime = absl::Minutes(10);
};

// Sign-in: a token of the identity provider for one of ours. Thread-safe.
class SignInApi {
 public:
  // The references outlive it.
  SignInApi(const Database& database, const Pseudonyms& pseudonyms, SignInRules rules,
            const rpc::KeySet& identity_keys, const rpc::TokenSigner& signer, const Clock& clock)
      : database_(database),
        pseudonyms_(pseudonyms),
        rules_(std::move(rules)),
        identity_keys_(identity_keys),
        signer_(signer),
        clock_(clock) {}
  void Mount(rpc::Router& router);

 private:
  struct Identity {
    std::string subject;
    std::string acr;
  };

  absl::StatusOr<v1::ExchangeResponse> Exchange(const rpc::Call& call,
                                                const v1::ExchangeRequest& request);
  absl::StatusOr<Identity> Verify(absl::string_view subject_token) const;

  const Database& database_;
  const Pseudonyms& pseudonyms_;
  const SignInRules rules_;
  const rpc::KeySet& identity_keys_;
  const rpc::TokenSigner& signer_;
  const Clock& clock_;
};

}  // namespace smederij::registry
