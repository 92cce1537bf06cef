#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "services/registry/testing/world.h"

namespace smederij::registry::testing {
namespace {

using policy::v1::Role;
using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::SizeIs;

v1::GrantRoleRequest GrantOf(const std::string& subject, Role role) {
  v1::GrantRoleRequest request;
  request.set_request_id(NewId());
  request.set_subject(subject);
  request.set_role(role);
  return request;
}

v1::RevokeRoleRequest RevokeOf(const std::string& grant) {
  v1::RevokeRoleRequest request;
  request.set_request_id(NewId());
  request.set_grant_id(grant);
  return request;
}

TEST(GrantRole, RefusesInOrder) {
  World world;
  world.AddMunicipality("Zuiderland", "other");
  const std::string far = world.CreateDistrict("far", {"7901"}, "other");
  const From administrator = world.As("administrator");
  const auto reason = [&](const v1::GrantRoleRequest& request) {
    return ReasonOf(world.Ask(&Stub::GrantRole, request, administrator).status());
  };
  v1::GrantRoleRequest request = GrantOf("a b", Role::ROLE_RESIDENT);
  request.set_limit_cents(-1);
  request.set_district_id("x");
  EXPECT_EQ(reason(request), "BAD_ID");
  request.set_district_id(far);
  const auto bad = world.Ask(&Stub::GrantRole, request, administrator);
  EXPECT_EQ(ReasonOf(bad.status()), "BAD_REQUEST");
  EXPECT_THAT(FieldsOf(bad.status()), SizeIs(3));
  request = GrantOf("other", Role::ROLE_AUDITOR);
  request.set_district_id(far);  // Exists, but in another municipality: as if it did not.
  EXPECT_EQ(reason(request), "DISTRICT_NOT_FOUND");
  EXPECT_EQ(reason(GrantOf("other", Role::ROLE_AUDITOR)), "SUBJECT_ELSEWHERE");
  EXPECT_EQ(reason(GrantOf("anna", Role::ROLE_AUDITOR)), "");
  EXPECT_EQ(reason(GrantOf("anna", Role::ROLE_AUDITOR)), "ALREADY_GRANTED");
  EXPECT_EQ(reason(GrantOf("anna", Role::ROLE_TREASURER)), "");
  EXPECT_EQ(reason(GrantOf("anna", static_cast<Role>(99))), "BAD_REQUEST");
}

TEST(GrantRole, RacingCopiesGiveOneGrant) {
  World world;
  const From administrator = world.As("administrator");
  const v1::GrantRoleRequest request = GrantOf("anna", Role::ROLE_AUDITOR);
  std::vector<std::string> ids(8);
  std::vector<std::thread> threads;
  for (std::string& id : ids) {
    const auto grant = [&] {
      const auto granted = world.Ask(&Stub::GrantRole, request, administrator);
      EXPECT_TRUE(granted.ok()) << granted.status();
      if (granted.ok()) id = granted->grant_id();
    };
    threads.emplace_back(grant);
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(ids, ::testing::Each(ids.front()));
}

TEST(RevokeRole, TakesItBackOnceAndCanGrantItAgain) {
  World world;
  const From administrator = world.As("administrator");
  const v1::RoleGrant grant = world.Grant("anna", Role::ROLE_AUDITOR);
  const auto revoked = world.Ask(&Stub::RevokeRole, RevokeOf(grant.grant_id()), administrator);
  ASSERT_TRUE(revoked.ok()) << revoked.status();
  EXPECT_TRUE(revoked->has_revoke_time());
  const auto again = world.Ask(&Stub::RevokeRole, RevokeOf(grant.grant_id()), administrator);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->SerializeAsString(), revoked->SerializeAsString());
  EXPECT_NE(world.Grant("anna", Role::ROLE_AUDITOR).grant_id(), grant.grant_id());
}

TEST(RevokeRole, RefusesInOrder) {
  World world;
  world.AddMunicipality("Zuiderland", "other");
  const From administrator = world.As("administrator");
  const v1::RoleGrant second = world.Grant("anna", Role::ROLE_ADMINISTRATOR);
  const auto reason = [&](const std::string& grant, const From& from) {
    return ReasonOf(world.Ask(&Stub::RevokeRole, RevokeOf(grant), from).status());
  };
  EXPECT_EQ(reason(NewId(), administrator), "GRANT_NOT_FOUND");
  EXPECT_EQ(reason(second.grant_id(), world.As("other")), "GRANT_NOT_FOUND");
  v1::ListGrantsRequest list;
  const auto grants = world.Ask(&Stub::ListGrants, list, administrator);
  ASSERT_THAT(grants->grants(), SizeIs(2));
  const std::string first = grants->grants(1).grant_id();
  EXPECT_EQ(reason(first, world.As("anna")), "");
  EXPECT_EQ(reason(second.grant_id(), world.As("anna")), "LAST_ADMINISTRATOR");
}

TEST(RevokeRole, TwoWhoRevokeEachOtherLeaveOne) {
  for (int round = 0; round < 5; ++round) {
    World world;
    const v1::RoleGrant anna = world.Grant("anna", Role::ROLE_ADMINISTRATOR);
    const From administrator = world.As("administrator"), other = world.As("anna");
    const auto grants = world.Ask(&Stub::ListGrants, {}, administrator);
    const std::string first = grants->grants(1).grant_id();
    std::string reasons[2];
    std::thread a([&] {
      reasons[0] = ReasonOf(world.Ask(&Stub::RevokeRole, RevokeOf(first), administrator).status());
    });
    std::thread b([&] {
      reasons[1] =
          ReasonOf(world.Ask(&Stub::RevokeRole, RevokeOf(anna.grant_id()), other).status());
    });
    a.join();
    b.join();
    EXPECT_THAT(reasons, ::testing::UnorderedElementsAre("", "LAST_ADMINISTRATOR"));
  }
}

TEST(ListGrants, PagesNewestFirstAndKeepsToTheMunicipality) {
  World world;
  world.AddMunicipality("Zuiderland", "other");
  for (int i = 0; i < 4; ++i) world.Grant("p" + std::to_string(i), Role::ROLE_TEAM_MEMBER);
  v1::ListGrantsRequest request;
  request.set_page_size(2);
  std::vector<int> roles;
  do {
    const auto page = world.Ask(&Stub::ListGrants, request, world.As("administrator"));
    ASSERT_TRUE(page.ok()) << page.status();
    for (const v1::RoleGrant& grant : page->grants()) roles.push_back(grant.role());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(roles, ElementsAre(5, 5, 5, 5, 2));
  request.set_page_token("bm9wZQ");
  EXPECT_EQ(ReasonOf(world.Ask(&Stub::ListGrants, request, world.As("administrator")).status()),
            "BAD_PAGE");
}

class Importing : public ::testing::Test {
 protected:
  Importing() {
    district_ = world_.CreateDistrict("noordveld", {"7901"});
    world_.Grant("registrar", Role::ROLE_REGISTRAR);
  }

  static v1::ImportResidentsRequest Header(const std::string& id = NewId()) {
    v1::ImportResidentsRequest message;
    message.mutable_header()->set_request_id(id);
    return message;
  }
  static v1::ImportResidentsRequest Batch(std::vector<std::array<std::string, 3>> people) {
    v1::ImportResidentsRequest message;
    message.mutable_batch();
    for (const auto& [subject, birth_date, postcode] : people) {
      v1::Resident& resident = *message.mutable_batch()->add_residents();
      resident.set_subject(subject);
      resident.set_birth_date(birth_date);
      resident.set_postcode(postcode);
    }
    return message;
  }
  absl::Status Refusal(const std::vector<v1::ImportResidentsRequest>& messages) {
    return world_.Import(messages, world_.As("registrar")).status();
  }

  World world_;
  std::string district_;
};

TEST_F(Importing, CreatesUpdatesAndRepeatsItsAnswer) {
  const auto first = std::vector{
      Header(), Batch({{"anna", "1980-01-01", "7901 AB"}, {"bert", "1990-01-01", "7901 AB"}})};
  bool replayed = true;
  auto done = world_.Import(first, world_.As("registrar"), &replayed);
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_FALSE(replayed);
  EXPECT_EQ(done->created(), 2);
  done = world_.Import(first, world_.As("registrar"), &replayed);
  ASSERT_TRUE(done.ok());
  EXPECT_TRUE(replayed);
  EXPECT_EQ(done->created(), 2);
  // The same lines cut into other messages are the same import.
  done = world_.Import({first[0], Batch({{"anna", "1980-01-01", "7901 AB"}}),
                        Batch({{"bert", "1990-01-01", "7901 AB"}})},
                       world_.As("registrar"), &replayed);
  EXPECT_TRUE(replayed);
  EXPECT_EQ(ReasonOf(Refusal({first[0], Batch({{"anna", "1980-01-02", "7901 AB"}})})),
            "REQUEST_ID_REUSED");
  done = world_.Import(
      {Header(), Batch({{"anna", "1980-01-02", "7901 AB"}, {"cees", "2000-01-01", "7901 AB"}})},
      world_.As("registrar"));
  EXPECT_EQ(done->created(), 1);
  EXPECT_EQ(done->updated(), 1);
}

TEST_F(Importing, IsAllOrNothing) {
  const absl::Status refused =
      Refusal({Header(), Batch({{"anna", "1980-01-01", "7901 AB"}}),
               Batch({{"bert", "1990-02-30", "7901 AB"}, {"anna", "1980-01-01", "1111 AA"}})});
  EXPECT_EQ(ReasonOf(refused), "BAD_RESIDENTS");
  EXPECT_THAT(FieldsOf(refused),
              ElementsAre(Pair("residents[1].birth_date", ::testing::_),
                          Pair("residents[2].postcode", "lies in no district"),
                          Pair("residents[2].subject", "is the one of residents[0]")));
  v1::ExchangeRequest exchange;
  exchange.set_subject_token(world_.IdentityToken("anna"));
  exchange.set_audience("smederij-registry");
  EXPECT_EQ(ReasonOf(world_.Ask(&Stub::Exchange, exchange).status()), "UNKNOWN_SUBJECT");
}

TEST_F(Importing, RefusesInOrder) {
  const auto good = Batch({{"anna", "1980-01-01", "7901 AB"}});
  EXPECT_EQ(ReasonOf(Refusal({})), "HEADER_MISSING");
  EXPECT_EQ(ReasonOf(Refusal({good})), "HEADER_MISSING");
  EXPECT_EQ(ReasonOf(Refusal({Header("x"), good})), "BAD_ID");
  EXPECT_EQ(ReasonOf(Refusal({Header(), good, Header()})), "HEADER_MISSING");
  EXPECT_EQ(ReasonOf(Refusal(
                {Header(), Batch(std::vector<std::array<std::string, 3>>(1001, {"", "", ""}))})),
            "TOO_MANY_RESIDENTS");
  EXPECT_EQ(ReasonOf(world_.Import({Header(), good}, world_.As("administrator")).status()),
            "ROLE_NOT_HELD");
}

TEST_F(Importing, ACompleteOneMovesTheOthersAway) {
  world_.Settle({{"anna", "1980-01-01", "7901 AB"},
                 {"bert", "1980-01-01", "7901 AB"},
                 {"cees", "1980-01-01", "7901 AB"}});
  world_.Grant("cees", Role::ROLE_AUDITOR);
  world_.AddMunicipality("Zuiderland", "other");
  v1::ImportResidentsRequest header = Header();
  header.mutable_header()->set_complete(true);
  EXPECT_EQ(ReasonOf(Refusal({header})), "EMPTY_IMPORT");
  const std::vector<v1::ImportResidentsRequest> messages{
      header, Batch({{"bert", "1980-01-01", "7901 AB"}, {"dirk", "1980-01-01", "7901 AB"}})};
  bool replayed = true;
  const auto done = world_.Import(messages, world_.As("registrar"), &replayed);
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_EQ(done->created(), 1);
  EXPECT_EQ(done->updated(), 1);
  EXPECT_EQ(done->left(), 2);
  const auto refused = [&](const std::string& subject) {
    v1::ExchangeRequest exchange;
    exchange.set_subject_token(world_.IdentityToken(subject));
    exchange.set_audience("smederij-registry");
    return ReasonOf(world_.Ask(&Stub::Exchange, exchange).status());
  };
  EXPECT_EQ(refused("anna"), "UNKNOWN_SUBJECT");
  EXPECT_EQ(refused("bert"), "");
  EXPECT_EQ(refused("cees"), "");  // An auditor still.
  EXPECT_EQ(refused("other"), "");
  header.mutable_header()->set_complete(false);
  EXPECT_EQ(ReasonOf(Refusal({header, messages[1]})), "REQUEST_ID_REUSED");
}

TEST_F(Importing, ErasingSomebodyLeavesNobodyBehind) {
  world_.Settle({{"anna", "1980-01-01", "7901 AB"}, {"bert", "1980-01-01", "7901 AB"}});
  world_.Grant("bert", Role::ROLE_AUDITOR);
  world_.AddMunicipality("Zuiderland", "other");
  v1::EraseResidentRequest request;
  const auto reason = [&](const std::string& subject) {
    request.set_request_id(NewId());
    request.set_subject(subject);
    return ReasonOf(world_.Ask(&Stub::EraseResident, request, world_.As("registrar")).status());
  };
  EXPECT_EQ(reason(""), "BAD_REQUEST");
  EXPECT_EQ(reason("nobody"), "RESIDENT_NOT_FOUND");
  EXPECT_EQ(reason("other"), "RESIDENT_NOT_FOUND");
  EXPECT_EQ(reason("bert"), "HOLDS_ROLES");
  EXPECT_EQ(reason("anna"), "");
  bool replayed = false;
  EXPECT_TRUE(world_.Ask(&Stub::EraseResident, request, world_.As("registrar"), &replayed).ok());
  EXPECT_TRUE(replayed);
  EXPECT_EQ(reason("anna"), "RESIDENT_NOT_FOUND");
  v1::ExchangeRequest exchange;
  exchange.set_subject_token(world_.IdentityToken("anna"));
  exchange.set_audience("smederij-registry");
  EXPECT_EQ(ReasonOf(world_.Ask(&Stub::Exchange, exchange).status()), "UNKNOWN_SUBJECT");
  // Who comes back is somebody new.
  EXPECT_EQ(
      world_.Import({Header(), Batch({{"anna", "1980-01-01", "7901 AB"}})}, world_.As("registrar"))
          ->created(),
      1);
}

TEST_F(Importing, SomebodyOfAnotherMunicipalityStaysThere) {
  world_.AddMunicipality("Zuiderland", "other");
  const absl::Status refused = Refusal(
      {Header(), Batch({{"anna", "1980-01-01", "7901 AB"}, {"other", "1980-01-01", "7901 AB"}})});
  EXPECT_THAT(FieldsOf(refused),
              ElementsAre(Pair("residents[1].subject", "is registered in another municipality")));
}

TEST_F(Importing, AnOfficialWhoMovesInKeepsTheirGrants) {
  world_.Grant("anna", Role::ROLE_AUDITOR);
  const auto done =
      world_.Import({Header(), Batch({{"anna", "1980-01-01", "7901 AB"}})}, world_.As("registrar"));
  EXPECT_EQ(done->created(), 0);
  EXPECT_EQ(done->updated(), 1);
}

TEST_F(Importing, NamesAreStoredNowhere) {
  ASSERT_TRUE(world_
                  .Import({Header(), Batch({{"bsn-123456782", "1980-01-01", "7901 AB"}})},
                          world_.As("registrar"))
                  .ok());
  // Every text and bytes column of every table, as text and as hex.
  const absl::Status clean = world_.database().Sql(R"sql(
    DO $$ DECLARE c record; hits bigint; BEGIN
      FOR c IN SELECT table_name, column_name FROM information_schema.columns
                WHERE table_schema = 'registry' LOOP
        EXECUTE format('SELECT count(*) FROM registry.%I WHERE %I::text LIKE ''%%123456782%%'' '
                       'OR %I::text LIKE ''%%'' || encode(''123456782'', ''hex'') || ''%%''',
                       c.table_name, c.column_name, c.column_name) INTO hits;
        IF hits > 0 THEN RAISE EXCEPTION 'found in %.%', c.table_name, c.column_name; END IF;
      END LOOP; END $$)sql");
  EXPECT_TRUE(clean.ok()) << clean;
}

}  // namespace
}  // namespace smederij::registry::testing
