#include "services/ledger/domain/indexings.h"

#include <gtest/gtest.h>

#include <random>

namespace smederij::ledger {
namespace {

// What one source gives; -1 when it is more than an amount can be.
int64_t One(int64_t cents, int32_t rate) {
  const auto moves = Indexed({{"municipality", Money::Cents(cents)}}, rate);
  if (!moves) return -1;
  return moves->empty() ? 0 : moves->front().amount.cents();
}

TEST(Indexed, IsRoundedToTheCentHalfACentUp) {
  EXPECT_EQ(One(1'000'00, 230), 1'023'00);
  EXPECT_EQ(One(1'000'00, -230), 977'00);
  EXPECT_EQ(One(1'000'00, 0), 1'000'00);
  EXPECT_EQ(One(1'000'00, kRateMax), 2'000'00);
  EXPECT_EQ(One(1'000'00, kRateMin), 0);
  EXPECT_EQ(One(1, 5'000), 2);   // 1.5
  EXPECT_EQ(One(1, 4'999), 1);   // 1.4999
  EXPECT_EQ(One(1, -5'000), 1);  // 0.5
  EXPECT_EQ(One(1, -5'001), 0);  // 0.4999
  EXPECT_EQ(One(3, -5'000), 2);  // 1.5
  EXPECT_EQ(One(50, 100), 51);   // 50.5
  EXPECT_EQ(One(49, 100), 49);   // 49.49
}

TEST(Indexed, GoesUpToTheLargestAmountAndNotBeyond) {
  constexpr int64_t kMax = Money::kCentsMax;
  EXPECT_EQ(One(kMax, 0), kMax);
  EXPECT_EQ(One(kMax, 1), -1);
  EXPECT_EQ(One(kMax, -1), kMax - kMax / 10'000);
  EXPECT_EQ(One(kMax / 2, kRateMax), kMax);
  EXPECT_EQ(One(kMax / 2 + 1, kRateMax), -1);
  // Each of them fits, and together they do not.
  EXPECT_FALSE(Indexed({{"a", Money::Cents(kMax)}, {"b", Money::Cents(1)}}, 0));
  EXPECT_TRUE(Indexed({{"a", Money::Cents(kMax - 1)}, {"b", Money::Cents(1)}}, 0));
}

TEST(TotalIndexed, IsToldBeyondTheLargestAmountToo) {
  constexpr int64_t kMax = Money::kCentsMax;
  EXPECT_EQ(TotalIndexed({}, 0), Money());
  EXPECT_EQ(TotalIndexed({{"a", Money::Cents(kMax)}, {"b", Money::Cents(1)}}, 0),
            Money::Cents(kMax + 1));
  EXPECT_EQ(TotalIndexed({{"a", Money::Cents(kMax)}, {"b", Money::Cents(-5)}}, kRateMax),
            Money::Cents(2 * kMax));
  std::map<std::string, Money> many;  // Nobody has so many; it stays a sum all the same.
  for (int i = 0; i < 5'000; ++i) many[std::to_string(i)] = Money::Cents(kMax);
  EXPECT_EQ(TotalIndexed(many, kRateMax), Money::Cents(INT64_MAX));
}

TEST(Indexed, TakesEverySourceByItselfAndLeavesOutThoseOfWhichNothingIsLeft) {
  const auto moves = Indexed({{"b", Money::Cents(3)},
                              {"a", Money::Cents(3)},
                              {"none", Money()},
                              {"small", Money::Cents(1)}},
                             -5'001);
  ASSERT_TRUE(moves);
  ASSERT_EQ(moves->size(), 2);
  for (const auto& [move, source] : {std::pair((*moves)[0], "a"), std::pair((*moves)[1], "b")}) {
    EXPECT_EQ(move.from, Source(source));
    EXPECT_EQ(move.to, Available());
    EXPECT_EQ(move.amount, Money::Cents(1));
  }
}

// Against long division, digit by digit as on paper: quotient and remainder, no wide integer.
TEST(Indexed, AgreesWithLongDivision) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  for (int i = 0; i < 100'000; ++i) {
    const auto cents = static_cast<int64_t>(1 + random() % Money::kCentsMax);
    const auto rate = static_cast<int32_t>(random() % 20'001) + kRateMin;
    const int64_t factor = 10'000 + rate, whole = cents / 10'000, rest = cents % 10'000;
    const int64_t expected = whole * factor + (rest * factor + 5'000) / 10'000;
    EXPECT_EQ(One(cents, rate), expected > Money::kCentsMax ? -1 : expected)
        << cents << " " << rate;
  }
}

}  // namespace
}  // namespace smederij::ledger
