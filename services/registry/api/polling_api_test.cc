#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "services/registry/api/retention.h"
#include "services/registry/testing/hall.h"

namespace smederij::registry::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::SizeIs;
using State = v1::RollLine;

TEST(AssignOfficer, IsForOfficialsAndForWhoHoldsTheRole) {
  World world;
  const Hall hall(world);
  const auto reason = [&](v1::AssignOfficerRequest request, const std::string& who) {
    request.set_request_id(NewId());
    return ReasonOf(world.Ask(&Polling::AssignOfficer, request, world.As(who)).status());
  };
  auto good = hall.WriteAt<v1::AssignOfficerRequest>(2);
  good.set_subject("o1");
  EXPECT_EQ(reason(good, "official"), "");
  EXPECT_EQ(reason(good, "official"), "");  // Again changes nothing.
  EXPECT_EQ(reason(good, "o1"), "ROLE_NOT_HELD");
  v1::AssignOfficerRequest request = good;
  request.set_subject("two words");
  request.set_round_id(NewId());
  EXPECT_EQ(reason(request, "official"), "BAD_REQUEST");
  request.set_subject("adult-0");
  request.set_station(3);
  EXPECT_EQ(reason(request, "official"), "ROLL_NOT_FOUND");
  request.set_round_id(hall.roll.round_id());
  world.Grant("distant", policy::v1::ROLE_ELECTION_OFFICIAL,
              world.CreateDistrict("verveld", {"7909"}));
  EXPECT_EQ(reason(request, "distant"), "ROLE_NOT_HELD_THERE");
  EXPECT_EQ(reason(request, "official"), "STATION_NOT_FOUND");
  request.set_station(1);
  EXPECT_EQ(reason(request, "official"), "NOT_AN_OFFICER");
  request.set_subject("nobody");
  EXPECT_EQ(reason(request, "official"), "NOT_AN_OFFICER");
  world.CloseRoll(hall.roll.round_id());  // Before issuing is over no station has to report.
  EXPECT_EQ(reason(request, "official"), "ROLL_CLOSED");
  // Who they are stands in no column.
  EXPECT_TRUE(world.database()
                  .Sql("DO $$ BEGIN ASSERT (SELECT count(*) FROM registry.station_officer) = 5; "
                       "END $$")
                  .ok());
}

TEST(ListRoll, IsThereOnceIssuingIsOverForOfficersOfTheStationAndOfficials) {
  World world;
  const Hall hall(world);
  ASSERT_EQ(hall.Fetch("adult-1", "words"), "");
  const auto list = [&](const std::string& who, uint32_t station = 1) {
    return world.Ask(&Polling::ListRoll, hall.At<v1::ListRollRequest>(station), world.As(who));
  };
  EXPECT_EQ(ReasonOf(list("o1").status()), "ISSUING_NOT_OVER");
  EXPECT_THAT(FactsOf(list("o1").status()), ElementsAre(Pair("issue_until", HasSubstr("T"))));
  hall.EndIssuing();
  EXPECT_EQ(ReasonOf(list("o3").status()), "NOT_OF_THIS_STATION");
  EXPECT_EQ(ReasonOf(list("o1", 3).status()), "STATION_NOT_FOUND");
  EXPECT_EQ(ReasonOf(list("adult-0").status()), "ROLE_NOT_HELD");
  EXPECT_EQ(ReasonOf(list("administrator").status()), "ROLE_NOT_HELD");
  EXPECT_TRUE(list("official").ok());
  const auto lines = list("o1");
  ASSERT_TRUE(lines.ok()) << lines.status();
  ASSERT_THAT(lines->lines(), SizeIs(4));
  for (int i = 0; i < 4; ++i) {
    const v1::RollLine& line = lines->lines(i);
    EXPECT_EQ(line.roll_number(), static_cast<uint32_t>(i + 1));
    EXPECT_EQ(line.class_id(), 2u);
    const bool fetched = line.roll_number() == hall.NumberOf("adult-1");
    EXPECT_EQ(line.state(), fetched ? State::STATE_DIGITAL : State::STATE_OPEN);
    if (fetched) {
      EXPECT_EQ(line.name(), "Jansen-de Boer, A1");
      EXPECT_EQ(line.birth_date(), "1990-01-02");
    }
  }
  EXPECT_THAT(list("o3", 2)->lines(), SizeIs(2));
}

TEST(ListRoll, PagesAndKeepsTheLinesOfWhoIsGone) {
  World world;
  const Hall hall(world, 5);
  world.Grant("registrar", policy::v1::ROLE_REGISTRAR);
  v1::EraseResidentRequest erase;
  erase.set_request_id(NewId());
  erase.set_subject("adult-2");
  const uint32_t erased = hall.NumberOf("adult-2");
  ASSERT_TRUE(world.Ask(&Stub::EraseResident, erase, world.As("registrar")).ok());
  world.SettleNamed({{"adult-0", "1990-01-01", "7901 AB", "Jansen"}}, true);  // The others moved.
  hall.EndIssuing();
  auto request = hall.At<v1::ListRollRequest>();
  request.set_page_size(2);
  std::map<uint32_t, std::string> names;
  do {
    const auto page = world.Ask(&Polling::ListRoll, request, world.As("o1"));
    ASSERT_TRUE(page.ok()) << page.status();
    for (const v1::RollLine& line : page->lines()) names[line.roll_number()] = line.name();
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(names, SizeIs(5));
  EXPECT_EQ(names[erased], "");
  EXPECT_EQ(names[hall.NumberOf("adult-3")], "Jansen-de Boer, A3");
  request.set_page_token("bm9wZQ");
  EXPECT_EQ(ReasonOf(world.Ask(&Polling::ListRoll, request, world.As("o1")).status()), "BAD_PAGE");
}

TEST(FindOnRoll, ByNumberOrByNameAndBirthDate) {
  World world;
  const Hall hall(world, 20);
  hall.EndIssuing();
  auto request = hall.At<v1::FindOnRollRequest>();
  const auto find = [&] { return world.Ask(&Polling::FindOnRoll, request, world.As("o1")); };
  EXPECT_THAT(FieldsOf(find().status()), SizeIs(2));
  request.set_roll_number(3);
  request.set_name("jan");
  EXPECT_EQ(ReasonOf(find().status()), "BAD_REQUEST");
  request.clear_name();
  ASSERT_TRUE(find().ok());
  ASSERT_THAT(find()->lines(), SizeIs(1));
  EXPECT_EQ(find()->lines(0).roll_number(), 3u);
  request.set_roll_number(21);
  EXPECT_THAT(find()->lines(), SizeIs(0));
  request.clear_roll_number();
  request.set_name("BOER");
  request.set_birth_date("1990-01-01");  // Of 0, 9 and 18.
  EXPECT_THAT(find()->lines(), SizeIs(3));
  request.set_birth_date("1991-01-01");
  EXPECT_THAT(find()->lines(), SizeIs(0));
  request.set_station(2);
  EXPECT_EQ(ReasonOf(find().status()), "NOT_OF_THIS_STATION");
}

TEST(MarkPaper, RefusesInOrder) {
  World world;
  const Hall hall(world);
  ASSERT_EQ(hall.Fetch("adult-1", "words"), "");
  const From o1 = world.As("o1");
  const auto reason = [&](v1::MarkPaperRequest request, const From& from) {
    request.set_request_id(NewId());
    return ReasonOf(world.Ask(&Polling::MarkPaper, request, from).status());
  };
  auto request = hall.WriteAt<v1::MarkPaperRequest>(3);
  request.set_roll_number(999);
  request.set_round_id(NewId());
  EXPECT_EQ(reason(request, o1), "ROLL_NOT_FOUND");
  request.set_round_id(hall.roll.round_id());
  world.AddMunicipality("Zuiderland", "other");
  EXPECT_EQ(reason(request, world.As("administrator")), "ROLE_NOT_HELD");
  EXPECT_EQ(reason(request, world.As("official")), "ROLE_NOT_HELD");
  EXPECT_EQ(reason(request, o1), "STATION_NOT_FOUND");
  request.set_station(2);
  EXPECT_EQ(reason(request, o1), "NOT_OF_THIS_STATION");
  request.set_station(1);
  EXPECT_EQ(reason(request, o1), "ISSUING_NOT_OVER");
  hall.EndIssuing();
  ASSERT_TRUE(world.database().Sql("UPDATE registry.roll SET manifest_hash = NULL").ok());
  EXPECT_EQ(reason(request, o1), "MANIFEST_NOT_APPROVED");
  ASSERT_TRUE(world.database().Sql("UPDATE registry.roll SET manifest_hash = sha256('m')").ok());
  EXPECT_EQ(reason(request, o1), "NOT_ON_ROLL");
  request.set_roll_number(0);
  EXPECT_EQ(reason(request, o1), "NOT_ON_ROLL");
  EXPECT_EQ(hall.Mark("adult-1", o1), "ALREADY_ISSUED");
  EXPECT_EQ(hall.Mark("adult-0", o1), "");
  EXPECT_EQ(hall.Mark("adult-0", o1), "ALREADY_MARKED");
  EXPECT_EQ(hall.Mark("adult-0", world.As("o2")), "ALREADY_MARKED");
  ASSERT_EQ(hall.Report("o1", "o2", 1, {{0, 0}, {0, 0}}), "");
  EXPECT_EQ(hall.Mark("adult-1", o1), "STATION_CLOSED");
  ASSERT_EQ(hall.Report("o3", "o4", 2, {{0, 0}, {0, 0}}), "");
  world.CloseRoll(hall.roll.round_id());
  EXPECT_EQ(hall.Mark("adult-1", o1), "ROLL_CLOSED");
  ASSERT_TRUE(world.database().Sql("UPDATE registry.roll SET state = 4").ok());
  EXPECT_EQ(hall.Mark("adult-1", o1), "ROLL_NOT_OPEN");
}

TEST(MarkPaper, IsRepeatedAndHoldsNoName) {
  World world;
  const Hall hall(world);
  hall.EndIssuing();
  const auto request = hall.WriteFor<v1::MarkPaperRequest>("adult-0");
  const From o1 = world.As("o1");
  const auto marked = world.Ask(&Polling::MarkPaper, request, o1);
  ASSERT_TRUE(marked.ok()) << marked.status();
  EXPECT_EQ(marked->class_id(), 2u);
  EXPECT_EQ(marked->state(), State::STATE_PAPER);
  bool replayed = false;
  EXPECT_EQ(world.Ask(&Polling::MarkPaper, request, o1, &replayed)->SerializeAsString(),
            marked->SerializeAsString());
  EXPECT_TRUE(replayed);
  EXPECT_EQ(ReasonOf(world.Ask(&Polling::MarkPaper, request, world.As("o2")).status()),
            "REQUEST_ID_REUSED");
  // Online nothing is to be had any more.
  EXPECT_EQ(hall.Fetch("adult-0", "words"), "PAPER_GIVEN");
  EXPECT_EQ(hall.Fetch("adult-1", "words"), "WINDOW_CLOSED");
}

TEST(CancelPaper, TakesTwoOfficersOfTheStation) {
  World world;
  const Hall hall(world);
  ASSERT_EQ(hall.Fetch("adult-1", "words"), "");
  hall.EndIssuing();
  const From o1 = world.As("o1"), o2 = world.As("o2");
  const auto cancel = [&](const std::string& subject, const From& from,
                          const std::string& reason = "left the hall") {
    auto request = hall.WriteFor<v1::CancelPaperRequest>(subject);
    request.set_reason(reason);
    return world.Ask(&Polling::CancelPaper, request, from);
  };
  EXPECT_EQ(ReasonOf(cancel("adult-0", o1, " ").status()), "BAD_REQUEST");
  EXPECT_EQ(ReasonOf(cancel("adult-0", world.As("o3")).status()), "NOT_OF_THIS_STATION");
  EXPECT_EQ(ReasonOf(cancel("adult-0", o1).status()), "NOT_MARKED");
  EXPECT_EQ(ReasonOf(cancel("adult-1", o1).status()), "ALREADY_ISSUED");
  for (int again = 0; again < 2; ++again) {  // A paper may come back more than once.
    ASSERT_EQ(hall.Mark("adult-0", o1), "");
    const auto asked = cancel("adult-0", o1);
    ASSERT_TRUE(asked.ok()) << asked.status();
    EXPECT_TRUE(asked->waits_for_second());
    EXPECT_EQ(asked->mark().state(), State::STATE_PAPER);
    EXPECT_EQ(ReasonOf(cancel("adult-0", o1).status()), "SAME_OFFICER");
    EXPECT_EQ(hall.Mark("adult-0", o2), "ALREADY_MARKED");  // Still struck off.
    const auto done = cancel("adult-0", o2);
    ASSERT_TRUE(done.ok()) << done.status();
    EXPECT_FALSE(done->waits_for_second());
    EXPECT_EQ(done->mark().state(), State::STATE_OPEN);
  }
  // Online it does not become open: issuing is over.
  EXPECT_EQ(hall.Fetch("adult-0", "words"), "WINDOW_CLOSED");
  EXPECT_EQ(hall.Mark("adult-0", o2), "");
}

TEST(ImportMarks, IsAllOrNothingAndNamesEveryLine) {
  World world;
  const Hall hall(world, 6);
  ASSERT_EQ(hall.Fetch("adult-1", "words"), "");
  hall.EndIssuing();
  const From o1 = world.As("o1");
  ASSERT_EQ(hall.Mark("adult-2", o1), "");
  const auto import = [&](const std::vector<uint32_t>& numbers) {
    auto request = hall.WriteAt<v1::ImportMarksRequest>();
    for (const uint32_t number : numbers) request.add_lines()->set_roll_number(number);
    return world.Ask(&Polling::ImportMarks, request, o1);
  };
  EXPECT_EQ(ReasonOf(import({}).status()), "BAD_REQUEST");
  EXPECT_EQ(ReasonOf(import(std::vector<uint32_t>(kMarksPerImportMax + 1, 1)).status()),
            "BAD_REQUEST");
  const uint32_t open = hall.NumberOf("adult-0");
  const absl::Status refused =
      import({open, hall.NumberOf("adult-1"), hall.NumberOf("adult-2"), 77, open}).status();
  EXPECT_EQ(ReasonOf(refused), "BAD_MARKS");
  EXPECT_THAT(FieldsOf(refused),
              ElementsAre(Pair("lines[1].roll_number", HasSubstr("fetched a digital ballot")),
                          Pair("lines[2].roll_number", HasSubstr("was marked before")),
                          Pair("lines[3].roll_number", HasSubstr("no line of this station's roll")),
                          Pair("lines[4].roll_number", HasSubstr("is the one of lines[0]"))));
  const auto done = import({open, hall.NumberOf("adult-3"), hall.NumberOf("adult-4")});
  ASSERT_TRUE(done.ok()) << done.status();  // Nothing had been marked.
  EXPECT_EQ(done->marked(), 3);
  EXPECT_EQ(hall.Mark("adult-4", o1), "ALREADY_MARKED");
}

TEST(ReportStation, IsSaidByTwoAlikeAndClosesTheStation) {
  World world;
  const Hall hall(world);
  const From o1 = world.As("o1"), o2 = world.As("o2");
  const auto say = [&](std::vector<std::pair<int64_t, int64_t>> counts, const From& from) {
    return world.Ask(&Polling::ReportStation, hall.ReportOf(1, std::move(counts)), from);
  };
  EXPECT_EQ(ReasonOf(say({{0, 0}}, o1).status()), "ISSUING_NOT_OVER");
  hall.EndIssuing();
  for (const char* who : {"adult-0", "adult-1", "adult-2"}) ASSERT_EQ(hall.Mark(who, o1), "");
  EXPECT_EQ(ReasonOf(say({{0, 0}}, o1).status()), "BAD_REPORT");
  EXPECT_EQ(ReasonOf(say({{0, 0}, {3, 1}}, o1).status()), "MORE_THAN_MARKED");
  EXPECT_EQ(ReasonOf(say({{1, 0}, {0, 0}}, o1).status()), "MORE_THAN_MARKED");
  const auto first = say({{0, 0}, {1, 1}}, o1);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_FALSE(first->closed());
  EXPECT_EQ(first->counts(1).marked(), 3);
  EXPECT_EQ(ReasonOf(say({{0, 0}, {1, 0}}, o2).status()), "REPORT_DIFFERS");
  ASSERT_TRUE(say({{0, 0}, {1, 0}}, o1).ok());  // The first one corrects.
  ASSERT_EQ(hall.Mark("adult-3", o2), "");      // Somebody comes in late.
  const auto second = say({{0, 0}, {1, 0}}, o2);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_TRUE(second->closed());
  EXPECT_EQ(second->counts(1).marked(), 4);
  EXPECT_EQ(ReasonOf(say({{0, 0}, {1, 0}}, o1).status()), "STATION_CLOSED");
  auto cancel = hall.WriteFor<v1::CancelPaperRequest>("adult-0");
  cancel.set_reason("late");
  EXPECT_EQ(ReasonOf(world.Ask(&Polling::CancelPaper, cancel, o1).status()), "STATION_CLOSED");
}

TEST(CloseRoll, WaitsForEveryStationAndTellsItsCounts) {
  World world;
  const Hall hall(world);
  ASSERT_EQ(hall.Fetch("adult-0", "words"), "");
  hall.EndIssuing();
  ASSERT_EQ(hall.Mark("adult-1", world.As("o1")), "");
  ASSERT_EQ(hall.Mark("adult-2", world.As("o1")), "");
  ASSERT_EQ(hall.Mark("child", world.As("o3"), 2), "");
  v1::CloseRollRequest close;
  close.set_request_id(NewId());
  close.set_round_id(hall.roll.round_id());
  const auto refused = [&] {
    return world.Ask(&Stub::CloseRoll, close, world.AsProposals()).status();
  };
  EXPECT_EQ(ReasonOf(refused()), "STATIONS_OPEN");
  EXPECT_THAT(FactsOf(refused()), ElementsAre(Pair("stations", "1-2")));
  ASSERT_EQ(hall.Report("o1", "o2", 1, {{0, 0}, {1, 0}}), "");
  EXPECT_THAT(FactsOf(refused()), ElementsAre(Pair("stations", "2")));
  ASSERT_EQ(hall.Report("o3", "o4", 2, {{0, 1}, {0, 0}}), "");
  EXPECT_TRUE(refused().ok());
  const v1::Issuance told = hall.Issuance();
  std::vector<std::array<int64_t, 5>> counts;
  for (const auto& one : told.stations()) {
    counts.push_back(
        {one.station(), one.class_id(), one.marked(), one.spoiled(), one.taken_home()});
  }
  EXPECT_THAT(
      counts,
      ElementsAre(std::array<int64_t, 5>{1, 1, 0, 0, 0}, std::array<int64_t, 5>{1, 2, 2, 1, 0},
                  std::array<int64_t, 5>{2, 1, 1, 0, 1}, std::array<int64_t, 5>{2, 2, 0, 0, 0}));
  EXPECT_EQ(told.classes(0).issued(), 0);
  EXPECT_EQ(told.classes(1).issued(), 1);
  // Forgetting takes marks along, and no published number.
  pg::Pool owner({.conninfo = world.database().owner(), .size = 1});
  EXPECT_EQ(*ForgetRound(owner, RoundId(*Uuid::Parse(hall.roll.round_id())),
                         absl::Now() + absl::Seconds(30)),
            6);
  EXPECT_EQ(hall.Issuance().SerializeAsString(), told.SerializeAsString());
  // Who voted on paper took part.
  EXPECT_TRUE(
      world.database()
          .Sql("DO $$ BEGIN ASSERT (SELECT sum(took_part) FROM registry.participation) = 4; "
               "ASSERT (SELECT count(*) FROM registry.person WHERE took_part) = 4; END $$")
          .ok());
}

TEST(CloseRoll, WaitsForNobodyWhereNoPaperCanHaveBeenGiven) {
  World world;
  const Hall hall(world);
  world.CloseRoll(hall.roll.round_id());  // Before issuing was over.
  EXPECT_THAT(hall.Issuance().stations(), SizeIs(4));
  World other;
  const Hall never(other);
  never.EndIssuing();
  ASSERT_TRUE(other.database().Sql("UPDATE registry.roll SET manifest_hash = NULL").ok());
  other.CloseRoll(never.roll.round_id());  // Nobody could vote.
}

}  // namespace
}  // namespace smederij::registry::testing
