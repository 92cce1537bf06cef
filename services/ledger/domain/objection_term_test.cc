#include "services/ledger/domain/objection_term.h"

#include <gtest/gtest.h>

namespace smederij::ledger {
namespace {

using Day = absl::CivilDay;

TEST(ObjectionTerm, SixWeeksFromTheDayAfter) {
  // Announced on a Wednesday: the last of 42 days is a Wednesday too.
  EXPECT_EQ(DayAfterTerm(Day(2026, 3, 4), kObjectionDays), Day(2026, 4, 16));
  EXPECT_EQ(DayAfterTerm(Day(2028, 1, 20), kObjectionDays), Day(2028, 3, 3)) << "a leap year";
  EXPECT_EQ(DayAfterTerm(Day(2026, 12, 1), kObjectionDays), Day(2027, 1, 13));
}

TEST(ObjectionTerm, EndsOnNoWeekend) {
  EXPECT_EQ(DayAfterTerm(Day(2026, 3, 6), kObjectionDays), Day(2026, 4, 18)) << "ends on Friday";
  EXPECT_EQ(DayAfterTerm(Day(2026, 3, 7), kObjectionDays), Day(2026, 4, 21)) << "on Saturday";
  EXPECT_EQ(DayAfterTerm(Day(2026, 3, 8), kObjectionDays), Day(2026, 4, 21)) << "on Sunday";
  EXPECT_EQ(DayAfterTerm(Day(2026, 3, 9), kObjectionDays), Day(2026, 4, 21)) << "on Monday";
}

TEST(ObjectionTerm, NoDaysAreNoTerm) {
  EXPECT_EQ(DayAfterTerm(Day(2026, 3, 7), 0), Day(2026, 3, 7));
}

}  // namespace
}  // namespace smederij::ledger
