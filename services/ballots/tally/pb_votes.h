#pragma once

#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/ballots/tally/pb.h"
#include "services/ballots/tally/pb_table.h"

// Inside the .pb reader. Not for callers of ReadPb.
namespace smederij::ballots::tally {

// Reads the rows of VOTES into `file`, whose META and plans are known.
class PbVotes {
 public:
  PbVotes(const PbOptions& options, PbTable& table, PbFile& file)
      : options_(options), table_(table), file_(file) {}

  absl::Status ReadHeader();
  absl::Status ReadRow();

 private:
  absl::Status ReadChoices();
  absl::Status ReadPoints(absl::string_view text, Choice& choice) const;
  absl::string_view TakeItem(absl::string_view field, absl::string_view& list, bool& more);
  absl::Status AddChoice(const Choice& choice);
  absl::Status AddRepeated(const Choice& choice);
  void KeepVoter(absl::string_view id);

  struct Columns {
    int id = -1, vote = -1, points = -1, age = -1, sex = -1, method = -1, neighborhood = -1;
  };

  // The last ballot that chose a plan, and at which place.
  struct Seen {
    size_t ballot = 0;
    size_t place = 0;
  };

  const PbOptions options_;
  PbTable& table_;
  PbFile& file_;
  Columns at_{};
  absl::flat_hash_map<absl::string_view, uint32_t> plan_of_{};
  absl::flat_hash_set<absl::string_view> voters_{};
  std::vector<Choice> choices_{};  // Of the current ballot.
  std::vector<Seen> seen_{};       // By plan.
  size_t ballot_ = 0;
};

}  // namespace smederij::ballots::tally
