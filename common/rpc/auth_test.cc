#include "common/rpc/auth.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/error.h"
#include "common/obs/log.h"
#include "common/testing/fake_clock.h"
#include "common/testing/test_identity.h"

namespace smederij::rpc {
namespace {

using nlohmann::json;
using testing::Person;
using testing::TestIdentity;

// An authenticator of the ledger over an issuer's watched file, at a time that stands still.
struct Ledger {
  TestIdentity identity;
  testing::FakeClock clock{absl::Now()};
  std::unique_ptr<KeySet> keys = [this] {
    auto opened = KeySet::Open(identity.jwks_path(), clock);
    CHECK(opened.ok());
    return *std::move(opened);
  }();
  Authenticator authenticator{"ledger", identity.issuer(), *keys, clock};

  absl::StatusOr<Caller> Token(const std::string& token) {
    const std::string value = absl::StrCat("Bearer ", token);
    return authenticator.Identify({.authorization = {value}});
  }
  absl::StatusOr<Caller> Bent(const std::function<void(json&)>& bend) {
    json claims = json::parse(identity.Claims("ledger", Person(), clock.Now(), absl::Minutes(5)));
    bend(claims);
    return Token(*identity.signer().Sign(claims.dump()));
  }
};

TEST(Authenticator, ReadsThePersonFromTheToken) {
  Ledger ledger;
  const Person person{.grants = {{policy::v1::ROLE_TREASURER, DistrictId::Random(), 5'000'00},
                                 {policy::v1::ROLE_RESIDENT}},
                      .acr = "substantial"};
  const auto caller = ledger.Token(ledger.identity.Token("ledger", person));
  ASSERT_TRUE(caller.ok()) << caller.status();
  EXPECT_EQ(caller->subject, person.subject);
  EXPECT_EQ(caller->municipality, person.municipality);
  EXPECT_EQ(caller->grants, person.grants);
  EXPECT_EQ(caller->acr, "substantial");
  EXPECT_TRUE(caller->person());
  EXPECT_FALSE(caller->service.has_value());
}

TEST(Authenticator, NothingBroughtIsNobody) {
  Ledger ledger;
  const auto caller = ledger.authenticator.Identify({});
  ASSERT_TRUE(caller.ok());
  EXPECT_FALSE(caller->person());
}

TEST(Authenticator, WantsOneBearerToken) {
  Ledger ledger;
  const std::string token = absl::StrCat("bearer ", ledger.identity.Token("ledger", {}));
  EXPECT_TRUE(ledger.authenticator.Identify({.authorization = {token}}).ok());
  for (const std::vector<absl::string_view>& values :
       {std::vector<absl::string_view>{"Basic eDp5"}, {""}, {"Bearer"}, {token, token}}) {
    EXPECT_EQ(ReasonOf(ledger.authenticator.Identify({.authorization = values}).status()),
              "TOKEN_MALFORMED");
  }
}

TEST(Authenticator, RefusesClaimsThatCouldWidenARight) {
  Ledger ledger;
  const auto refused = [&](const std::function<void(json&)>& bend) {
    const auto caller = ledger.Bent(bend);
    EXPECT_EQ(ReasonOf(caller.status()), "TOKEN_CLAIMS_WRONG") << caller.status();
    const auto facts = FactsOf(caller.status());
    return facts.empty() ? "" : facts.front().second;
  };
  const json role = {{"role", "ROLE_TREASURER"}};
  const auto with = [&](const char* member, const json& value) {
    return [=](json& claims) {
      claims["roles"] = json::array({role});
      claims["roles"][0][member] = value;
    };
  };
  EXPECT_EQ(refused([](json& claims) { claims["sub"] = "jan"; }), "sub");
  EXPECT_EQ(refused([](json& claims) { claims.erase("sub"); }), "sub");
  EXPECT_EQ(refused([](json& claims) { claims.erase("municipality"); }), "municipality");
  EXPECT_EQ(refused([](json& claims) { claims["roles"] = "ROLE_TREASURER"; }), "roles");
  EXPECT_EQ(refused([](json& claims) { claims["roles"] = json::array({"ROLE_TREASURER"}); }),
            "roles");
  EXPECT_EQ(refused(with("district", "")), "roles.district");
  EXPECT_EQ(refused(with("district", nullptr)), "roles.district");
  EXPECT_EQ(refused(with("limit_cents", -1)), "roles.limit_cents");
  EXPECT_EQ(refused(with("limit_cents", 1.5)), "roles.limit_cents");
  EXPECT_EQ(refused(with("limit_cents", "5000")), "roles.limit_cents");
  EXPECT_EQ(refused(with("limit_cents", uint64_t{1} << 63)), "roles.limit_cents");
  EXPECT_EQ(refused([](json& claims) { claims["acr"] = 3; }), "acr");
}

TEST(Authenticator, ARoleItDoesNotKnowGrantsNothing) {
  Ledger ledger;
  const auto caller = ledger.Bent([](json& claims) {
    claims["roles"] = json::array({{{"role", "ROLE_OF_TOMORROW"}},
                                   {{"role", "ROLE_UNSPECIFIED"}},
                                   {{"role", "ROLE_AUDITOR"}}});
  });
  ASSERT_TRUE(caller.ok());
  EXPECT_EQ(caller->grants, std::vector<Grant>{{policy::v1::ROLE_AUDITOR}});
}

TEST(Authenticator, AKnownTokenStillExpires) {
  Ledger ledger;
  const std::string token = ledger.identity.Token("ledger", {}, absl::Minutes(5));
  EXPECT_TRUE(ledger.Token(token).ok());
  ledger.clock.Advance(absl::Minutes(4));
  EXPECT_TRUE(ledger.Token(token).ok());
  ledger.clock.Advance(absl::Minutes(2));
  EXPECT_EQ(ReasonOf(ledger.Token(token).status()), "TOKEN_EXPIRED");
}

TEST(Authenticator, AWithdrawnKeyTakesItsKnownTokensWithIt) {
  Ledger ledger;
  const TestIdentity next;
  const std::string old_token = ledger.identity.Token("ledger", {});
  EXPECT_TRUE(ledger.Token(old_token).ok());
  ledger.identity.Publish({next.signer().public_jwk()});
  EXPECT_TRUE(ledger.Token(old_token).ok());  // The file is looked at once a second at most.
  ledger.clock.Advance(absl::Seconds(1));
  EXPECT_EQ(ReasonOf(ledger.Token(old_token).status()), "TOKEN_KEY_UNKNOWN");
  EXPECT_TRUE(ledger.Token(next.Token("ledger", {})).ok());
}

TEST(KeySet, AnUnusableFileIsRefusedAtStartAndIgnoredLater) {
  Ledger ledger;
  const std::string token = ledger.identity.Token("ledger", {});
  const json good = json::parse(ledger.identity.signer().public_jwk());
  json with_private = good;
  with_private["d"] = "AAAA";
  const json oct = {{"kty", "oct"}, {"k", "AAAA"}, {"kid", "x"}};
  for (const std::string& text :
       {std::string(), std::string("{}"), std::string(R"({"keys":[]})"), std::string("[1]"),
        json{{"keys", {with_private}}}.dump(), json{{"keys", {good, oct}}}.dump(),
        json{{"keys", {good, good}}}.dump(), json{{"keys", {7}}}.dump()}) {
    const obs::LogCapture log;
    std::ofstream(ledger.identity.jwks_path()) << text;
    EXPECT_EQ(ReasonOf(KeySet::Open(ledger.identity.jwks_path(), ledger.clock).status()),
              "JWKS_UNUSABLE")
        << text;
    ledger.clock.Advance(absl::Seconds(1));
    EXPECT_TRUE(ledger.Token(token).ok());
    ASSERT_EQ(log.lines().size(), 1u) << text;
    EXPECT_NE(log.lines()[0].find("jwks_unusable"), std::string::npos);
  }
  EXPECT_EQ(ReasonOf(KeySet::Open("/nowhere", ledger.clock).status()), "JWKS_UNUSABLE");
}

TEST(KeySet, LeavesOutKeysThatMayNotVerify) {
  const Ledger ledger;
  json encryption = json::parse(ledger.identity.signer().public_jwk());
  encryption["use"] = "enc";
  encryption["kid"] = "enc";
  json nameless = json::parse(ledger.identity.signer().public_jwk());
  nameless.erase("kid");
  ledger.identity.Publish(
      {encryption.dump(), nameless.dump(), ledger.identity.signer().public_jwk()});
  const auto keys = KeySet::Open(ledger.identity.jwks_path(), ledger.clock);
  ASSERT_TRUE(keys.ok());
  EXPECT_EQ((*keys)->Current()->size(), 1u);
}

TEST(Authenticator, AServiceIsNamedByItsCertificateAlone) {
  Ledger ledger;
  const auto named = [&](const std::string& uri) {
    return ledger.authenticator.Identify({.spiffe_id = uri})->service;
  };
  EXPECT_EQ(named("spiffe://smederij/proposals"), policy::v1::SERVICE_PROPOSALS);
  EXPECT_EQ(named("spiffe://smederij/registry"), policy::v1::SERVICE_REGISTRY);
  for (const char* uri : {"", "spiffe://smederij/", "spiffe://smederij/unspecified",
                          "spiffe://smederij/PROPOSALS", "spiffe://smederij/proposals/x",
                          "spiffe://elsewhere/proposals", "https://smederij/proposals"}) {
    EXPECT_EQ(named(uri), std::nullopt) << uri;
  }
}

TEST(Authenticator, OnlyAServiceActsOnBehalfOfSomebody) {
  Ledger ledger;
  const std::string subject = SubjectId::Random().ToString();
  const std::string service = "spiffe://smederij/proposals";
  const std::string token = absl::StrCat("Bearer ", ledger.identity.Token("ledger", {}));
  const auto reason = [&](const Evidence& evidence) {
    return ReasonOf(ledger.authenticator.Identify(evidence).status());
  };
  const auto caller =
      ledger.authenticator.Identify({.on_behalf_of = {subject}, .spiffe_id = service});
  ASSERT_TRUE(caller.ok());
  EXPECT_EQ(caller->on_behalf_of->ToString(), subject);
  EXPECT_FALSE(caller->person());
  EXPECT_EQ(reason({.on_behalf_of = {subject}}), "ON_BEHALF_OF_REFUSED");
  EXPECT_EQ(reason({.authorization = {token}, .on_behalf_of = {subject}}), "ON_BEHALF_OF_REFUSED");
  EXPECT_EQ(reason({.on_behalf_of = {subject, subject}, .spiffe_id = service}),
            "ON_BEHALF_OF_REFUSED");
  EXPECT_EQ(reason({.on_behalf_of = {"jan"}, .spiffe_id = service}), "BAD_ID");
  EXPECT_EQ(reason({.authorization = {token}, .spiffe_id = service}), "TWO_IDENTITIES");
}

}  // namespace
}  // namespace smederij::rpc
