#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/crypto/ed25519.h"

namespace smederij::ballots {

// A promise that a ballot will stand in the log by an instant, big-endian:
//
//   "smederij-receipt-v1" · u16 length · origin · leaf_hash[32] · u64 include_by (microseconds
//   since 1970) · signature[64] over all of it before
//
// Deterministic, and with one include_by per round: a repeated ballot gets equal bytes, and the
// receipt does not tell when it was cast.
struct Receipt {
  std::string origin;
  crypto::Hash leaf_hash{};
  absl::Time include_by;

  bool operator==(const Receipt&) const = default;
};

// How long after the close everything acknowledged must be in the log.
inline constexpr absl::Duration kIncludeWithin = absl::Minutes(15);

std::string Sign(const Receipt& receipt, const crypto::SigningKey& key);

// Refusal: BAD_RECEIPT (malformed, or not signed by `key`).
absl::StatusOr<Receipt> OpenReceipt(absl::string_view bytes, const crypto::VerifyingKey& key);

}  // namespace smederij::ballots
