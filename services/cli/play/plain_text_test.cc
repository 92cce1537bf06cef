#include "services/cli/play/plain_text.h"

#include <gtest/gtest.h>

namespace smederij::cli {
namespace {

TEST(PlainLine, DrawsBlanksTogetherAndTrims) {
  EXPECT_EQ(PlainLine("  a \t\n b  ", 10, 10), "a b");
  EXPECT_EQ(PlainLine("a\xC2\xA0\xE2\x80\xA8z", 10, 10), "a z");  // No-break space, U+2028.
}

TEST(PlainLine, DropsWhatHidesOrTurnsText) {
  EXPECT_EQ(PlainLine("a\xE2\x80\x8B\xE2\x80\xAE\xEF\xBB\xBF\xC2\xAD\x7F"
                      "b",
                      10, 10),
            "ab");
  EXPECT_EQ(PlainLine("\xE2\x80\x8B \x01", 10, 10), "");
}

TEST(PlainLine, CutsBetweenCharacters) {
  EXPECT_EQ(PlainLine("\xC5\x81\xC3\xB3\x64\xC5\xBA", 3, 100), "\xC5\x81\xC3\xB3\x64");
  EXPECT_EQ(PlainLine("\xC5\x81\xC3\xB3", 10, 3), "\xC5\x81");
  EXPECT_EQ(PlainLine("ab cd", 3, 100), "ab");  // No blank is left at the end.
}

TEST(PlainLine, KeepsEveryScript) {
  EXPECT_EQ(PlainLine("Плац \xF0\x9F\x8C\xB3 公園", 20, 100), "Плац \xF0\x9F\x8C\xB3 公園");
}

}  // namespace
}  // namespace smederij::cli
