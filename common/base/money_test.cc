#include "common/base/money.h"

#include <gtest/gtest.h>

#include <limits>

#include "common/base/error.h"

namespace smederij {
namespace {

constexpr int64_t kLowest = std::numeric_limits<int64_t>::min();
constexpr int64_t kHighest = std::numeric_limits<int64_t>::max();

TEST(Money, SumsSaturateInsteadOfWrapping) {
  EXPECT_EQ((Money::Cents(kHighest) + Money::Cents(1)).cents(), kHighest);
  EXPECT_EQ((Money::Cents(kLowest) - Money::Cents(1)).cents(), kLowest);
  EXPECT_EQ((Money() - Money::Cents(kLowest)).cents(), kHighest);
  EXPECT_EQ((Money::Cents(70) + Money::Cents(-30)).cents(), 40);
}

TEST(Money, PrintsWithTwoDecimals) {
  EXPECT_EQ(ToString(Money::Cents(123450)), "1234.50");
  EXPECT_EQ(ToString(Money::Cents(-5)), "-0.05");
  EXPECT_EQ(ToString(Money::Cents(kLowest)), "-92233720368547758.08");
}

TEST(Money, AmountsFromOutsideAreRangeChecked) {
  EXPECT_EQ(ParseAmount(1, "amount_cents")->cents(), 1);
  EXPECT_EQ(ParseAmount(Money::kCentsMax, "amount_cents")->cents(), Money::kCentsMax);
  for (const int64_t bad : {int64_t{0}, int64_t{-1}, Money::kCentsMax + 1, kHighest, kLowest}) {
    const auto amount = ParseAmount(bad, "lines[3].amount_cents");
    ASSERT_FALSE(amount.ok()) << bad;
    EXPECT_EQ(ReasonOf(amount.status()), "AMOUNT_OUT_OF_RANGE");
    EXPECT_EQ(FieldsOf(amount.status())[0].first, "lines[3].amount_cents");
  }
}

}  // namespace
}  // namespace smederij
