#include "common/crypto/ed25519.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/crypto/random.h"
#include "common/crypto/vectors_test.h"

namespace smederij::crypto {
namespace {

VerifyingKey KeyFromHex(absl::string_view hex) { return *ToArray<32>(absl::HexStringToBytes(hex)); }

TEST(Ed25519, AgreesWithWycheproof) {
  const auto path = VectorFolder() / "wycheproof_ed25519_test.json";
  REQUIRE_VECTORS(path);
  int checked = 0;
  const nlohmann::json vectors = nlohmann::json::parse(ReadAll(path));
  for (const auto& group : vectors["testGroups"]) {
    const VerifyingKey key = KeyFromHex(group["publicKey"]["pk"].get<std::string>());
    for (const auto& test : group["tests"]) {
      const auto signature = ToArray<64>(FromHex(test["sig"]));
      EXPECT_EQ(signature && Verify(key, FromHex(test["msg"]), *signature),
                test["result"] == "valid")
          << test["tcId"] << " " << test["comment"];
      ++checked;
    }
  }
  EXPECT_GT(checked, 100);
}

TEST(Ed25519, SignsTheSameMessageTheSameWay) {
  const SigningKey key = SigningKey::Random();
  const Signature signature = key.Sign("ballot");
  EXPECT_EQ(signature, SigningKey::FromSeed(key.seed()).Sign("ballot"));
  EXPECT_TRUE(Verify(key.verifying_key(), "ballot", signature));
  EXPECT_FALSE(Verify(key.verifying_key(), "ballos", signature));
  EXPECT_TRUE(IsAcceptable(key.verifying_key()));
}

// With such a key one signature fits every message, so it would be a ballot nobody signed.
TEST(Ed25519, RefusesKeysOfSmallOrderAndOddEncodings) {
  for (const absl::string_view hex : {
           "0000000000000000000000000000000000000000000000000000000000000000",
           "0100000000000000000000000000000000000000000000000000000000000000",
           "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
           "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
           "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
           "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
           "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
       }) {
    const VerifyingKey key = KeyFromHex(hex);
    EXPECT_FALSE(IsAcceptable(key)) << hex;
    Signature signature{};  // R = identity, S = 0: fits small-order keys under a lax verifier.
    signature[0] = 1;
    EXPECT_FALSE(Verify(key, "anything", signature)) << hex;
  }
}

TEST(Ed25519, RefusesASignatureWithLAdded) {
  const SigningKey key = SigningKey::Random();
  Signature signature = key.Sign("ballot");
  const std::string order =
      absl::HexStringToBytes("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  int carry = 0;
  for (size_t i = 0; i < 32; ++i) {
    carry += signature[32 + i] + static_cast<uint8_t>(order[i]);
    signature[32 + i] = static_cast<uint8_t>(carry & 0xff);
    carry >>= 8;
  }
  EXPECT_FALSE(Verify(key.verifying_key(), "ballot", signature));
}

TEST(SigningKeyFile, HoldsRawBytesOrHexadecimalDigits) {
  const SigningKey key = SigningKey::Random();
  const std::string path = testing::TempDir() + "/ed25519_key_file";
  const std::string hex = absl::BytesToHexString(View(key.seed()));
  const auto write = [&](absl::string_view content) {
    std::ofstream(path, std::ios::binary) << content;
  };
  for (const std::string& content : {ToBytes(key.seed()), hex, hex + "\n"}) {
    write(content);
    const auto read = SigningKey::FromFile(path);
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(read->verifying_key(), key.verifying_key());
  }
  for (const std::string& content : {std::string(), hex + "\n\n", hex + "0", "g" + hex.substr(1)}) {
    write(content);
    EXPECT_EQ(ReasonOf(SigningKey::FromFile(path).status()), "KEY_FILE_MALFORMED") << content;
  }
  std::remove(path.c_str());
  EXPECT_EQ(ReasonOf(SigningKey::FromFile(path).status()), "KEY_FILE_UNREADABLE");
}

}  // namespace
}  // namespace smederij::crypto
