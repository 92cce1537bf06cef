#include "common/crypto/merkle.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/crypto/hash.h"
#include "common/crypto/vectors_test.h"

namespace smederij::crypto {
namespace {

using nlohmann::json;

std::vector<Hash> Leaves(uint64_t count) {
  std::vector<Hash> leaves;
  for (uint64_t i = 0; i < count; ++i) leaves.push_back(LeafHash(absl::StrCat("leaf ", i)));
  return leaves;
}

std::string FromBase64(const json& text) {
  std::string bytes;
  absl::Base64Unescape(text.get<std::string>(), &bytes);
  return bytes;
}

// The vectors hold byte strings of any length where we have hashes; unequal ones stay unequal.
Hash HashOf(const json& text) {
  const std::string bytes = text.is_null() ? "" : FromBase64(text);
  return ToArray<32>(bytes).value_or(Sha256({"no hash: ", bytes}));
}

std::vector<Hash> ProofOf(const json& list) {
  std::vector<Hash> proof;
  for (const json& item : list) proof.push_back(HashOf(item));
  return proof;
}

template <class Check>
int EachVector(const char* kind, Check check) {
  int count = 0;
  const auto folder = VectorFolder() / "merkle-proofs" / kind;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".json") continue;
    const json vector = json::parse(ReadAll(entry.path()));
    EXPECT_EQ(check(vector), !vector["wantErr"].get<bool>()) << entry.path();
    ++count;
  }
  return count;
}

TEST(Inclusion, AgreesWithThePublishedVectors) {
  REQUIRE_VECTORS(VectorFolder() / "merkle-proofs");
  const int count = EachVector("inclusion", [](const json& v) {
    if (v["root"] == "") return false;  // Cannot even be said here: a root has 32 bytes.
    return VerifyInclusion(v["leafIdx"].get<uint64_t>(), v["treeSize"].get<uint64_t>(),
                           HashOf(v["leafHash"]), ProofOf(v["proof"]), HashOf(v["root"]));
  });
  EXPECT_GT(count, 50);
}

TEST(Consistency, AgreesWithThePublishedVectors) {
  REQUIRE_VECTORS(VectorFolder() / "merkle-proofs");
  const int count = EachVector("consistency", [](const json& v) {
    return VerifyConsistency(v["size1"].get<uint64_t>(), v["size2"].get<uint64_t>(),
                             HashOf(v["root1"]), HashOf(v["root2"]), ProofOf(v["proof"]));
  });
  EXPECT_GT(count, 50);
}

TEST(Tree, HasTheRootsAndProofsOfEverySizeUpTo300) {
  const std::vector<Hash> leaves = Leaves(300);
  const MerkleTree tree(leaves);
  Frontier frontier;
  EXPECT_EQ(frontier.Root(), Sha256(""));
  for (uint64_t size = 1; size <= leaves.size(); ++size) {
    frontier.Append(leaves[size - 1]);
    const Hash root = tree.Root(size);
    ASSERT_EQ(frontier.Root(), root) << size;
    for (uint64_t index = 0; index < size; ++index) {
      const auto proof = tree.InclusionProof(index, size);
      ASSERT_TRUE(VerifyInclusion(index, size, leaves[index], proof, root)) << index << "/" << size;
      ASSERT_FALSE(VerifyInclusion(index ^ 1, size, leaves[index], proof, root) && size > 1);
    }
    for (uint64_t old_size = 1; old_size <= size; ++old_size) {
      const auto proof = tree.ConsistencyProof(old_size, size);
      ASSERT_TRUE(VerifyConsistency(old_size, size, tree.Root(old_size), root, proof))
          << old_size << "/" << size;
      if (old_size < size) {
        ASSERT_FALSE(VerifyConsistency(old_size, size, root, root, proof));
      }
    }
  }
}

TEST(Frontier, SurvivesBeingStored) {
  Frontier frontier;
  for (const Hash& leaf : Leaves(100)) {
    frontier.Append(leaf);
    const auto stored = Frontier::Decode(frontier.size(), frontier.Encode());
    ASSERT_TRUE(stored);
    EXPECT_EQ(stored->Root(), frontier.Root());
  }
  EXPECT_FALSE(Frontier::Decode(100, frontier.Encode() + std::string(32, '\0')));
  EXPECT_FALSE(Frontier::Decode(101, frontier.Encode()));
  EXPECT_TRUE(Frontier::Decode(0, ""));
}

TEST(Log, OfAnotherImplementationHasOurRoots) {
  const auto folder = VectorFolder() / "tlog-tiles-log";
  REQUIRE_VECTORS(folder);
  // The last level-0 tile is the concatenation of all 15 leaf hashes.
  const std::string tile = ReadAll(folder / "tile/0/000.p/15");
  ASSERT_EQ(tile.size(), 15u * 32);
  Frontier frontier;
  for (size_t size = 1; size <= 15; ++size) {
    frontier.Append(*ToArray<32>(tile.substr(32 * (size - 1), 32)));
    const std::string note = ReadAll(folder / absl::StrCat("checkpoint.", size));
    EXPECT_NE(note.find(absl::StrCat("\n", size, "\n", absl::Base64Escape(View(frontier.Root())))),
              std::string::npos)
        << size;
  }
}

}  // namespace
}  // namespace smederij::crypto
