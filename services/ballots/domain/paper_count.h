#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "services/ballots/domain/event.h"
#include "services/ballots/domain/paper.h"
#include "services/ballots/domain/result.h"
#include "services/ballots/domain/withheld.h"
#include "services/ballots/tally/election.h"

namespace smederij::ballots {

// The paper of a count, believing nothing: the batches in the log that none supersedes, each opened
// exactly once by what it commits to, and the stations' last closings over them. A part of Recount.
class PaperCount {
 public:
  // `manifest` outlives the count.
  explicit PaperCount(const Manifest& manifest) : manifest_(manifest) {}

  // In the log's order. `closed` says that the leaf stands behind the round's close.
  void AddBatch(const Hash& leaf_hash, absl::string_view leaf, bool closed);
  void AddStation(const Event& event, bool closed);

  // By ascending leaf hash, after all leaves. What holds is folded into `digest`.
  void AddOpening(const Hash& leaf_hash, absl::string_view content, absl::string_view nonce,
                  Hash& digest);

  // What was opened, weighted: sums or single ballots.
  void AddTo(tally::Election& election) const;
  // Names struck off, ballots, paper, invalid and blank ones.
  void AddTo(std::vector<ClassTurnout>& turnout) const;
  // Batches that count, whether opened or not.
  void AddTo(BallotsByUnit& units) const;

  std::vector<std::string> Imbalances() const;

 private:
  struct Batch {
    PaperLeaf leaf;
    std::optional<PaperContent> content{};
    bool superseded = false;
  };

  bool Fits(const PaperLeaf& leaf) const;
  std::vector<std::string> StationImbalances() const;

  const Manifest& manifest_;
  std::map<Hash, Batch> batches_;  // By leaf hash.
  std::set<BatchId> ids_;
  std::map<uint16_t, Event> stations_;  // The last closing of each.
  Hash last_opening_{};
  int64_t bad_batches_ = 0, early_ = 0, bad_stations_ = 0;
  int64_t stray_openings_ = 0, bad_openings_ = 0, bad_contents_ = 0;
};

// What does not hold about a station's closing by itself, a word for each: its classes are not the
// manifest's, a difference has no reason, it is not by two. Empty when it holds.
std::string WrongWith(const Event& station, const Manifest& manifest);

// digest' = SHA-256(digest · leaf_hash · u32 length · content · nonce)
Hash FoldPaper(const Hash& digest, const Hash& leaf_hash, absl::string_view content,
               absl::string_view nonce);

}  // namespace smederij::ballots
