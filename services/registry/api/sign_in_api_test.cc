#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/str_split.h"
#include "services/registry/testing/world.h"

namespace smederij::registry::testing {
namespace {

using nlohmann::json;
using policy::v1::Role;

json ClaimsOf(const std::string& token) {
  const std::vector<std::string> parts = absl::StrSplit(token, '.');
  std::string payload;
  EXPECT_TRUE(parts.size() == 3 && absl::WebSafeBase64Unescape(parts[1], &payload));
  return json::parse(payload);
}

absl::Status Refusal(World& world, const std::string& token,
                     const std::string& audience = "smederij-registry") {
  v1::ExchangeRequest request;
  request.set_subject_token(token);
  request.set_audience(audience);
  return world.Ask(&Stub::Exchange, request).status();
}

TEST(Exchange, RefusesInOrder) {
  World world;
  EXPECT_EQ(ReasonOf(Refusal(world, "nonsense", "nowhere")), "BAD_SUBJECT_TOKEN");
  EXPECT_EQ(ReasonOf(Refusal(world, world.IdentityToken("nobody"), "nowhere")), "UNKNOWN_AUDIENCE");
  EXPECT_EQ(ReasonOf(Refusal(world, world.IdentityToken("nobody"))), "UNKNOWN_SUBJECT");
  EXPECT_TRUE(Refusal(world, world.IdentityToken("administrator")).ok());
}

TEST(Exchange, BelievesOnlyTheIdentityProvider) {
  World world;
  const auto why = [&](const std::function<void(json&)>& bend) {
    const auto apply = [&](std::string& claims) {
      json parsed = json::parse(claims);
      bend(parsed);
      claims = parsed.dump();
    };
    const absl::Status refused = Refusal(world, world.IdentityToken("administrator", apply));
    EXPECT_EQ(refused.code(), kUnauthenticated);
    EXPECT_EQ(ReasonOf(refused), "BAD_SUBJECT_TOKEN");
    return FactsOf(refused).empty() ? "" : FactsOf(refused)[0].second;
  };
  EXPECT_EQ(why([](json& claims) { claims["iss"] = "https://identity.test"; }),
            "TOKEN_ISSUER_WRONG");
  EXPECT_EQ(why([](json& claims) { claims["aud"] = "smederij-ledger"; }), "TOKEN_AUDIENCE_WRONG");
  EXPECT_EQ(why([](json& claims) { claims["exp"] = claims["iat"]; }), "TOKEN_EXPIRED");
  EXPECT_EQ(why([](json& claims) { claims.erase("sub"); }), "SUBJECT_MISSING");
  EXPECT_EQ(why([](json& claims) { claims["sub"] = "a b"; }), "SUBJECT_MALFORMED");
  EXPECT_EQ(why([](json& claims) { claims["acr"] = "low"; }), "ACR_TOO_WEAK");
  // Our own token is no proof of identity, whoever signed it.
  const absl::Status own = Refusal(world, world.As("administrator").token);
  EXPECT_EQ(ReasonOf(own), "BAD_SUBJECT_TOKEN");
}

TEST(Exchange, TellsWhoWhereAndWhat) {
  World world;
  const std::string district = world.CreateDistrict("noordveld", {"7901"});
  world.Settle({{"anna", "1980-01-01", "7901 AB"}});
  v1::GrantRoleRequest grant;
  grant.set_request_id(NewId());
  grant.set_subject("anna");
  grant.set_role(Role::ROLE_BUDGET_HOLDER);
  grant.set_district_id(district);
  grant.set_limit_cents(250'00);
  ASSERT_TRUE(world.Ask(&Stub::GrantRole, grant, world.As("administrator")).ok());
  const json claims = ClaimsOf(world.As("anna", "smederij-ledger").token);
  EXPECT_EQ(claims["iss"], "https://identity.test");
  EXPECT_EQ(claims["aud"], "smederij-ledger");
  EXPECT_EQ(claims["municipality"], world.municipality());
  EXPECT_EQ(
      claims["roles"],
      json::array(
          {{{"role", "ROLE_RESIDENT"}, {"district", district}},
           {{"role", "ROLE_BUDGET_HOLDER"}, {"district", district}, {"limit_cents", 25000}}}));
  EXPECT_EQ(claims["exp"].get<int64_t>() - claims["iat"].get<int64_t>(), 600);
}

TEST(Exchange, APersonIsAnotherOneToEveryService) {
  World world;
  const auto subject_at = [&](const std::string& audience) {
    return ClaimsOf(world.As("administrator", audience).token)["sub"].get<std::string>();
  };
  const std::string own = subject_at("smederij-registry");
  EXPECT_EQ(own, world.made().administrator.ToString());
  EXPECT_EQ(subject_at("smederij-registry"), own);
  EXPECT_EQ(subject_at("smederij-ledger"), subject_at("smederij-ledger"));
  EXPECT_NE(subject_at("smederij-ledger"), own);
  EXPECT_NE(subject_at("smederij-ledger"), subject_at("smederij-proposals"));
  EXPECT_TRUE(Uuid::Parse(subject_at("smederij-ballots")).has_value());
}

TEST(Exchange, ARevokedRoleIsGoneFromTheNextToken) {
  World world;
  const v1::RoleGrant grant = world.Grant("anna", Role::ROLE_AUDITOR);
  EXPECT_EQ(ClaimsOf(world.As("anna").token)["roles"].size(), 1u);
  v1::RevokeRoleRequest revoke;
  revoke.set_request_id(NewId());
  revoke.set_grant_id(grant.grant_id());
  ASSERT_TRUE(world.Ask(&Stub::RevokeRole, revoke, world.As("administrator")).ok());
  EXPECT_EQ(ReasonOf(Refusal(world, world.IdentityToken("anna"))), "UNKNOWN_SUBJECT");
}

TEST(Bootstrap, WorksOnAnEmptyDatabaseOnly) {
  World world;
  const auto bootstrap = [&](const std::string& subject, bool additional) {
    return ReasonOf(Bootstrap(world.pool(), world.pseudonyms(), "Elders", subject, additional,
                              absl::Now() + absl::Seconds(10))
                        .status());
  };
  EXPECT_EQ(bootstrap("b", false), "NOT_EMPTY");
  EXPECT_EQ(bootstrap("a b", false), "BAD_REQUEST");
  EXPECT_EQ(bootstrap("administrator", true), "SUBJECT_ELSEWHERE");
  EXPECT_EQ(bootstrap("b", true), "");
}

}  // namespace
}  // namespace smederij::registry::testing
