#include "common/base/error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace smederij {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(Error, CarriesReasonFactsFieldsAndDelayInNameOrder) {
  const absl::Status status = Error(kInvalidArgument, "BAD_LINES", "two lines are wrong")
                                  .With("lines", 2)
                                  .With("budget", "general")
                                  .At("lines[1].amount_cents", "is negative")
                                  .At("lines[0].amount_cents", "is zero")
                                  .RetryAfter(absl::Milliseconds(250));
  EXPECT_EQ(status.code(), kInvalidArgument);
  EXPECT_EQ(status.message(), "two lines are wrong");
  EXPECT_EQ(ReasonOf(status), "BAD_LINES");
  EXPECT_THAT(FactsOf(status), ElementsAre(Pair("budget", "general"), Pair("lines", "2")));
  EXPECT_THAT(FieldsOf(status), ElementsAre(Pair("lines[0].amount_cents", "is zero"),
                                            Pair("lines[1].amount_cents", "is negative")));
  EXPECT_EQ(RetryDelayOf(status), absl::Milliseconds(250));
}

TEST(Error, AForeignStatusHasNoReason) {
  const absl::Status status = absl::InternalError("disk");
  EXPECT_EQ(ReasonOf(status), "");
  EXPECT_THAT(FactsOf(status), IsEmpty());
  EXPECT_EQ(RetryDelayOf(status), absl::ZeroDuration());
}

}  // namespace
}  // namespace smederij
