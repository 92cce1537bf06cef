#include "services/ledger/domain/apportion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "absl/strings/str_cat.h"

namespace smederij::ledger {
namespace {

using ::testing::ElementsAre;

std::vector<int64_t> Parts(int64_t total, const std::vector<int64_t>& weights) {
  std::vector<Money> of;
  for (const int64_t weight : weights) of.push_back(Money::Cents(weight));
  std::vector<int64_t> cents;
  for (const Money part : Apportion(Money::Cents(total), of)) cents.push_back(part.cents());
  return cents;
}

TEST(Apportion, GivesWhatIsLeftToThoseThatLostMostByRounding) {
  EXPECT_THAT(Parts(100, {1, 1, 1}), ElementsAre(34, 33, 33));
  EXPECT_THAT(Parts(10, {3, 1}), ElementsAre(8, 2));  // 7.5 and 2.5: the first of equals.
  EXPECT_THAT(Parts(10, {1, 3, 1}), ElementsAre(2, 6, 2));
  EXPECT_THAT(Parts(5, {1, 2, 3}), ElementsAre(1, 2, 2));  // 0.83, 1.67, 2.5
  EXPECT_THAT(Parts(0, {1, 2}), ElementsAre(0, 0));
  EXPECT_THAT(Parts(7, {0, 5}), ElementsAre(0, 7));
}

TEST(Apportion, HoldsAtTheLargestAmounts) {
  const int64_t most = Money::kCentsMax;
  EXPECT_THAT(Parts(most, {most}), ElementsAre(most));
  EXPECT_THAT(Parts(most - 1, {most, most}), ElementsAre(most / 2, most / 2 - 1));
}

TEST(Apportion, PartsAreTheWholeAndWithinACentOfExact) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  std::mt19937_64 random(seed);
  for (int i = 0; i < 1'000; ++i) {
    std::vector<int64_t> weights(1 + random() % 6);
    for (int64_t& weight : weights) weight = static_cast<int64_t>(random() % 1'000'000);
    weights.front() += 1;
    int64_t sum = 0, given = 0;
    for (const int64_t weight : weights) sum += weight;
    const auto total = static_cast<int64_t>(random() % 10'000'000);
    const std::vector<int64_t> parts = Parts(total, weights);
    for (size_t k = 0; k < parts.size(); ++k) {
      given += parts[k];
      EXPECT_LT(std::abs(static_cast<double>(parts[k]) - static_cast<double>(total) *
                                                             static_cast<double>(weights[k]) /
                                                             static_cast<double>(sum)),
                1.0);
    }
    EXPECT_EQ(given, total);
  }
}

}  // namespace
}  // namespace smederij::ledger
