#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/ballots/domain/choice.h"
#include "services/ballots/domain/manifest.h"
#include "services/ballots/domain/paper_count.h"
#include "services/ballots/domain/result.h"

namespace smederij::ballots {

// Credentials issued, by class.
using Issued = std::map<uint16_t, int64_t>;

struct Count {
  Result result;
  std::vector<std::string> imbalances;  // Sentences; empty when everything balances.
};

// Counts a closed election from its log and openings alone, believing nothing: the highest signed
// seq of each voting key counts, each such ballot must be opened exactly once by what it commits
// to, and so must every batch of paper that none supersedes. Feed all leaves in order, then all
// openings by ascending leaf hash, then those of paper likewise, then Finish.
//
// What is wrong becomes an imbalance, one sentence with a number, never the choice or the key: an
// official must be able to read it, and a count with any cannot be certified.
class Recount {
 public:
  // `manifest` outlives the recount.
  Recount(const Manifest& manifest, const Hash& manifest_hash);

  void AddLeaf(const Hash& leaf_hash, absl::string_view leaf);
  void AddOpening(const Hash& leaf_hash, absl::string_view choice, absl::string_view nonce);
  void AddPaperOpening(const Hash& leaf_hash, absl::string_view content, absl::string_view nonce);

  // The ballots that count, as the log alone tells them apart.
  BallotsByUnit Units() const;

  // Refusals: the count's own.
  absl::StatusOr<Count> Finish(uint32_t version, const Issued& issued,
                               const std::vector<uint32_t>& lot);

 private:
  using VotingKey = std::array<uint8_t, 32>;
  struct Standing {
    uint16_t class_id = 0;
    uint32_t seq = 0;
    Hash leaf_hash{};
    Hash commitment{};
  };
  struct Opened {
    uint16_t class_id = 0;
    Choice choice;
  };

  void IndexStandings();
  std::vector<ClassTurnout> Turnout(const Issued& issued);
  std::vector<std::string> Imbalances(const std::vector<ClassTurnout>& turnout) const;

  const Manifest& manifest_;
  const Hash manifest_hash_;
  bool closed_ = false;  // Past the leaf that closes the round.
  absl::flat_hash_map<VotingKey, Standing> standings_;
  absl::flat_hash_map<Hash, VotingKey> by_leaf_;  // Of standings_, while openings come in.
  std::vector<Opened> opened_;
  PaperCount paper_;
  Hash digest_{};
  Hash last_opening_{};
  int64_t bad_leaves_ = 0, late_leaves_ = 0, bad_openings_ = 0, bad_choices_ = 0;
  int64_t stray_openings_ = 0, unopened_ = 0;
};

}  // namespace smederij::ballots
