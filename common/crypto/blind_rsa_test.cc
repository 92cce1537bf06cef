#include "common/crypto/blind_rsa.h"

#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/error.h"
#include "common/crypto/hash.h"
#include "common/crypto/openssl.h"
#include "common/crypto/vectors_test.h"

namespace smederij::crypto {
namespace {

using nlohmann::json;

BnPtr Number(const json& hex) {
  const std::string bytes = FromHex(hex);
  return BnPtr(BN_bin2bn(Data(bytes), static_cast<int>(bytes.size()), nullptr));
}

// The PKCS#8 bytes of the private key in a test vector.
std::string Pkcs8(const json& vector) {
  const BnCtxPtr context(BN_CTX_new());
  const BnPtr p = Number(vector["p"]), q = Number(vector["q"]), d = Number(vector["d"]);
  const BnPtr n = Number(vector["n"]), e = Number(vector["e"]);
  const BnPtr one(BN_new()), p1(BN_new()), q1(BN_new()), dp(BN_new()), dq(BN_new()), qi(BN_new());
  BN_one(one.get());
  BN_sub(p1.get(), p.get(), one.get());
  BN_sub(q1.get(), q.get(), one.get());
  BN_mod(dp.get(), d.get(), p1.get(), context.get());
  BN_mod(dq.get(), d.get(), q1.get(), context.get());
  BN_mod_inverse(qi.get(), q.get(), p.get(), context.get());
  OSSL_PARAM_BLD* build = OSSL_PARAM_BLD_new();
  const std::pair<const char*, const BIGNUM*> parameters[] = {
      {OSSL_PKEY_PARAM_RSA_N, n.get()},          {OSSL_PKEY_PARAM_RSA_E, e.get()},
      {OSSL_PKEY_PARAM_RSA_D, d.get()},          {OSSL_PKEY_PARAM_RSA_FACTOR1, p.get()},
      {OSSL_PKEY_PARAM_RSA_FACTOR2, q.get()},    {OSSL_PKEY_PARAM_RSA_EXPONENT1, dp.get()},
      {OSSL_PKEY_PARAM_RSA_EXPONENT2, dq.get()}, {OSSL_PKEY_PARAM_RSA_COEFFICIENT1, qi.get()}};
  for (const auto& [name, value] : parameters) OSSL_PARAM_BLD_push_BN(build, name, value);
  OSSL_PARAM* params = OSSL_PARAM_BLD_to_param(build);
  const PkeyCtxPtr maker(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  EVP_PKEY* key = nullptr;
  CHECK(EVP_PKEY_fromdata_init(maker.get()) == 1);
  CHECK(EVP_PKEY_fromdata(maker.get(), &key, EVP_PKEY_KEYPAIR, params) == 1);
  const PkeyPtr owner(key);
  OSSL_PARAM_free(params);
  OSSL_PARAM_BLD_free(build);
  const Pkcs8Ptr info(EVP_PKEY2PKCS8(key));
  uint8_t* der = nullptr;
  const int length = i2d_PKCS8_PRIV_KEY_INFO(info.get(), &der);
  const std::string bytes(reinterpret_cast<char*>(der), static_cast<size_t>(length));
  OPENSSL_free(der);
  return bytes;
}

// Replays the salt and the blinding factor of a vector, which gives only the factor's inverse.
RandomSource Replay(const json& vector) {
  const BnCtxPtr context(BN_CTX_new());
  const BnPtr n = Number(vector["n"]), inverse = Number(vector["inv"]);
  const BnPtr factor(BN_mod_inverse(nullptr, inverse.get(), n.get(), context.get()));
  std::string draw(static_cast<size_t>(BN_num_bytes(n.get())), '\0');
  CHECK(BN_bn2binpad(factor.get(), reinterpret_cast<uint8_t*>(draw.data()),
                     static_cast<int>(draw.size())) > 0);
  const int salt_bytes = std::stoi(vector["sLen"].get<std::string>(), nullptr, 16);
  std::string stream = salt_bytes == 0 ? draw : absl::StrCat(FromHex(vector["salt"]), draw);
  return [stream, used = size_t{0}](absl::Span<uint8_t> out) mutable {
    CHECK(used + out.size() <= stream.size());
    std::copy_n(stream.begin() + static_cast<std::ptrdiff_t>(used), out.size(), out.begin());
    used += out.size();
  };
}

const BlindVariant& VariantNamed(absl::string_view name) {
  for (const BlindVariant* variant :
       {&kPssRandomized, &kPssZeroRandomized, &kPssDeterministic, &kPssZeroDeterministic}) {
    if (variant->name == name) return *variant;
  }
  CHECK(false);
  return kPssRandomized;
}

TEST(Rfc9474, EveryVariantIsByteExact) {
  const auto path = VectorFolder() / "rfc9474.json";
  REQUIRE_VECTORS(path);
  const json vectors = json::parse(ReadAll(path));
  ASSERT_EQ(vectors.size(), 4u);
  for (const json& vector : vectors) {
    SCOPED_TRACE(vector["name"]);
    const BlindVariant& variant = VariantNamed(vector["name"].get<std::string>());
    const auto key = BlindPrivateKey::FromPkcs8(Pkcs8(vector));
    ASSERT_TRUE(key.ok()) << key.status();
    const BlindPublicKey& issuer = key->public_key();
    const std::string input = FromHex(vector["input_msg"]);
    if (variant.randomized) {
      const auto prefix = ToArray<32>(FromHex(vector["msg_prefix"]));
      ASSERT_TRUE(prefix);
      EXPECT_EQ(PrepareRandomize(*prefix, FromHex(vector["msg"])), input);
    }
    const auto blinded = Blind(issuer, input, Replay(vector), variant);
    ASSERT_TRUE(blinded.ok()) << blinded.status();
    EXPECT_EQ(blinded->message, FromHex(vector["blinded_msg"]));
    const auto blind_signature = key->BlindSign(blinded->message);
    ASSERT_TRUE(blind_signature.ok()) << blind_signature.status();
    EXPECT_EQ(*blind_signature, FromHex(vector["blind_sig"]));
    const auto signature = Finalize(issuer, input, *blind_signature, blinded->inverse, variant);
    ASSERT_TRUE(signature.ok()) << signature.status();
    EXPECT_EQ(*signature, FromHex(vector["sig"]));
  }
}

TEST(Rfc9474, VariantsRefuseEachOthersSignatures) {
  const auto path = VectorFolder() / "rfc9474.json";
  REQUIRE_VECTORS(path);
  const json vectors = json::parse(ReadAll(path));
  for (const json& verifier : vectors) {
    const BlindVariant& variant = VariantNamed(verifier["name"].get<std::string>());
    const auto key = BlindPrivateKey::FromPkcs8(Pkcs8(verifier));
    ASSERT_TRUE(key.ok());
    for (const json& signer : vectors) {
      const bool same_salt = signer["sLen"] == verifier["sLen"] && signer["n"] == verifier["n"];
      EXPECT_EQ(
          key->public_key().Verify(FromHex(signer["input_msg"]), FromHex(signer["sig"]), variant),
          same_salt)
          << signer["name"] << " read as " << verifier["name"];
    }
  }
}

TEST(RsaPss, AgreesWithWycheproof) {
  for (const char* name : {"wycheproof_rsa_pss_2048_sha384_mgf1_48_test.json",
                           "wycheproof_rsa_pss_4096_sha384_mgf1_48_test.json"}) {
    const auto path = VectorFolder() / name;
    REQUIRE_VECTORS(path);
    int checked = 0;
    const json vectors = json::parse(ReadAll(path));
    for (const auto& group : vectors["testGroups"]) {
      const auto key = BlindPublicKey::FromSpki(FromHex(group["publicKeyDer"]));
      ASSERT_TRUE(key.ok()) << key.status();
      for (const auto& test : group["tests"]) {
        EXPECT_EQ(key->Verify(FromHex(test["msg"]), FromHex(test["sig"])),
                  test["result"] == "valid")
            << name << " " << test["tcId"] << " " << test["comment"];
        ++checked;
      }
    }
    EXPECT_GT(checked, 100);
  }
}

const BlindPrivateKey& Issuer() {
  static const BlindPrivateKey key = BlindPrivateKey::Generate();
  return key;
}

TEST(Blind, ACredentialIsMadeWithoutTheIssuerSeeingIt) {
  const BlindPublicKey& issuer = Issuer().public_key();
  EXPECT_EQ(issuer.modulus_bytes(), kIssuerModulusBytes);
  const std::string input = PrepareRandomize({7}, "voting key");
  const auto first = Blind(issuer, input, SystemRandom());
  const auto second = Blind(issuer, input, SystemRandom());
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_NE(first->message, second->message);
  const std::string blind_signature = *Issuer().BlindSign(first->message);
  EXPECT_EQ(blind_signature, *Issuer().BlindSign(first->message));
  const auto signature = Finalize(issuer, input, blind_signature, first->inverse);
  ASSERT_TRUE(signature.ok());
  EXPECT_TRUE(issuer.Verify(input, *signature));
  EXPECT_FALSE(issuer.Verify(PrepareRandomize({8}, "voting key"), *signature));
  EXPECT_EQ(ReasonOf(Finalize(issuer, input, blind_signature, second->inverse).status()),
            "INVALID_SIGNATURE");
  EXPECT_EQ(ReasonOf(Finalize(issuer, input, "short", first->inverse).status()),
            "INVALID_SIGNATURE");
}

TEST(Blind, OneSecretGivesOneBlindedMessageOnEveryDevice) {
  const Hash seed = Sha256("device secret, round, class, issuer");
  const auto phone = Blind(Issuer().public_key(), "input", SeededRandom(seed));
  const auto tablet = Blind(Issuer().public_key(), "input", SeededRandom(seed));
  EXPECT_EQ(phone->message, tablet->message);
  EXPECT_EQ(phone->inverse, tablet->inverse);
}

TEST(BlindSign, RefusesWhatIsNoBlindedMessageLengthFirst) {
  const size_t length = kIssuerModulusBytes;
  const auto reason = [](const std::string& message) {
    return ReasonOf(Issuer().BlindSign(message).status());
  };
  EXPECT_EQ(reason(""), "BAD_LENGTH");
  EXPECT_EQ(reason(std::string(length - 1, '\0')), "BAD_LENGTH");
  EXPECT_EQ(reason(std::string(length + 1, '\xff')), "BAD_LENGTH");
  EXPECT_EQ(reason(std::string(length, '\0')), "OUT_OF_RANGE");
  EXPECT_EQ(reason(std::string(length, '\xff')), "OUT_OF_RANGE");

  std::string one(length, '\0');
  one.back() = '\x01';
  EXPECT_EQ(*Issuer().BlindSign(one), one);  // 1^d = 1: in range, and gives nothing away.
}

TEST(BlindSign, TheModulusItselfIsOutOfRangeAndOneBelowIsNot) {
  const std::string& spki = Issuer().public_key().spki();
  // SPKI of a 3072-bit key: … 00 ‖ modulus[384] ‖ 02 03 01 00 01.
  const std::string modulus = spki.substr(spki.size() - 5 - 384, 384);
  EXPECT_EQ(ReasonOf(Issuer().BlindSign(modulus).status()), "OUT_OF_RANGE");
  std::string below = modulus;
  below.back() = static_cast<char>(below.back() ^ 1);  // n is odd.
  EXPECT_EQ(*Issuer().BlindSign(below), below);        // (-1)^d = -1, d odd.
}

TEST(PrivateKeyAtRest, OpensOnlyUnderItsOwnId) {
  const SealingKey kek(std::array<uint8_t, 32>{3});
  const std::string sealed = Issuer().Sealed(kek);
  const Hash id = Issuer().public_key().issuer_key_id();
  const auto opened = BlindPrivateKey::Unseal(sealed, id, kek);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(opened->public_key().spki(), Issuer().public_key().spki());
  EXPECT_EQ(ReasonOf(BlindPrivateKey::Unseal(sealed, Hash{}, kek).status()), "SEAL_BROKEN");
}

TEST(PublicKey, IsStrictDerOfAnHonestRsaKey) {
  const std::string& spki = Issuer().public_key().spki();
  const auto parsed = BlindPublicKey::FromSpki(spki);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->issuer_key_id(), Sha256(spki));
  const auto refused = [](const std::string& der) {
    return ReasonOf(BlindPublicKey::FromSpki(der).status()) == "ISSUER_KEY_MALFORMED";
  };
  EXPECT_TRUE(refused(""));
  EXPECT_TRUE(refused(spki + '\0'));
  EXPECT_TRUE(refused(spki.substr(0, spki.size() - 1)));
  std::string exponent_three = spki;
  exponent_three.replace(exponent_three.size() - 5, 5, std::string("\x02\x03\x00\x00\x03", 5));
  EXPECT_TRUE(refused(exponent_three));
  std::string even = spki;
  even[even.size() - 6] = static_cast<char>(even[even.size() - 6] ^ 1);
  EXPECT_TRUE(refused(even));
  std::string pss_oid = spki;  // rsaEncryption 1.2.840.113549.1.1.1 → RSASSA-PSS …1.1.10.
  const size_t oid = pss_oid.find("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01");
  ASSERT_NE(oid, std::string::npos);
  pss_oid[oid + 8] = '\x0a';
  EXPECT_TRUE(refused(pss_oid));
}

}  // namespace
}  // namespace smederij::crypto
