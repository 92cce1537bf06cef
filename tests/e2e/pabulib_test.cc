// Elections from files, played through the whole system and counted from the file alone: the same
// plans win.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/e2e/projection.h"
#include "tests/e2e/town.h"

namespace smederij::e2e {
namespace {

using nlohmann::json;

struct Case {
  const char* name;
  const char* kind;
  const char* rule;
  const char* votes;
};

// Plans 9 (60), 10 (50), 2 (40), withdrawn 11; a pot of 100. `selected` says 9 and 2.
std::string Content(const Case& election) {
  return absl::StrCat("META\nkey;value\nnum_projects;4\nnum_votes;5\nbudget;100\nvote_type;",
                      election.kind, "\nrule;", election.rule,
                      "\ncurrency;PLN\nunit;Town\nmin_project_score_threshold;2\nPROJECTS\n"
                      "project_id;cost;name;selected\n9;60;Slide;1\n10;50;Bench;0\n2;40;Trees;1\n"
                      "11;999999999;Gone;0\nVOTES\n",
                      election.votes);
}

constexpr const char* kApprovals =
    "voter_id;vote;age\na;9,10;4\nb;10,9,9;17\nc;9,2,11;\nd;2;80\ne;;33\n";
constexpr const char* kPoints =
    "voter_id;vote;points\na;9,10;3,0\nb;10,9;1,2\nc;9,2;1,3\nd;2;1\ne;;\n";
constexpr const char* kRankings = "voter_id;vote\na;9,10\nb;9,2,10\nc;9,2\nd;2\ne;\n";

constexpr Case kCases[] = {
    {"skips", "approval", "greedy", kApprovals},
    {"thresholds", "approval", "greedy-threshold", kApprovals},
    {"shares", "approval", "equalshares/add1", kApprovals},
    {"points", "cumulative", "greedy-no-skip", kPoints},
    {"rankings", "ordinal", "greedy", kRankings},
};

std::string Program() {
  const char* bin = std::getenv("SMEDERIJ_BIN");
  return absl::StrCat(bin != nullptr ? bin : "bin", "/smederij");
}

TEST(Pabulib, PlayedAndCountedTheSamePlansWin) {
  Town town;
  for (const Case& election : kCases) {
    SCOPED_TRACE(election.name);
    const std::string path =
        absl::StrCat(::testing::TempDir(), "/pabulib_test_", getpid(), "_", election.name, ".pb");
    std::ofstream(path) << Content(election);
    const Ended counted = e2e::Run({Program(), "tally", path, "--json"});
    ASSERT_EQ(counted.code, 0) << counted.err;
    const Ended played = town.Play({"--pb", path});
    std::filesystem::remove(path);
    const json tally = json::parse(LastLine(counted.out));
    ASSERT_NE(played.out, "") << played.err;
    const json summary = json::parse(LastLine(played.out));
    EXPECT_EQ(summary.at("residents"), 5);
    EXPECT_EQ(summary.at("ballots"), 5);
    EXPECT_EQ(summary.at("selected"), tally.at("selected"));
    EXPECT_EQ(summary.at("official"), json({"2", "9"}));
    EXPECT_EQ(summary.at("matches_official"), true);
    EXPECT_EQ(played.code, 0) << played.err;
    EXPECT_EQ(summary.at("trial_balance_cents"), 0);
  }
}

std::filesystem::path Elections() {
  const char* shared = std::getenv("SMEDERIJ_SHARED");
  const char* source = std::getenv("SMEDERIJ_SOURCE");
  const std::filesystem::path beside =
      std::filesystem::path(source != nullptr ? source : ".") / ".." / "shared";
  return (shared != nullptr ? std::filesystem::path(shared) : beside) / "data" / "pabulib";
}

// Equal Shares, a stop at the first plan that does not fit, points with a threshold.
TEST(Pabulib, RealElectionsComeOutAsTheirCitiesAnnounced) {
  if (!std::filesystem::exists(Elections())) {
    const char* ci = std::getenv("CI");
    if (ci != nullptr && std::string(ci) == "true") FAIL() << "no elections; set SMEDERIJ_SHARED";
    GTEST_SKIP() << "no elections at " << Elections() << "; set SMEDERIJ_SHARED";
  }
  Town town;
  for (const char* file :
       {"Netherlands_Assen_2024.pb", "Poland_Gdynia_2024_Kamienna_Gora__small.pb",
        "Poland_Katowice_2024_Murcki.pb"}) {
    SCOPED_TRACE(file);
    const Ended played = town.Play({"--pb", Elections() / file});
    ASSERT_EQ(played.code, 0) << played.err;
    const json summary = json::parse(LastLine(played.out));
    EXPECT_EQ(summary.at("matches_official"), true);
    EXPECT_EQ(summary.at("trial_balance_cents"), 0);
    std::printf("%s: %lld ballots in %.1f s\n", file, summary.at("ballots").get<long long>(),
                summary.at("seconds").get<double>());
  }
}

}  // namespace
}  // namespace smederij::e2e
