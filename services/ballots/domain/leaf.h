#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/id.h"
#include "common/crypto/blind_rsa.h"
#include "common/crypto/bytes.h"
#include "common/crypto/ed25519.h"

namespace smederij::ballots {

using crypto::Hash;

inline constexpr size_t kLeafBytesMax = 4096;
inline constexpr size_t kChoiceBytesMax = 2048;
inline constexpr size_t kNonceBytes = 32;

// A ballot as it stands in the log, big-endian:
//
//   u8 type 0x02 · round_id[16] · u16 class_id · voting_key[32] ·
//   u8 credentials (1) × (issuer_key_id[32] · prefix[32] · u16 length (384) · signature) ·
//   u32 seq · commitment[32] · voter_signature[64]
//
// It hides the choice behind the commitment; that is opened after close.
struct BallotLeaf {
  RoundId round_id;
  uint16_t class_id = 0;
  crypto::VerifyingKey voting_key{};
  Hash issuer_key_id{};
  std::array<uint8_t, 32> prefix{};  // RFC 9474's random message prefix.
  std::string credential;            // The issuer's unblinded signature.
  uint32_t seq = 0;                  // Of several ballots of one key the highest counts. From 1.
  Hash commitment{};
  crypto::Signature voter_signature{};

  bool operator==(const BallotLeaf&) const = default;
};

// Strict: trailing bytes are an error. Refusal: BAD_LEAF.
absl::StatusOr<BallotLeaf> ParseLeaf(absl::string_view bytes);
std::string Encode(const BallotLeaf& leaf);

// What the issuer blind-signs, with the prefix in front (RFC 9474 PrepareRandomize):
//   prefix[32] · "smederij-cred-v1" · round_id · u16 class_id · issuer_key_id · voting_key
std::string CredentialInput(const std::array<uint8_t, 32>& prefix, RoundId round_id,
                            uint16_t class_id, const Hash& issuer_key_id,
                            const crypto::VerifyingKey& voting_key);

// SHA-256("smederij-commit-v1" · round_id · voting_key · u32 seq · nonce[32] · choice)
Hash Commitment(RoundId round_id, const crypto::VerifyingKey& voting_key, uint32_t seq,
                absl::string_view nonce, absl::string_view choice);

// What the voting key signs: "smederij-cast-v1" · all bytes of the encoded leaf before the
// signature.
std::string CastMessage(absl::string_view leaf_bytes);

// True when the issuer's and the voter's signature fit. `leaf` was parsed from `bytes`.
bool CredentialHolds(const BallotLeaf& leaf, const crypto::BlindPublicKey& issuer);
bool VoterSignatureHolds(const BallotLeaf& leaf, absl::string_view bytes);

}  // namespace smederij::ballots
