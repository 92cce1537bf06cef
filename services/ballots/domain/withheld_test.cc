#include "services/ballots/domain/withheld.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace smederij::ballots {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Unit Online(uint16_t class_id) { return {.class_id = class_id}; }
Unit Paper(uint16_t class_id, uint8_t batch) {
  return {.class_id = class_id, .batch = Hash{batch}};
}

TEST(WithheldUnits, AreNoneWhenEveryUnitIsLargeEnough) {
  EXPECT_THAT(WithheldUnits({{Online(1), 10}, {Online(2), 400}, {Paper(1, 1), 12}}, 10), IsEmpty());
  EXPECT_THAT(WithheldUnits({}, 10), IsEmpty());
  EXPECT_THAT(WithheldUnits({{Online(1), 1}}, 1), IsEmpty());
}

TEST(WithheldUnits, DoNotCountThoseWithoutABallot) {
  EXPECT_THAT(WithheldUnits({{Online(1), 10}, {Online(2), 0}, {Paper(2, 1), 0}}, 10), IsEmpty());
}

TEST(WithheldUnits, ASmallOneIsNotLeftAloneToBeSubtracted) {
  EXPECT_THAT(WithheldUnits({{Online(1), 500}, {Online(2), 9}, {Online(3), 40}}, 10),
              ElementsAre(Online(2), Online(3)));
  EXPECT_THAT(WithheldUnits({{Online(1), 500}, {Online(2), 9}}, 10),
              ElementsAre(Online(1), Online(2)));
}

TEST(WithheldUnits, SmallOnesThatHideEachOtherNeedNoMore) {
  EXPECT_THAT(WithheldUnits({{Online(1), 500}, {Online(2), 5}, {Online(3), 5}}, 10),
              ElementsAre(Online(2), Online(3)));
  EXPECT_THAT(WithheldUnits({{Online(1), 500}, {Online(2), 9}, {Online(3), 9}, {Online(4), 9}}, 10),
              ElementsAre(Online(2), Online(3), Online(4)));
}

TEST(WithheldUnits, AreAllOfARoundThatHasTooFewBallots) {
  EXPECT_THAT(WithheldUnits({{Online(1), 3}, {Online(2), 2}}, 10),
              ElementsAre(Online(1), Online(2)));
}

TEST(WithheldUnits, ABatchOfAStationStandsByItself) {
  // A class of a hundred, of which a station's box held four.
  EXPECT_THAT(WithheldUnits({{Online(1), 60}, {Paper(1, 1), 36}, {Paper(1, 2), 4}}, 10),
              ElementsAre(Paper(1, 1), Paper(1, 2)));
}

TEST(MayTellBlank, OnlyWhereTheHiddenPartIsLargeEnough) {
  const BallotsByUnit ballots = {
      {Online(1), 60}, {Paper(1, 1), 4}, {Online(2), 6}, {Online(3), 30}};
  const std::set<Unit> withheld = WithheldUnits(ballots, 10);
  EXPECT_THAT(withheld, ElementsAre(Paper(1, 1), Online(2)));
  EXPECT_FALSE(MayTellBlank(1, ballots, withheld, 10));  // Sixty are open: four would be left.
  EXPECT_FALSE(MayTellBlank(2, ballots, withheld, 10));
  EXPECT_TRUE(MayTellBlank(3, ballots, withheld, 10));
  const BallotsByUnit one = {{Online(1), 60}, {Paper(1, 1), 4}, {Paper(1, 2), 6}};
  EXPECT_TRUE(MayTellBlank(1, one, WithheldUnits(one, 10), 10));
}

}  // namespace
}  // namespace smederij::ballots
