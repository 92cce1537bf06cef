#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/id.h"
#include "common/crypto/blind_rsa.h"
#include "common/crypto/bytes.h"
#include "common/crypto/ed25519.h"

namespace smederij::cli {

// The voter's side of the secret vote: what a client does on the voter's own device. Everything
// comes from one 32-byte device secret, so the same voter on another device asks for the same
// credential and casts the same ballot. The formats are those of services/ballots/README.md,
// written here a second time on purpose: a client shares no code with the service.
class Voter {
 public:
  // Draws seed, prefix, salt and blinding from (secret, round, class, issuer key): all of them are
  // in the derivation, since two messages must never share a blinding factor.
  // Refusal: INVALID_INPUT.
  static absl::StatusOr<Voter> Make(const crypto::Hash& device_secret, RoundId round,
                                    uint16_t class_id, const crypto::BlindPublicKey& issuer);

  const std::string& blinded_message() const { return blinded_.message; }

  // Takes the blind signature in and checks it against the manifest's key. Refusal:
  // INVALID_SIGNATURE.
  absl::Status Accept(absl::string_view blind_signature);

  struct Ballot {
    std::string leaf;
    std::string choice;
    std::string nonce;
  };
  // The ballot with these choice bytes, ready to cast. After Accept.
  Ballot Fill(absl::string_view choice, uint32_t seq) const;

 private:
  Voter(RoundId round, uint16_t class_id, crypto::BlindPublicKey issuer, crypto::SigningKey key)
      : round_(round), class_id_(class_id), issuer_(std::move(issuer)), key_(std::move(key)) {}

  RoundId round_;
  uint16_t class_id_;
  crypto::BlindPublicKey issuer_;
  crypto::SigningKey key_;
  std::array<uint8_t, 32> prefix_{};
  crypto::Hash nonce_key_{};
  std::string input_;
  crypto::Blinded blinded_;
  std::string credential_;
};

// Checks a receipt before a client shows it: signed by the round's receipt key, about this leaf.
// Refusal: BAD_RECEIPT.
absl::Status CheckReceipt(absl::string_view receipt, absl::string_view leaf,
                          const crypto::VerifyingKey& receipt_key);

}  // namespace smederij::cli
