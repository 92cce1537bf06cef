#include "services/ballots/tally/exact.h"

#include <gtest/gtest.h>

#include "common/base/error.h"

namespace smederij::ballots::tally {
namespace {

TEST(Exact, DecimalsAreParsedExactly) {
  EXPECT_EQ(ParseDecimal("1331751.11").value(), Rational(133175111, 100));
  EXPECT_EQ(ParseDecimal("400000.0").value(), 400000);
  EXPECT_EQ(ParseDecimal("0.1").value(), Rational(1, 10));
  EXPECT_EQ(ParseDecimal("007").value(), 7);
  EXPECT_EQ(ParseDecimal("0").value(), 0);
  EXPECT_EQ(ParseDecimal("123456789012345678901234567890").value().get_str(),
            "123456789012345678901234567890");
}

TEST(Exact, WhatIsNoPlainDecimalIsRefused) {
  for (const char* text : {"", ".", "1.", ".5", "1.2.3", "1,5", "-1", "+1", " 1", "1 ", "1e3",
                           "0x10", "٣", "1234567890123456789012345678901"}) {
    EXPECT_EQ(ReasonOf(ParseDecimal(text).status()), "NOT_A_DECIMAL") << text;
  }
}

TEST(Exact, TextsAreTheShortestAndReadBack) {
  for (const char* text : {"0", "12", "12.5", "100/3", "-0.25", "-7/3", "0.01", "1331751.11"}) {
    EXPECT_EQ(ToText(FromText(text)), text);
  }
  EXPECT_EQ(ToText(FromText("6/4")), "1.5");
}

TEST(Exact, PeopleSeeRoundedHalfUp) {
  EXPECT_EQ(ToRounded(FromText("100/3"), 2), "33.33");
  EXPECT_EQ(ToRounded(FromText("200/3"), 2), "66.67");
  EXPECT_EQ(ToRounded(FromText("0.005"), 2), "0.01");
  EXPECT_EQ(ToRounded(FromText("-7/3"), 2), "-2.33");
  EXPECT_EQ(ToRounded(12, 0), "12");
}

TEST(Exact, CentsComeAndGo) {
  EXPECT_EQ(FromCents(123456), FromText("1234.56"));
  EXPECT_EQ(FromCents(100), 1);
  EXPECT_EQ(ToCents(FromText("1234.56")), 123456);
  EXPECT_EQ(ToCents(FromText("100/3")), 3333);
}

}  // namespace
}  // namespace smederij::ballots::tally
