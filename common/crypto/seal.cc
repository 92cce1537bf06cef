#include "common/crypto/seal.h"

#include "common/base/check.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/crypto/bytes.h"
#include "common/crypto/key_file.h"
#include "common/crypto/sodium.h"

namespace smederij::crypto {
namespace {

constexpr size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr absl::string_view kFingerprintUse = "printing";  // Eight letters; never another use's.
constexpr size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;

uint8_t* MutableData(std::string& bytes) { return reinterpret_cast<uint8_t*>(bytes.data()); }

}  // namespace

SealingKey::SealingKey(const std::array<uint8_t, 32>& key) : key_(key) { EnsureSodium(); }

SealingKey::~SealingKey() { sodium_memzero(key_.data(), key_.size()); }

absl::StatusOr<SealingKey> SealingKey::FromFile(absl::string_view path) {
  using Key = std::array<uint8_t, 32>;
  ASSIGN_OR_RETURN(Key key, ReadKeyFile(path));
  SealingKey sealing(key);
  EnsureSodium();
  sodium_memzero(key.data(), key.size());
  return sealing;
}

std::string SealingKey::Seal(absl::string_view secret, absl::string_view context) const {
  std::string sealed(kNonceBytes + secret.size() + kTagBytes, '\0');
  uint8_t* const nonce = MutableData(sealed);
  randombytes_buf(nonce, kNonceBytes);
  CHECK(crypto_aead_xchacha20poly1305_ietf_encrypt(nonce + kNonceBytes, nullptr, Data(secret),
                                                   secret.size(), Data(context), context.size(),
                                                   nullptr, nonce, key_.data()) == 0);
  return sealed;
}

absl::StatusOr<std::string> SealingKey::Open(absl::string_view sealed,
                                             absl::string_view context) const {
  const auto broken = [] {
    return Error(kFailedPrecondition, "SEAL_BROKEN",
                 "a sealed secret does not open with this key in this place");
  };
  if (sealed.size() < kNonceBytes + kTagBytes) return broken();
  std::string secret(sealed.size() - kNonceBytes - kTagBytes, '\0');
  const absl::string_view body = sealed.substr(kNonceBytes);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(MutableData(secret), nullptr, nullptr, Data(body),
                                                 body.size(), Data(context), context.size(),
                                                 Data(sealed), key_.data()) != 0) {
    return broken();
  }
  return secret;
}

std::array<uint8_t, 32> SealingKey::Fingerprint(absl::string_view secret,
                                                absl::string_view context) const {
  // Its own key: what is learnt of one use says nothing of the other.
  static_assert(kFingerprintUse.size() == crypto_kdf_CONTEXTBYTES);
  std::array<uint8_t, crypto_auth_hmacsha256_KEYBYTES> key;
  CHECK(crypto_kdf_derive_from_key(key.data(), key.size(), 1, kFingerprintUse.data(),
                                   key_.data()) == 0);
  ByteWriter message;
  message.U64(context.size()).Raw(context).Raw(secret);
  std::array<uint8_t, crypto_auth_hmacsha256_BYTES> code;
  CHECK(crypto_auth_hmacsha256(code.data(), Data(message.bytes()), message.bytes().size(),
                               key.data()) == 0);
  sodium_memzero(key.data(), key.size());
  return code;
}

}  // namespace smederij::crypto
