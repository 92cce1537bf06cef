#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/ballots/tally/count.h"
#include "services/ballots/tally/groups.h"
#include "services/ballots/tally/pb.h"
#include "services/cli/counted/voters.h"

namespace smederij::cli {

// What one rule makes of a file.
struct RuleResult {
  ballots::tally::Rule rule{};
  bool of_the_city = false;  // The rule that the file names, with what its city adds.
  ballots::tally::Outcome outcome{};
  ballots::tally::GroupShares all{};                     // All voters as one group.
  std::vector<ballots::tally::GroupShares> divisions{};  // As in Comparison::divisions.
  bool as_decided = false;  // The winners are those whom the city decided on.
};

// Every rule that counts a file's ballots, side by side.
struct Comparison {
  std::string path{};
  ballots::tally::PbFile file{};
  std::vector<Division> divisions{};
  std::optional<std::set<uint32_t>>
      decided{};                    // The plans that won in the city, if the file tells.
  std::vector<RuleResult> rules{};  // The city's own first, where it adds something to a rule.
};

// Whether the file tells what the city decided, and what that is.
std::optional<std::set<uint32_t>> DecidedIn(const ballots::tally::PbFile& file);

// The rules to compare: the city's own where it is more than a name, then every one that goes with
// such ballots.
std::vector<RuleResult> RulesFor(const ballots::tally::PbFile& file);

// Counts `file`, read with its voters, by every rule. Calls `counted` after each of them.
// Refusal: ELECTION_INVALID.
absl::StatusOr<Comparison> Compare(const std::string& path, ballots::tally::PbFile file,
                                   const std::function<void()>& counted);

}  // namespace smederij::cli
