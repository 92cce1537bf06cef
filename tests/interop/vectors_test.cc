// The published vectors are what this code does, and a client in another language does the same.

#include "common/crypto/vectors_test.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/crypto/blind_rsa.h"
#include "services/ballots/domain/leaf.h"
#include "tests/interop/node.h"
#include "tests/interop/vectors.h"

namespace smederij::interop {
namespace {

using Json = nlohmann::ordered_json;

std::filesystem::path Folder() {
  return std::filesystem::path(std::getenv("SMEDERIJ_SOURCE")) / "tests/vectors";
}

Json ReadVectors(const std::string& name) {
  return Json::parse(crypto::ReadAll(Folder() / name), nullptr, /*allow_exceptions=*/false);
}

// With SMEDERIJ_WRITE_VECTORS=1 the files are written instead of compared: for a deliberate change
// of a format, which is then seen in the review.
void Compare(const std::string& name, const Json& made) {
  if (std::getenv("SMEDERIJ_WRITE_VECTORS") != nullptr) {
    std::ofstream(Folder() / name) << made.dump(1) << "\n";
  }
  EXPECT_EQ(crypto::ReadAll(Folder() / name), made.dump(1) + "\n") << name;
}

std::string IssuerKey() {
  return absl::HexStringToBytes(
      ReadVectors("credential.json")["issuer_private_key_pkcs8"].get<std::string>());
}

TEST(Vectors, AreWhatThisCodeDoes) {
  Compare("credential.json", CredentialVectors(IssuerKey()));
  Compare("ballot.json", BallotVectors(IssuerKey()));
  Compare("choice.json", ChoiceVectors());
  Compare("receipt.json", ReceiptVectors());
}

TEST(Vectors, NoBadLeafIsABallotOfThisRound) {
  const Json file = ReadVectors("ballot.json");
  const auto issuer = crypto::BlindPublicKey::FromSpki(
      absl::HexStringToBytes(file["issuer_spki"].get<std::string>()));
  ASSERT_TRUE(issuer.ok());
  const auto round = ParseId<RoundId>(file["round_id"].get<std::string>(), "round_id");
  const auto holds = [&](const std::string& bytes) {
    const auto leaf = ballots::ParseLeaf(bytes);
    return leaf.ok() && leaf->round_id == *round && leaf->class_id == file["class_id"] &&
           ballots::CredentialHolds(*leaf, *issuer) && ballots::VoterSignatureHolds(*leaf, bytes);
  };
  for (const Json& c : file["cases"]) {
    EXPECT_TRUE(holds(absl::HexStringToBytes(c["leaf"].get<std::string>()))) << c["seq"];
  }
  for (const Json& c : file["bad"]) {
    EXPECT_FALSE(holds(absl::HexStringToBytes(c["leaf"].get<std::string>()))) << c["what"];
  }
  EXPECT_GE(file["bad"].size(), 16u);
}

TEST(Vectors, AClientOfAnotherLanguageDoesTheSame) {
  SMEDERIJ_REQUIRE_NODE_PACKAGES();
  const e2e::Ended ended = e2e::Node("check_vectors.mjs", {Folder()});
  EXPECT_EQ(ended.code, 0) << ended.out << ended.err;
  EXPECT_THAT(ended.out, ::testing::HasSubstr("0 failed"));
}

}  // namespace
}  // namespace smederij::interop
