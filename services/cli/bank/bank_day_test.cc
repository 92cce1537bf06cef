#include "services/cli/bank/bank_day.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "services/cli/document/calendar.h"

namespace smederij::cli {
namespace {

std::string DayIn(absl::string_view text) {
  const auto zone = Amsterdam();
  if (!zone.ok()) return "no zone";
  const auto day = ParseIsoDateTime(text, *zone);
  return day ? absl::FormatCivilTime(*day) : "";
}

TEST(BankDay, WithAnOffsetIsTheDayItThenIsInAmsterdam) {
  EXPECT_EQ(DayIn("2026-11-24T22:59:59Z"), "2026-11-24");
  EXPECT_EQ(DayIn("2026-11-24T23:00:00Z"), "2026-11-25");
  EXPECT_EQ(DayIn("2026-07-01T21:59:59.999Z"), "2026-07-01");
  EXPECT_EQ(DayIn("2026-07-01T22:00:00.000Z"), "2026-07-02");
  EXPECT_EQ(DayIn("2026-11-24T23:59:59+01:00"), "2026-11-24");
  EXPECT_EQ(DayIn("2026-11-25T00:00:00+01:00"), "2026-11-25");
  EXPECT_EQ(DayIn("2026-11-24T18:30:00-05:30"), "2026-11-25");
  EXPECT_EQ(DayIn("2026-11-25T07:59:59+09:00"), "2026-11-24");
  EXPECT_EQ(DayIn("2026-11-25T13:00:00+14:00"), "2026-11-25");
  EXPECT_EQ(DayIn("2026-11-25T00:30:00-00:00"), "2026-11-25");
  // The nights in which clocks go forward and back.
  EXPECT_EQ(DayIn("2026-03-28T23:00:00Z"), "2026-03-29");
  EXPECT_EQ(DayIn("2026-03-29T22:00:00Z"), "2026-03-30");
  EXPECT_EQ(DayIn("2026-10-24T22:00:00Z"), "2026-10-25");
  EXPECT_EQ(DayIn("2026-10-25T22:30:00Z"), "2026-10-25");
  // A year's end, and a leap day.
  EXPECT_EQ(DayIn("2026-12-31T23:00:00Z"), "2027-01-01");
  EXPECT_EQ(DayIn("2028-02-28T23:30:00Z"), "2028-02-29");
}

TEST(BankDay, WithoutAnOffsetIsLocal) {
  EXPECT_EQ(DayIn("2026-11-24T00:00:00"), "2026-11-24");
  EXPECT_EQ(DayIn("2026-11-24T23:59:59.999999"), "2026-11-24");
  EXPECT_EQ(DayIn("2026-03-29T02:30:00"), "2026-03-29");  // No such hour, but a day.
}

TEST(BankDay, MidnightHasTwoNames) {
  EXPECT_EQ(DayIn("2026-12-31T24:00:00"), "2027-01-01");
  EXPECT_EQ(DayIn("2026-11-24T24:00:00.0+01:00"), "2026-11-25");
  EXPECT_EQ(DayIn("2026-11-24T24:00:01"), "");
  EXPECT_EQ(DayIn("2026-11-24T24:01:00"), "");
  EXPECT_EQ(DayIn("2026-11-24T24:00:00.001"), "");
}

TEST(BankDay, WhatIsNoTimeIsNone) {
  for (const char* bad : {"",
                          "2026-11-24",
                          "2026-11-24T",
                          "2026-11-24T12",
                          "2026-11-24T12:00",
                          "2026-02-30T12:00:00Z",
                          "2026-11-24 12:00:00",
                          "2026-11-24t12:00:00",
                          "2026-11-24T25:00:00",
                          "2026-11-24T12:60:00",
                          "2026-11-24T12:00:60",
                          "2026-11-24T1:00:00",
                          "2026-11-24T12:00:00.",
                          "2026-11-24T12:00:00.Z",
                          "2026-11-24T12:00:00z",
                          "2026-11-24T12:00:00ZZ",
                          "2026-11-24T12:00:00+1:00",
                          "2026-11-24T12:00:00+0100",
                          "2026-11-24T12:00:00+15:00",
                          "2026-11-24T12:00:00+14:01",
                          "2026-11-24T12:00:00+01:60",
                          "2026-11-24T12:00:00+01:00x",
                          "2026-11-24T12:00:00 +01:00",
                          "0000-01-01T00:00:00Z ",
                          "20261124T120000Z",
                          "2026-11-24T-1:00:00",
                          "2026-11-24T+1:00:00",
                          "10000-01-01T00:00:00Z"}) {
    EXPECT_EQ(DayIn(bad), "") << bad;
  }
}

TEST(BankDay, ADateIsADayAndNothingElse) {
  EXPECT_EQ(ParseIsoDate("2028-02-29"), absl::CivilDay(2028, 2, 29));
  for (const char* bad : {"", "2026-02-29", "2026-13-01", "2026-1-1", "2026-11-24T00:00:00",
                          " 2026-11-24", "2026-11-24 ", "+026-11-24", "2026-11-2", "2026-11-245"}) {
    EXPECT_EQ(ParseIsoDate(bad), std::nullopt) << bad;
  }
}

TEST(BankDay, ADateInAZoneIsTheDayThatIsWritten) {
  for (const char* zone :
       {"Z", "+00:00", "-00:00", "+01:00", "-05:30", "+13:59", "+14:00", "-14:00"}) {
    EXPECT_EQ(ParseIsoDate(absl::StrCat("2026-11-24", zone)), absl::CivilDay(2026, 11, 24)) << zone;
  }
  for (const char* zone :
       {"z", "ZZ", "+", "-", "+1:00", "+01", "+0100", "+01:0", "+01:60", "+14:01", "+15:00",
        "+01:00Z", "+01:000", " +01:00", "Z ", "CET", "01:00", "[Europe/Amsterdam]"}) {
    EXPECT_EQ(ParseIsoDate(absl::StrCat("2026-11-24", zone)), std::nullopt) << zone;
  }
  EXPECT_EQ(ParseIsoDate("2026-02-29Z"), std::nullopt);
}

}  // namespace
}  // namespace smederij::cli
