// The whole matrix: every method of every service, as proto/ declares who may call it, against
// everybody who could try. It is the running programs that are asked, over TLS.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/rpc/auth.h"
#include "tests/e2e/callers.h"

namespace smederij::e2e {
namespace {

class Access : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { town_ = new Town; }
  static void TearDownTestSuite() { delete town_; }
  static Town* town_;

  Callers callers_{*town_};
};
Town* Access::town_ = nullptr;

std::vector<rpc::Role> AllRoles() {
  std::vector<rpc::Role> roles;
  const auto* const names = policy::v1::Role_descriptor();
  for (int i = 0; i < names->value_count(); ++i) {
    const auto role = static_cast<rpc::Role>(names->value(i)->number());
    if (role != policy::v1::ROLE_UNSPECIFIED) roles.push_back(role);
  }
  return roles;
}

template <class Of>
bool Names(const google::protobuf::RepeatedField<int>& list, Of one) {
  return std::find(list.begin(), list.end(), static_cast<int>(one)) != list.end();
}

// What the door says; empty when the caller is let in, whatever becomes of the request inside.
std::string Door(const absl::Status& status) {
  const std::string reason(ReasonOf(status));
  static const std::set<std::string> refusals = {"IDENTITY_NEEDED",      "SERVICE_NOT_ALLOWED",
                                                 "ROLE_NOT_HELD",        "TOKEN_EXPIRED",
                                                 "TOKEN_AUDIENCE_WRONG", "IDENTITY_NOT_WELCOME"};
  if (refusals.count(reason) > 0) return reason;
  // Exchange is called by anybody; the token in its request is what is looked at inside.
  if (reason == "BAD_SUBJECT_TOKEN") return "";
  EXPECT_NE(status.code(), kUnauthenticated) << status;
  // A door that is broken lets nobody in, which would look like a refusal inside.
  EXPECT_NE(status.code(), absl::StatusCode::kUnimplemented) << status;
  EXPECT_NE(status.code(), absl::StatusCode::kUnavailable) << status;
  EXPECT_NE(status.code(), kInternal) << status;
  return "";
}

TEST_F(Access, OfNobody) {
  for (const Method* method : AllMethods()) {
    const auto& access = AccessOf(*method);
    const char* const expected = access.public_() || access.anonymous() ? "" : "IDENTITY_NEEDED";
    EXPECT_EQ(Door(callers_.Call(*method, {})), expected) << method->full_name();
  }
}

TEST_F(Access, OfEveryRole) {
  for (const Method* method : AllMethods()) {
    const auto& access = AccessOf(*method);
    for (const rpc::Role role : AllRoles()) {
      const char* const expected = access.anonymous() ? "IDENTITY_NOT_WELCOME"
                                   : access.public_() || Names(access.roles(), role)
                                       ? ""
                                       : "ROLE_NOT_HELD";
      EXPECT_EQ(Door(callers_.Call(*method, callers_.Holder(*method, role))), expected)
          << method->full_name() << " by " << policy::v1::Role_Name(role);
    }
  }
}

TEST_F(Access, OfAPersonWithoutARole) {
  for (const Method* method : AllMethods()) {
    const auto& access = AccessOf(*method);
    const Identity nobody = {.token = callers_.Token(*method, MunicipalityId::Random(), {})};
    const char* const expected = access.anonymous() ? "IDENTITY_NOT_WELCOME"
                                 : access.public_() ? ""
                                                    : "ROLE_NOT_HELD";
    EXPECT_EQ(Door(callers_.Call(*method, nobody)), expected) << method->full_name();
  }
}

TEST_F(Access, OfEveryService) {
  for (const Method* method : AllMethods()) {
    const auto& access = AccessOf(*method);
    for (const char* const name : Town::kServices) {
      const auto service = *rpc::ServiceOfSpiffe(absl::StrCat("spiffe://smederij/", name));
      const char* const expected = access.anonymous() ? "IDENTITY_NOT_WELCOME"
                                   : access.public_() || Names(access.services(), service)
                                       ? ""
                                       : "SERVICE_NOT_ALLOWED";
      EXPECT_EQ(Door(callers_.Call(*method, {.service = name})), expected)
          << method->full_name() << " by " << name;
    }
  }
}

// Held roles help nobody whose token has expired, or was made for another service. Where everybody
// may come, one comes without a token and not with a wrong one.
TEST_F(Access, OfATokenThatDoesNotCount) {
  for (const Method* method : AllMethods()) {
    const bool anonymous = AccessOf(*method).anonymous();
    std::vector<rpc::Grant> all;
    for (const rpc::Role role : AllRoles()) all.push_back({.role = role});
    const Identity late = {.token = callers_.Token(*method, MunicipalityId::Random(), all,
                                                   /*age=*/absl::Minutes(10))};
    EXPECT_EQ(Door(callers_.Call(*method, late)),
              anonymous ? "IDENTITY_NOT_WELCOME" : "TOKEN_EXPIRED")
        << method->full_name();
    for (const Method* other : AllMethods()) {
      if (ServiceOf(*other) == ServiceOf(*method)) continue;
      const Identity strayed = {.token = callers_.Token(*other, MunicipalityId::Random(), all)};
      EXPECT_EQ(Door(callers_.Call(*method, strayed)),
                anonymous ? "IDENTITY_NOT_WELCOME" : "TOKEN_AUDIENCE_WRONG")
          << method->full_name() << " with a token for " << ServiceOf(*other);
      break;
    }
  }
}

}  // namespace
}  // namespace smederij::e2e
