#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/bytes.h"
#include "common/crypto/random.h"
#include "common/crypto/seal.h"

// RSA blind signatures (RFC 9474). The issuer signs what it cannot read; the holder unblinds the
// signature, and nobody can tell which issuance a signature came from.
//
//   voter                                            issuer
//   input = PrepareRandomize(prefix, message)
//   blinded = Blind(key, input, random)   ──────►    blind_signature = private_key.BlindSign(…)
//   signature = Finalize(key, input, blind_signature, blinded.inverse)
//   key.Verify(input, signature)                     (by anyone)
namespace smederij::crypto {

inline constexpr int kIssuerKeyBits = 3072;
inline constexpr size_t kIssuerModulusBytes = kIssuerKeyBits / 8;

// The product uses the first one only; the others differ in the salt and in whether the message
// gets a random prefix, and are here because the same test vectors cover them.
struct BlindVariant {
  absl::string_view name;
  int salt_bytes;
  bool randomized;
};
inline constexpr BlindVariant kPssRandomized{"RSABSSA-SHA384-PSS-Randomized", 48, true};
inline constexpr BlindVariant kPssZeroRandomized{"RSABSSA-SHA384-PSSZERO-Randomized", 0, true};
inline constexpr BlindVariant kPssDeterministic{"RSABSSA-SHA384-PSS-Deterministic", 48, false};
inline constexpr BlindVariant kPssZeroDeterministic{"RSABSSA-SHA384-PSSZERO-Deterministic", 0,
                                                    false};

struct RsaKey;  // Holds the OpenSSL key.

// An issuer's public key. Cheap to copy; thread-safe.
class BlindPublicKey {
 public:
  // From a DER SubjectPublicKeyInfo: algorithm rsaEncryption (not RSASSA-PSS), strict DER with
  // nothing behind it, e = 65537, an odd modulus of 2048, 3072 or 4096 bits.
  // Refusal: ISSUER_KEY_MALFORMED.
  static absl::StatusOr<BlindPublicKey> FromSpki(absl::string_view der);

  const std::string& spki() const;    // The DER given to FromSpki.
  const Hash& issuer_key_id() const;  // SHA-256 of spki().
  size_t modulus_bytes() const;

  // RSASSA-PSS verification with SHA-384 and MGF1-SHA-384. `input` is the prepared message.
  bool Verify(absl::string_view input, absl::string_view signature,
              const BlindVariant& variant = kPssRandomized) const;

  const RsaKey& rsa() const { return *rsa_; }

 private:
  friend class BlindPrivateKey;
  explicit BlindPublicKey(std::shared_ptr<const RsaKey> rsa) : rsa_(std::move(rsa)) {}

  std::shared_ptr<const RsaKey> rsa_;
};

// An issuer's private key: one per round and class, never used for anything else. Cheap to copy;
// thread-safe.
class BlindPrivateKey {
 public:
  // A fresh key; takes a fraction of a second for 3072 bits.
  static BlindPrivateKey Generate(int bits = kIssuerKeyBits);

  // The key at rest: PKCS#8 inside a seal bound to the public key's id.
  std::string Sealed(const SealingKey& key) const;
  // Refusals: SEAL_BROKEN, ISSUER_KEY_MALFORMED.
  static absl::StatusOr<BlindPrivateKey> Unseal(absl::string_view sealed, const Hash& issuer_key_id,
                                                const SealingKey& key);
  // From unencrypted PKCS#8 DER. Refusal: ISSUER_KEY_MALFORMED.
  static absl::StatusOr<BlindPrivateKey> FromPkcs8(absl::string_view der);

  const BlindPublicKey& public_key() const { return public_key_; }

  // The signature on a blinded message: raw RSA, a function, so a retry gives equal bytes. The
  // result is checked with the public key before it leaves: a fault in the computation would
  // otherwise give the key away. Refusals, in order: BAD_LENGTH, OUT_OF_RANGE (0, or not below
  // the modulus); INTERNAL if the check fails.
  absl::StatusOr<std::string> BlindSign(absl::string_view blinded_message) const;

 private:
  explicit BlindPrivateKey(BlindPublicKey key) : public_key_(std::move(key)) {}

  BlindPublicKey public_key_;  // Its rsa() holds the private half too.
};

// RFC 9474 §4.1: the random prefix goes in front of the message.
std::string PrepareRandomize(const std::array<uint8_t, 32>& prefix, absl::string_view message);

struct Blinded {
  std::string message;  // For the issuer: as long as the modulus.
  std::string inverse;  // Secret: whoever has it can link the signature to this issuance.
};

// Blinds a prepared message. Draws the salt from `random` first, then the blinding factor by
// rejection, so that a deterministic source gives the same blinded message on every device.
// Refusal: INVALID_INPUT (the encoded message shares a factor with the modulus: never, in
// practice).
absl::StatusOr<Blinded> Blind(const BlindPublicKey& key, absl::string_view input,
                              const RandomSource& random,
                              const BlindVariant& variant = kPssRandomized);

// Unblinds and verifies. Refusal: INVALID_SIGNATURE (also for a wrong length).
absl::StatusOr<std::string> Finalize(const BlindPublicKey& key, absl::string_view input,
                                     absl::string_view blind_signature, absl::string_view inverse,
                                     const BlindVariant& variant = kPssRandomized);

}  // namespace smederij::crypto
