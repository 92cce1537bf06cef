#include "services/ledger/testing/shrink.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace smederij::ledger {
namespace {

using ::testing::HasSubstr;

bool Has(const Steps& steps, uint64_t step) {
  return std::find(steps.begin(), steps.end(), step) != steps.end();
}

TEST(Shrinking, LeavesOutAllThatAFailureDoesNotNeed) {
  Steps steps;
  for (uint64_t i = 0; i < 100; ++i) steps.push_back(i);
  Shrinking shrinking([](const Steps& some) { EXPECT_FALSE(Has(some, 17) && Has(some, 83)); });
  EXPECT_EQ(shrinking.Shrunk(steps), (Steps{17, 83}));
}

TEST(Shrinking, OfAFailureThatNeedsAllLeavesOutNothing) {
  const Steps steps = {3, 1, 2};
  Shrinking shrinking([&](const Steps& some) { EXPECT_NE(some, steps); });
  EXPECT_EQ(shrinking.Shrunk(steps), steps);
}

TEST(Shrinking, RunsAWalkThatHoldsOnce) {
  int runs = 0;
  Shrinking([&](const Steps& steps) {
    runs += steps.size() == 50 ? 1 : 100;
  }).Run(RandomSteps(7, 50));
  EXPECT_EQ(runs, 1);
}

TEST(Shrinking, FailsAsTheShortestFound) {
  ::testing::TestPartResultArray results;
  {
    const ::testing::ScopedFakeTestPartResultReporter reporter(
        ::testing::ScopedFakeTestPartResultReporter::INTERCEPT_ALL_THREADS, &results);
    Shrinking([](const Steps& some) {
      EXPECT_FALSE(Has(some, 4)) << "it is there";
    }).Run({1, 2, 3, 4, 5});
  }
  ASSERT_EQ(results.size(), 1);
  const std::string told = results.GetTestPartResult(0).message();
  EXPECT_THAT(told, HasSubstr("it is there"));
  EXPECT_THAT(told, HasSubstr("from 5 to 1 steps, of seeds 4\n"));
}

}  // namespace
}  // namespace smederij::ledger
