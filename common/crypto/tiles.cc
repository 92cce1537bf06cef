#include "common/crypto/tiles.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/check.h"
#include "common/base/error.h"
#include "common/crypto/merkle.h"

namespace smederij::crypto {
namespace {

// The root of up to 256 nodes that stand beside each other on one level.
Hash RootOf(absl::Span<const Hash> nodes) {
  Frontier frontier;
  for (const Hash& node : nodes) frontier.Append(node);
  return frontier.Root();
}

}  // namespace

std::string PathOf(const Tile& tile) {
  std::string number = absl::StrFormat("%03d", tile.n % 1000);
  for (uint64_t rest = tile.n / 1000; rest > 0; rest /= 1000) {
    number = absl::StrFormat("x%03d/%s", rest % 1000, number);
  }
  const std::string level = tile.level == Tile::kEntries ? "entries" : absl::StrCat(tile.level);
  const std::string partial = tile.width == kTileWidth ? "" : absl::StrCat(".p/", tile.width);
  return absl::StrCat("tile/", level, "/", number, partial);
}

std::vector<Tile> TilesOf(uint64_t size) {
  std::vector<Tile> tiles;
  const auto add_row = [&tiles](int level, uint64_t nodes) {
    for (uint64_t n = 0; n * kTileWidth < nodes; ++n) {
      tiles.push_back(
          {.level = level, .n = n, .width = std::min(kTileWidth, nodes - n * kTileWidth)});
    }
  };
  int level = 0;
  for (uint64_t nodes = size; nodes > 0; nodes /= kTileWidth) add_row(level++, nodes);
  add_row(Tile::kEntries, size);
  return tiles;
}

std::map<std::string, std::string> HashTiles(absl::Span<const Hash> leaf_hashes) {
  std::map<std::string, std::string> files;
  std::vector<Hash> row(leaf_hashes.begin(), leaf_hashes.end());
  for (int level = 0; !row.empty(); ++level) {
    std::vector<Hash> above;
    for (uint64_t n = 0; n * kTileWidth < row.size(); ++n) {
      const auto nodes = absl::MakeConstSpan(row).subspan(n * kTileWidth, kTileWidth);
      std::string& bytes = files[PathOf({.level = level, .n = n, .width = nodes.size()})];
      for (const Hash& node : nodes) absl::StrAppend(&bytes, View(node));
      if (nodes.size() == kTileWidth) above.push_back(RootOf(nodes));
    }
    row = std::move(above);
  }
  return files;
}

std::string EncodeEntries(absl::Span<const std::string> entries) {
  ByteWriter out;
  for (const std::string& entry : entries) {
    CHECK(entry.size() <= kEntryBytesMax);
    out.U16(static_cast<uint16_t>(entry.size())).Raw(entry);
  }
  return std::move(out).bytes();
}

absl::StatusOr<std::vector<std::string>> DecodeEntries(absl::string_view bytes, uint64_t count) {
  ByteReader in(bytes);
  std::vector<std::string> entries;
  for (uint64_t i = 0; i < count && in.ok(); ++i) entries.emplace_back(in.Raw(in.U16()));
  if (!in.AtEnd()) {
    return Error(kInvalidArgument, "ENTRIES_MALFORMED", "this is not a bundle of so many entries")
        .With("entries", count);
  }
  return entries;
}

}  // namespace smederij::crypto
