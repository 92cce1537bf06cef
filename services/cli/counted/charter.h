#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/ballots/tally/pb.h"
#include "services/ballots/tally/rule.h"
#include "services/cli/counted/voters.h"

namespace smederij::cli {

// What a charter adds to a file, as it is written on a command line. Empty where nothing is asked.
struct CharterFlags {
  std::string rule{};
  bool no_skip = false;
  bool partial = false;
  int64_t threshold = 0;
  std::string threshold_percent{};
  int nearly = 0;
  std::string endowment_step{};
  std::string tie_order{};
  std::string lot{};
  std::vector<std::string> exclusive{};
  std::vector<std::string> pots{};
  std::vector<std::string> weights{};
};

// Ages from and to, both included.
struct Ages {
  int youngest = 0;
  int oldest = 0;
};

// Ballots of voters with this trait count `weight` times.
struct WeightOf {
  std::string flag{};  // As it was written.
  Trait trait = Trait::kAge;
  std::string value{};         // Empty: those of whom the file does not tell.
  std::optional<Ages> ages{};  // What the value means when it is one of ages: "7", "0-11", "65+".
  int64_t weight = 1;
};

// The same, understood; plans are still named by their ids in the file.
struct Charter {
  CharterFlags flags{};
  uint32_t threshold_basis_points = 0;
  std::optional<ballots::tally::Rational> endowment_step{};
  std::vector<ballots::tally::TieBreak> tie_order{};
  std::vector<std::string> lot{};
  std::vector<std::vector<std::string>> exclusive{};
  std::vector<ballots::tally::Pot> pots{};
  std::vector<WeightOf> weights{};
};

// Understands the flags, whatever the file. Refusal: CHARTER_UNCLEAR with every flag at fault.
absl::StatusOr<Charter> ParseCharter(const CharterFlags& flags);

// Changes `file`, read with its voters, to what the charter says, and gives the rule: the one that
// is asked for, or else the file's own. A voter to whom several weights apply counts as often as
// their product. Refusals, first that applies: RULE_NOT_KNOWN; RULE_INVALID with every mistake.
absl::StatusOr<ballots::tally::Rule> ApplyCharter(const Charter& charter,
                                                  ballots::tally::PbFile& file);

// The flags as they would be typed: "--rule greedy_votes --no-skip".
std::string AsTyped(const CharterFlags& flags);

// A word as a shell takes it for one.
std::string Quoted(absl::string_view word);

}  // namespace smederij::cli
