#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "services/ballots/tally/groups.h"
#include "services/cli/counted/counted.h"

namespace smederij::cli {

// What a file may tell about its voters.
enum class Trait { kAge, kSex, kVotingMethod, kNeighborhood };

absl::string_view NameOf(Trait trait);  // "age", "sex", "voting_method", "neighborhood".

// Voters with the same trait: a band of ages ("18-29", "65+") or the word of the file.
struct VoterGroup {
  enum class Kind {
    kNamed,
    kUnknown,  // The file does not tell.
    kOther,    // Groups too small, or too many, to be shown alone.
  };
  Kind kind = Kind::kNamed;
  std::string name{};  // "unknown" and "other" for the kinds of that name.
};

// The voters of a file divided by one trait.
struct Division {
  Trait trait = Trait::kAge;
  std::vector<VoterGroup> groups{};  // Ages in order, others by size; unknown, then other at last.
  std::vector<uint32_t> group_of{};  // By ballot.
};

inline constexpr size_t kVoterGroupsMax = 20;  // In one division, besides "other".

// Every division that tells more than the whole. `file` must have been read with its voters.
std::vector<Division> Divide(const ballots::tally::PbFile& file);

// What became of the groups of one division.
struct DivisionShares {
  Trait trait = Trait::kAge;
  std::vector<VoterGroup> groups{};
  ballots::tally::GroupShares shares{};  // By group.
};
std::vector<DivisionShares> SharesByGroup(const Counted& counted);

// All voters as one group.
ballots::tally::GroupShares SharesOfAll(const Counted& counted);

}  // namespace smederij::cli
