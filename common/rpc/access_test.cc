#include "common/rpc/access.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "common/base/check.h"
#include "common/base/error.h"

namespace smederij::rpc {
namespace {

Access Declared(const char* text) {
  Access access;
  CHECK(google::protobuf::TextFormat::ParseFromString(text, &access));
  return access;
}

Caller PersonWith(Role role) {
  return {.subject = SubjectId::Random(),
          .municipality = MunicipalityId::Random(),
          .grants = {{role, DistrictId::Random()}}};
}

struct Declaration {
  const char* name;
  const char* text;
  const char* mistake;
};

std::string CaseName(const ::testing::TestParamInfo<Declaration>& info) { return info.param.name; }

class Declarations : public ::testing::TestWithParam<Declaration> {};

TEST_P(Declarations, NameExactlyOneWayIn) {
  EXPECT_EQ(MistakeIn(Declared(GetParam().text)), GetParam().mistake);
}

INSTANTIATE_TEST_SUITE_P(
    All, Declarations,
    ::testing::Values(
        Declaration{"public_", "public: true scope: SCOPE_NONE", ""},
        Declaration{"anonymous", "anonymous: true scope: SCOPE_NONE", ""},
        Declaration{"role", "roles: ROLE_RESIDENT scope: SCOPE_OWN", ""},
        Declaration{"service", "services: SERVICE_LEDGER scope: SCOPE_NONE", ""},
        Declaration{"both", "roles: ROLE_AUDITOR services: SERVICE_LEDGER scope: SCOPE_DISTRICT",
                    ""},
        Declaration{"four_eyes", "roles: ROLE_TREASURER scope: SCOPE_DISTRICT four_eyes: true", ""},
        Declaration{"empty", "", "names nobody who may call"},
        Declaration{"scope_alone", "scope: SCOPE_NONE", "names nobody who may call"},
        Declaration{"public_and_role", "public: true roles: ROLE_RESIDENT scope: SCOPE_NONE",
                    "names more than one way in"},
        Declaration{"public_and_anonymous", "public: true anonymous: true scope: SCOPE_NONE",
                    "names more than one way in"},
        Declaration{"anonymous_and_service",
                    "anonymous: true services: SERVICE_LEDGER scope: SCOPE_NONE",
                    "names more than one way in"},
        Declaration{"no_role", "roles: ROLE_UNSPECIFIED scope: SCOPE_NONE", "names no role"},
        Declaration{"no_service", "services: SERVICE_UNSPECIFIED scope: SCOPE_NONE",
                    "names no service"},
        Declaration{"no_scope", "roles: ROLE_RESIDENT", "declares no scope"},
        Declaration{"public_place", "public: true scope: SCOPE_DISTRICT",
                    "has a scope but no role to reach it"},
        Declaration{"service_four_eyes",
                    "services: SERVICE_LEDGER scope: SCOPE_NONE four_eyes: true",
                    "wants four eyes of nobody"}),
    CaseName);

TEST(Authorize, EveryRoleIsLetInExactlyWhereItIsDeclared) {
  for (int declared = 1; declared <= policy::v1::Role_MAX; ++declared) {
    Access access;
    access.add_roles(static_cast<Role>(declared));
    for (int held = 0; held <= policy::v1::Role_MAX; ++held) {
      const absl::Status status = Authorize(PersonWith(static_cast<Role>(held)), access);
      EXPECT_EQ(ReasonOf(status), declared == held ? "" : "ROLE_NOT_HELD") << declared << held;
    }
    EXPECT_EQ(ReasonOf(Authorize(Caller(), access)), "IDENTITY_NEEDED");
    EXPECT_EQ(ReasonOf(Authorize({.service = policy::v1::SERVICE_LEDGER}, access)),
              "SERVICE_NOT_ALLOWED");
  }
}

TEST(Authorize, EveryServiceIsLetInExactlyWhereItIsDeclared) {
  for (int declared = 1; declared <= policy::v1::Service_MAX; ++declared) {
    Access access;
    access.add_services(static_cast<Service>(declared));
    for (int calling = 1; calling <= policy::v1::Service_MAX; ++calling) {
      const Caller caller{.service = static_cast<Service>(calling)};
      EXPECT_EQ(ReasonOf(Authorize(caller, access)),
                declared == calling ? "" : "SERVICE_NOT_ALLOWED");
    }
    EXPECT_EQ(ReasonOf(Authorize(Caller(), access)), "IDENTITY_NEEDED");
    EXPECT_EQ(ReasonOf(Authorize(PersonWith(policy::v1::ROLE_ADMINISTRATOR), access)),
              "ROLE_NOT_HELD");
  }
}

TEST(Authorize, PublicLetsEverybodyIn) {
  const Access access = Declared("public: true");
  EXPECT_TRUE(Authorize(Caller(), access).ok());
  EXPECT_TRUE(Authorize(PersonWith(policy::v1::ROLE_RESIDENT), access).ok());
  EXPECT_TRUE(Authorize({.service = policy::v1::SERVICE_BALLOTS}, access).ok());
}

}  // namespace
}  // namespace smederij::rpc
