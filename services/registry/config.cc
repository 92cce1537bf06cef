#include "services/registry/config.h"

#include "absl/strings/str_split.h"
#include "common/crypto/key_file.h"

ABSL_DECLARE_FLAG(std::string, database);  // Of the common ones.
ABSL_DECLARE_FLAG(std::string, owner_database);
ABSL_FLAG(std::string, pepper, "", "file with the 32-byte secret that keys the names of people");
ABSL_FLAG(std::string, pairwise_secret, "",
          "file with the 32-byte secret that makes a person another one to every service");
ABSL_FLAG(std::string, key_encryption_key, "",
          "file with the 32-byte key under which issuer keys lie in the database");
ABSL_FLAG(std::string, particulars_key, "",
          "file with the 32-byte key under which names, birth dates and postcodes of residents lie "
          "in the database");
ABSL_FLAG(std::string, token_key, "", "PEM file with the private key that signs access tokens");
ABSL_FLAG(std::string, identity_jwks, "", "JWKS file of the identity provider; watched");
ABSL_FLAG(std::string, identity_issuer, "", "the issuer its tokens must name");
ABSL_FLAG(std::string, identity_audience, "smederij-registry", "the audience its tokens must name");
ABSL_FLAG(std::string, identity_acr, "",
          "ways of proving identity that will do, comma-separated; empty: any");
ABSL_FLAG(int32_t, signing_threads, 1, "threads that make blind signatures");
ABSL_FLAG(std::string, municipality, "", "bootstrap: the municipality's name");
ABSL_FLAG(std::string, subject, "",
          "bootstrap: the first administrator, as the identity provider names them");

ABSL_FLAG(std::string, round, "", "forget: the round whose voters are forgotten");

namespace smederij::registry {
namespace {

using Secret = std::array<uint8_t, 32>;

std::optional<Secret> KeyFile(const absl::Flag<std::string>& flag, config::Source& source) {
  const std::string path = source.Required(flag);
  if (path.empty()) return std::nullopt;
  const absl::StatusOr<Secret> key = crypto::ReadKeyFile(path);
  if (!key.ok()) {
    source.Mistake(absl::StrCat("--", absl::GetFlagReflectionHandle(flag).Name()),
                   key.status().message());
    return std::nullopt;
  }
  return *key;
}

}  // namespace

Config ReadConfig(config::Source& source) {
  Config read;
  read.common = config::ReadCommon(source);
  const std::string& command = source.command();
  const bool serve = command == "serve";
  const bool bootstrap = command == "bootstrap" || command == "add-municipality";
  read.guard = config::ReadGuard(source, {"registry"});
  config::RequireTokens(source);
  if (serve || bootstrap) {
    const auto pepper = KeyFile(FLAGS_pepper, source);
    const auto pairwise = KeyFile(FLAGS_pairwise_secret, source);
    if (pepper && pairwise) read.pseudonyms.emplace(*pepper, *pairwise);
  }
  if (serve || command == "jwks") read.token_key = source.SecretFile(FLAGS_token_key, 32);
  if (serve) {
    if (const auto key = KeyFile(FLAGS_key_encryption_key, source)) read.sealing_key.emplace(*key);
    if (const auto key = KeyFile(FLAGS_particulars_key, source)) read.particulars_key.emplace(*key);
    read.identity_jwks = source.Required(FLAGS_identity_jwks);
    read.sign_in.identity.issuer = source.Required(FLAGS_identity_issuer);
    read.sign_in.identity.audience = source.Required(FLAGS_identity_audience);
  }
  // Identity tokens are as often plain JWTs as access tokens, and live as long as their maker
  // likes.
  read.sign_in.identity.types = {"at+jwt", "JWT", ""};
  read.sign_in.identity.algorithms = {"ES256", "EdDSA", "PS256", "RS256"};
  read.sign_in.identity.lifetime = absl::Hours(1);
  read.sign_in.acr = absl::StrSplit(absl::GetFlag(FLAGS_identity_acr), ',', absl::SkipEmpty());
  read.sign_in.token_issuer = read.common.token_issuer;
  read.issuing.signing_threads = absl::GetFlag(FLAGS_signing_threads);
  if (read.issuing.signing_threads < 1 || read.issuing.signing_threads > 64) {
    source.Mistake("--signing_threads", "must be 1 to 64");
  }
  if (bootstrap) {
    source.Required(FLAGS_database);
    read.municipality = source.Required(FLAGS_municipality);
    read.subject = source.Required(FLAGS_subject);
  }
  if (command == "forget") {
    source.Required(FLAGS_owner_database);
    if (const auto round = Uuid::Parse(source.Required(FLAGS_round))) {
      read.round = RoundId(*round);
    } else {
      source.Mistake("--round", "must be a UUID");
    }
  }
  return read;
}

}  // namespace smederij::registry
