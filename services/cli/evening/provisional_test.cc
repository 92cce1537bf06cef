#include "services/cli/evening/provisional.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace smederij::cli {
namespace {

namespace v1 = ballots::v1;
using ::testing::HasSubstr;
using ::testing::Not;

v1::Manifest SmallManifest() {
  v1::Manifest manifest;
  manifest.set_title("Noordveld <2026>");
  manifest.set_currency("EUR");
  v1::ElectionClass& adults = *manifest.add_classes();
  adults.set_class_id(1);
  adults.set_name("adults");
  v1::Option& plan = *manifest.add_options();
  plan.set_number(7);
  plan.set_title("Speeltuin");
  return manifest;
}

v1::Tally SmallTally() {
  v1::Tally tally;
  tally.set_state(v1::Tally::STATE_SUCCEEDED);
  v1::ClassTurnout& turnout = *tally.mutable_result()->add_turnout();
  turnout.set_class_id(1);
  turnout.set_ballots(52);
  turnout.set_paper(40);
  turnout.set_invalid(3);
  v1::PlanResult& plan = *tally.mutable_result()->add_plans();
  plan.set_number(7);
  plan.set_support(31);
  plan.set_award_cents(2'500'00);
  return tally;
}

TEST(Provisional, SaysSoFirstAndLast) {
  const std::string text = ProvisionalText(SmallManifest(), SmallTally(), Language::kDutch);
  EXPECT_LT(text.find("VOORLOPIG"), text.find("Speeltuin"));
  EXPECT_GT(text.rfind("VOORLOPIG"), text.find("Speeltuin"));
  EXPECT_THAT(text, HasSubstr("adults: 52 stemmen, waarvan 40 op papier, 3 ongeldig"));
  EXPECT_THAT(ProvisionalText(SmallManifest(), SmallTally(), Language::kEnglish),
              HasSubstr("PROVISIONAL"));
}

TEST(Provisional, ThePageSaysSoInItsTitleToo) {
  const std::string page = ProvisionalPage(SmallManifest(), SmallTally(), Language::kDutch);
  EXPECT_THAT(page, HasSubstr("<title>VOORLOPIG"));
  EXPECT_THAT(page, HasSubstr("Noordveld &lt;2026&gt;"));
  EXPECT_THAT(page, HasSubstr("<td>7. Speeltuin</td><td>31</td>"));
}

TEST(Provisional, TellsWhatDoesNotBalance) {
  v1::Tally tally = SmallTally();
  tally.add_imbalances("station 3 has not been closed");
  EXPECT_THAT(ProvisionalText(SmallManifest(), tally, Language::kEnglish),
              HasSubstr("does not balance yet:\n  station 3 has not been closed"));
}

TEST(Provisional, ACertifiedCountIsNotCalledProvisional) {
  v1::Tally tally = SmallTally();
  tally.set_state(v1::Tally::STATE_CERTIFIED);
  EXPECT_THAT(ProvisionalText(SmallManifest(), tally, Language::kEnglish),
              Not(HasSubstr("PROVISIONAL")));
}

}  // namespace
}  // namespace smederij::cli
