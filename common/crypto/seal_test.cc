#include "common/crypto/seal.h"

#include <gtest/gtest.h>

#include "absl/strings/escaping.h"
#include "common/base/error.h"
#include "common/crypto/bytes.h"

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

TEST(Seal, AFingerprintTellsEqualSecretsOfOneContextAlone) {
  const SealingKey key(std::array<uint8_t, 32>{1}), other(std::array<uint8_t, 32>{2});
  const auto print = key.Fingerprint("secret", "payees");
  EXPECT_EQ(print, key.Fingerprint("secret", "payees"));
  EXPECT_NE(print, other.Fingerprint("secret", "payees"));
  EXPECT_NE(print, key.Fingerprint("Secret", "payees"));
  EXPECT_NE(print, key.Fingerprint("secret", "others"));
  // Nor does what ends the context begin the secret.
  EXPECT_NE(print, key.Fingerprint("ssecret", "payee"));
  // And it stays what it is: it lies in databases.
  EXPECT_EQ(absl::BytesToHexString(ToBytes(print)),
            "ea12487881e53b3985fd3302ff6bc82959e2f01225146b1a6d20a1a82cf6a756");
}

}  // namespace
}  // namespace smederij::crypto
