#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/crypto/bytes.h"

// A log as static files, c2sp.org/tlog-tiles: hashes in tiles of 256, entries in bundles of 256.
// Only what stands at the right edge is narrower, and says so in its path.
namespace smederij::crypto {

inline constexpr uint64_t kTileWidth = 256;
inline constexpr size_t kEntryBytesMax = 65'535;

// Tile `n` of a level, or bundle `n` of the entries.
struct Tile {
  static constexpr int kEntries = -1;

  int level = 0;       // kEntries for entries.
  uint64_t n = 0;      // From the left.
  uint64_t width = 0;  // 1 to kTileWidth.

  bool operator==(const Tile&) const = default;
};

// "tile/0/x001/x234/067", "tile/1/000.p/5", "tile/entries/000".
std::string PathOf(const Tile& tile);

// Every tile of a log of `size` entries, level 0 first, then the entry bundles.
std::vector<Tile> TilesOf(uint64_t size);

// The hashes of a log as files: path → bytes, without the entries.
std::map<std::string, std::string> HashTiles(absl::Span<const Hash> leaf_hashes);

// u16 length · bytes, one entry after the other. An entry is at most kEntryBytesMax long.
std::string EncodeEntries(absl::Span<const std::string> entries);
// Refusal: ENTRIES_MALFORMED (not exactly `count` entries).
absl::StatusOr<std::vector<std::string>> DecodeEntries(absl::string_view bytes, uint64_t count);

}  // namespace smederij::crypto
