#include "common/rpc/jwt.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/base/check.h"
#include "common/base/error.h"
#include "common/crypto/hash.h"
#include "common/testing/fake_clock.h"
#include "common/testing/test_identity.h"

namespace smederij::rpc {
namespace {

using nlohmann::json;
using testing::TestIdentity;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

TestIdentity& Identity() {
  static auto& identity = *new TestIdentity("RSA");  // RSA: the key HS256 confusion wants.
  return identity;
}

KeySet::Keys KeysOf(const std::vector<std::string>& public_jwks) {
  Identity().Publish(public_jwks);
  const testing::FakeClock clock(kNow);
  auto keys = KeySet::Open(Identity().jwks_path(), clock);
  CHECK(keys.ok());
  return *(*keys)->Current();
}

const KeySet::Keys& Keys() {
  static const auto& keys = *new KeySet::Keys(KeysOf({Identity().signer().public_jwk()}));
  return keys;
}

JwtRules Rules() { return {.issuer = Identity().issuer(), .audience = "smederij-ledger"}; }

json Claims() { return json::parse(Identity().Claims("ledger", {}, kNow, absl::Minutes(10))); }

std::string Encode(const json& part) { return absl::WebSafeBase64Escape(part.dump()); }

std::string Signed(const json& claims, absl::string_view type = "at+jwt") {
  return *Identity().signer().Sign(claims.dump(), type);
}

// A token of any header and claims with an HMAC over `key`: what a forger can make.
std::string Forged(const json& header, const json& claims, const std::string& key) {
  const std::string body = absl::StrCat(Encode(header), ".", Encode(claims));
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(body.data()), body.size(), mac, &size);
  return absl::StrCat(
      body, ".", absl::WebSafeBase64Escape(absl::string_view(reinterpret_cast<char*>(mac), size)));
}

json Header(const std::string& algorithm) {
  return {{"alg", algorithm}, {"typ", "at+jwt"}, {"kid", Identity().signer().kid()}};
}

// The honest token with its header replaced, its signature kept.
std::string WithHeader(const json& header) {
  std::vector<std::string> parts = absl::StrSplit(Signed(Claims()), '.');
  return absl::StrCat(Encode(header), ".", parts[1], ".", parts[2]);
}

struct Case {
  const char* name;
  std::function<std::string()> token;
  const char* reason;
};

class Tokens : public ::testing::TestWithParam<Case> {};

TEST_P(Tokens, AreBelievedOnlyIfEveryRuleHolds) {
  const auto claims = VerifyJwt(GetParam().token(), Keys(), Rules(), kNow);
  EXPECT_EQ(ReasonOf(claims.status()), GetParam().reason) << claims.status();
  EXPECT_EQ(claims.status().code(),
            std::string(GetParam().reason).empty() ? absl::StatusCode::kOk : kUnauthenticated);
}

std::string With(const std::function<void(json&)>& bend) {
  json claims = Claims();
  bend(claims);
  return Signed(claims);
}

std::string WithHeaderMember(const char* member, const json& value) {
  json header = Header("PS256");
  header[member] = value;
  return WithHeader(header);
}

std::string Without(const char* claim) {
  return With([&](json& claims) { claims.erase(claim); });
}

int64_t At(absl::Duration from_now) { return absl::ToUnixSeconds(kNow + from_now); }

const std::vector<Case>& ForgedCases() {
  static const auto& cases = *new std::vector<Case>{
      {"honest", [] { return Signed(Claims()); }, ""},
      {"too_large", [] { return With([](json& c) { c["x"] = std::string(9000, 'x'); }); },
       "TOKEN_TOO_LARGE"},
      {"empty", [] { return std::string(); }, "TOKEN_MALFORMED"},
      {"no_jwt", [] { return std::string("a.b.c"); }, "TOKEN_MALFORMED"},
      {"deeply_nested_header",
       [] {
         return absl::StrCat(absl::WebSafeBase64Escape(std::string(3000, '[')), ".",
                             Encode(Claims()), ".AA");
       },
       "TOKEN_MALFORMED"},
      {"deeply_nested_claims",
       [] {
         return absl::StrCat(Encode(Header("PS256")), ".",
                             absl::WebSafeBase64Escape(std::string(5000, '{')), ".AA");
       },
       "TOKEN_MALFORMED"},
      {"two_parts", [] { return absl::StrCat(Encode(Header("PS256")), ".", Encode(Claims())); },
       "TOKEN_MALFORMED"},
      {"no_signature",
       [] { return absl::StrCat(Encode(Header("none")), ".", Encode(Claims()), "."); },
       "TOKEN_MALFORMED"},
      {"alg_none",
       [] { return absl::StrCat(Encode(Header("none")), ".", Encode(Claims()), ".AA"); },
       "TOKEN_ALGORITHM_REFUSED"},
      {"alg_none_in_capitals",
       [] { return absl::StrCat(Encode(Header("NONE")), ".", Encode(Claims()), ".AA"); },
       "TOKEN_ALGORITHM_REFUSED"},
      {"hmac_with_the_public_key",
       [] { return Forged(Header("HS256"), Claims(), Identity().signer().public_jwk()); },
       "TOKEN_ALGORITHM_REFUSED"},
      {"hmac_that_claims_to_be_rsa",
       [] { return Forged(Header("PS256"), Claims(), Identity().signer().public_jwk()); },
       "TOKEN_SIGNATURE_WRONG"},
      {"rs256_over_a_ps256_key", [] { return WithHeader(Header("RS256")); },
       "TOKEN_ALGORITHM_REFUSED"},
      {"es256_over_an_rsa_key", [] { return WithHeader(Header("ES256")); }, "TOKEN_KEY_UNKNOWN"},
      {"type_jwt", [] { return Signed(Claims(), "JWT"); }, "TOKEN_TYPE_REFUSED"},
      {"type_missing",
       [] {
         json header = Header("PS256");
         header.erase("typ");
         return WithHeader(header);
       },
       "TOKEN_TYPE_REFUSED"},
      {"type_beats_algorithm",
       [] {
         return Forged({{"alg", "HS256"}, {"typ", "JWT"}}, Claims(), "x");
       },
       "TOKEN_TYPE_REFUSED"},
      {"type_long_form", [] { return Signed(Claims(), "application/AT+JWT"); }, ""},
      {"jku", [] { return WithHeaderMember("jku", "https://127.0.0.1:1/keys"); },
       "TOKEN_HEADER_REFUSED"},
      {"x5u", [] { return WithHeaderMember("x5u", "https://127.0.0.1:1/cert"); },
       "TOKEN_HEADER_REFUSED"},
      {"embedded_jwk",
       [] {
         const auto own = TokenSigner::FromPem(testing::MakePrivateKeyPem("RSA"));
         return WithHeaderMember("jwk", json::parse(own->public_jwk()));
       },
       "TOKEN_HEADER_REFUSED"},
      {"critical_extension", [] { return WithHeaderMember("crit", json::array({"b64"})); },
       "TOKEN_HEADER_REFUSED"},
      {"unknown_kid", [] { return WithHeaderMember("kid", "another"); }, "TOKEN_KEY_UNKNOWN"},
      {"foreign_key",
       [] {
         return *TokenSigner::FromPem(testing::MakePrivateKeyPem("RSA"))->Sign(Claims().dump());
       },
       "TOKEN_KEY_UNKNOWN"},
      {"changed_header", [] { return WithHeaderMember("x", 1); }, "TOKEN_SIGNATURE_WRONG"},
      {"changed_claims",
       [] {
         std::vector<std::string> parts = absl::StrSplit(Signed(Claims()), '.');
         json claims = Claims();
         claims["sub"] = SubjectId::Random().ToString();
         return absl::StrCat(parts[0], ".", Encode(claims), ".", parts[2]);
       },
       "TOKEN_SIGNATURE_WRONG"}};
  return cases;
}

const std::vector<Case>& ClaimCases() {
  static const auto& cases = *new std::vector<Case>{
      {"other_issuer", [] { return With([](json& c) { c["iss"] = "https://else.test"; }); },
       "TOKEN_ISSUER_WRONG"},
      {"no_issuer", [] { return Without("iss"); }, "TOKEN_ISSUER_WRONG"},
      {"issuer_beats_audience",
       [] {
         return With([](json& c) {
           c["iss"] = "x";
           c["aud"] = "x";
         });
       },
       "TOKEN_ISSUER_WRONG"},
      {"other_audience", [] { return With([](json& c) { c["aud"] = "smederij-ballots"; }); },
       "TOKEN_AUDIENCE_WRONG"},
      {"audience_in_a_list", [] { return With([](json& c) { c["aud"] = {"smederij-ledger"}; }); },
       ""},
      {"two_audiences",
       [] { return With([](json& c) {
              c["aud"] = {"smederij-ledger", "smederij-ballots"};
            }); },
       "TOKEN_AUDIENCE_WRONG"},
      {"audience_beats_expiry",
       [] {
         return With([](json& c) {
           c["aud"] = "x";
           c["exp"] = At(-absl::Hours(1));
         });
       },
       "TOKEN_AUDIENCE_WRONG"},
      {"no_expiry", [] { return Without("exp"); }, "TOKEN_MALFORMED"},
      {"no_issue_time", [] { return Without("iat"); }, "TOKEN_MALFORMED"},
      {"expiry_as_text", [] { return With([](json& c) { c["exp"] = "1800000300"; }); },
       "TOKEN_MALFORMED"},
      {"expiry_as_fraction", [] { return With([](json& c) { c["exp"] = 1.8e9; }); },
       "TOKEN_MALFORMED"},
      {"expiry_beyond_measure",
       [] { return With([](json& c) { c["exp"] = uint64_t{18446744073709551615u}; }); },
       "TOKEN_MALFORMED"},
      {"no_not_before", [] { return Without("nbf"); }, ""},
      {"expires_now", [] { return With([](json& c) { c["exp"] = At(absl::ZeroDuration()); }); },
       "TOKEN_EXPIRED"},
      {"expires_next_second", [] { return With([](json& c) { c["exp"] = At(absl::Seconds(1)); }); },
       ""},
      {"begins_in_a_minute", [] { return With([](json& c) { c["nbf"] = At(absl::Seconds(60)); }); },
       ""},
      {"begins_later", [] { return With([](json& c) { c["nbf"] = At(absl::Seconds(61)); }); },
       "TOKEN_NOT_YET_VALID"},
      {"issued_later", [] { return With([](json& c) { c["iat"] = At(absl::Seconds(61)); }); },
       "TOKEN_NOT_YET_VALID"},
      {"one_second_too_long",
       [] { return With([](json& c) { c["exp"] = At(absl::Seconds(601)); }); },
       "TOKEN_LIFETIME_TOO_LONG"}};
  return cases;
}

std::string CaseName(const ::testing::TestParamInfo<Case>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(Forgeries, Tokens, ::testing::ValuesIn(ForgedCases()), CaseName);
INSTANTIATE_TEST_SUITE_P(ClaimRules, Tokens, ::testing::ValuesIn(ClaimCases()), CaseName);

TEST(TokenSigner, SignsWithEachKindOfKeyWhatTheVerifierBelieves) {
  for (const auto& [kind, algorithm] :
       {std::pair("P-256", "ES256"), std::pair("ED25519", "EdDSA"), std::pair("RSA", "PS256")}) {
    const auto signer = TokenSigner::FromPem(testing::MakePrivateKeyPem(kind));
    ASSERT_TRUE(signer.ok()) << kind;
    EXPECT_EQ(signer->algorithm(), algorithm);
    const KeySet::Keys keys = KeysOf({signer->public_jwk()});
    const auto claims = VerifyJwt(*signer->Sign(Claims().dump()), keys, Rules(), kNow);
    ASSERT_TRUE(claims.ok()) << kind << claims.status();
    EXPECT_EQ(json::parse(*claims)["aud"], "smederij-ledger");
    EXPECT_EQ(json::parse(signer->public_jwk()).count("d"), 0u);
  }
}

// The public point of a P-256 key: x, then y, of 32 bytes each.
std::string PointOf(const std::string& pem) {
  BIO* const bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  EVP_PKEY* const key = PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr);
  BIO_free(bio);
  unsigned char* bytes = nullptr;
  const size_t size = EVP_PKEY_get1_encoded_public_key(key, &bytes);
  CHECK(size == 65);
  std::string point(reinterpret_cast<const char*>(bytes) + 1, 64);
  OPENSSL_free(bytes);
  EVP_PKEY_free(key);
  return point;
}

// Coordinates that begin with zero are as long as others (RFC 7518 6.2.1.2): everybody computes the
// same thumbprint, which is the key's name.
TEST(TokenSigner, PublishesWholeCoordinates) {
  int short_x = 0, short_y = 0;
  for (int tries = 0; tries < 20'000 && (short_x == 0 || short_y == 0); ++tries) {
    const std::string pem = testing::MakePrivateKeyPem("P-256");
    const std::string point = PointOf(pem);
    if (point[0] != 0 && point[32] != 0) continue;
    short_x += point[0] == 0 ? 1 : 0;
    short_y += point[32] == 0 ? 1 : 0;
    const auto base64 = [](absl::string_view bytes) { return absl::WebSafeBase64Escape(bytes); };
    const auto signer = TokenSigner::FromPem(pem);
    ASSERT_TRUE(signer.ok()) << signer.status();
    const json jwk = json::parse(signer->public_jwk());
    EXPECT_EQ(jwk["x"], base64(point.substr(0, 32)));
    EXPECT_EQ(jwk["y"], base64(point.substr(32)));
    const crypto::Hash thumbprint = crypto::Sha256(
        absl::StrCat("{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"", base64(point.substr(0, 32)),
                     "\",\"y\":\"", base64(point.substr(32)), "\"}"));
    EXPECT_EQ(jwk["kid"], base64({reinterpret_cast<const char*>(thumbprint.data()), 32}));
    const KeySet::Keys keys = KeysOf({signer->public_jwk()});
    EXPECT_TRUE(VerifyJwt(*signer->Sign(Claims().dump()), keys, Rules(), kNow).ok());
  }
  EXPECT_GT(short_x, 0);
  EXPECT_GT(short_y, 0);
}

TEST(TokenSigner, SignaturesAreAlwaysOfOneLength) {
  const auto signer = TokenSigner::FromPem(testing::MakePrivateKeyPem("P-256"));
  const KeySet::Keys keys = KeysOf({signer->public_jwk()});
  for (int i = 0; i < 1000; ++i) {
    json claims = Claims();
    claims["jti"] = i;
    const std::string token = *signer->Sign(claims.dump());
    EXPECT_EQ(token.size() - token.rfind('.') - 1, 86u);
    ASSERT_TRUE(VerifyJwt(token, keys, Rules(), kNow).ok()) << token;
  }
}

TEST(TokenSigner, RefusesWhatItCannotSignWith) {
  for (const std::string& pem : {std::string("no key"), testing::MakePrivateKeyPem("P-384"),
                                 testing::MakePrivateKeyPem("RSA-1024")}) {
    EXPECT_EQ(ReasonOf(TokenSigner::FromPem(pem).status()), "SIGNING_KEY_UNUSABLE");
  }
}

TEST(VerifyJwt, OtherIssuersTokensAreReadByTheirOwnRules) {
  const auto signer = TokenSigner::FromPem(testing::MakePrivateKeyPem("P-256"));
  JwtRules rules{.issuer = "https://login.test", .audience = "smederij"};
  rules.types = {"JWT", ""};
  rules.lifetime = absl::Hours(1);
  json claims = {{"iss", rules.issuer},
                 {"aud", rules.audience},
                 {"iat", At(absl::ZeroDuration())},
                 {"exp", At(absl::Hours(1))}};
  const KeySet::Keys keys = KeysOf({signer->public_jwk()});
  EXPECT_TRUE(VerifyJwt(*signer->Sign(claims.dump(), "JWT"), keys, rules, kNow).ok());
  EXPECT_EQ(ReasonOf(VerifyJwt(*signer->Sign(claims.dump()), keys, rules, kNow).status()),
            "TOKEN_TYPE_REFUSED");
}

}  // namespace
}  // namespace smederij::rpc
