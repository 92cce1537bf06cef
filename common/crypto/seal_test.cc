#include "common/crypto/seal.h"

#include <gtest/gtest.h>

#include "common/base/error.h"

namespace smederij::crypto {
namespace {

TEST(Seal, OpensOnlyWithItsKeyInItsPlace) {
  const SealingKey key(std::array<uint8_t, 32>{1}), other(std::array<uint8_t, 32>{2});
  const std::string sealed = key.Seal("secret", "payee/1");
  EXPECT_EQ(*key.Open(sealed, "payee/1"), "secret");
  EXPECT_EQ(ReasonOf(key.Open(sealed, "payee/2").status()), "SEAL_BROKEN");
  EXPECT_EQ(ReasonOf(other.Open(sealed, "payee/1").status()), "SEAL_BROKEN");
  EXPECT_NE(sealed, key.Seal("secret", "payee/1"));
}

TEST(Seal, EveryFlippedBitAndEveryCutIsNoticed) {
  const SealingKey key(std::array<uint8_t, 32>{1});
  const std::string sealed = key.Seal("abc", "");
  for (size_t i = 0; i < sealed.size() * 8; ++i) {
    std::string bent = sealed;
    bent[i / 8] = static_cast<char>(bent[i / 8] ^ (1 << (i % 8)));
    EXPECT_FALSE(key.Open(bent, "").ok());
  }
  for (size_t length = 0; length < sealed.size(); ++length) {
    EXPECT_FALSE(key.Open(sealed.substr(0, length), "").ok());
  }
}

}  // namespace
}  // namespace smederij::crypto
