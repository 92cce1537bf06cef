#include "common/crypto/ed25519.h"

#include <algorithm>

#include "common/base/status_macros.h"
#include "common/crypto/key_file.h"
#include "common/crypto/sodium.h"

namespace smederij::crypto {

SigningKey SigningKey::FromSeed(const std::array<uint8_t, 32>& seed) {
  EnsureSodium();
  SigningKey key;
  CHECK(crypto_sign_seed_keypair(key.verifying_key_.data(), key.secret_.data(), seed.data()) == 0);
  return key;
}

SigningKey SigningKey::Random() {
  EnsureSodium();
  std::array<uint8_t, 32> seed;
  randombytes_buf(seed.data(), seed.size());
  SigningKey key = FromSeed(seed);
  sodium_memzero(seed.data(), seed.size());
  return key;
}

absl::StatusOr<SigningKey> SigningKey::FromFile(absl::string_view path) {
  using Seed = std::array<uint8_t, 32>;
  ASSIGN_OR_RETURN(Seed seed, ReadKeyFile(path));
  SigningKey key = FromSeed(seed);
  sodium_memzero(seed.data(), seed.size());
  return key;
}

SigningKey::~SigningKey() { sodium_memzero(secret_.data(), secret_.size()); }

std::array<uint8_t, 32> SigningKey::seed() const {
  std::array<uint8_t, 32> seed;
  std::copy_n(secret_.begin(), seed.size(), seed.begin());
  return seed;
}

Signature SigningKey::Sign(absl::string_view message) const {
  Signature signature;
  CHECK(crypto_sign_detached(signature.data(), nullptr, Data(message), message.size(),
                             secret_.data()) == 0);
  return signature;
}

bool Verify(const VerifyingKey& key, absl::string_view message, const Signature& signature) {
  EnsureSodium();
  return crypto_sign_verify_detached(signature.data(), Data(message), message.size(), key.data()) ==
         0;
}

bool IsAcceptable(const VerifyingKey& key) {
  EnsureSodium();
  // Asks for canonical encoding, a point on the curve, not of small order, in the main subgroup.
  return crypto_core_ed25519_is_valid_point(key.data()) == 1;
}

}  // namespace smederij::crypto
