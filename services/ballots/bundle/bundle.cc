#include "services/ballots/bundle/bundle.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/crypto/hash.h"
#include "common/crypto/merkle.h"
#include "common/crypto/tiles.h"
#include "services/ballots/bundle/readme.h"
#include "services/ballots/domain/leaf.h"
#include "services/ballots/domain/paper.h"
#include "services/ballots/domain/recount.h"

namespace smederij::ballots::bundle {
namespace {

using crypto::Tile;

std::string ToHex(absl::string_view bytes) { return absl::BytesToHexString(bytes); }

// Totals are small; five hundred single ballots of the longest choice are not.
constexpr size_t kContentBytesMax = 16 + kBatchBallotsMax * (2 + kChoiceBytesMax);

// Takes `"name":"hex"` from the front; false when something else stands there.
bool TakeField(absl::string_view& line, absl::string_view name, size_t bytes_max,
               std::string& bytes) {
  if (!absl::ConsumePrefix(&line, "\"") || !absl::ConsumePrefix(&line, name) ||
      !absl::ConsumePrefix(&line, "\":\"")) {
    return false;
  }
  const absl::string_view hex = line.substr(0, line.find('"'));
  if (hex.size() % 2 != 0 || hex.size() > 2 * bytes_max) return false;
  for (const char c : hex) {
    if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) return false;
  }
  bytes = absl::HexStringToBytes(hex);
  line.remove_prefix(hex.size());
  return absl::ConsumePrefix(&line, "\"");
}

// One line of a hash, of what it hides under the name `inside`, and of a nonce.
bool ParseLine(absl::string_view line, absl::string_view inside, size_t bytes_max, Hash& leaf_hash,
               std::string& bytes, std::string& nonce) {
  std::string hash_bytes;
  if (!absl::ConsumePrefix(&line, "{") || !TakeField(line, "leaf_hash", sizeof(Hash), hash_bytes) ||
      !absl::ConsumePrefix(&line, ",") || !TakeField(line, inside, bytes_max, bytes) ||
      !absl::ConsumePrefix(&line, ",") || !TakeField(line, "nonce", kNonceBytes, nonce) ||
      line != "}" || nonce.size() != kNonceBytes) {
    return false;
  }
  const std::optional<Hash> hash = crypto::ToArray<32>(hash_bytes);
  if (hash) leaf_hash = *hash;
  return hash.has_value();
}

void AppendLine(const Hash& leaf_hash, absl::string_view inside, absl::string_view bytes,
                absl::string_view nonce, std::string& text) {
  absl::StrAppend(&text, "{\"leaf_hash\":\"", ToHex(crypto::View(leaf_hash)), "\",\"", inside,
                  "\":\"", ToHex(bytes), "\",\"nonce\":\"", ToHex(nonce), "\"}\n");
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
  for (const Opening& o : openings) AppendLine(o.leaf_hash, "choice", o.choice, o.nonce, text);
  return text;
}

absl::StatusOr<std::vector<Opening>> DecodeOpenings(absl::string_view bytes) {
  std::vector<Opening> openings;
  while (!bytes.empty()) {
    const size_t end = bytes.find('\n');
    Opening& opening = openings.emplace_back();
    if (end == absl::string_view::npos ||
        !ParseLine(bytes.substr(0, end), "choice", kChoiceBytesMax, opening.leaf_hash,
                   opening.choice, opening.nonce)) {
      return Error(kInvalidArgument, "OPENINGS_MALFORMED", "this is no line of openings")
          .With("line", openings.size());
    }
    bytes.remove_prefix(end + 1);
  }
  return openings;
}

std::string EncodePapers(const std::vector<PaperOpening>& papers) {
  std::string text;
  for (const PaperOpening& p : papers) AppendLine(p.leaf_hash, "content", p.content, p.nonce, text);
  return text;
}

absl::StatusOr<std::vector<PaperOpening>> DecodePapers(absl::string_view bytes) {
  std::vector<PaperOpening> papers;
  while (!bytes.empty()) {
    const size_t end = bytes.find('\n');
    PaperOpening& paper = papers.emplace_back();
    if (end == absl::string_view::npos ||
        !ParseLine(bytes.substr(0, end), "content", kContentBytesMax, paper.leaf_hash,
                   paper.content, paper.nonce)) {
      return Error(kInvalidArgument, "PAPER_MALFORMED", "this is no line of a batch of paper")
          .With("line", papers.size());
    }
    bytes.remove_prefix(end + 1);
  }
  return papers;
}

std::string TurnoutTable(const Result& result, const BallotsByUnit& units, uint32_t k_min) {
  std::string text = "class_id,roll_size,issued,marked,ballots,paper,invalid,blank\n";
  const std::set<Unit> withheld = WithheldUnits(units, k_min);
  for (const ClassTurnout& c : result.turnout) {
    for (const int64_t number :
         {int64_t{c.class_id}, c.roll_size, c.issued, c.marked, c.ballots, c.paper, c.invalid}) {
      absl::StrAppend(&text, number, ",");
    }
    if (MayTellBlank(c.class_id, units, withheld, k_min)) absl::StrAppend(&text, c.blank);
    absl::StrAppend(&text, "\n");
  }
  return text;
}

absl::StatusOr<Files> ToFiles(const Contents& contents) {
  if (contents.leaves.empty()) {
    return Error(kInvalidArgument, "MANIFEST_UNREADABLE", "the log is empty");
  }
  ASSIGN_OR_RETURN(const Manifest manifest, DecodeManifest(contents.leaves[0]));
  ASSIGN_OR_RETURN(const Result result, DecodeResult(contents.result));
  Recount log(manifest, crypto::Sha256(contents.leaves[0]));
  std::vector<Hash> leaf_hashes;
  for (const std::string& leaf : contents.leaves) {
    leaf_hashes.push_back(crypto::LeafHash(leaf));
    log.AddLeaf(leaf_hashes.back(), leaf);
  }
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
  files[std::string(kPaperFile)] = EncodePapers(contents.papers);
  files[std::string(kResultFile)] = contents.result;
  files[std::string(kTurnoutFile)] = TurnoutTable(result, log.Units(), manifest.k_min);
  files[std::string(kReadmeFile)] = std::string(kReadme);
  return files;
}

}  // namespace smederij::ballots::bundle
