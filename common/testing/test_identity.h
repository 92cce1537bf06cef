#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/id.h"
#include "common/rpc/call.h"
#include "common/rpc/token_signer.h"

namespace smederij::testing {

// A person as a token describes one.
struct Person {
  SubjectId subject = SubjectId::Random();
  MunicipalityId municipality = MunicipalityId::Random();
  std::vector<rpc::Grant> grants = {};
  std::string acr = {};
};

// A fresh private key as PEM: "P-256", "ED25519", or "RSA" (2048 bits).
std::string MakePrivateKeyPem(absl::string_view kind);

// A token issuer of a test's own: a signing key and the JWKS file that services watch.
class TestIdentity {
 public:
  explicit TestIdentity(absl::string_view key_kind = "P-256");
  ~TestIdentity();
  TestIdentity(const TestIdentity&) = delete;
  TestIdentity& operator=(const TestIdentity&) = delete;

  // For --jwks and --token_issuer.
  std::string jwks_path() const { return directory_ / "jwks.json"; }
  const std::string& issuer() const { return issuer_; }
  const rpc::TokenSigner& signer() const { return signer_; }

  // A token for `service` ("ledger"), as registry's Exchange makes them, issued now.
  std::string Token(absl::string_view service, const Person& person,
                    absl::Duration lifetime = absl::Minutes(5)) const;
  // The claims of that token, for tests that bend them.
  std::string Claims(absl::string_view service, const Person& person, absl::Time issued,
                     absl::Duration lifetime) const;

  // Replaces the JWKS file by one with these keys, at once as an issuer would.
  void Publish(const std::vector<std::string>& public_jwks) const;

 private:
  std::filesystem::path directory_;
  std::string issuer_ = "https://identity.test";
  rpc::TokenSigner signer_;
};

}  // namespace smederij::testing
