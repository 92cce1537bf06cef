#include "common/crypto/hash.h"

#include <gtest/gtest.h>

#include "absl/strings/escaping.h"
#include "common/crypto/random.h"

namespace smederij::crypto {
namespace {

TEST(Sha256, IsTheStandardsAndJoinsItsParts) {
  EXPECT_EQ(ToHex(Sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Sha256({"a", "", "bc"}), Sha256("abc"));
  EXPECT_EQ(ToHex(Sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Hmac, IsRfc4231Case2) {
  EXPECT_EQ(ToHex(HmacSha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Hkdf, IsRfc5869Case1And3) {
  const std::string secret(22, '\x0b');
  EXPECT_EQ(absl::BytesToHexString(HkdfSha256(secret,
                                              absl::HexStringToBytes("000102030405060708090a0b0c"),
                                              absl::HexStringToBytes("f0f1f2f3f4f5f6f7f8f9"), 42)),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  EXPECT_EQ(absl::BytesToHexString(HkdfSha256(secret, "", "", 42)),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST(EqualInConstantTime, ComparesLengthAndContent) {
  EXPECT_TRUE(EqualInConstantTime("abc", "abc"));
  EXPECT_FALSE(EqualInConstantTime("abc", "abd"));
  EXPECT_FALSE(EqualInConstantTime("abc", "ab"));
  EXPECT_TRUE(EqualInConstantTime("", ""));
}

TEST(SeededRandom, GivesTheSameBytesHoweverTheyAreAskedFor) {
  std::string once(200, '\0'), pieces(200, '\0');
  const auto span = [](std::string& s, size_t at, size_t length) {
    return absl::MakeSpan(reinterpret_cast<uint8_t*>(s.data()) + at, length);
  };
  SeededRandom(Hash{})(span(once, 0, 200));
  RandomSource source = SeededRandom(Hash{});
  source(span(pieces, 0, 1));
  source(span(pieces, 1, 63));
  source(span(pieces, 64, 100));
  source(span(pieces, 164, 36));
  EXPECT_EQ(once, pieces);
  // RFC 8439 A.1, vector 1: key and nonce zero, counter zero.
  EXPECT_EQ(absl::BytesToHexString(once.substr(0, 16)), "76b8e0ada0f13d90405d6ae55386bd28");
}

TEST(ByteReader, KnowsTheEndAndWhatTrails) {
  const std::string bytes = ByteWriter().U8(1).U16(2).U32(3).U64(4).Raw("xy").bytes();
  EXPECT_EQ(bytes.size(), 17u);
  ByteReader reader(bytes);
  EXPECT_EQ(reader.U8(), 1);
  EXPECT_EQ(reader.U16(), 2);
  EXPECT_EQ(reader.U32(), 3u);
  EXPECT_EQ(reader.U64(), 4u);
  EXPECT_TRUE(reader.ok());
  EXPECT_FALSE(reader.AtEnd());
  EXPECT_EQ(reader.Raw(2), "xy");
  EXPECT_TRUE(reader.AtEnd());
  EXPECT_EQ(reader.U32(), 0u);
  EXPECT_FALSE(reader.ok());
}

TEST(ByteReader, AReadPastTheEndSpoilsEverythingAfterIt) {
  ByteReader reader("\x01\x02\x03");
  EXPECT_EQ(reader.U32(), 0u);
  EXPECT_EQ(reader.U8(), 0);
  EXPECT_FALSE(reader.AtEnd());
}

}  // namespace
}  // namespace smederij::crypto
