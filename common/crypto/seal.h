#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace smederij::crypto {

// A key that encrypts other keys and personal data at rest: XChaCha20-Poly1305 with a random
// 24-byte nonce in front. Wiped from memory when it goes. Thread-safe once made.
class SealingKey {
 public:
  explicit SealingKey(const std::array<uint8_t, 32>& key);
  // From a file of 32 raw bytes or 64 hexadecimal digits. Refusals as ReadKeyFile.
  static absl::StatusOr<SealingKey> FromFile(absl::string_view path);

  SealingKey(const SealingKey&) = default;
  SealingKey& operator=(const SealingKey&) = default;
  ~SealingKey();

  // `context` says what the secret belongs to (a table and a row id); it is bound to the
  // ciphertext, so that a sealed value moved to another row does not open.
  std::string Seal(absl::string_view secret, absl::string_view context) const;

  // Refusal: SEAL_BROKEN (another key, another context, or altered bytes).
  absl::StatusOr<std::string> Open(absl::string_view sealed, absl::string_view context) const;

  // What tells equal secrets of one context, and nothing else, to whoever has not the key:
  // HMAC-SHA-256 under a key that is derived from this one, over the context's length, context and
  // secret. For a unique index over what lies sealed.
  std::array<uint8_t, 32> Fingerprint(absl::string_view secret, absl::string_view context) const;

 private:
  std::array<uint8_t, 32> key_;
};

}  // namespace smederij::crypto
