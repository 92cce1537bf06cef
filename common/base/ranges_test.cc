#include "common/base/ranges.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace smederij {
namespace {

TEST(RangesText, IsHowPeopleWriteIt) {
  EXPECT_EQ(RangesText({}), "");
  EXPECT_EQ(RangesText({7}), "7");
  EXPECT_EQ(RangesText({1, 3, 4, 6, 7, 8, 10}), "1, 3-4, 6-8, 10");
  EXPECT_EQ(RangesText({4294967294, 4294967295}), "4294967294-4294967295");
}

TEST(RangesText, IsCutAtAWholeItemAndTellsHowManyAreLeftOut) {
  std::vector<uint32_t> numbers;
  bool cut = false;
  // Every other number down from the largest: nothing joins, and every length is met.
  for (uint32_t i = 0; i < 400; ++i) {
    numbers.insert(numbers.begin(), std::numeric_limits<uint32_t>::max() - 2 * i);
    const std::string text = RangesText(numbers);
    ASSERT_LE(text.size(), kRangesBytesMax);
    const std::vector<std::string> halves = absl::StrSplit(text, " and ");
    const std::vector<std::string> told = absl::StrSplit(halves[0], ", ");
    for (size_t k = 0; k < told.size(); ++k) ASSERT_EQ(told[k], absl::StrCat(numbers[k]));
    size_t more = 0;
    if (halves.size() > 1) {
      cut = true;
      absl::string_view rest = halves[1];
      ASSERT_TRUE(absl::ConsumeSuffix(&rest, " more") && absl::SimpleAtoi(rest, &more)) << text;
      ASSERT_GT(text.size() + 30, kRangesBytesMax) << "more would have fitted";
    }
    ASSERT_EQ(told.size() + more, numbers.size());
  }
  EXPECT_TRUE(cut);
}

// Left out are numbers, also where they would have been one range.
TEST(RangesText, CountsTheNumbersOfARange) {
  std::vector<uint32_t> numbers;
  for (uint32_t i = 0; i < 300; ++i) numbers.push_back(1000 + 2 * i);
  const std::string without = RangesText(numbers);
  for (uint32_t i = 0; i < 1000; ++i) numbers.push_back(5000 + i);
  const auto left_out = [](const std::string& text) {
    int number = 0;
    const std::vector<std::string> halves = absl::StrSplit(text, " and ");
    EXPECT_TRUE(absl::SimpleAtoi(absl::StripSuffix(halves.at(1), " more"), &number)) << text;
    return number;
  };
  EXPECT_EQ(left_out(RangesText(numbers)), left_out(without) + 1000);
}

}  // namespace
}  // namespace smederij
