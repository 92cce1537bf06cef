// Every real election can be played: its script keeps the rules that the services ask of it.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <set>

#include "services/cli/play/pabulib.h"

namespace smederij::cli {
namespace {

std::filesystem::path Elections() {
  const char* shared = std::getenv("SMEDERIJ_SHARED");
  const char* source = std::getenv("SMEDERIJ_SOURCE");
  const std::filesystem::path beside =
      std::filesystem::path(source != nullptr ? source : ".") / ".." / "shared";
  return (shared != nullptr ? std::filesystem::path(shared) : beside) / "data" / "pabulib";
}

void ExpectPlayable(const Script& script) {
  EXPECT_LE(script.district_slug.size(), 63u);
  EXPECT_FALSE(script.district_name.empty());
  std::set<std::string> titles;
  for (const ScriptPlan& plan : script.plans) {
    EXPECT_GT(plan.cost_cents, 0);
    EXPECT_FALSE(plan.title.empty());
    EXPECT_LE(plan.title.size(), 190u);
    EXPECT_LT(plan.author, script.residents.size());
  }
  const auto& rule = script.charter.ballot_rule();
  const bool points = rule.kind() == registry::v1::BallotRule::KIND_POINTS;
  for (const ScriptBallot& ballot : script.ballots) {
    if (ballot.choices.empty()) continue;
    std::set<size_t> plans;
    uint64_t total = 0;
    for (const auto& [plan, given] : ballot.choices) {
      EXPECT_LT(plan, script.plans.size());
      EXPECT_TRUE(plans.insert(plan).second);
      EXPECT_GE(given, 1u);
      EXPECT_TRUE(!points || given <= rule.points_per_plan_max());
      total += given;
    }
    EXPECT_GE(plans.size(), rule.choices_min());
    EXPECT_LE(plans.size(), rule.choices_max());
    EXPECT_TRUE(!points || total <= rule.points_total_max());
  }
  EXPECT_LE(rule.points_total_max(), 10'000u);
  std::set<std::string> ids;
  for (const ScriptPlan& plan : script.plans) ids.insert(plan.id);
  if (script.official) {
    for (const std::string& id : *script.official) EXPECT_TRUE(ids.contains(id)) << id;
  }
}

TEST(PabulibFiles, EveryRealElectionCanBePlayed) {
  if (!std::filesystem::exists(Elections())) {
    const char* ci = std::getenv("CI");
    if (ci != nullptr && std::string(ci) == "true") FAIL() << "no elections; set SMEDERIJ_SHARED";
    GTEST_SKIP() << "no elections at " << Elections() << "; set SMEDERIJ_SHARED";
  }
  std::set<std::string> slugs, postcodes;
  size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(Elections())) {
    SCOPED_TRACE(entry.path().filename().string());
    const absl::StatusOr<Script> script = PabulibScript(entry.path(), 2026);
    ASSERT_TRUE(script.ok()) << script.status();
    ExpectPlayable(*script);
    EXPECT_TRUE(slugs.insert(script->district_slug).second);
    EXPECT_TRUE(postcodes.insert(script->postcode).second);
    ++files;
  }
  EXPECT_GT(files, 0u);
}

}  // namespace
}  // namespace smederij::cli
