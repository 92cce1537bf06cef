#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "services/ballots/tally/sentence.h"

namespace smederij::ballots::bundle {

using tally::Language;

// What is checked, in this order.
enum class Step {
  kFiles,       // What must be there is there, and nothing else.
  kCheckpoint,  // The log's key signed the head.
  kLog,         // Leaves and tiles make up the tree that was signed.
  kManifest,    // Leaf 0 is a manifest that two officials approved.
  kBallots,   // Every ballot has a credential and its voter's signature, and came before the close.
  kOpenings,  // Every counted ballot is opened once, by what it commits to, to a valid choice.
  kBalance,   // Voting keys ≤ credentials issued, with papers ≤ voters, per class; every box.
  kCount,     // Counted again, the result has the same bytes, and two officials certified it.
};
inline constexpr int kSteps = 8;

enum class Wrong {
  kFileMissing,
  kFileUnknown,
  kCheckpointMalformed,
  kCheckpointUnsigned,
  kCheckpointOfAnotherLog,
  kLogKeyDiffers,
  kEntriesMalformed,
  kEntryDiffers,
  kTileDiffers,
  kRootDiffers,
  kManifestUnreadable,
  kManifestDiffers,
  kManifestInvalid,
  kManifestNotApproved,
  kLeafUnreadable,
  kLeafOutOfPlace,
  kLeafOfAnotherRound,
  kLeafTwice,
  kBallotAfterClose,
  kClassUnknown,
  kCredentialWrong,
  kSignatureWrong,
  kCloseMissing,
  kCloseDiffers,
  kLotWrong,
  kStationUnknown,
  kBatchNotSealed,
  kBatchTwice,
  kSupersedesWrong,
  kStationWrong,
  kStationUnexplained,
  kOpeningsMalformed,
  kOpeningsOutOfOrder,
  kOpeningStray,
  kOpeningWrong,
  kChoiceInvalid,
  kOpeningMissing,
  kPaperMalformed,
  kPaperOutOfOrder,
  kPaperStray,
  kPaperWrong,
  kContentInvalid,
  kPaperMissing,
  kOpeningsDigestDiffers,
  kMoreKeysThanIssued,
  kMoreIssuedThanVoters,
  kStationOpen,
  kStationDiffers,
  kTurnoutDiffers,
  kResultUnreadable,
  kNotCertified,
  kResultDiffersFromLog,
  kCountRefused,
  kCountDiffers,
  kCountImbalance,
  kAwardsAbovePot,
};

absl::string_view NameOf(Step step);    // "files"
absl::string_view NameOf(Wrong wrong);  // "FILE_MISSING"
std::string SentenceOf(Step step, Language language);
std::string SentenceOf(Wrong wrong, Language language);

// One thing that does not hold, and where.
struct Finding {
  Wrong wrong = Wrong::kFileMissing;
  std::string file{};              // Empty when it is about the bundle as a whole.
  std::optional<uint64_t> leaf{};  // Index in the log.
  std::optional<uint64_t> line{};  // Of a text file, from 1.
  std::string detail{};            // Numbers and names, in no language.

  bool operator==(const Finding&) const = default;
};

inline constexpr size_t kFindingsToldMax = 100;  // Of one step; the rest are counted.

enum class Verdict { kHolds, kFails, kPartial, kNotReached };

struct StepReport {
  Step step = Step::kFiles;
  Verdict verdict = Verdict::kNotReached;
  std::vector<Finding> findings{};
  size_t findings_total = 0;

  void Find(Finding finding) {
    ++findings_total;
    verdict = Verdict::kFails;
    if (findings.size() < kFindingsToldMax) findings.push_back(std::move(finding));
  }
};

}  // namespace smederij::ballots::bundle
