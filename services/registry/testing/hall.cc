#include "services/registry/testing/hall.h"

#include <gtest/gtest.h>

#include "common/base/check.h"
#include "common/crypto/hash.h"

namespace smederij::registry::testing {

Hall::Hall(World& on, int adults) : world(on) {
  district = world.CreateDistrict("noordveld", {"7901", "7902"});
  std::vector<std::array<std::string, 4>> people{{"child", "2014-01-01", "7902 AB", "Kind, K."},
                                                 {"far", "1970-01-01", "7902 AB", "Ver, V."}};
  for (int i = 0; i < adults; ++i) {
    people.push_back({"adult-" + std::to_string(i), "1990-01-0" + std::to_string(i % 9 + 1),
                      "7901 AB", "Jansen-de Boer, A" + std::to_string(i)});
  }
  world.SettleNamed(people);
  world.Grant("official", policy::v1::ROLE_ELECTION_OFFICIAL);
  roll = world.OpenRoll(district, {{4, 17}, {18, 120}}, {{"7901"}, {"7902"}});
  for (const auto& [officer, station] :
       std::vector<std::pair<std::string, uint32_t>>{{"o1", 1}, {"o2", 1}, {"o3", 2}, {"o4", 2}}) {
    world.Grant(officer, policy::v1::ROLE_POLLING_OFFICER, district);
    auto assign = WriteAt<v1::AssignOfficerRequest>(station);
    assign.set_subject(officer);
    const auto assigned = world.Ask(&Polling::AssignOfficer, assign, world.As("official"));
    EXPECT_TRUE(assigned.ok()) << assigned.status();
  }
}

void Hall::EndIssuing() const {
  CHECK(world.database()
            .Sql("UPDATE registry.roll SET issue_until = clock_timestamp() WHERE round_id = '" +
                 roll.round_id() + "'")
            .ok());
}

uint32_t Hall::NumberOf(const std::string& subject) const {
  constexpr pg::Statement<int32_t(RoundId, Hash)> number{"test.number_of", R"sql(
    SELECT roll_number FROM registry.entitlement JOIN registry.person USING (person_id)
     WHERE round_id = $1 AND person_key = $2)sql"};
  const auto read = [&](pg::Tx& tx) {
    return tx.One(number, RoundId(*Uuid::Parse(roll.round_id())),
                  world.pseudonyms().PersonKey(subject));
  };
  const auto found =
      pg::Transact(world.pool(), {.deadline = absl::Now() + absl::Seconds(10)}, read);
  CHECK(found.ok());
  return static_cast<uint32_t>(*found);
}

std::string Hall::Mark(const std::string& subject, const From& officer, uint32_t station) const {
  return ReasonOf(
      world.Ask(&Polling::MarkPaper, WriteFor<v1::MarkPaperRequest>(subject, station), officer)
          .status());
}

std::string Hall::Fetch(const std::string& subject, const std::string& seed) const {
  const uint32_t class_id = subject == "child" ? 1 : 2;
  return ReasonOf(
      world.Ask(&Stub::IssueCredential, Device(roll, class_id, seed).request, world.As(subject))
          .status());
}

v1::ReportStationRequest Hall::ReportOf(
    uint32_t station, std::vector<std::pair<int64_t, int64_t>> spoiled_and_taken_home) const {
  auto request = WriteAt<v1::ReportStationRequest>(station);
  for (const auto& [spoiled, taken_home] : spoiled_and_taken_home) {
    auto& one = *request.add_classes();
    one.set_class_id(static_cast<uint32_t>(request.classes_size()));
    one.set_spoiled(spoiled);
    one.set_taken_home(taken_home);
  }
  return request;
}

std::string Hall::Report(const std::string& first, const std::string& second, uint32_t station,
                         std::vector<std::pair<int64_t, int64_t>> spoiled_and_taken_home) const {
  for (const std::string& officer : {first, second}) {
    const auto told = world.Ask(&Polling::ReportStation, ReportOf(station, spoiled_and_taken_home),
                                world.As(officer));
    if (!told.ok()) return ReasonOf(told.status());
    EXPECT_EQ(told->closed(), officer == second);
  }
  return "";
}

v1::Issuance Hall::Issuance() const {
  auto request = v1::GetIssuanceRequest();
  request.set_round_id(roll.round_id());
  const auto told = world.Ask(&Stub::GetIssuance, request, world.AsProposals());
  EXPECT_TRUE(told.ok()) << told.status();
  return told.ok() ? *told : v1::Issuance();
}

}  // namespace smederij::registry::testing
