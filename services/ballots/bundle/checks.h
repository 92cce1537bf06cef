#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "services/ballots/bundle/verify.h"
#include "services/ballots/domain/event.h"
#include "services/ballots/domain/leaf.h"
#include "services/ballots/domain/paper.h"
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
  std::map<uint16_t, int64_t> keys{};  // Of them, by class.

  // The batches of paper by leaf hash, and the last closing of each station.
  struct Batch {
    uint64_t leaf = 0;
    PaperLeaf paper{};
    bool superseded = false;
    bool opened = false;
  };
  std::map<Hash, Batch> batches{};
  std::set<BatchId> batch_ids{};
  std::map<uint16_t, Event> stations{};
  BallotsByUnit units{};  // All ballots that count.

  std::vector<uint32_t> lot{};
  std::optional<Event> openings_event{}, tally_event{};

  std::vector<Opening> openings{};
  std::vector<PaperOpening> papers{};
};

// Notes something about a leaf.
using FindLeaf = std::function<void(Wrong wrong, std::string detail)>;

// True when the step holds and what comes after it may be tried.
bool CheckFiles(Reading& reading, Report& report);
bool CheckCheckpoint(Reading& reading, Report& report);
bool CheckLog(Reading& reading, Report& report);
bool CheckManifest(Reading& reading, Report& report);
bool CheckBallots(Reading& reading, Report& report);
bool CheckOpenings(Reading& reading, Report& report);
bool CheckBalance(Reading& reading, Report& report);
bool CheckCount(Reading& reading, Report& report);

// Of the steps above, what is about paper: a batch, a station's closing; the openings of batches,
// and whether their file can be read; the stations against their boxes.
void ReadBatch(Reading& reading, uint64_t leaf, const FindLeaf& find);
void ReadStation(Reading& reading, const Event& event, const FindLeaf& find);
bool CheckPapers(Reading& reading, StepReport& step);
void CheckStations(const Reading& reading, StepReport& step);

// The file with entry `leaf` of a log of `size`.
std::string EntriesPath(uint64_t leaf, uint64_t size);

}  // namespace smederij::ballots::bundle
