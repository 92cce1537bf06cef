#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/base/id.h"
#include "common/crypto/bytes.h"

namespace smederij::ballots {

using crypto::Hash;

// The numbers stand in the database and in the proto.
enum class RoundState : int16_t {
  kProposed = 1,
  kPublished = 2,
  kClosed = 3,
  kTallied = 4,
  kCertified = 5
};
absl::string_view NameOf(RoundState state);

// An election as it stands; the manifest's other contents are in its bytes.
struct Round {
  RoundId round_id;
  MunicipalityId municipality_id;
  DistrictId district_id;
  RoundState state = RoundState::kProposed;
  std::string manifest;  // Canonical bytes.
  Hash manifest_hash{};
  absl::Time cast_from;
  absl::Time cast_until;  // Brought forward or not.
  int32_t batch_min = 1;
};

// OK when the election is in one of these states. Refusal: WRONG_STATE.
absl::Status MustBe(const Round& round, absl::Span<const RoundState> wanted);

// What needs two officials. The numbers stand in the database.
enum class Matter : int16_t { kManifest = 1, kBringForward = 2, kLot = 3, kCertification = 4 };

inline constexpr size_t kReasonBytesMax = 500;

// OK when `official` is not among those who already acted. Refusal: SAME_OFFICIAL.
absl::Status MustBeAnother(absl::Span<const SubjectId> officials, SubjectId official);

// A ballot that has passed every check its own bytes allow.
struct Cast {
  RoundId round_id;
  uint16_t class_id = 0;
  std::array<uint8_t, 32> voting_key{};
  uint32_t seq = 0;
  Hash leaf_hash{};
  std::string leaf, choice, nonce;
  bool at_once = false;  // A demonstration: into the log without waiting for others.
  std::string receipt;   // Given away only once the ballot is durable.
  absl::Status opening;  // Not OK: BAD_OPENING or INVALID_CHOICE, for this is judged late.
};

// Where a voting key stands.
struct CastHead {
  uint32_t last_seq = 0;
  Hash last_leaf{};
  int casts = 0;
};

inline constexpr int kCastsMax = 20;
inline constexpr int kBallotsPerCallMax = 64;

enum class CastOutcome { kFirst, kReplaces, kRepeated };

// What becomes of a ballot, at `now` by the database's clock under the round's lock. `known` says
// that this very leaf was cast before, at any time. Refusals, first that applies: NOT_OPEN, those
// of the opening, STALE_SEQ, TOO_MANY_CASTS.
absl::StatusOr<CastOutcome> Decide(const Cast& cast, const Round& round,
                                   const std::optional<CastHead>& head, bool known, absl::Time now);

}  // namespace smederij::ballots
