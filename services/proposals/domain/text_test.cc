#include "services/proposals/domain/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace smederij::proposals {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

std::string Wrong(const std::string& text, bool prose) {
  TextCheck check;
  prose ? check.Prose("text", text, 10) : check.Line("text", text, 10);
  const absl::Status status = check.status();
  if (status.ok()) return "";
  EXPECT_EQ(ReasonOf(status), "BAD_TEXT");
  return FieldsOf(status)[0].second;
}

TEST(Text, CountsCharactersNotBytes) {
  EXPECT_EQ(Wrong("ëëëëëëëëëë", false), "");
  EXPECT_THAT(Wrong("ëëëëëëëëëëë", false), HasSubstr("at most 10"));
  EXPECT_EQ(Wrong("🌳🌳🌳🌳🌳🌳🌳🌳🌳🌳", false), "");
  EXPECT_EQ(Wrong("👩\u200d👧", false), "") << "joined emoji are one family";
}

TEST(Text, EmptyAndBlankAreNothing) {
  for (const char* blank : {"", " ", "\u00a0\u2003", "\u200b\u3000"}) {
    EXPECT_EQ(Wrong(blank, false), "must not be empty") << blank;
  }
  EXPECT_EQ(Wrong("\n\t\r", true), "must not be empty");
}

TEST(Text, OnlyProseHasLayout) {
  EXPECT_EQ(Wrong("a\r\n\tb", true), "");
  EXPECT_THAT(Wrong("a\nb", false), HasSubstr("control"));
  EXPECT_THAT(Wrong("a\x1b[2J", true), HasSubstr("control"));
  EXPECT_THAT(Wrong(std::string("a\0b", 3), true), HasSubstr("control"));
  EXPECT_THAT(Wrong("a\u0085", true), HasSubstr("control"));
}

TEST(Text, NothingThatReadsDifferentlyThanItIsStored) {
  for (const char* trick : {"park\u202e001", "a\u2066b", "a\u2028b", "\ufeffpark", "a\U000e0041"}) {
    EXPECT_THAT(Wrong(trick, true), HasSubstr("reorder")) << trick;
  }
}

TEST(Text, OnlyUtf8) {
  for (const char* bytes : {"\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\x80",
                            "\xff", "\xe0\x80\x80", "\xf0\x80\x80\x80", "a\xc3"}) {
    EXPECT_EQ(Wrong(bytes, true), "must be UTF-8");
  }
}

TEST(Text, TellsEveryFieldAtOnce) {
  TextCheck check;
  check.Line("title", "", kTitleMax);
  check.Line("name", "goed", kTitleMax);
  check.Prose("text", std::string(kIdeaTextMax + 1, 'a'), kIdeaTextMax);
  EXPECT_THAT(FieldsOf(check.status()), ElementsAre(Pair("text", "must be at most 5000 characters"),
                                                    Pair("title", "must not be empty")));
}

TEST(Readable, IsWhatADatabaseCanHold) {
  EXPECT_EQ(Readable("geen geld", 100), "geen geld");
  EXPECT_EQ(Readable(absl::string_view("a\0b\n\xff\xe2\x82", 7), 100), "a?b????");
  EXPECT_EQ(Readable("één", 2), "é");
  EXPECT_EQ(Readable("één", 3), "é");
  EXPECT_EQ(Readable("één", 4), "éé");
  EXPECT_EQ(Readable("", 10), "");
}

}  // namespace
}  // namespace smederij::proposals
