#include "common/testing/test_identity.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdlib.h>

#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"

namespace smederij::testing {
namespace {

using nlohmann::json;

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};

rpc::TokenSigner MakeSigner(absl::string_view kind) {
  auto signer = rpc::TokenSigner::FromPem(MakePrivateKeyPem(kind));
  CHECK(signer.ok());
  return *std::move(signer);
}

}  // namespace

std::string MakePrivateKeyPem(absl::string_view kind) {
  std::unique_ptr<EVP_PKEY, Free> key;
  if (kind == "P-256") key.reset(EVP_EC_gen("P-256"));
  if (kind == "P-384") key.reset(EVP_EC_gen("P-384"));
  if (kind == "ED25519") key.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  if (kind == "RSA") key.reset(EVP_RSA_gen(2048));
  if (kind == "RSA-1024") key.reset(EVP_RSA_gen(1024));
  CHECK(key != nullptr);
  const std::unique_ptr<BIO, Free> bio(BIO_new(BIO_s_mem()));
  CHECK(PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return std::string(text, static_cast<size_t>(size));
}

TestIdentity::TestIdentity(absl::string_view key_kind) : signer_(MakeSigner(key_kind)) {
  std::string pattern =
      (std::filesystem::temp_directory_path() / "smederij-identity-XXXXXX").string();
  CHECK(mkdtemp(pattern.data()) != nullptr);
  directory_ = pattern;
  Publish({signer_.public_jwk()});
}

TestIdentity::~TestIdentity() {
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

std::string TestIdentity::Token(absl::string_view service, const Person& person,
                                absl::Duration lifetime) const {
  auto token = signer_.Sign(Claims(service, person, absl::Now(), lifetime));
  CHECK(token.ok());
  return *std::move(token);
}

std::string TestIdentity::Claims(absl::string_view service, const Person& person, absl::Time issued,
                                 absl::Duration lifetime) const {
  json roles = json::array();
  for (const rpc::Grant& grant : person.grants) {
    json role = {{"role", policy::v1::Role_Name(grant.role)}};
    if (grant.district) role["district"] = grant.district->ToString();
    if (grant.limit_cents != Money::kCentsMax) role["limit_cents"] = grant.limit_cents;
    roles.push_back(std::move(role));
  }
  json claims = {{"iss", issuer_},
                 {"aud", absl::StrCat("smederij-", service)},
                 {"sub", person.subject.ToString()},
                 {"municipality", person.municipality.ToString()},
                 {"roles", std::move(roles)},
                 {"iat", absl::ToUnixSeconds(issued)},
                 {"nbf", absl::ToUnixSeconds(issued)},
                 {"exp", absl::ToUnixSeconds(issued + lifetime)}};
  if (!person.acr.empty()) claims["acr"] = person.acr;
  return claims.dump();
}

void TestIdentity::Publish(const std::vector<std::string>& public_jwks) const {
  const std::filesystem::path next = directory_ / "jwks.json.next";
  {
    std::ofstream file(next);
    file << rpc::Jwks(public_jwks);
    CHECK(file.good());
  }
  std::filesystem::rename(next, jwks_path());
}

}  // namespace smederij::testing
