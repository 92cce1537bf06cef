#include "services/registry/domain/polling.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/error.h"

namespace smederij::registry {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::StartsWith;

const absl::Time kUntil = absl::FromUnixSeconds(1'800'000'000);

Desk OpenDesk() {
  Desk desk;
  desk.roll.state = RollState::kOpen;
  desk.roll.issue_until = kUntil;
  desk.roll.manifest_hash = Hash{};
  desk.station_known = desk.of_station = true;
  desk.now = kUntil;
  return desk;
}

TEST(Desk, RefusesInOrder) {
  Desk desk = OpenDesk();
  EXPECT_TRUE(MayStrike(desk).ok());
  desk.closed = true;
  EXPECT_TRUE(MayLook(desk).ok());
  EXPECT_EQ(ReasonOf(MayStrike(desk)), "STATION_CLOSED");
  desk.roll.manifest_hash.reset();
  EXPECT_EQ(ReasonOf(MayStrike(desk)), "MANIFEST_NOT_APPROVED");
  desk.now = kUntil - absl::Microseconds(1);
  EXPECT_EQ(ReasonOf(MayStrike(desk)), "ISSUING_NOT_OVER");
  desk.roll.state = RollState::kClosed;
  EXPECT_EQ(ReasonOf(MayLook(desk)), "ROLL_CLOSED");
  for (const RollState state : {RollState::kRunning, RollState::kFailed}) {
    desk.roll.state = state;
    EXPECT_EQ(ReasonOf(MayLook(desk)), "ROLL_NOT_OPEN");
  }
  desk.of_station = false;
  EXPECT_EQ(ReasonOf(MayLook(desk)), "NOT_OF_THIS_STATION");
  desk.station_known = false;
  EXPECT_EQ(ReasonOf(MayLook(desk)), "STATION_NOT_FOUND");
}

RollLine Line(std::optional<Channel> channel, bool issued = false,
              std::optional<absl::Time> ticket_until = {}) {
  return {.number = 1, .channel = channel, .issued = issued, .ticket_until = ticket_until};
}

TEST(RollLine, WhatMayBeDoneWithIt) {
  struct Case {
    const char* name;
    std::optional<RollLine> line;
    const char* mark;
    const char* ticket;
    const char* back;
  };
  for (const Case& one : std::vector<Case>{
           {"none", std::nullopt, "NOT_ON_ROLL", "NOT_ON_ROLL", "NOT_ON_ROLL"},
           {"open", Line(std::nullopt), "", "", "NOT_MARKED"},
           {"returned", Line(Channel::kReturned), "", "", "NOT_MARKED"},
           {"digital", Line(Channel::kDigital, true), "ALREADY_ISSUED", "ALREADY_ISSUED",
            "ALREADY_ISSUED"},
           {"paper", Line(Channel::kPaper), "ALREADY_MARKED", "ALREADY_MARKED", ""},
           {"paper_after_a_ticket", Line(Channel::kPaper, false, kUntil + absl::Seconds(1)),
            "ALREADY_MARKED", "ALREADY_MARKED", ""},
           {"kiosk", Line(Channel::kKiosk, false, kUntil + absl::Microseconds(1)), "ALREADY_MARKED",
            "TICKET_VALID", "TICKET_VALID"},
           {"kiosk_expired", Line(Channel::kKiosk, false, kUntil), "ALREADY_MARKED", "", ""},
           {"kiosk_used", Line(Channel::kKiosk, true, kUntil), "ALREADY_ISSUED", "ALREADY_ISSUED",
            "ALREADY_ISSUED"}}) {
    EXPECT_EQ(ReasonOf(MayMark(one.line)), one.mark) << one.name;
    EXPECT_EQ(ReasonOf(MayTicket(one.line, kUntil)), one.ticket) << one.name;
    EXPECT_EQ(ReasonOf(MayReturn(one.line, kUntil)), one.back) << one.name;
  }
}

TEST(KioskIssue, RefusesInOrderAndRepeatsForEver) {
  Roll roll = OpenDesk().roll;
  const Entitlement entitlement{.class_id = 2, .issuer_key_id = Hash{1}};
  Application asked{.class_id = 2, .issuer_key_id = Hash{1}, .blinded_message = "a"};
  std::optional<Channel> channel = Channel::kKiosk;
  std::optional<Issued> earlier;
  const auto decide = [&](absl::Time now) {
    return DecideKioskIssue(roll, entitlement, channel, earlier, asked, kUntil, now);
  };
  const absl::Time in_time = kUntil - absl::Microseconds(1);
  EXPECT_EQ(*decide(in_time), false);
  EXPECT_EQ(ReasonOf(decide(kUntil).status()), "TICKET_EXPIRED");
  for (const Channel other : {Channel::kPaper, Channel::kReturned}) {
    channel = other;
    EXPECT_EQ(ReasonOf(decide(in_time).status()), "TICKET_EXPIRED");
  }
  roll.state = RollState::kFailed;
  EXPECT_EQ(ReasonOf(decide(kUntil).status()), "ROLL_NOT_OPEN");
  roll.state = RollState::kClosed;
  EXPECT_EQ(ReasonOf(decide(kUntil).status()), "ROLL_CLOSED");
  earlier = Issued{.blinded_message = "a", .blind_signature = "s"};
  EXPECT_EQ(*decide(kUntil), true);
  asked.blinded_message = "b";
  EXPECT_EQ(ReasonOf(decide(in_time).status()), "ALREADY_ISSUED");
  asked.class_id = 1;
  EXPECT_EQ(ReasonOf(decide(in_time).status()), "WRONG_KEY");
  asked = {.class_id = 2, .issuer_key_id = Hash{2}};
  EXPECT_EQ(ReasonOf(decide(in_time).status()), "WRONG_KEY");
}

TEST(Marks, EveryWrongLineIsTold) {
  EXPECT_TRUE(CheckMarks({1, 2}, {Line(std::nullopt), Line(Channel::kReturned)}).ok());
  const absl::Status refused =
      CheckMarks({1, 2, 9, 1, 3, 4},
                 {Line(Channel::kPaper), Line(std::nullopt), std::nullopt, Line(Channel::kPaper),
                  Line(Channel::kDigital, true), Line(Channel::kKiosk)});
  EXPECT_EQ(ReasonOf(refused), "BAD_MARKS");
  EXPECT_EQ(refused.message(), "5 mistakes; nothing was marked");
  EXPECT_THAT(FieldsOf(refused),
              ElementsAre(Pair("lines[0].roll_number", "1 was marked before"),
                          Pair("lines[2].roll_number", "9 is on no line of this station's roll"),
                          Pair("lines[3].roll_number", "1 is the one of lines[0]"),
                          Pair("lines[4].roll_number", "3 fetched a digital ballot"),
                          Pair("lines[5].roll_number", "4 was struck off for the tablet")));
  const std::vector<uint32_t> many(250, 7);
  const absl::Status all =
      CheckMarks(many, std::vector<std::optional<RollLine>>(250, Line(std::nullopt)));
  EXPECT_THAT(FieldsOf(all), SizeIs(100));
  EXPECT_EQ(all.message(), "249 mistakes; nothing was marked");
}

TEST(Report, TellsOfEveryClassOnce) {
  std::vector<ClassReport> report{{.class_id = 2, .spoiled = 1}, {.class_id = 1}};
  ASSERT_TRUE(Normalize(report, {1, 2}).ok());
  EXPECT_EQ(report[0].class_id, 1u);
  std::vector<ClassReport> bad{
      {.class_id = 1, .spoiled = -1}, {.class_id = 1, .taken_home = 10'000'001}, {.class_id = 9}};
  const absl::Status refused = Normalize(bad, {1, 2});
  EXPECT_EQ(ReasonOf(refused), "BAD_REPORT");
  EXPECT_THAT(FieldsOf(refused),
              ElementsAre(Pair("classes", "must tell of class 2"),
                          Pair("classes[0].spoiled", "must be 0 to 10000000"),
                          Pair("classes[1].class_id", "must not repeat"),
                          Pair("classes[1].taken_home", "must be 0 to 10000000"),
                          Pair("classes[2].class_id", "is no class of the roll")));
  const std::vector<ClassReport> counted{{.class_id = 1, .spoiled = 2, .taken_home = 1}};
  EXPECT_TRUE(FitsMarks(counted, {3}).ok());
  EXPECT_EQ(ReasonOf(FitsMarks(counted, {2})), "MORE_THAN_MARKED");
}

TEST(Close, WaitsForStationsThatMayHaveGivenPaper) {
  Roll roll = OpenDesk().roll;
  EXPECT_TRUE(MayClose(roll, {}, kUntil).ok());
  const absl::Status refused = MayClose(roll, {1, 30}, kUntil);
  EXPECT_EQ(ReasonOf(refused), "STATIONS_OPEN");
  EXPECT_THAT(FactsOf(refused), ElementsAre(Pair("stations", "1, 30")));
  std::vector<uint32_t> all;
  for (uint32_t i = 0; i < kStationsMax; ++i) all.push_back(50'000 + 2 * i);
  EXPECT_THAT(FactsOf(MayClose(roll, all, kUntil)),
              ElementsAre(Pair("stations", AllOf(StartsWith("50000, 50002, "),
                                                 EndsWith(", 50250 and 74 more")))));
  EXPECT_TRUE(MayClose(roll, {1}, kUntil - absl::Microseconds(1)).ok());
  roll.manifest_hash.reset();
  EXPECT_TRUE(MayClose(roll, {1}, kUntil).ok());
  roll.manifest_hash = Hash{};
  roll.state = RollState::kFailed;
  EXPECT_TRUE(MayClose(roll, {1}, kUntil).ok());
}

TEST(NameMatches, TheBeginningOfAWord) {
  EXPECT_TRUE(NameMatches("de Vries-Jansen, A.", "DE v"));
  EXPECT_TRUE(NameMatches("de Vries-Jansen, A.", "vries"));
  EXPECT_TRUE(NameMatches("de Vries-Jansen, A.", "jan"));
  EXPECT_TRUE(NameMatches("de Vries-Jansen, A.B.", "b"));
  EXPECT_FALSE(NameMatches("de Vries-Jansen, A.", "ries"));
  EXPECT_FALSE(NameMatches("de Vries", ""));
  EXPECT_FALSE(NameMatches("", "a"));
}

}  // namespace
}  // namespace smederij::registry
