#include "services/ballots/domain/withheld.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace smederij::ballots {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(WithheldClasses, AreNoneWhenEveryClassIsLargeEnough) {
  EXPECT_THAT(WithheldClasses({{1, 10}, {2, 400}}, 10), IsEmpty());
  EXPECT_THAT(WithheldClasses({}, 10), IsEmpty());
  EXPECT_THAT(WithheldClasses({{1, 1}}, 1), IsEmpty());
}

TEST(WithheldClasses, DoNotCountThoseWithoutABallot) {
  EXPECT_THAT(WithheldClasses({{1, 10}, {2, 0}}, 10), IsEmpty());
}

TEST(WithheldClasses, ASmallOneIsNotLeftAloneToBeSubtracted) {
  EXPECT_THAT(WithheldClasses({{1, 500}, {2, 9}, {3, 40}}, 10), ElementsAre(2, 3));
  EXPECT_THAT(WithheldClasses({{1, 500}, {2, 9}}, 10), ElementsAre(1, 2));
}

TEST(WithheldClasses, SmallOnesThatHideEachOtherNeedNoMore) {
  EXPECT_THAT(WithheldClasses({{1, 500}, {2, 5}, {3, 5}}, 10), ElementsAre(2, 3));
  EXPECT_THAT(WithheldClasses({{1, 500}, {2, 9}, {3, 9}, {4, 9}}, 10), ElementsAre(2, 3, 4));
}

TEST(WithheldClasses, AreAllOfARoundThatHasTooFewBallots) {
  EXPECT_THAT(WithheldClasses({{1, 3}, {2, 2}}, 10), ElementsAre(1, 2));
}

}  // namespace
}  // namespace smederij::ballots
