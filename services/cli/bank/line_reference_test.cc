// What the lines of a statement are known by.
#include "services/cli/bank/line_reference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace smederij::cli {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::ResultOf;

constexpr char kOurs[] = "ABC234-0123456789abcdef0123456789ab";

StatementLine Line(const std::string& end_to_end_id, const std::string& bank_ref,
                   const std::string& day = "2026-11-20", int64_t cents = 400) {
  return {.end_to_end_id = end_to_end_id,
          .bank_ref = bank_ref,
          .cents = cents,
          .currency = "EUR",
          .booked = true,
          .day = day};
}

TEST(LineReference, IsTheBanksWhereThatIsTheLinesAndCanStand) {
  const std::string longest(35, 'x');
  EXPECT_THAT(ReferencesOf({Line("a", "NL/26-1"), Line("a", longest)}),
              ElementsAre("NL/26-1", longest));
  // Two lines have it; it is too long; it is none; or it is more than a word in a command.
  EXPECT_THAT(
      ReferencesOf({Line("a", "NONREF"), Line("b", "NONREF"), Line("c", longest + "x"),
                    Line("d", ""), Line("e", "x; y"), Line("f", "`y`"), Line("g", "é")}),
      ElementsAre("a-20261120-400-1", "b-20261120-400-1", "c-20261120-400-1", "d-20261120-400-1",
                  "e-20261120-400-1", "f-20261120-400-1", "g-20261120-400-1"));
}

TEST(LineReference, ElseTellsApartWhatCameBackOfOnePayment) {
  const std::vector<StatementLine> lines = {
      Line(kOurs, ""), Line(kOurs, ""), Line(kOurs, "", "2026-11-21"),
      Line(kOurs, "", "2026-11-20", 401), Line(kOurs, "", "")};
  const std::vector<std::string> references = ReferencesOf(lines);
  EXPECT_THAT(references,
              ElementsAre("ABC234-0123456789a-20261120-400-1", "ABC234-0123456789a-20261120-400-2",
                          "ABC234-0123456789a-20261121-400-1", "ABC234-0123456789a-20261120-401-1",
                          "ABC234-0123456789abcdef0123-400-1"));
  EXPECT_EQ(ReferencesOf(lines), references);
  // The same of a line, whatever else the statement tells.
  EXPECT_THAT(ReferencesOf({lines[2]}), ElementsAre(references[2]));
  StatementLine pending = lines[0], out = lines[0];
  pending.booked = false;
  out.debit = true;
  EXPECT_EQ(ReferencesOf({out, pending, lines[0]})[2], references[0]);
}

TEST(LineReference, CanStandWhateverTheLineHas) {
  // The largest amount that is read, more alike lines than three digits tell apart, and a reference
  // of other letters, which is cut at none of them.
  std::vector<StatementLine> lines(1'200, Line(kOurs, "", "2026-11-20", 999'999'999'999'999));
  lines.push_back(Line("straat 1, één `x` $(y)", ""));
  lines.push_back(Line("ééééé", ""));
  const std::vector<std::string> references = ReferencesOf(lines);
  EXPECT_THAT(references, Each(ResultOf(&CanStand, true)));
  EXPECT_EQ(std::set<std::string>(references.begin(), references.end()).size(), lines.size());
  EXPECT_FALSE(CanStand(""));
}

}  // namespace
}  // namespace smederij::cli
