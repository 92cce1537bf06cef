#include "services/ballots/domain/leaf.h"

#include <gtest/gtest.h>

#include "common/base/error.h"
#include "common/crypto/hash.h"
#include "services/ballots/domain/receipt.h"
#include "services/ballots/testing/election.h"

namespace smederij::ballots {
namespace {

using testing::Approve;
using testing::Issuer;
using testing::Voter;

TEST(Leaf, SurvivesItsBytesAndHoldsBothSignatures) {
  const RoundId round = RoundId::Random();
  const Voter voter(round, 1, Issuer());
  const auto envelope = voter.Cast(7, Approve({1, 2}));
  EXPECT_EQ(envelope.leaf.size(), 1 + 16 + 2 + 32 + 1 + 32 + 32 + 2 + 384 + 4 + 32 + 64u);
  EXPECT_LE(envelope.leaf.size(), kLeafBytesMax);
  const auto leaf = ParseLeaf(envelope.leaf);
  ASSERT_TRUE(leaf.ok()) << leaf.status();
  EXPECT_EQ(Encode(*leaf), envelope.leaf);
  EXPECT_EQ(leaf->seq, 7u);
  EXPECT_EQ(leaf->commitment,
            Commitment(round, leaf->voting_key, 7, envelope.nonce, envelope.choice));
  EXPECT_TRUE(CredentialHolds(*leaf, Issuer().public_key()));
  EXPECT_TRUE(VoterSignatureHolds(*leaf, envelope.leaf));
  EXPECT_FALSE(CredentialHolds(*leaf, Issuer(1).public_key()));
}

TEST(Leaf, NoBitCanBeChangedWithoutASignatureNoticing) {
  const Voter voter(RoundId::Random(), 1, Issuer());
  const std::string bytes = voter.Cast(1, Approve({})).leaf;
  for (size_t i = 0; i < bytes.size() * 8; i += 7) {  // Every byte, the bits in turn.
    std::string bent = bytes;
    bent[i / 8] = static_cast<char>(bent[i / 8] ^ (1 << (i % 8)));
    const auto leaf = ParseLeaf(bent);
    EXPECT_FALSE(leaf.ok() && VoterSignatureHolds(*leaf, bent)) << i;
  }
}

TEST(Leaf, IsParsedStrictly) {
  const Voter voter(RoundId::Random(), 1, Issuer());
  const std::string bytes = voter.Cast(1, Approve({})).leaf;
  const auto wrong = [](const std::string& leaf) {
    const absl::Status status = ParseLeaf(leaf).status();
    EXPECT_EQ(ReasonOf(status), "BAD_LEAF");
    return FactsOf(status).empty() ? "" : FactsOf(status)[0].second;
  };
  EXPECT_EQ(wrong(""), "TYPE");
  EXPECT_EQ(wrong("\x01" + bytes.substr(1)), "TYPE");
  EXPECT_EQ(wrong(bytes + '\0'), "LENGTH");
  EXPECT_EQ(wrong(bytes.substr(0, bytes.size() - 1)), "LENGTH");
  std::string two = bytes;
  two[51] = 2;
  EXPECT_EQ(wrong(two), "CREDENTIALS");
  std::string longer = bytes;
  longer[117] = static_cast<char>(longer[117] ^ 1);
  EXPECT_EQ(wrong(longer), "CREDENTIAL_LENGTH");
  std::string nil = bytes;
  nil.replace(1, 16, 16, '\0');
  EXPECT_EQ(wrong(nil), "ROUND");
  EXPECT_EQ(wrong(voter.Cast(0, Approve({})).leaf), "SEQ");
  EXPECT_TRUE(ParseLeaf(voter.Cast(UINT32_MAX, Approve({})).leaf).ok());
}

TEST(Credential, IsBoundToRoundClassAndIssuer) {
  const RoundId round = RoundId::Random();
  const Voter voter(round, 1, Issuer());
  const BallotLeaf leaf = voter.Draft(1, Approve({}), std::string(32, 'n'));
  ASSERT_TRUE(CredentialHolds(leaf, Issuer().public_key()));
  BallotLeaf other_round = leaf;
  other_round.round_id = RoundId::Random();
  EXPECT_FALSE(CredentialHolds(other_round, Issuer().public_key()));
  BallotLeaf other_class = leaf;
  other_class.class_id = 2;
  EXPECT_FALSE(CredentialHolds(other_class, Issuer().public_key()));
  BallotLeaf other_key = leaf;
  other_key.voting_key = crypto::SigningKey::Random().verifying_key();
  EXPECT_FALSE(CredentialHolds(other_key, Issuer().public_key()));
}

TEST(Commitment, DiffersInEveryPart) {
  const RoundId round = RoundId::Random();
  const crypto::VerifyingKey key{1};
  const std::string nonce(32, 'n');
  const Hash hash = Commitment(round, key, 1, nonce, "choice");
  EXPECT_NE(hash, Commitment(RoundId::Random(), key, 1, nonce, "choice"));
  EXPECT_NE(hash, Commitment(round, {2}, 1, nonce, "choice"));
  EXPECT_NE(hash, Commitment(round, key, 2, nonce, "choice"));
  EXPECT_NE(hash, Commitment(round, key, 1, std::string(32, 'm'), "choice"));
  EXPECT_NE(hash, Commitment(round, key, 1, nonce, "choicf"));
}

TEST(Receipt, OpensWithItsKeyAndIsTheSameEveryTime) {
  const crypto::SigningKey key = crypto::SigningKey::Random();
  const Receipt receipt{
      .origin = "o", .leaf_hash = Hash{5}, .include_by = absl::FromUnixSeconds(1'790'000'000)};
  const std::string bytes = Sign(receipt, key);
  EXPECT_EQ(bytes, Sign(receipt, key));
  EXPECT_EQ(*OpenReceipt(bytes, key.verifying_key()), receipt);
  EXPECT_EQ(ReasonOf(OpenReceipt(bytes, crypto::SigningKey::Random().verifying_key()).status()),
            "BAD_RECEIPT");
  for (size_t i = 0; i < bytes.size() * 8; ++i) {
    std::string bent = bytes;
    bent[i / 8] = static_cast<char>(bent[i / 8] ^ (1 << (i % 8)));
    ASSERT_FALSE(OpenReceipt(bent, key.verifying_key()).ok()) << i;
  }
  EXPECT_FALSE(OpenReceipt(bytes + '\0', key.verifying_key()).ok());
  EXPECT_FALSE(OpenReceipt("", key.verifying_key()).ok());
}

}  // namespace
}  // namespace smederij::ballots
