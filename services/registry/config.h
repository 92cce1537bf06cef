#pragma once

#include <array>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "common/config/common.h"
#include "common/crypto/seal.h"
#include "services/registry/api/credential_api.h"
#include "services/registry/api/pseudonyms.h"
#include "services/registry/api/sign_in_api.h"

namespace smederij::registry {

// Everything registry is told from outside, read once.
struct Config {
  config::Common common;
  config::Guard guard;
  std::optional<Pseudonyms> pseudonyms;               // serve, bootstrap, add-municipality
  std::optional<crypto::SealingKey> sealing_key;      // serve: of issuer keys
  std::optional<crypto::SealingKey> particulars_key;  // serve
  config::Secret token_key;                           // serve, jwks: PEM
  std::string identity_jwks;
  SignInRules sign_in;
  CredentialApi::Options issuing;
  std::string municipality;  // bootstrap, add-municipality
  std::string subject;
  RoundId round;  // forget
};

// Mistakes go to `source`: ask source.status() afterwards.
Config ReadConfig(config::Source& source);

}  // namespace smederij::registry
