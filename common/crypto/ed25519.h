#pragma once

#include <array>
#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/bytes.h"

namespace smederij::crypto {

using VerifyingKey = std::array<uint8_t, 32>;
using Signature = std::array<uint8_t, 64>;

// An Ed25519 private key. Deterministic: the same message always gets the same signature. Wiped
// from memory when it goes. Thread-safe once made.
class SigningKey {
 public:
  static SigningKey FromSeed(const std::array<uint8_t, 32>& seed);
  static SigningKey Random();
  // From a file of 32 raw bytes, or of 64 hexadecimal digits and at most one newline.
  // Refusals: KEY_FILE_UNREADABLE, KEY_FILE_MALFORMED.
  static absl::StatusOr<SigningKey> FromFile(absl::string_view path);

  SigningKey(const SigningKey&) = default;
  SigningKey& operator=(const SigningKey&) = default;
  ~SigningKey();

  const VerifyingKey& verifying_key() const { return verifying_key_; }
  std::array<uint8_t, 32> seed() const;
  Signature Sign(absl::string_view message) const;

 private:
  SigningKey() = default;

  std::array<uint8_t, 64> secret_;
  VerifyingKey verifying_key_;
};

// The strict rule of libsodium: besides a wrong signature it refuses S ≥ L, keys and nonces R of
// small order, and key encodings that are not canonical. A key of small order has signatures that
// fit any message; a second verifier must refuse exactly the same.
bool Verify(const VerifyingKey& key, absl::string_view message, const Signature& signature);

// False for encodings that Verify would refuse whatever the signature.
bool IsAcceptable(const VerifyingKey& key);

}  // namespace smederij::crypto
