#include "common/service/background.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <vector>

#include "common/base/error.h"
#include "common/obs/log.h"

namespace smederij::service {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Background, AFaultThatLastsIsToldOnce) {
  constexpr int kTurns = 200;
  const obs::LogCapture capture;
  std::vector<std::unique_ptr<absl::Status>> kept;  // So that no two lie at one address.
  std::atomic<int> turns = 0;
  const auto fail = [&] {
    const bool later = turns >= kTurns / 2;
    kept.push_back(std::make_unique<absl::Status>(
        Error(kUnavailable, later ? "LATER" : "FIRST", later ? "the second one" : "the first one")
            .With("one", 1)
            .With("two", 2)
            .With("three", 3)));
    ++turns;
    return *kept.back();
  };
  {
    Background background("failing", absl::ZeroDuration(), fail);
    while (turns < kTurns) background.Wake();
  }
  EXPECT_THAT(capture.lines(), ElementsAre(HasSubstr("FIRST"), HasSubstr("LATER")));
}

}  // namespace
}  // namespace smederij::service
