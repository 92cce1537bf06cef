#include "services/cli/books/entry_proof.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/crypto/hash.h"
#include "common/crypto/log_proof.h"
#include "common/crypto/merkle.h"

namespace smederij::cli {
namespace {

// A log of three, in the middle of which stands an entry.
struct Log {
  crypto::NoteSigner signer{"localhost/ledger", crypto::SigningKey::FromSeed({7})};
  std::string extra;
  crypto::LogProof proof;

  explicit Log(const std::string& entry = Entry()) : extra(std::string(32, 'p') + entry) {
    crypto::MerkleTree tree;
    tree.Append(crypto::LeafHash("before"));
    tree.Append(crypto::LeafHash(crypto::View(crypto::Sha256(extra))));
    tree.Append(crypto::LeafHash("after"));
    proof = {.index = 1,
             .hashes = tree.InclusionProof(1, 3),
             .checkpoint = signer.Sign(
                 crypto::ToText({.origin = signer.name(), .size = 3, .root = tree.Root()})),
             .extra = extra};
  }
  static std::string Entry() {
    return crypto::ByteWriter()
        .Raw("smederij-entry-v1")
        .Raw(std::string(16, 'b'))
        .U64(42)
        .U8(9)
        .U8(3)
        .U64(1'760'000'000'000'000)
        .Raw("and the rest")
        .bytes();
  }
  std::string Refused(const crypto::LogProof& of, const std::string& key = "") const {
    return ReasonOf(
        CheckEntryProof(crypto::ToText(of), key.empty() ? signer.VerifierKey() : key).status());
  }
};

TEST(EntryProof, SaysWhichEntryStandsWhere) {
  const Log log;
  const auto entry = CheckEntryProof(crypto::ToText(log.proof), log.signer.VerifierKey());
  ASSERT_TRUE(entry.ok()) << entry.status();
  EXPECT_EQ(entry->budget.ToString(), "62626262-6262-6262-6262-626262626262");
  EXPECT_EQ(entry->seq, 42);
  EXPECT_EQ(entry->type, 9);
  EXPECT_EQ(entry->recorded_seconds, 1'760'000'000);
  EXPECT_EQ(entry->hash, crypto::Sha256(log.extra));
  EXPECT_EQ(entry->index, 1);
  EXPECT_EQ(entry->checkpoint.size, 3);
  EXPECT_EQ(entry->checkpoint.origin, "localhost/ledger");
}

TEST(EntryProof, HoldsForNothingElse) {
  const Log log;
  EXPECT_EQ(log.Refused(log.proof), "");
  auto other = log.proof;
  other.extra.clear();
  EXPECT_EQ(log.Refused(other), "PROOF_WRONG");
  for (size_t i = 0; i < log.extra.size(); ++i) {
    other = log.proof;
    other.extra[i] = static_cast<char>(other.extra[i] ^ 1);
    EXPECT_EQ(log.Refused(other), "PROOF_WRONG") << i;
  }
  other = log.proof;
  other.index = 0;
  EXPECT_EQ(log.Refused(other), "PROOF_WRONG");
  other = log.proof;
  other.hashes.pop_back();
  EXPECT_EQ(log.Refused(other), "PROOF_WRONG");
  other = log.proof;
  other.checkpoint[other.checkpoint.find('3')] = '4';
  EXPECT_EQ(log.Refused(other), "NOTE_UNSIGNED");
  const crypto::NoteSigner stranger("localhost/ledger", crypto::SigningKey::FromSeed({8}));
  EXPECT_EQ(log.Refused(log.proof, stranger.VerifierKey()), "NOTE_UNSIGNED");
  EXPECT_EQ(log.Refused(log.proof, "nothing"), "VERIFIER_KEY_MALFORMED");
  EXPECT_EQ(ReasonOf(CheckEntryProof("", log.signer.VerifierKey()).status()), "PROOF_MALFORMED");
}

// What whoever has the log's key might put there instead of an entry.
TEST(EntryProof, OfSomethingThatIsNoEntryIsNone) {
  const std::string entry = Log::Entry();
  for (const std::string& bytes :
       {std::string(), entry.substr(0, 50), "x" + entry, std::string("smederij-budget-v1"),
        crypto::ByteWriter()
            .Raw("smederij-entry-v1")
            .Raw(std::string(16, 'b'))
            .U64(0)
            .U64(0)
            .U64(0)
            .bytes(),
        crypto::ByteWriter()
            .Raw("smederij-entry-v1")
            .Raw(std::string(16, 'b'))
            .U64(~0ull)
            .U64(0)
            .U64(0)
            .bytes()}) {
    const Log log(bytes);
    EXPECT_EQ(log.Refused(log.proof), "ENTRY_MALFORMED") << bytes.size();
  }
}

}  // namespace
}  // namespace smederij::cli
