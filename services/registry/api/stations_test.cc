#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/crypto/hash.h"
#include "services/registry/api/convert.h"
#include "services/registry/testing/world.h"

namespace smederij::registry::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

// An assertion in SQL, as the owner.
absl::Status Holds(World& world, const std::string& condition) {
  return world.database().Sql("DO $$ BEGIN ASSERT " + condition + "; END $$");
}

std::string KeyOf(World& world, const std::string& subject) {
  return "'\\x" + crypto::ToHex(world.pseudonyms().PersonKey(subject)) + "'::bytea";
}

// Station and number of somebody on a roll, as a condition.
std::string At(World& world, const v1::Roll& roll, const std::string& subject, int station) {
  return "(SELECT station FROM registry.entitlement JOIN registry.person USING (person_id)"
         " WHERE round_id = '" +
         roll.round_id() + "' AND person_key = " + KeyOf(world, subject) +
         ") = " + std::to_string(station);
}

class Stations : public ::testing::Test {
 protected:
  Stations() : district_(world_.CreateDistrict("noordveld", {"7901", "7902", "7903"})) {}

  v1::OpenRollRequest Opening() const {
    v1::OpenRollRequest request;
    request.set_request_id(NewId());
    request.set_round_id(NewId());
    request.set_district_id(district_);
    request.set_reference_date("2026-05-01");
    *request.mutable_issue_from() = ToProto(absl::Now());
    *request.mutable_issue_until() = ToProto(absl::Now() + absl::Hours(1));
    v1::VotingClass& all = *request.add_classes();
    all.set_class_id(1);
    all.set_name("all");
    all.set_age_to(120);
    all.set_weight(1);
    return request;
  }
  static void AddStation(v1::OpenRollRequest& request, uint32_t number, const std::string& name,
                         const std::vector<std::string>& postcodes) {
    v1::Station& station = *request.add_stations();
    station.set_number(number);
    station.set_name(name);
    for (const std::string& postcode : postcodes) station.add_postcodes(postcode);
  }

  World world_;
  const std::string district_;
};

TEST_F(Stations, EveryVoterHasOneAndANumberOnItsRoll) {
  world_.SettleNamed({{"anna", "1990-01-01", "7901 AB", "Anna"},
                      {"bert", "1990-01-01", "7901 AC", "Bert"},
                      {"cees", "2015-01-01", "7902 ZZ", ""},
                      {"dirk", "1990-01-01", "7903 AA", "Dirk"}});
  v1::OpenRollRequest request = Opening();
  AddStation(request, 9, "School", {"7901 ab", "7902"});
  AddStation(request, 4, "Hall", {"7901"});
  ASSERT_TRUE(world_.Ask(&Stub::OpenRoll, request, world_.AsProposals()).ok());
  const v1::Roll roll = world_.WaitForRoll(request.round_id());
  ASSERT_EQ(roll.state(), v1::Roll::STATE_OPEN) << roll.failure();
  EXPECT_EQ(roll.classes(0).size(), 4);
  ASSERT_THAT(roll.stations(), SizeIs(2));
  EXPECT_EQ(roll.stations(0).number(), 4u);
  EXPECT_EQ(roll.stations(1).name(), "School");
  EXPECT_THAT(roll.stations(1).postcodes(), ElementsAre("7901AB", "7902"));
  for (const auto& [who, station] : std::vector<std::pair<std::string, int>>{
           {"anna", 9}, {"bert", 4}, {"cees", 9}, {"dirk", 4}}) {
    EXPECT_TRUE(Holds(world_, At(world_, roll, who, station)).ok()) << who;
  }
  const absl::Status numbered =
      Holds(world_,
            "(SELECT array_agg((station, roll_number) ORDER BY station, roll_number) FROM "
            "registry.entitlement) = ARRAY[(4, 1), (4, 2), (9, 1), (9, 2)]");
  EXPECT_TRUE(numbered.ok()) << numbered;
}

TEST_F(Stations, WhoWasImportedBeforePostcodesWereKeptVotesAtTheLowest) {
  world_.Settle({{"anna", "1990-01-01", "7902 AB"}});
  ASSERT_TRUE(world_.database()
                  .Sql("UPDATE registry.person SET particulars_sealed = NULL, "
                       "particulars_fingerprint = NULL")
                  .ok());
  const v1::Roll roll = world_.OpenRoll(district_, {{0, 120}}, {{"7901"}, {"7902"}});
  EXPECT_TRUE(Holds(world_, At(world_, roll, "anna", 1)).ok());
}

TEST_F(Stations, AreCheckedAfterTheRollAndBeforeTheDistrict) {
  v1::OpenRollRequest request = Opening();
  AddStation(request, 1, "Hall", {"7901"});
  AddStation(request, 1, "", {"7901", "x"});
  request.set_district_id(NewId());
  request.set_reference_date("2026-02-30");
  const auto ask = [&] {
    return world_.Ask(&Stub::OpenRoll, request, world_.AsProposals()).status();
  };
  EXPECT_EQ(ReasonOf(ask()), "BAD_ROLL");
  request.set_reference_date("2026-05-01");
  EXPECT_EQ(ReasonOf(ask()), "BAD_STATIONS");
  EXPECT_THAT(FieldsOf(ask()), SizeIs(4));
  request.mutable_stations()->RemoveLast();
  EXPECT_EQ(ReasonOf(ask()), "DISTRICT_NOT_FOUND");
  // Another hall is another roll.
  request.set_district_id(district_);
  EXPECT_TRUE(ask().ok());
  request.set_request_id(NewId());
  request.mutable_stations(0)->set_name("School");
  EXPECT_EQ(ReasonOf(ask()), "ROLL_EXISTS");
}

// The schema itself, whatever the program does.
TEST_F(Stations, ConstraintsHoldWithoutTheProgram) {
  world_.Settle({{"anna", "1990-01-01", "7901 AB"}, {"bert", "1990-01-01", "7901 AB"}});
  const v1::Roll without = world_.OpenRoll(district_, {{0, 120}});
  const v1::Roll with = world_.OpenRoll(district_, {{0, 120}}, {{"7901"}});
  const auto stopped = [&](const std::string& sql) {
    return std::string(world_.database().Sql(sql).message());
  };
  EXPECT_THAT(stopped("UPDATE registry.entitlement SET station = NULL, roll_number = NULL "
                      "WHERE round_id = '" +
                      with.round_id() + "'"),
              HasSubstr("entitlement_one_station"));
  EXPECT_THAT(stopped("UPDATE registry.entitlement SET roll_number = NULL WHERE round_id = '" +
                      with.round_id() + "'"),
              HasSubstr("entitlement_place_whole"));
  EXPECT_THAT(stopped("UPDATE registry.entitlement SET roll_number = 1 WHERE round_id = '" +
                      with.round_id() + "'"),
              HasSubstr("entitlement_roll_number_once"));
  EXPECT_THAT(stopped("UPDATE registry.entitlement SET station = 2 WHERE round_id = '" +
                      with.round_id() + "'"),
              HasSubstr("entitlement_of_station"));
  EXPECT_THAT(stopped("INSERT INTO registry.station (round_id, number, name) VALUES ('" +
                      without.round_id() + "', 1, 'Hall')"),
              HasSubstr("station_of_roll_with_stations"));
  EXPECT_THAT(stopped("INSERT INTO registry.station_postcode VALUES ('" + with.round_id() +
                      "', '7901', 1)"),
              HasSubstr("station_postcode_at_one"));
}

TEST_F(Stations, WithoutThemARollIsAsItWas) {
  world_.Settle({{"anna", "1990-01-01", "7901 AB"}});
  const v1::Roll roll = world_.OpenRoll(district_, {{0, 120}});
  EXPECT_THAT(roll.stations(), SizeIs(0));
  EXPECT_TRUE(Holds(world_, "(SELECT bool_and(NOT placed) FROM registry.entitlement)").ok());
}

TEST_F(Stations, ParticularsLieSealedAndAnImportThatChangesNothingWritesNothing) {
  const std::vector<std::array<std::string, 4>> people{
      {"anna", "1990-01-01", "7901 AB", "Zwanenburg, A."}};
  world_.SettleNamed(people);
  const absl::Status clean = world_.database().Sql(R"sql(
    DO $$ DECLARE c record; hits bigint; BEGIN
      FOR c IN SELECT table_name, column_name FROM information_schema.columns
                WHERE table_schema = 'registry' LOOP
        EXECUTE format('SELECT count(*) FROM registry.%I WHERE %I::text LIKE ''%%Zwanenburg%%'' '
                       'OR %I::text LIKE ''%%7901AB%%'' '
                       'OR %I::text LIKE ''%%'' || encode(''Zwanenburg'', ''hex'') || ''%%''',
                       c.table_name, c.column_name, c.column_name, c.column_name) INTO hits;
        IF hits > 0 THEN RAISE EXCEPTION 'found in %.%', c.table_name, c.column_name; END IF;
      END LOOP; END $$)sql");
  EXPECT_TRUE(clean.ok()) << clean;
  ASSERT_TRUE(
      world_.database()
          .Sql("CREATE TABLE public.before AS SELECT xmin::text AS version, ctid::text AS place, "
               "particulars_sealed FROM registry.person WHERE district_id IS NOT NULL")
          .ok());
  world_.SettleNamed(people);
  EXPECT_TRUE(Holds(world_,
                    "(SELECT (xmin::text, ctid::text) FROM registry.person WHERE "
                    "district_id IS NOT NULL) = (SELECT (version, place) FROM public.before)")
                  .ok());
  world_.SettleNamed({{"anna", "1990-01-01", "7901 AB", "Zwanenburg-Vos, A."}});
  EXPECT_TRUE(Holds(world_,
                    "(SELECT particulars_sealed FROM registry.person WHERE district_id IS "
                    "NOT NULL) <> (SELECT particulars_sealed FROM public.before)")
                  .ok());
}

TEST_F(Stations, ParticularsOfALeaverStayUntilTheirLastRollIsClosed) {
  world_.SettleNamed(
      {{"anna", "1990-01-01", "7901 AB", "Anna"}, {"bert", "1990-01-01", "7901 AB", "B"}});
  const v1::Roll first = world_.OpenRoll(district_, {{0, 120}}, {{"7901"}});
  const v1::Roll second = world_.OpenRoll(district_, {{0, 120}}, {{"7901"}});
  world_.SettleNamed({{"cees", "1990-01-01", "7901 AB", "Cees"}});
  world_.SettleNamed({{"bert", "1990-01-01", "7901 AB", "B"}}, true);
  const auto kept = [&](const std::string& subject, bool there) {
    return Holds(world_,
                 "(SELECT particulars_sealed IS NOT NULL FROM registry.person WHERE "
                 "person_key = " +
                     KeyOf(world_, subject) + ") = " + (there ? "true" : "false"))
        .ok();
  };
  EXPECT_TRUE(kept("anna", true));
  EXPECT_TRUE(kept("cees", false));  // On no roll.
  world_.CloseRoll(first.round_id());
  EXPECT_TRUE(kept("anna", true));
  world_.CloseRoll(second.round_id());
  EXPECT_TRUE(kept("anna", false));
  EXPECT_TRUE(kept("bert", true));  // Lives there.
}

TEST_F(Stations, ErasingDropsParticulars) {
  world_.SettleNamed({{"anna", "1990-01-01", "7901 AB", "Anna"}});
  world_.OpenRoll(district_, {{0, 120}}, {{"7901"}});
  world_.Grant("registrar", policy::v1::ROLE_REGISTRAR);
  v1::EraseResidentRequest request;
  request.set_request_id(NewId());
  request.set_subject("anna");
  ASSERT_TRUE(world_.Ask(&Stub::EraseResident, request, world_.As("registrar")).ok());
  EXPECT_TRUE(Holds(world_,
                    "NOT EXISTS (SELECT FROM registry.person WHERE particulars_sealed IS NOT "
                    "NULL)")
                  .ok());
}

}  // namespace
}  // namespace smederij::registry::testing
