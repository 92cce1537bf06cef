#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/ballots/domain/manifest.h"
#include "services/ballots/domain/result.h"
#include "services/ballots/domain/withheld.h"

// All of a certified election as plain files: what anybody needs to count it again, without a
// service or a database. The formats stand in services/ballots/README.md.
namespace smederij::ballots::bundle {

// Path below the bundle's folder → bytes.
using Files = std::map<std::string, std::string>;

inline constexpr absl::string_view kManifestFile = "manifest.bin";
inline constexpr absl::string_view kCheckpointFile = "checkpoint";
inline constexpr absl::string_view kOpeningsFile = "openings.jsonl";
inline constexpr absl::string_view kPaperFile = "paper.jsonl";
inline constexpr absl::string_view kResultFile = "result.bin";
inline constexpr absl::string_view kTurnoutFile = "turnout.csv";
inline constexpr absl::string_view kReadmeFile = "README.txt";

// What one counted ballot was for.
struct Opening {
  Hash leaf_hash{};
  std::string choice;
  std::string nonce;

  bool operator==(const Opening&) const = default;
};

// What a batch of paper that counts holds.
struct PaperOpening {
  Hash leaf_hash{};
  std::string content;
  std::string nonce;

  bool operator==(const PaperOpening&) const = default;
};

// What a bundle is made from, as the service gives it.
struct Contents {
  std::string checkpoint;            // The signed note over all leaves.
  std::vector<std::string> leaves;   // The whole log; the first is the manifest.
  std::vector<Opening> openings;     // By leaf hash.
  std::vector<PaperOpening> papers;  // Likewise.
  std::string result;                // Canonical bytes.
};

// Refusals: MANIFEST_UNREADABLE, RESULT_UNREADABLE.
absl::StatusOr<Files> ToFiles(const Contents& contents);

// One line of JSON per opening, keys in this order, lower-case hexadecimal, no spaces:
//   {"leaf_hash":"…64…","choice":"…","nonce":"…64…"}
std::string EncodeOpenings(const std::vector<Opening>& openings);
// Form only. Refusal: OPENINGS_MALFORMED, with the line.
absl::StatusOr<std::vector<Opening>> DecodeOpenings(absl::string_view bytes);

// The same of batches of paper, {"leaf_hash":"…64…","content":"…","nonce":"…64…"}. Refusal:
// PAPER_MALFORMED, with the line.
std::string EncodePapers(const std::vector<PaperOpening>& papers);
absl::StatusOr<std::vector<PaperOpening>> DecodePapers(absl::string_view bytes);

// turnout.csv: the result's numbers for people. `units` are the ballots that count, from the log.
std::string TurnoutTable(const Result& result, const BallotsByUnit& units, uint32_t k_min);

}  // namespace smederij::ballots::bundle
