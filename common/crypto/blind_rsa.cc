#include "common/crypto/blind_rsa.h"

#include <openssl/core_names.h>
#include <openssl/rsa.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/crypto/hash.h"
#include "common/crypto/rsa_key.h"

namespace smederij::crypto {
namespace {

Error MalformedKey(absl::string_view wrong) {
  return Error(kInvalidArgument, "ISSUER_KEY_MALFORMED", "this is not an acceptable issuer key")
      .With("wrong", wrong);
}

BnPtr Parameter(const EVP_PKEY& key, const char* name) {
  BIGNUM* value = nullptr;
  return BnPtr(EVP_PKEY_get_bn_param(&key, name, &value) == 1 ? value : nullptr);
}

std::string Spki(const EVP_PKEY& key) {
  uint8_t* der = nullptr;
  const int length = i2d_PUBKEY(&key, &der);
  CHECK(length > 0);
  const std::string spki(reinterpret_cast<char*>(der), static_cast<size_t>(length));
  OPENSSL_free(der);
  return spki;
}

absl::StatusOr<std::shared_ptr<const RsaKey>> Checked(PkeyPtr pkey) {
  if (pkey == nullptr || EVP_PKEY_is_a(pkey.get(), "RSA") != 1) {
    return MalformedKey("the algorithm is not rsaEncryption");
  }
  auto key = std::make_shared<RsaKey>();
  key->n = Parameter(*pkey, OSSL_PKEY_PARAM_RSA_N);
  key->e = Parameter(*pkey, OSSL_PKEY_PARAM_RSA_E);
  if (key->n == nullptr || key->e == nullptr) return MalformedKey("a parameter is missing");
  if (BN_is_word(key->e.get(), RSA_F4) != 1) return MalformedKey("the exponent is not 65537");
  const int bits = BN_num_bits(key->n.get());
  if (bits != 2048 && bits != 3072 && bits != 4096) {
    return MalformedKey("the modulus is not 2048, 3072 or 4096 bits long");
  }
  if (BN_is_odd(key->n.get()) != 1) return MalformedKey("the modulus is even");
  key->modulus_bytes = static_cast<size_t>(bits) / 8;
  key->spki = Spki(*pkey);
  key->issuer_key_id = Sha256(key->spki);
  key->pkey = std::move(pkey);
  return key;
}

std::string ToBytes(const BIGNUM& number, size_t length) {
  std::string bytes(length, '\0');
  CHECK(BN_bn2binpad(&number, reinterpret_cast<uint8_t*>(bytes.data()), static_cast<int>(length)) ==
        static_cast<int>(length));
  return bytes;
}

// One raw RSA operation. Empty when OpenSSL refuses.
template <auto Init, auto Run>
std::string Raw(const RsaKey& key, absl::string_view input) {
  const ErrorQueueMark mark;
  const PkeyCtxPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.pkey.get(), nullptr));
  std::string output(key.modulus_bytes, '\0');
  size_t length = output.size();
  if (context == nullptr || Init(context.get()) != 1 ||
      EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_NO_PADDING) != 1 ||
      Run(context.get(), reinterpret_cast<uint8_t*>(output.data()), &length, Data(input),
          input.size()) != 1 ||
      length != output.size()) {
    return "";
  }
  return output;
}

}  // namespace

absl::StatusOr<BlindPublicKey> BlindPublicKey::FromSpki(absl::string_view der) {
  const ErrorQueueMark mark;
  const uint8_t* at = Data(der);
  PkeyPtr pkey(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
  ASSIGN_OR_RETURN(std::shared_ptr<const RsaKey> rsa, Checked(std::move(pkey)));
  // Encoding again gives the same bytes only for strict DER with nothing behind it.
  if (rsa->spki != der) return MalformedKey("the encoding is not strict DER");
  return BlindPublicKey(std::move(rsa));
}

const std::string& BlindPublicKey::spki() const { return rsa_->spki; }
const Hash& BlindPublicKey::issuer_key_id() const { return rsa_->issuer_key_id; }
size_t BlindPublicKey::modulus_bytes() const { return rsa_->modulus_bytes; }

bool BlindPublicKey::Verify(absl::string_view input, absl::string_view signature,
                            const BlindVariant& variant) const {
  if (signature.size() != rsa_->modulus_bytes) return false;
  const ErrorQueueMark mark;
  const MdCtxPtr context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* options = nullptr;  // Owned by the context.
  CHECK(context != nullptr);
  CHECK(EVP_DigestVerifyInit(context.get(), &options, EVP_sha384(), nullptr, rsa_->pkey.get()) ==
        1);
  CHECK(EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1);
  CHECK(EVP_PKEY_CTX_set_rsa_pss_saltlen(options, variant.salt_bytes) == 1);
  CHECK(EVP_PKEY_CTX_set_rsa_mgf1_md(options, EVP_sha384()) == 1);
  return EVP_DigestVerify(context.get(), Data(signature), signature.size(), Data(input),
                          input.size()) == 1;
}

BlindPrivateKey BlindPrivateKey::Generate(int bits) {
  PkeyPtr pkey(EVP_RSA_gen(static_cast<unsigned int>(bits)));
  absl::StatusOr<std::shared_ptr<const RsaKey>> key = Checked(std::move(pkey));
  CHECK(key.ok());
  return BlindPrivateKey(BlindPublicKey(*std::move(key)));
}

absl::StatusOr<BlindPrivateKey> BlindPrivateKey::FromPkcs8(absl::string_view der) {
  const ErrorQueueMark mark;
  const uint8_t* at = Data(der);
  const Pkcs8Ptr info(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, static_cast<long>(der.size())));
  if (info == nullptr || at != Data(der) + der.size()) return MalformedKey("not PKCS#8");
  PkeyPtr pkey(EVP_PKCS82PKEY(info.get()));
  if (pkey == nullptr) return MalformedKey("not PKCS#8");
  const PkeyCtxPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, pkey.get(), nullptr));
  if (context == nullptr || EVP_PKEY_pairwise_check(context.get()) != 1) {
    return MalformedKey("the private half does not belong to the public one");
  }
  ASSIGN_OR_RETURN(std::shared_ptr<const RsaKey> key, Checked(std::move(pkey)));
  return BlindPrivateKey(BlindPublicKey(std::move(key)));
}

std::string BlindPrivateKey::Sealed(const SealingKey& key) const {
  const Pkcs8Ptr info(EVP_PKEY2PKCS8(public_key_.rsa().pkey.get()));
  uint8_t* der = nullptr;
  const int length = i2d_PKCS8_PRIV_KEY_INFO(info.get(), &der);
  CHECK(length > 0);
  const absl::string_view secret(reinterpret_cast<char*>(der), static_cast<size_t>(length));
  std::string sealed =
      key.Seal(secret, absl::StrCat("smederij-issuer-key-v1", View(public_key_.issuer_key_id())));
  OPENSSL_clear_free(der, static_cast<size_t>(length));
  return sealed;
}

absl::StatusOr<BlindPrivateKey> BlindPrivateKey::Unseal(absl::string_view sealed,
                                                        const Hash& issuer_key_id,
                                                        const SealingKey& key) {
  ASSIGN_OR_RETURN(std::string der,
                   key.Open(sealed, absl::StrCat("smederij-issuer-key-v1", View(issuer_key_id))));
  absl::StatusOr<BlindPrivateKey> opened = FromPkcs8(der);
  Wipe(der);
  if (opened.ok() && opened->public_key().issuer_key_id() != issuer_key_id) {
    return MalformedKey("the sealed key is another one than its id says");
  }
  return opened;
}

absl::StatusOr<std::string> BlindPrivateKey::BlindSign(absl::string_view blinded_message) const {
  const RsaKey& key = public_key_.rsa();
  if (blinded_message.size() != key.modulus_bytes) {
    return Error(kInvalidArgument, "BAD_LENGTH", "a blinded message is as long as the modulus")
        .With("bytes", blinded_message.size())
        .With("expected_bytes", key.modulus_bytes);
  }
  const BnPtr number(
      BN_bin2bn(Data(blinded_message), static_cast<int>(key.modulus_bytes), nullptr));
  CHECK(number != nullptr);
  if (BN_is_zero(number.get()) || BN_cmp(number.get(), key.n.get()) >= 0) {
    return Error(kInvalidArgument, "OUT_OF_RANGE",
                 "a blinded message is a number above zero and below the modulus");
  }
  std::string signature = Raw<EVP_PKEY_decrypt_init, EVP_PKEY_decrypt>(key, blinded_message);
  if (signature.empty() ||
      Raw<EVP_PKEY_encrypt_init, EVP_PKEY_encrypt>(key, signature) != blinded_message) {
    return absl::InternalError("a blind signature failed its own check");
  }
  return signature;
}

std::string PrepareRandomize(const std::array<uint8_t, 32>& prefix, absl::string_view message) {
  return absl::StrCat(View(prefix), message);
}

absl::StatusOr<Blinded> Blind(const BlindPublicKey& public_key, absl::string_view input,
                              const RandomSource& random, const BlindVariant& variant) {
  const ErrorQueueMark mark;  // A factor without an inverse leaves an error.
  const RsaKey& key = public_key.rsa();
  const BnCtxPtr context(BN_CTX_secure_new());
  std::string salt(static_cast<size_t>(variant.salt_bytes), '\0');
  random(absl::MakeSpan(reinterpret_cast<uint8_t*>(salt.data()), salt.size()));
  const std::string encoded = EncodePss(input, salt, BN_num_bits(key.n.get()));
  const BnPtr message(BN_bin2bn(Data(encoded), static_cast<int>(encoded.size()), nullptr));
  const BnPtr common(BN_new());
  CHECK(context && message && common);
  CHECK(BN_gcd(common.get(), message.get(), key.n.get(), context.get()) == 1);
  if (!BN_is_one(common.get())) {
    return Error(kInvalidArgument, "INVALID_INPUT", "this message cannot be blinded");
  }

  std::string draw(key.modulus_bytes, '\0');
  BnPtr factor, inverse;
  do {
    random(absl::MakeSpan(reinterpret_cast<uint8_t*>(draw.data()), draw.size()));
    factor.reset(BN_bin2bn(Data(draw), static_cast<int>(draw.size()), nullptr));
    CHECK(factor != nullptr);
    if (BN_is_zero(factor.get()) || BN_cmp(factor.get(), key.n.get()) >= 0) continue;
    BN_set_flags(factor.get(), BN_FLG_CONSTTIME);
    inverse.reset(BN_mod_inverse(nullptr, factor.get(), key.n.get(), context.get()));
  } while (inverse == nullptr);
  Wipe(draw);

  const BnPtr blinded(BN_new());
  CHECK(BN_mod_exp(blinded.get(), factor.get(), key.e.get(), key.n.get(), context.get()) == 1);
  CHECK(BN_mod_mul(blinded.get(), blinded.get(), message.get(), key.n.get(), context.get()) == 1);
  return Blinded{.message = ToBytes(*blinded, key.modulus_bytes),
                 .inverse = ToBytes(*inverse, key.modulus_bytes)};
}

absl::StatusOr<std::string> Finalize(const BlindPublicKey& public_key, absl::string_view input,
                                     absl::string_view blind_signature, absl::string_view inverse,
                                     const BlindVariant& variant) {
  const RsaKey& key = public_key.rsa();
  const auto invalid = [] {
    return Error(kInvalidArgument, "INVALID_SIGNATURE",
                 "the blind signature is not one by this issuer on this message");
  };
  if (blind_signature.size() != key.modulus_bytes || inverse.size() != key.modulus_bytes) {
    return invalid();
  }
  const BnCtxPtr context(BN_CTX_secure_new());
  const BnPtr z(BN_bin2bn(Data(blind_signature), static_cast<int>(key.modulus_bytes), nullptr));
  const BnPtr inv(BN_bin2bn(Data(inverse), static_cast<int>(key.modulus_bytes), nullptr));
  CHECK(context && z && inv);
  CHECK(BN_mod_mul(z.get(), z.get(), inv.get(), key.n.get(), context.get()) == 1);
  std::string signature = ToBytes(*z, key.modulus_bytes);
  if (!public_key.Verify(input, signature, variant)) return invalid();
  return signature;
}

}  // namespace smederij::crypto
