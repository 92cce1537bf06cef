#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "services/ballots/domain/election.h"
#include "services/ballots/domain/paper.h"

// How a stack of paper ballots becomes a batch in the log: two people enter every ballot without
// seeing what the other entered, differences are settled from the paper, two officials seal it.
namespace smederij::ballots {

// The numbers stand in the database and in the proto.
enum class BatchState : int16_t {
  kOpen = 1,       // Stamped and counted out; nothing entered.
  kPasses = 2,     // Being entered.
  kDiffers = 3,    // Entered twice; some ballots differ.
  kMatched = 4,    // Entered twice, the same.
  kSealed = 5,     // In the log.
  kDiscarded = 6,  // Given up before it was sealed.
};
absl::string_view NameOf(BatchState state);

enum class BatchVerb { kEnter, kFinishPass, kCompare, kSeal, kDiscard };

// The table of states: OK when this may be done to a batch in that state. Refusal: WRONG_STATE.
absl::Status May(BatchVerb verb, BatchState state);

inline constexpr int kBatchesMax = 5'000;  // Of a round.

struct PaperBatch {
  RoundId round_id;
  BatchId batch_id;
  int32_t number = 0;  // What people say: 1, 2, … in the round.
  uint16_t class_id = 0;
  uint16_t station = 0;
  uint32_t ballots = 0;  // Stamped 1 … ballots.
  std::optional<BatchId> supersedes;
  BatchState state = BatchState::kOpen;
  Hash leaf_hash{};     // Sealed only, as all below.
  std::string content;  // Encoded.
  std::string nonce;
  uint32_t invalid = 0;
};

// OK while paper is counted: from cast_from on until the result is certified; `now` by the
// database's clock. Refusal: NOT_OPEN.
absl::Status PaperIsCounted(const Round& round, absl::Time now);

// OK when `batch` may supersede `earlier`, which `superseded` says another one does already.
// Refusal: NOT_SUPERSEDING, fact `wrong` one of NOT_SEALED, OTHER_CLASS, OTHER_STATION,
// SUPERSEDED_ALREADY.
absl::Status MaySupersede(const PaperBatch& batch, const PaperBatch& earlier, bool superseded);

// Why a ballot does not count. The numbers stand in the database and in the proto.
enum class InvalidReason : int16_t {
  kUnreadable = 1,  // Nobody can tell what was meant.
  kTooManyChoices = 2,
  kTooFewChoices = 3,
  kPoints = 4,       // Points that the ballot rule does not allow.
  kOverPot = 5,      // A knapsack dearer than the pot.
  kUnknownPlan = 6,  // A plan that does not stand on the ballot.
  kIdentifies = 7,   // A name, a signature: who voted can be told.
  kNotABallot = 8,   // Another paper.
};
inline constexpr int16_t kInvalidReasons = 8;

// A ballot as an officer read it from the paper: what was chosen, nothing (blank), or invalid.
struct PaperEntry {
  uint32_t serial = 0;
  std::optional<InvalidReason> invalid{};
  Choice choice{};  // Unless invalid.

  bool operator==(const PaperEntry&) const = default;
};

// The same as it came in, not yet judged.
struct PaperDraft {
  enum class Says { kNothing, kChoice, kBlank, kInvalid };

  uint32_t serial = 0;
  Says says = Says::kNothing;
  std::vector<Choice::Line> lines{};  // Choice: as on the paper.
  int invalid = 0;                    // Invalid: the reason's number.
};

// Every draft as an entry, or every mistake of every draft: nothing is ever passed over. What does
// not obey the ballot rule is no entry; it must be entered as invalid, by a person who says so.
// `differing`: only these serials may be entered, where it is given. Refusal: BAD_BALLOTS with
// every field at fault ("ballots[3].lines[0].number"), however many, and the fact `mistakes`.
absl::StatusOr<std::vector<PaperEntry>> ReadDrafts(
    const std::vector<PaperDraft>& drafts, const PaperBatch& batch, const Manifest& manifest,
    const std::optional<std::vector<uint32_t>>& differing);

// One of the two times a batch is entered.
struct PaperPass {
  int16_t pass = 0;  // 1 or 2.
  SubjectId officer;
  bool finished = false;
};

// The pass of this officer; a new one, 1 or 2, as long as there are fewer than two. Refusal:
// PASSES_TAKEN.
absl::StatusOr<PaperPass> PassOf(absl::Span<const PaperPass> passes, SubjectId officer);

// OK when `serials`, in ascending order, are 1 … ballots. Refusal: PASS_INCOMPLETE, facts
// `missing` and `serials` ("3, 7-9").
absl::Status MustBeComplete(absl::Span<const uint32_t> serials, uint32_t ballots);

}  // namespace smederij::ballots
