#pragma once

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace smederij::ledger {

// A random walk as the seeds of its steps. A step draws from its own seed alone, so that others can
// be left out.
using Steps = std::vector<uint64_t>;

// A new one for every run; SMEDERIJ_SEED runs one again.
inline uint64_t SeedOfRun() {
  uint64_t seed = std::random_device()();
  if (const char* text = std::getenv("SMEDERIJ_SEED")) {
    if (!absl::SimpleAtoi(text, &seed)) ADD_FAILURE() << "SMEDERIJ_SEED is no number";
  }
  return seed;
}

inline Steps RandomSteps(uint64_t seed, size_t count) {
  std::mt19937_64 random(seed);
  Steps steps(count);
  for (uint64_t& step : steps) step = random();
  return steps;
}

// Runs `walk` over `steps`, which starts anew each time. When it fails, looks for a part of the
// steps that fails as well, by leaving out halves, quarters and so on down to single ones (Zeller
// and Hildebrandt, Simplifying and Isolating Failure-Inducing Input), and fails as the shortest
// found.
class Shrinking {
 public:
  explicit Shrinking(std::function<void(const Steps&)> walk) : walk_(std::move(walk)) {}

  void Run(const Steps& steps) {
    if (!Fails(steps)) return;
    const Steps fewer = Shrunk(steps);
    ADD_FAILURE() << "shrunk from " << steps.size() << " to " << fewer.size() << " steps, of seeds "
                  << absl::StrJoin(fewer, " ") << "\n"
                  << said_;
  }

  Steps Shrunk(Steps steps) {
    int tries = 0;
    for (size_t part = (steps.size() + 1) / 2; part > 0;) {
      bool left_out = false;
      for (size_t at = 0; at < steps.size() && tries < kTriesMax; ++tries) {
        Steps fewer = steps;
        const auto from = fewer.begin() + static_cast<std::ptrdiff_t>(at);
        fewer.erase(from, from + static_cast<std::ptrdiff_t>(std::min(part, fewer.size() - at)));
        if (Fails(fewer)) {
          steps = std::move(fewer);
          left_out = true;
        } else {
          at += part;
        }
      }
      if (tries >= kTriesMax) break;
      if (part > 1 || !left_out) part /= 2;
    }
    return steps;
  }

 private:
  static constexpr int kTriesMax = 300;

  // Without the test's knowing; keeps what the last failure said.
  bool Fails(const Steps& steps) {
    ::testing::TestPartResultArray results;
    {
      const ::testing::ScopedFakeTestPartResultReporter reporter(
          ::testing::ScopedFakeTestPartResultReporter::INTERCEPT_ALL_THREADS, &results);
      walk_(steps);
    }
    std::string said;
    for (int i = 0; i < results.size(); ++i) {
      const ::testing::TestPartResult& result = results.GetTestPartResult(i);
      if (result.failed()) absl::StrAppend(&said, result.message(), "\n");
    }
    if (said.empty()) return false;
    said_ = std::move(said);
    return true;
  }

  const std::function<void(const Steps&)> walk_;
  std::string said_;
};

}  // namespace smederij::ledger
