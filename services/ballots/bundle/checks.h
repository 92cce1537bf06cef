#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "services/ballots/bundle/verify.h"
#include "services/ballots/domain/event.h"
#include "services/ballots/domain/leaf.h"
#include "services/ballots/domain/withheld.h"

// The steps of Verify, each a function that notes what it finds in the report.
namespace smederij::ballots::bundle {

// What the steps hand on.
struct Reading {
  const Files& files;
  const Options& options;
  Manifest manifest{};

  // The log.
  uint64_t size = 0;
  Hash root{};
  std::vector<std::string> leaves{};
  std::vector<Hash> leaf_hashes{};

  // The ballots that count, by leaf hash, and what happened to the round.
  struct Ballot {
    uint64_t leaf = 0;  // Index in the log.
    uint16_t class_id = 0;
    crypto::VerifyingKey voting_key{};
    uint32_t seq = 0;
    Hash commitment{};
    bool opened = false;
  };
  absl::flat_hash_map<Hash, Ballot> counted{};
  BallotsByClass keys{};  // Of them, by class.
  std::vector<uint32_t> lot{};
  std::optional<Event> openings_event{}, tally_event{};

  std::vector<Opening> openings{};
};

// True when the step holds and what comes after it may be tried.
bool CheckFiles(Reading& reading, Report& report);
bool CheckCheckpoint(Reading& reading, Report& report);
bool CheckLog(Reading& reading, Report& report);
bool CheckManifest(Reading& reading, Report& report);
bool CheckBallots(Reading& reading, Report& report);
bool CheckOpenings(Reading& reading, Report& report);
bool CheckBalance(Reading& reading, Report& report);
bool CheckCount(Reading& reading, Report& report);

// The file with entry `leaf` of a log of `size`.
std::string EntriesPath(uint64_t leaf, uint64_t size);

}  // namespace smederij::ballots::bundle
