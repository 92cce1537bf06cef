#include "services/cli/counted/charter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "services/cli/counted/testing/small_file.h"

namespace smederij::cli {
namespace {

using ballots::tally::TieBreak;
using ballots::tally::ToText;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> Wrong(const absl::Status& status) {
  std::vector<std::string> wrong;
  for (const auto& [flag, why] : FieldsOf(status)) wrong.push_back(absl::StrCat(flag, ": ", why));
  return wrong;
}

// What is wrong with the flags whatever the file, or with the small file.
std::vector<std::string> Mistaken(const CharterFlags& flags) {
  const absl::StatusOr<Charter> charter = ParseCharter(flags);
  if (!charter.ok()) return Wrong(charter.status());
  return Wrong(CountText("noordveld.pb", std::string(kSmallElection), *charter).status());
}

std::vector<std::string> Selected(const CharterFlags& flags) {
  const Counted counted = MustCountText(kSmallElection, flags);
  std::vector<std::string> ids;
  for (const uint32_t plan : counted.outcome.selected) {
    ids.push_back(counted.file.election.plans[plan].id);
  }
  return ids;
}

TEST(Charter, WithoutFlagsTheFilesOwnRuleCounts) {
  EXPECT_THAT(Selected({}), ElementsAre("9", "2"));
  EXPECT_EQ(MustCountText(kSmallElection).rule.name, "greedy_votes");
}

TEST(Charter, AShareOfTheBallotsIsRoundedUp) {
  const CharterFlags flags{.threshold_percent = "33.34"};
  EXPECT_EQ(MustCountText(kSmallElection, flags).outcome.threshold, 3);
  EXPECT_EQ(MustCountText(kSmallElection, {.threshold_percent = "33.33"}).outcome.threshold, 2);
}

TEST(Charter, ThePlanThatNearlyFitsIsFunded) {
  const auto selected = [](int nearly) {
    return Selected({.no_skip = true, .nearly = nearly, .tie_order = "number"});
  };
  EXPECT_THAT(selected(80), ElementsAre("9", "10"));
  EXPECT_THAT(selected(81), ElementsAre("9"));
}

TEST(Charter, TiesAreDecidedAsAsked) {
  const auto selected = [](const std::string& lot) {
    return Selected({.no_skip = true, .tie_order = "support,lot", .lot = lot});
  };
  EXPECT_THAT(selected("7,10,9,2"), ElementsAre("9"));
  EXPECT_THAT(selected("7,2,9,10"), ElementsAre("9", "2"));
  const CharterFlags lot{.tie_order = "lot", .lot = "7,10,9,2"};
  EXPECT_THAT(MustCountText(kSmallElection, lot).rule.lot, ElementsAre(3, 1, 4, 2));
}

TEST(Charter, OfExclusivePlansOneWins) {
  EXPECT_THAT(Selected({.exclusive = {"9,2"}}), ElementsAre("9", "7"));
}

TEST(Charter, EveryCategoryHasAPotOfItsOwn) {
  const Counted counted =
      MustCountText(kSmallElection, {.pots = {"play=60", "green=20", "rest=0", "play,rest=20"}});
  EXPECT_EQ(counted.outcome.contests.size(), 4u);
  EXPECT_EQ(ToText(counted.outcome.spent), "60");
}

TEST(Charter, APlanOfSeveralCategoriesIsPaidByTheOneThatHasAPot) {
  EXPECT_THAT(Mistaken({.pots = {"play=60", "green=20", "rest=20"}}),
              ElementsAre("--pot: several pay for plans 7"));
  EXPECT_THAT(Mistaken({.pots = {"play=60"}}),
              ElementsAre("--pot: none pays for plans 10 (rest), 2 (green)"));
}

TEST(Charter, BallotsCountAsOftenAsTheirVotersWeightsSay) {
  const auto support = [](const std::vector<std::string>& weights) {
    return MustCountText(kSmallElection, {.weights = weights}).outcome.plans[0].support;
  };
  EXPECT_EQ(support({"age=0-11:3"}), 8);
  EXPECT_EQ(support({"age=8:2"}), 5);
  EXPECT_EQ(support({"age=33+:2"}), 6);
  EXPECT_EQ(support({"voting_method=paper:2"}), 6);
  EXPECT_EQ(support({"sex=M:2", "age=9:5"}), 13);
  EXPECT_EQ(MustCountText(kSmallElection, {.weights = {"sex=:4"}}).outcome.voters, 9);
}

TEST(Charter, MistakesInFlagsAreToldTogether) {
  const CharterFlags flags{.threshold_percent = "101",
                           .endowment_step = "0",
                           .tie_order = "luck,lot",
                           .exclusive = {"9"},
                           .pots = {"play", "play=x", "a=1", "a=2"},
                           .weights = {"shoe=42:2", "age=old:2", "sex=F:0", "sex"}};
  EXPECT_THAT(
      Mistaken(flags),
      ElementsAre("--endowment-step: must be an amount above zero",
                  "--exclusive 9: must name two plans at least, ID,ID,…",
                  "--pot a=2: the category has a pot already",
                  "--pot play: must read CATEGORY=AMOUNT",
                  "--pot play=x: the amount is no plain decimal number",
                  "--threshold-percent: must be 0 to 100, with two decimals at most",
                  "--tie-order: \"luck\" is not support, cost, number or lot; lot needs the plans "
                  "drawn, with --lot",
                  "--weight age=old:2: an age must read 7, 0-11 or 65+",
                  "--weight sex: must read COLUMN=VALUE:WEIGHT",
                  "--weight sex=F:0: the weight must be 1 to 1000000",
                  "--weight shoe=42:2: the column is not age, sex, voting_method or neighborhood"));
}

TEST(Charter, MistakesThatTheFileShowsAreToldTogether) {
  const CharterFlags flags{.nearly = 80,
                           .endowment_step = "2",
                           .tie_order = "lot",
                           .lot = "9,9,77",
                           .exclusive = {"9,2", "2,88"},
                           .pots = {"play=600"},
                           .weights = {"sex=X:2"}};
  EXPECT_THAT(
      Mistaken(flags),
      ElementsAre(
          "--endowment-step: only goes with add1 rules",
          "--exclusive 2,88: plan \"2\" is named twice; there is no plan \"88\"",
          "--lot: plan \"9\" is drawn twice; there is no plan \"77\"; does not draw 10, 2, 7",
          HasSubstr("--nearly: "),
          "--pot: none pays for plans 10 (rest), 2 (green); the pots hold 600, more than "
          "the budget of 100",
          "--weight sex=X:2: no voter of the file is meant"));
}

TEST(Charter, WeightsBeyondAllBoundsAreRefused) {
  const std::vector<std::string> much(40, "sex=F:1000000");
  const absl::StatusOr<Charter> charter = ParseCharter({.weights = much});
  ASSERT_TRUE(charter.ok());
  EXPECT_EQ(ReasonOf(CountText("x.pb", std::string(kSmallElection), *charter).status()),
            "ELECTION_INVALID");
}

TEST(Charter, IsTypedAgainAsItWas) {
  EXPECT_EQ(AsTyped({}), "");
  EXPECT_EQ(AsTyped({.rule = "greedy_votes",
                     .no_skip = true,
                     .threshold = 3,
                     .nearly = 80,
                     .tie_order = "lot",
                     .lot = "9,2",
                     .pots = {"it's green=5"},
                     .weights = {"age=0-11:3"}}),
            "--rule greedy_votes --no-skip --threshold 3 --nearly 80 --tie-order lot --lot 9,2 "
            "--pot 'it'\\''s green=5' --weight age=0-11:3");
}

TEST(Charter, AnythingThatAShellWouldTouchIsQuoted) {
  EXPECT_EQ(Quoted("a-b_c.pb"), "a-b_c.pb");
  EXPECT_EQ(Quoted(""), "''");
  EXPECT_EQ(Quoted("$(rm x)"), "'$(rm x)'");
}

}  // namespace
}  // namespace smederij::cli
