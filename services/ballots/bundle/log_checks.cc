#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/crypto/hash.h"
#include "common/crypto/merkle.h"
#include "common/crypto/note.h"
#include "common/crypto/tiles.h"
#include "services/ballots/bundle/checks.h"

// From the files to a manifest that two officials approved.
namespace smederij::ballots::bundle {
namespace {

using crypto::Tile;

// Every tile has at least a hash, so no log is larger than what is there.
constexpr uint64_t kLeavesMax = 100'000'000;

bool Holds(StepReport& step) {
  if (step.verdict == Verdict::kNotReached) step.verdict = Verdict::kHolds;
  return step.verdict != Verdict::kFails;
}

// Which of leaves and tiles is not what was signed: whoever makes up the signed root is right.
void TellApart(const Reading& reading, const std::vector<Hash>& told, StepReport& step) {
  if (told.size() != reading.size || crypto::MerkleTree(told).Root() != reading.root) {
    step.Find({.wrong = Wrong::kRootDiffers, .file = "tile"});
    return;
  }
  for (uint64_t i = 0; i < reading.size; ++i) {
    if (told[i] == reading.leaf_hashes[i]) continue;
    step.Find({.wrong = i == 0 ? Wrong::kManifestDiffers : Wrong::kEntryDiffers,
               .file = EntriesPath(i, reading.size),
               .leaf = i});
  }
}

// The leaf hashes that the tiles of level 0 name.
std::vector<Hash> ToldHashes(const Reading& reading) {
  std::vector<Hash> told;
  for (const Tile& tile : crypto::TilesOf(reading.size)) {
    if (tile.level != 0) continue;
    crypto::ByteReader in(reading.files.at(crypto::PathOf(tile)));
    while (in.left() >= sizeof(Hash)) told.push_back(in.Array<32>());
  }
  return told;
}

bool ReadEntries(Reading& reading, StepReport& step) {
  for (const Tile& tile : crypto::TilesOf(reading.size)) {
    if (tile.level != Tile::kEntries) continue;
    const std::string path = crypto::PathOf(tile);
    auto entries = crypto::DecodeEntries(reading.files.at(path), tile.width);
    if (!entries.ok()) {
      step.Find({.wrong = Wrong::kEntriesMalformed, .file = path});
      return false;
    }
    for (std::string& entry : *entries) reading.leaves.push_back(std::move(entry));
  }
  const std::string& manifest = reading.files.at(std::string(kManifestFile));
  if (manifest.size() > crypto::kEntryBytesMax && reading.leaves[0].empty()) {
    reading.leaves[0] = manifest;
  }
  for (const std::string& leaf : reading.leaves) {
    reading.leaf_hashes.push_back(crypto::LeafHash(leaf));
  }
  return true;
}

}  // namespace

std::string EntriesPath(uint64_t leaf, uint64_t size) {
  const uint64_t n = leaf / crypto::kTileWidth;
  return crypto::PathOf({.level = Tile::kEntries,
                         .n = n,
                         .width = std::min(crypto::kTileWidth, size - n * crypto::kTileWidth)});
}

// What the log needs besides is known only with its size.
bool CheckFiles(Reading& reading, Report& report) {
  StepReport& step = report.at(Step::kFiles);
  const std::set<std::string> wanted{std::string(kManifestFile), std::string(kCheckpointFile),
                                     std::string(kOpeningsFile), std::string(kPaperFile),
                                     std::string(kResultFile),   std::string(kTurnoutFile),
                                     std::string(kReadmeFile)};
  for (const std::string& path : wanted) {
    if (!reading.files.contains(path)) step.Find({.wrong = Wrong::kFileMissing, .file = path});
  }
  for (const auto& [path, bytes] : reading.files) {
    if (!wanted.contains(path) && !absl::StartsWith(path, "tile/")) {
      step.Find({.wrong = Wrong::kFileUnknown, .file = path});
    }
  }
  return Holds(step);
}

bool CheckCheckpoint(Reading& reading, Report& report) {
  StepReport& step = report.at(Step::kCheckpoint);
  const std::string& manifest_bytes = reading.files.at(std::string(kManifestFile));
  auto manifest = DecodeManifest(manifest_bytes);
  if (!manifest.ok()) {
    report.at(Step::kManifest)
        .Find({.wrong = Wrong::kManifestUnreadable, .file = std::string(kManifestFile)});
    return false;
  }
  reading.manifest = *manifest;
  report.manifest = *std::move(manifest);
  report.manifest_hash = crypto::Sha256(manifest_bytes);
  const std::string file(kCheckpointFile);
  const std::string& key = reading.manifest.log_verifier_key;
  if (!reading.options.log_key.empty() && reading.options.log_key != key) {
    step.Find({.wrong = Wrong::kLogKeyDiffers, .file = std::string(kManifestFile), .detail = key});
  }
  const auto verifier = crypto::NoteVerifier::Parse(key);
  const auto text = verifier.ok() ? crypto::OpenNote(reading.files.at(file), {*verifier})
                                  : absl::StatusOr<std::string>(verifier.status());
  if (!text.ok()) {
    const bool form = ReasonOf(text.status()) == "NOTE_MALFORMED";
    step.Find(
        {.wrong = form ? Wrong::kCheckpointMalformed : Wrong::kCheckpointUnsigned, .file = file});
    return false;
  }
  const auto checkpoint = crypto::ParseCheckpoint(*text);
  if (!checkpoint.ok() || checkpoint->size == 0 || checkpoint->size > kLeavesMax) {
    step.Find({.wrong = Wrong::kCheckpointMalformed, .file = file});
    return false;
  }
  if (checkpoint->origin != reading.manifest.origin) {
    step.Find(
        {.wrong = Wrong::kCheckpointOfAnotherLog, .file = file, .detail = checkpoint->origin});
  }
  reading.size = report.leaves = checkpoint->size;
  reading.root = checkpoint->root;
  return Holds(step);
}

bool CheckLog(Reading& reading, Report& report) {
  StepReport& step = report.at(Step::kLog);
  std::set<std::string> known;
  for (const Tile& tile : crypto::TilesOf(reading.size)) {
    const std::string path = crypto::PathOf(tile);
    if (!reading.files.contains(path)) step.Find({.wrong = Wrong::kFileMissing, .file = path});
    known.insert(path);
  }
  for (const auto& [path, bytes] : reading.files) {
    if (absl::StartsWith(path, "tile/") && !known.contains(path)) {
      step.Find({.wrong = Wrong::kFileUnknown, .file = path});
    }
  }
  if (!Holds(step) || !ReadEntries(reading, step)) return false;
  if (crypto::MerkleTree(reading.leaf_hashes).Root() != reading.root) {
    TellApart(reading, ToldHashes(reading), step);
    return false;
  }
  for (const auto& [path, bytes] : crypto::HashTiles(reading.leaf_hashes)) {
    if (reading.files.at(path) != bytes) {
      step.Find({.wrong = Wrong::kTileDiffers, .file = path});
    }
  }
  return Holds(step);
}

bool CheckManifest(Reading& reading, Report& report) {
  StepReport& step = report.at(Step::kManifest);
  const std::string file(kManifestFile);
  if (reading.files.at(file) != reading.leaves[0]) {
    step.Find({.wrong = Wrong::kManifestDiffers, .file = file, .leaf = 0});
    return false;
  }
  const Manifest& manifest = reading.manifest;
  if (!Check(manifest).ok() ||
      !absl::EndsWith(manifest.origin, absl::StrCat("/ballots/", manifest.round_id.ToString()))) {
    step.Find({.wrong = Wrong::kManifestInvalid, .file = file});
    return false;
  }
  const auto approved = reading.size > 1 ? ParseEvent(reading.leaves[1])
                                         : absl::StatusOr<Event>(absl::NotFoundError("no leaf"));
  if (!approved.ok() || approved->kind != Event::Kind::kApproved ||
      approved->round_id != manifest.round_id || approved->hash != report.manifest_hash ||
      !ByTwo(*approved)) {
    step.Find(
        {.wrong = Wrong::kManifestNotApproved, .file = EntriesPath(0, reading.size), .leaf = 1});
  }
  return Holds(step);
}

}  // namespace smederij::ballots::bundle
