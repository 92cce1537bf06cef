// What plans get after all, when a round is done already.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/e2e/played.h"

namespace smederij::e2e {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

// From an upheld objection to the books: through proposals, its reconciler and the ledger.
TEST(Corrections, ChangeWhatPlansGetUnlessItIsSpent) {
  Played played;
  Town& town = played.town;
  const json result = json::parse(town.Smederij({"result", played.round, "--json"}).out);
  std::string winner, loser;
  for (const json& plan : result.at("plans")) {
    const bool awarded = plan.at("decision") == "DECISION_AWARDED";
    std::string& number = awarded ? winner : loser;
    if (number.empty()) number = absl::StrCat(plan.at("number").get<int>());
  }
  ASSERT_FALSE(winner.empty() || loser.empty()) << result.dump();
  const auto as = [&](const std::string& subject, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "round");
    arguments.push_back("--token-file=" + TokenFile(town, subject, "proposals"));
    arguments.push_back("--json");
    return town.Smederij(std::move(arguments));
  };
  // What became of a correction of one plan, once somebody else accepted it.
  const auto correct = [&](const std::string& plan) -> json {
    const Ended proposed =
        as("official:area-director", {"correct", played.round, "--plan", plan, "--decision=A-7"});
    if (proposed.code != 0) return proposed.err;
    const std::string id = json::parse(proposed.out).at("correction_id");
    EXPECT_NE(as("official:area-director", {"accept-correction", id}).code, 0);
    EXPECT_EQ(as("official:budget-holder", {"accept-correction", id}).code, 0);
    for (int tries = 0; tries < 300; ++tries) {
      const json last =
          Lines(town.Smederij({"round", "corrections", played.round, "--json"}).out).back();
      if (last.at("state") != "STATE_ACCEPTED") return last;
      absl::SleepFor(absl::Milliseconds(100));
    }
    return "never decided";
  };
  // Taken back by who proposed it, and by nobody else.
  const Ended proposed = as("official:area-director",
                            {"correct", played.round, "--plan", loser + "=100", "--decision=A-6"});
  ASSERT_EQ(proposed.code, 0) << proposed.err;
  const std::string mistaken = json::parse(proposed.out).at("correction_id");
  EXPECT_THAT(as("official:budget-holder", {"withdraw-correction", mistaken}).err,
              HasSubstr("NOT_PROPOSER"));
  const Ended withdrawn = as("official:area-director", {"withdraw-correction", mistaken});
  ASSERT_EQ(withdrawn.code, 0) << withdrawn.err;
  EXPECT_EQ(json::parse(withdrawn.out).at("state"), "STATE_WITHDRAWN");

  const json turned_down = correct(winner + "=0");
  ASSERT_TRUE(turned_down.is_object()) << turned_down;
  EXPECT_EQ(turned_down.at("state"), "STATE_TURNED_DOWN") << turned_down;
  EXPECT_EQ(turned_down.at("ledger_reason"), "PLAN_HAS_SPENDING");
  const json done = correct(loser + "=100@" + played.budget);
  ASSERT_TRUE(done.is_object()) << done;
  EXPECT_EQ(done.at("state"), "STATE_DONE") << done;
  EXPECT_EQ(done.at("lines").at(0).at("budget_id"), played.budget);
  const Ended money = town.Smederij(
      {"ledger", "money", played.budget, done.at("lines").at(0).at("plan_id").get<std::string>()});
  EXPECT_EQ(money.code, 0) << money.err;
  EXPECT_THAT(money.out, HasSubstr("1.00"));
  const Ended explained = town.Smederij({"round", "explain", played.round});
  EXPECT_THAT(explained.out, HasSubstr("DONE"));
  EXPECT_THAT(explained.out, HasSubstr("adjust_awards"));
  const Ended verified = town.RunService("ledger", "verify");
  EXPECT_EQ(verified.code, 0) << verified.out;

  const std::string elsewhere = "@11111111-1111-4111-8111-111111111111";
  for (const auto& [plan, reason] : std::vector<std::pair<std::string, std::string>>{
           {"x=1", "BAD_PLAN_AMOUNT"},
           {"999=1", "PLAN_NOT_FOUND"},
           {loser + "=200@", "BAD_PLAN_AMOUNT"},
           {loser + "=200@budget", "BAD_ID"},
           {loser + "=200" + elsewhere, "POT_NOT_FOUND"},
           {loser + "=1@" + played.budget, "POT_NOT_NEEDED"}}) {
    const json refused = correct(plan);
    ASSERT_TRUE(refused.is_string()) << plan;
    EXPECT_THAT(refused.get<std::string>(), HasSubstr(reason)) << plan;
  }
}

}  // namespace
}  // namespace smederij::e2e
