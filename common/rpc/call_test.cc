#include "common/rpc/call.h"

#include <gtest/gtest.h>

#include "common/base/error.h"
#include "smederij/rpctest/v1/rpctest.pb.h"

namespace smederij::rpc {
namespace {

using policy::v1::ROLE_AUDITOR;
using policy::v1::ROLE_RESIDENT;
using policy::v1::ROLE_TREASURER;

const MunicipalityId kHere = MunicipalityId::Random();
const MunicipalityId kElsewhere = MunicipalityId::Random();
const DistrictId kWolfsbos = DistrictId::Random();
const DistrictId kKrakeel = DistrictId::Random();

Access Treasurers() {
  Access access;
  access.add_roles(ROLE_TREASURER);
  access.add_services(policy::v1::SERVICE_PROPOSALS);
  access.set_scope(policy::v1::SCOPE_DISTRICT);
  return access;
}

Caller PersonWith(std::vector<Grant> grants) {
  return {.subject = SubjectId::Random(), .municipality = kHere, .grants = std::move(grants)};
}

struct Case {
  const char* name;
  std::vector<Grant> grants;
  const char* municipality;  // What each question is refused with; "" is yes.
  const char* district;      // Of kWolfsbos, in kHere.
  const char* bare_district;
  const char* other_municipality;
};

std::string CaseName(const ::testing::TestParamInfo<Case>& info) { return info.param.name; }

class MayActIn : public ::testing::TestWithParam<Case> {};

TEST_P(MayActIn, IsDecidedByTheGrantsThatTheMethodDeclares) {
  const Call call(PersonWith(GetParam().grants), absl::InfiniteFuture(), Treasurers());
  EXPECT_EQ(ReasonOf(call.MayActIn(kHere)), GetParam().municipality);
  EXPECT_EQ(ReasonOf(call.MayActIn(kHere, kWolfsbos)), GetParam().district);
  EXPECT_EQ(ReasonOf(call.MayActIn(kWolfsbos)), GetParam().bare_district);
  EXPECT_EQ(ReasonOf(call.MayActIn(kElsewhere, kWolfsbos)), GetParam().other_municipality);
  EXPECT_EQ(ReasonOf(call.MayActIn(kElsewhere)), GetParam().other_municipality);
}

constexpr char kNot[] = "ROLE_NOT_HELD_THERE";
constexpr char kOther[] = "OTHER_MUNICIPALITY";

INSTANTIATE_TEST_SUITE_P(
    Grants, MayActIn,
    ::testing::Values(
        Case{"of_the_whole_municipality", {{ROLE_TREASURER}}, "", "", kNot, kOther},
        Case{"of_the_district", {{ROLE_TREASURER, kWolfsbos}}, kNot, "", "", kOther},
        Case{"of_another_district", {{ROLE_TREASURER, kKrakeel}}, kNot, kNot, kNot, kOther},
        Case{"of_another_role",
             {{ROLE_AUDITOR}, {ROLE_RESIDENT, kWolfsbos}},
             kNot,
             kNot,
             kNot,
             kOther},
        Case{"one_of_several",
             {{ROLE_AUDITOR}, {ROLE_TREASURER, kKrakeel}, {ROLE_TREASURER, kWolfsbos}},
             kNot,
             "",
             "",
             kOther},
        Case{"none", {}, kNot, kNot, kNot, kOther}),
    CaseName);

TEST(Call, ADeclaredServiceMayActEverywhereAndAnotherNowhere) {
  const Call proposals({.service = policy::v1::SERVICE_PROPOSALS}, absl::InfiniteFuture(),
                       Treasurers());
  EXPECT_TRUE(proposals.MayActIn(kHere).ok());
  EXPECT_TRUE(proposals.MayActIn(kElsewhere, kWolfsbos).ok());
  EXPECT_TRUE(proposals.MayActIn(kKrakeel).ok());
  EXPECT_TRUE(proposals.MayActFor(SubjectId::Random()).ok());
  EXPECT_EQ(proposals.LimitIn(kHere, kWolfsbos).cents(), Money::kCentsMax);
  const Call ballots({.service = policy::v1::SERVICE_BALLOTS}, absl::InfiniteFuture(),
                     Treasurers());
  EXPECT_EQ(ReasonOf(ballots.MayActIn(kHere)), kOther);
  EXPECT_EQ(ReasonOf(ballots.MayActIn(kWolfsbos)), kNot);
}

TEST(Call, NobodyOwnsNothing) {
  const Call nobody(Caller(), absl::InfiniteFuture(), Treasurers());
  EXPECT_EQ(ReasonOf(nobody.MayActFor(SubjectId())), "NOT_YOURS");
  EXPECT_EQ(ReasonOf(nobody.MayActIn(MunicipalityId())), kNot);
}

TEST(Call, OwnRecordsAreThePersonsOwn) {
  const Call call(PersonWith({{ROLE_TREASURER}}), absl::InfiniteFuture(), Treasurers());
  EXPECT_TRUE(call.MayActFor(call.caller.subject).ok());
  EXPECT_EQ(ReasonOf(call.MayActFor(SubjectId::Random())), "NOT_YOURS");
}

TEST(Call, TheLimitIsTheLargestOfTheGrantsThatReachThePlace) {
  const Call call(PersonWith({{ROLE_TREASURER, kWolfsbos, 5'00},
                              {ROLE_TREASURER, std::nullopt, 3'00},
                              {ROLE_AUDITOR, std::nullopt, 9'00}}),
                  absl::InfiniteFuture(), Treasurers());
  EXPECT_EQ(call.LimitIn(kHere, kWolfsbos).cents(), 5'00);
  EXPECT_EQ(call.LimitIn(kHere, kKrakeel).cents(), 3'00);
  EXPECT_EQ(call.LimitIn(kElsewhere, kWolfsbos).cents(), 0);
}

TEST(RequestHash, IsTheSameForEqualMessagesWhateverTheOrderTheyWereFilledIn) {
  rpctest::v1::PlainRequest forwards;
  rpctest::v1::PlainRequest backwards;
  for (int i = 0; i < 100; ++i) {
    (*forwards.mutable_pairs())[std::to_string(i)] = "x";
    (*backwards.mutable_pairs())[std::to_string(99 - i)] = "x";
  }
  EXPECT_EQ(RequestHash(forwards), RequestHash(backwards));
  backwards.set_text("y");
  EXPECT_NE(RequestHash(forwards), RequestHash(backwards));
}

}  // namespace
}  // namespace smederij::rpc
