#include "common/crypto/tiles.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/crypto/merkle.h"
#include "common/crypto/note.h"
#include "common/crypto/vectors_test.h"

namespace smederij::crypto {
namespace {

using ::testing::ElementsAre;

TEST(Tiles, HaveThePathsOfTheSpecification) {
  EXPECT_EQ(PathOf({.level = 0, .n = 1234067, .width = 256}), "tile/0/x001/x234/067");
  EXPECT_EQ(PathOf({.level = 1, .n = 0, .width = 5}), "tile/1/000.p/5");
  EXPECT_EQ(PathOf({.level = 3, .n = 1000, .width = 255}), "tile/3/x001/000.p/255");
  EXPECT_EQ(PathOf({.level = Tile::kEntries, .n = 999, .width = 256}), "tile/entries/999");
}

TEST(Tiles, OfALogAreFullButForTheRightEdge) {
  EXPECT_THAT(TilesOf(0), ElementsAre());
  EXPECT_THAT(TilesOf(1), ElementsAre(Tile{0, 0, 1}, Tile{Tile::kEntries, 0, 1}));
  EXPECT_THAT(TilesOf(256),
              ElementsAre(Tile{0, 0, 256}, Tile{1, 0, 1}, Tile{Tile::kEntries, 0, 256}));
  EXPECT_THAT(TilesOf(600), ElementsAre(Tile{0, 0, 256}, Tile{0, 1, 256}, Tile{0, 2, 88},
                                        Tile{1, 0, 2}, Tile{Tile::kEntries, 0, 256},
                                        Tile{Tile::kEntries, 1, 256}, Tile{Tile::kEntries, 2, 88}));
  EXPECT_EQ(TilesOf(70'000).size(), 274u + 2 + 1 + 274);
}

TEST(Tiles, HoldTheTreeAtEveryLevel) {
  std::vector<Hash> leaves;
  for (int i = 0; i < 700; ++i) leaves.push_back(LeafHash(absl::StrCat(i)));
  const auto files = HashTiles(leaves);
  ASSERT_EQ(files.size(), 4u);
  EXPECT_EQ(files.at("tile/0/002.p/188").size(), 188u * 32);
  const std::string& top = files.at("tile/1/000.p/2");
  EXPECT_EQ(*ToArray<32>(absl::string_view(top).substr(32)),
            MerkleTree(absl::MakeConstSpan(leaves).subspan(256, 256)).Root());
}

TEST(Tiles, OfAnotherImplementationAreOurs) {
  const auto folder = VectorFolder() / "tlog-tiles-log";
  REQUIRE_VECTORS(folder);
  for (uint64_t size = 2; size <= 15; ++size) {
    const std::string entries_path = PathOf({.level = Tile::kEntries, .n = 0, .width = size});
    if (!std::filesystem::exists(folder / entries_path)) continue;
    const std::string bundle = ReadAll(folder / entries_path);
    const auto entries = DecodeEntries(bundle, size);
    ASSERT_TRUE(entries.ok()) << size << entries.status();
    EXPECT_EQ(EncodeEntries(*entries), bundle);
    std::vector<Hash> leaf_hashes;
    for (const std::string& entry : *entries) leaf_hashes.push_back(LeafHash(entry));
    for (const auto& [path, bytes] : HashTiles(leaf_hashes)) {
      EXPECT_EQ(bytes, ReadAll(folder / path)) << path;
    }
    const auto verifier = NoteVerifier::Parse(
        "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx");
    const auto text = OpenNote(ReadAll(folder / absl::StrCat("checkpoint.", size)), {*verifier});
    EXPECT_EQ(ParseCheckpoint(*text)->root, MerkleTree(leaf_hashes).Root());
  }
}

TEST(Entries, AreReadStrictly) {
  const std::vector<std::string> entries{"one", "", std::string(65'535, 'x')};
  const std::string bytes = EncodeEntries(entries);
  EXPECT_EQ(*DecodeEntries(bytes, 3), entries);
  EXPECT_EQ(*DecodeEntries("", 0), std::vector<std::string>());
  const auto reason = [](absl::string_view bent, uint64_t count) {
    return ReasonOf(DecodeEntries(bent, count).status());
  };
  EXPECT_EQ(reason(bytes, 2), "ENTRIES_MALFORMED");
  EXPECT_EQ(reason(bytes, 4), "ENTRIES_MALFORMED");
  EXPECT_EQ(reason(bytes + '\0', 3), "ENTRIES_MALFORMED");
  EXPECT_EQ(reason(absl::string_view(bytes).substr(0, bytes.size() - 1), 3), "ENTRIES_MALFORMED");
  EXPECT_EQ(reason("", UINT64_MAX), "ENTRIES_MALFORMED");
}

}  // namespace
}  // namespace smederij::crypto
