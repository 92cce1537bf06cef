#include "common/crypto/log_proof.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/error.h"
#include "common/crypto/merkle.h"
#include "common/crypto/tiles.h"

namespace smederij::crypto {
namespace {

// A log of 300 entries with everything that is published about it.
struct Log {
  SigningKey key = SigningKey::Random();
  NoteSigner signer{"hoogeveen.example/ballots/1", key};
  NoteVerifier verifier{signer.name(), key.verifying_key()};
  std::vector<std::string> entries;
  std::vector<Hash> leaf_hashes;
  MerkleTree tree;
  std::string checkpoint;

  Log() {
    for (int i = 0; i < 300; ++i) {
      entries.push_back(absl::StrCat("entry ", i));
      leaf_hashes.push_back(LeafHash(entries.back()));
      tree.Append(leaf_hashes.back());
    }
    checkpoint = signer.Sign(
        ToText(Checkpoint{.origin = signer.name(), .size = tree.size(), .root = tree.Root()}));
  }
  std::string Proof(uint64_t index) const {
    return ToText(LogProof{.index = index,
                           .hashes = tree.InclusionProof(index, tree.size()),
                           .checkpoint = checkpoint});
  }
};

// What a reader of tiles alone can check: they make up the tree that was signed.
bool TilesHold(const std::map<std::string, std::string>& tiles, const Log& log) {
  std::vector<Hash> leaf_hashes;
  for (const char* path : {"tile/0/000", "tile/0/001.p/44"}) {
    ByteReader in(tiles.at(path));
    while (in.left() > 0) leaf_hashes.push_back(in.Array<32>());
  }
  return MerkleTree(leaf_hashes).Root() == log.tree.Root() && HashTiles(leaf_hashes) == tiles;
}

TEST(LogProof, IsTheTextOfTheSpecification) {
  EXPECT_EQ(ToText(LogProof{.index = 5, .hashes = {Hash{}}, .checkpoint = "note\n"}),
            absl::StrCat("c2sp.org/tlog-proof@v1\nindex 5\n", std::string(43, 'A'), "=\n\nnote\n"));
  EXPECT_EQ(ToText(LogProof{.index = 0, .hashes = {}, .checkpoint = "note\n"}),
            "c2sp.org/tlog-proof@v1\nindex 0\n\nnote\n");
}

TEST(LogProof, ProvesEveryEntryAndNoOther) {
  const Log log;
  for (uint64_t i = 0; i < log.tree.size(); ++i) {
    const std::string proof = log.Proof(i);
    EXPECT_EQ(ToText(*ParseLogProof(proof)), proof);
    const auto checkpoint = CheckLogProof(proof, log.leaf_hashes[i], {log.verifier});
    ASSERT_TRUE(checkpoint.ok()) << checkpoint.status();
    EXPECT_EQ(checkpoint->size, 300u);
    EXPECT_EQ(
        ReasonOf(CheckLogProof(proof, log.leaf_hashes[(i + 1) % 300], {log.verifier}).status()),
        "PROOF_WRONG");
  }
  const NoteVerifier other(log.signer.name(), SigningKey::Random().verifying_key());
  EXPECT_EQ(ReasonOf(CheckLogProof(log.Proof(0), log.leaf_hashes[0], {other}).status()),
            "NOTE_UNSIGNED");
}

TEST(LogProof, IsParsedStrictly) {
  const std::string hash = absl::StrCat(std::string(43, 'A'), "=\n");
  const std::string head = "c2sp.org/tlog-proof@v1\n";
  EXPECT_TRUE(ParseLogProof(absl::StrCat(head, "index 5\n", hash, "\nn\n")).ok());
  const auto extra = ParseLogProof(absl::StrCat(head, "extra AAAA\nindex 5\n", hash, "\nn\n"));
  ASSERT_TRUE(extra.ok());
  EXPECT_EQ(extra->extra, std::string(3, '\0'));
  EXPECT_EQ(*ParseLogProof(ToText(*extra)), *extra);
  std::string high;
  for (int i = 0; i < 65; ++i) high += hash;
  for (const std::string& text :
       {std::string(), head, absl::StrCat(head, "index 5\n"), absl::StrCat(head, "\nn\n"),
        absl::StrCat(head, "index 05\n\nn\n"), absl::StrCat(head, "index -5\n\nn\n"),
        absl::StrCat(head, "index 5 \n\nn\n"), absl::StrCat(head, "index 5\nAAAA\n\nn\n"),
        absl::StrCat(head, "index 5\n ", hash, "\nn\n"), absl::StrCat(head, "extra AAAA\n\nn\n"),
        absl::StrCat(head, "extra A A\nindex 5\n\nn\n"), absl::StrCat("x", head, "index 5\n\nn\n"),
        absl::StrCat(head, "index 18446744073709551616\n\nn\n"),
        absl::StrCat(head, "index 5\n", high, "\nn\n")}) {
    EXPECT_EQ(ReasonOf(ParseLogProof(text).status()), "PROOF_MALFORMED") << text;
  }
}

// One bit, anywhere in what a reader of the log gets, is always noticed.
TEST(LogProof, AThousandFlippedBitsAreAThousandRejections) {
  uint64_t seed = std::random_device()();
  const char* const given = std::getenv("SMEDERIJ_SEED");
  ASSERT_TRUE(given == nullptr || absl::SimpleAtoi(given, &seed));
  SCOPED_TRACE(absl::StrCat("SMEDERIJ_SEED=", seed));
  std::mt19937_64 random(seed);
  const Log log;
  const auto tiles = HashTiles(log.leaf_hashes);
  ASSERT_TRUE(TilesHold(tiles, log));
  const auto flip = [&random](std::string& bytes) {
    const size_t bit = random() % (bytes.size() * 8);
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
  };
  int rejected = 0;
  for (int i = 0; i < 1000; ++i) {
    const uint64_t index = random() % log.tree.size();
    std::string leaf = log.entries[index], note = log.checkpoint, proof = log.Proof(index);
    auto bent_tiles = tiles;
    switch (i % 4) {
      case 0:
        flip(leaf);
        rejected += CheckLogProof(proof, LeafHash(leaf), {log.verifier}).ok() ? 0 : 1;
        break;
      case 1:
        flip(note);
        rejected += OpenNote(note, {log.verifier}).ok() ? 0 : 1;
        break;
      case 2:
        flip(proof);
        rejected += CheckLogProof(proof, log.leaf_hashes[index], {log.verifier}).ok() ? 0 : 1;
        break;
      default:
        flip(std::next(bent_tiles.begin(), static_cast<int64_t>(random() % tiles.size()))->second);
        rejected += TilesHold(bent_tiles, log) ? 0 : 1;
        break;
    }
  }
  EXPECT_EQ(rejected, 1000);
}

}  // namespace
}  // namespace smederij::crypto
