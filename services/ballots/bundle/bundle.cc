#include "services/ballots/bundle/bundle.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/crypto/merkle.h"
#include "common/crypto/tiles.h"
#include "services/ballots/bundle/readme.h"
#include "services/ballots/domain/leaf.h"

namespace smederij::ballots::bundle {
namespace {

using crypto::Tile;

std::string ToHex(absl::string_view bytes) { return absl::BytesToHexString(bytes); }

// Takes `"name":"hex"` from the front; false when something else stands there.
bool TakeField(absl::string_view& line, absl::string_view name, std::string& bytes) {
  if (!absl::ConsumePrefix(&line, "\"") || !absl::ConsumePrefix(&line, name) ||
      !absl::ConsumePrefix(&line, "\":\"")) {
    return false;
  }
  const absl::string_view hex = line.substr(0, line.find('"'));
  if (hex.size() % 2 != 0 || hex.size() > 2 * kChoiceBytesMax) return false;
  for (const char c : hex) {
    if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) return false;
  }
  bytes = absl::HexStringToBytes(hex);
  line.remove_prefix(hex.size());
  return absl::ConsumePrefix(&line, "\"");
}

bool ParseOpening(absl::string_view line, Opening& opening) {
  std::string leaf_hash;
  if (!absl::ConsumePrefix(&line, "{") || !TakeField(line, "leaf_hash", leaf_hash) ||
      !absl::ConsumePrefix(&line, ",") || !TakeField(line, "choice", opening.choice) ||
      !absl::ConsumePrefix(&line, ",") || !TakeField(line, "nonce", opening.nonce) || line != "}" ||
      opening.nonce.size() != kNonceBytes) {
    return false;
  }
  const std::optional<Hash> hash = crypto::ToArray<32>(leaf_hash);
  if (hash) opening.leaf_hash = *hash;
  return hash.has_value();
}

// An entry of more than u16 bytes cannot stand in a tile; only a manifest is that long, and it has
// a file of its own.
std::vector<std::string> Entries(std::vector<std::string> leaves) {
  if (leaves[0].size() > crypto::kEntryBytesMax) leaves[0].clear();
  return leaves;
}

}  // namespace

std::string EncodeOpenings(const std::vector<Opening>& openings) {
  std::string text;
  for (const Opening& opening : openings) {
    absl::StrAppend(&text, "{\"leaf_hash\":\"", ToHex(crypto::View(opening.leaf_hash)),
                    "\",\"choice\":\"", ToHex(opening.choice), "\",\"nonce\":\"",
                    ToHex(opening.nonce), "\"}\n");
  }
  return text;
}

absl::StatusOr<std::vector<Opening>> DecodeOpenings(absl::string_view bytes) {
  std::vector<Opening> openings;
  while (!bytes.empty()) {
    const size_t end = bytes.find('\n');
    Opening& opening = openings.emplace_back();
    if (end == absl::string_view::npos || !ParseOpening(bytes.substr(0, end), opening)) {
      return Error(kInvalidArgument, "OPENINGS_MALFORMED", "this is no line of openings")
          .With("line", openings.size());
    }
    bytes.remove_prefix(end + 1);
  }
  return openings;
}

std::string TurnoutTable(const Result& result, const Manifest& manifest) {
  std::string text = "class_id,roll_size,issued,ballots,blank\n";
  for (const ClassTurnout& c : result.turnout) {
    absl::StrAppend(&text, c.class_id, ",", c.roll_size, ",", c.issued, ",", c.ballots, ",");
    if (c.ballots >= manifest.k_min) absl::StrAppend(&text, c.blank);
    absl::StrAppend(&text, "\n");
  }
  return text;
}

absl::StatusOr<Files> ToFiles(const Contents& contents) {
  if (contents.leaves.empty()) {
    return Error(kInvalidArgument, "MANIFEST_UNREADABLE", "the log is empty");
  }
  ASSIGN_OR_RETURN(const Manifest manifest, DecodeManifest(contents.leaves[0]));
  const absl::StatusOr<Result> result = DecodeResult(contents.result);
  if (!result.ok()) {
    return Error(kInvalidArgument, "RESULT_UNREADABLE", "these are not a result's bytes");
  }
  std::vector<Hash> leaf_hashes;
  for (const std::string& leaf : contents.leaves) leaf_hashes.push_back(crypto::LeafHash(leaf));
  Files files = crypto::HashTiles(leaf_hashes);
  const std::vector<std::string> entries = Entries(contents.leaves);
  for (const Tile& tile : crypto::TilesOf(entries.size())) {
    if (tile.level != Tile::kEntries) continue;
    files[crypto::PathOf(tile)] = crypto::EncodeEntries(
        absl::MakeConstSpan(entries).subspan(tile.n * crypto::kTileWidth, tile.width));
  }
  files[std::string(kManifestFile)] = contents.leaves[0];
  files[std::string(kCheckpointFile)] = contents.checkpoint;
  files[std::string(kOpeningsFile)] = EncodeOpenings(contents.openings);
  files[std::string(kResultFile)] = contents.result;
  files[std::string(kTurnoutFile)] = TurnoutTable(*result, manifest);
  files[std::string(kReadmeFile)] = std::string(kReadme);
  return files;
}

}  // namespace smederij::ballots::bundle
