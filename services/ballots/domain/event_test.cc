#include "services/ballots/domain/event.h"

#include <gtest/gtest.h>

#include "common/base/error.h"
#include "services/ballots/domain/leaf_type.h"

namespace smederij::ballots {
namespace {

const RoundId kRound = RoundId::Random();
const std::vector<SubjectId> kOfficials{SubjectId::Random(), SubjectId::Random()};

const std::vector<StationLine> kLines = {
    {.class_id = 1, .marked = 9, .spoiled = 1, .taken_home = 2, .in_box = 5},
    {.class_id = 2, .marked = 0, .spoiled = 0, .taken_home = 0, .in_box = 0}};

std::vector<std::string> Every() {
  return {ApprovedEvent(kRound, Hash{7}, kOfficials),
          BroughtForwardEvent(kRound, absl::FromUnixMicros(1'790'000'000'000'001), kOfficials),
          ClosedEvent(kRound, 1234),
          LotEvent(kRound, std::vector<uint32_t>{3, 1, 2}, kOfficials),
          OpeningsLeaf(kRound, 2, Hash{8}),
          StationEvent(kRound, 7, kLines, "one lost", kOfficials),
          TallyLeaf(kRound, 2, Hash{9}, kOfficials)};
}

TEST(Event, SaysWhatWasWritten) {
  const std::vector<std::string> every = Every();
  const auto approved = ParseEvent(every[0]);
  ASSERT_TRUE(approved.ok()) << approved.status();
  EXPECT_EQ(*approved, (Event{.kind = Event::Kind::kApproved,
                              .round_id = kRound,
                              .hash = Hash{7},
                              .officials = kOfficials}));
  EXPECT_EQ(ParseEvent(every[1])->cast_until, absl::FromUnixMicros(1'790'000'000'000'001));
  EXPECT_EQ(ParseEvent(every[2])->ballots, 1234);
  EXPECT_EQ(ParseEvent(every[3])->numbers, (std::vector<uint32_t>{3, 1, 2}));
  EXPECT_EQ(ParseEvent(every[4])->hash, Hash{8});
  EXPECT_EQ(*ParseEvent(every[5]), (Event{.kind = Event::Kind::kStation,
                                          .round_id = kRound,
                                          .station = 7,
                                          .lines = kLines,
                                          .reason = "one lost",
                                          .officials = kOfficials}));
  EXPECT_EQ(ParseEvent(every[6])->version, 2u);
  EXPECT_EQ(ParseEvent(every[6])->officials, kOfficials);
}

TEST(Event, IsParsedStrictly) {
  for (const std::string& leaf : Every()) {
    EXPECT_EQ(ReasonOf(ParseEvent(leaf + '\0').status()), "BAD_LEAF");
    for (size_t length = 0; length < leaf.size(); ++length) {
      ASSERT_EQ(ReasonOf(ParseEvent(leaf.substr(0, length)).status()), "BAD_LEAF") << length;
    }
  }
  std::string other = ClosedEvent(kRound, 1);
  other[18] = 6;
  EXPECT_EQ(FactsOf(ParseEvent(other).status()), (std::vector<Fact>{{"wrong", "EVENT"}}));
  other[0] = static_cast<char>(LeafType::kBallot);
  EXPECT_EQ(FactsOf(ParseEvent(other).status()), (std::vector<Fact>{{"wrong", "TYPE"}}));
}

TEST(StationLine, BalancesWhenTheBoxHoldsWhatTheRollTells) {
  EXPECT_FALSE(kLines[0].Balances());
  EXPECT_EQ(kLines[0].expected(), 6);
  EXPECT_TRUE(kLines[1].Balances());
  EXPECT_EQ((StationLine{.class_id = 1, .marked = 1, .spoiled = 2}).expected(), -1);
}

TEST(Event, IsByTwoDifferentOfficials) {
  Event event{.officials = kOfficials};
  EXPECT_TRUE(ByTwo(event));
  event.officials = {kOfficials[0]};
  EXPECT_FALSE(ByTwo(event));
  event.officials = {kOfficials[0], kOfficials[0]};
  EXPECT_FALSE(ByTwo(event));
}

}  // namespace
}  // namespace smederij::ballots
