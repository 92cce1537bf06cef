#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/id.h"
#include "common/crypto/bytes.h"
#include "services/ballots/domain/choice.h"
#include "services/ballots/domain/manifest.h"

// Paper ballots as they are logged and published: a stack of them of one class from one station.
namespace smederij::ballots {

using BatchId = Id<struct BatchTag>;

inline constexpr uint32_t kBatchBallotsMax = 500;  // A stack that two people can type twice.

// A batch in the log, big-endian:
//
//   u8 type 0x03 · u8 version 1 · round_id[16] · u16 class_id · u16 station · batch_id[16] ·
//   supersedes[32] (leaf hash, or zero) · u32 ballots · u32 invalid · commitment[32] ·
//   u8 officials × id[16]
//
// What is on the ballots hides behind the commitment until the result is certified.
struct PaperLeaf {
  RoundId round_id;
  uint16_t class_id = 0;
  uint16_t station = 0;
  BatchId batch_id;
  Hash supersedes{};     // Leaf hash of the batch this one is counted instead of; zero for none.
  uint32_t ballots = 0;  // Papers in the stack.
  uint32_t invalid = 0;  // Of them.
  Hash commitment{};
  std::vector<SubjectId> officials;  // Who sealed it.

  uint32_t valid() const { return ballots - invalid; }
  bool operator==(const PaperLeaf&) const = default;
};

// Strict: trailing bytes are an error. Refusal: BAD_LEAF, fact `wrong` one of TYPE, VERSION,
// LENGTH, BALLOTS (none, more than kBatchBallotsMax, or fewer than are invalid).
absl::StatusOr<PaperLeaf> ParsePaperLeaf(absl::string_view bytes);
std::string Encode(const PaperLeaf& leaf);

// SHA-256("smederij-paper-v1" · round_id · batch_id · nonce[32] · content)
Hash PaperCommitment(RoundId round_id, BatchId batch_id, absl::string_view nonce,
                     absl::string_view content);

// What the valid ballots of a batch say, big-endian:
//
//   u8 version 1 · u8 kind 1 (totals) · u32 blank · u16 plans × (u32 number · u64 support)
//   u8 version 1 · u8 kind 2 (ballots) · u32 ballots × (u16 length · choice)
//
// In totals numbers ascend and every support is at least 1: votes or points, not weighted. Ballots
// stand in an order that says nothing.
struct PaperContent {
  enum class Kind : uint8_t { kTotals = 1, kBallots = 2 };
  struct Total {
    uint32_t number = 0;
    uint64_t support = 0;

    bool operator==(const Total&) const = default;
  };

  Kind kind = Kind::kTotals;
  uint32_t blank = 0;             // Totals.
  std::vector<Total> totals{};    // Totals.
  std::vector<Choice> choices{};  // Ballots, blank ones among them.

  uint32_t Blank() const;  // Of either kind.
  bool operator==(const PaperContent&) const = default;
};

// Form only; strict. Refusal: BAD_CONTENT, fact `wrong` one of VERSION, KIND, LENGTH, ORDER,
// SUPPORT_ZERO, CHOICE.
absl::StatusOr<PaperContent> ParsePaperContent(absl::string_view bytes);
std::string Encode(const PaperContent& content);

// Totals where the count needs only sums; single ballots under every other rule and of rankings.
PaperContent::Kind PublishedAs(const Manifest& manifest);

// What `choices` are published as, in the order they are given.
PaperContent ToContent(const std::vector<Choice>& choices, const Manifest& manifest);

// Whether `valid` ballots under this manifest can say that. Of totals only what sums can tell.
// Refusal: BAD_CONTENT, fact `wrong`, first that applies: KIND, BALLOTS, CHOICE, UNKNOWN_PLAN,
// BLANK, SUPPORT.
absl::Status CheckContent(const PaperContent& content, uint32_t valid, const Manifest& manifest);

}  // namespace smederij::ballots
