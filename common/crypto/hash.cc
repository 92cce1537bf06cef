#include "common/crypto/hash.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/params.h>

#include "absl/strings/escaping.h"
#include "common/base/check.h"
#include "common/crypto/openssl.h"

namespace smederij::crypto {
namespace {

// Fetched once: an implicit fetch per digest costs more than hashing a leaf.
const EVP_MD* Sha256Method() {
  static const EVP_MD* const method = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  CHECK(method != nullptr);
  return method;
}

OSSL_PARAM Octets(const char* name, absl::string_view bytes) {
  return OSSL_PARAM_construct_octet_string(name, const_cast<char*>(bytes.data()), bytes.size());
}

}  // namespace

Hash Sha256(absl::string_view bytes) { return Sha256({bytes}); }

Hash Sha256(std::initializer_list<absl::string_view> parts) {
  thread_local const MdCtxPtr context(EVP_MD_CTX_new());
  CHECK(context != nullptr && EVP_DigestInit_ex(context.get(), Sha256Method(), nullptr) == 1);
  for (const absl::string_view part : parts) {
    CHECK(EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1);
  }
  Hash hash;
  CHECK(EVP_DigestFinal_ex(context.get(), hash.data(), nullptr) == 1);
  return hash;
}

Hash HmacSha256(absl::string_view key, absl::string_view message) {
  Hash hash;
  unsigned int length = 0;
  CHECK(HMAC(Sha256Method(), key.data(), static_cast<int>(key.size()), Data(message),
             message.size(), hash.data(), &length) != nullptr);
  CHECK(length == hash.size());
  return hash;
}

std::string HkdfSha256(absl::string_view secret, absl::string_view salt, absl::string_view info,
                       size_t length) {
  const KdfPtr kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
  const KdfCtxPtr context(EVP_KDF_CTX_new(kdf.get()));
  CHECK(context != nullptr);
  char digest[] = "SHA256";
  const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
                               Octets(OSSL_KDF_PARAM_KEY, secret),
                               Octets(OSSL_KDF_PARAM_SALT, salt), Octets(OSSL_KDF_PARAM_INFO, info),
                               OSSL_PARAM_construct_end()};
  std::string derived(length, '\0');
  CHECK(EVP_KDF_derive(context.get(), reinterpret_cast<uint8_t*>(derived.data()), length, params) ==
        1);
  return derived;
}

std::string ToHex(const Hash& hash) { return absl::BytesToHexString(View(hash)); }

bool EqualInConstantTime(absl::string_view a, absl::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace smederij::crypto
