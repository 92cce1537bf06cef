// A whole round through the real programs: undisturbed, with every service killed, with the
// database gone.

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/e2e/projection.h"
#include "tests/e2e/town.h"

namespace smederij::e2e {
namespace {

using nlohmann::json;

// Plays the demonstration in a town of its own and lets `disturb` act once, when a line of progress
// holds `moment`.
std::string PlayDisturbed(absl::string_view moment, const std::function<void(Town&)>& disturb) {
  Town town;
  bool disturbed = false;
  const Ended ended = town.Play({}, [&](absl::string_view line) {
    if (disturbed || moment.empty() || !absl::StrContains(line, moment)) return;
    disturbed = true;
    disturb(town);
  });
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_EQ(disturbed, !moment.empty()) << ended.err;
  if (ended.code != 0) {
    for (const char* service : Town::kServices) {
      const std::string log = town.log(service);
      ADD_FAILURE() << service << " at " << town.address(service) << ": "
                    << log.substr(log.size() - std::min<size_t>(log.size(), 2000));
    }
    return ended.err;
  }
  return CanonicalProjection(town, LastLine(ended.out));
}

// What an undisturbed play comes to.
const std::string& Undisturbed() {
  static const std::string kProjection = PlayDisturbed("", nullptr);
  return kProjection;
}

TEST(Round, GoesFromAnEmptyDatabaseToReservedMoney) {
  Town town;
  const Ended first = town.Play();
  ASSERT_EQ(first.code, 0) << first.err;
  const json summary = json::parse(LastLine(first.out));
  EXPECT_EQ(summary.at("residents"), 96);
  EXPECT_GT(summary.at("ballots").get<int>(), 48);
  EXPECT_FALSE(summary.at("selected").empty());
  EXPECT_TRUE(summary.at("official").is_null());
  EXPECT_TRUE(summary.at("matches_official").is_null());
  EXPECT_GT(summary.at("reserved_cents").get<int64_t>(), 0);
  // What was awarded is being spent; all of it is accounted for.
  EXPECT_GT(summary.at("committed_cents").get<int64_t>(), 0);
  EXPECT_GT(summary.at("paid_cents").get<int64_t>(), 0);
  EXPECT_LT(summary.at("committed_cents").get<int64_t>() + summary.at("paid_cents").get<int64_t>(),
            summary.at("reserved_cents").get<int64_t>());
  EXPECT_EQ(summary.at("trial_balance_cents"), 0);
  EXPECT_TRUE(absl::StrContains(first.out, "Turnout"));
  EXPECT_TRUE(absl::StrContains(first.out, "Trial balance"));

  // Once more: the next year, in the same books and with the same residents.
  const Ended second = town.Play();
  ASSERT_EQ(second.code, 0) << second.err;
  const json next = json::parse(LastLine(second.out));
  EXPECT_NE(next.at("round"), summary.at("round"));
  EXPECT_EQ(next.at("trial_balance_cents"), 0);

  for (const char* service : Town::kServices) {
    EXPECT_EQ(town.Stop(service), 0) << service << " did not drain: " << town.log(service);
  }
}

TEST(Round, AskingForWhatIsNotThereIsRefusedInOneSentence) {
  Town town;
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"round", "explain", "5f8f0ee8-9f0f-4a70-8a54-3f0d5b6f2a11"},
           {"result", "5f8f0ee8-9f0f-4a70-8a54-3f0d5b6f2a11"},
           {"ledger", "statement", "not-a-uuid"}}) {
    const Ended ended = town.Smederij(arguments);
    EXPECT_EQ(ended.code, 1) << arguments[0];
    EXPECT_TRUE(absl::StartsWith(ended.err, "smederij: ")) << ended.err;
    EXPECT_EQ(ended.out, "");
  }
}

class Killed : public ::testing::TestWithParam<const char*> {};

TEST_P(Killed, EveryServiceComesBackAndTheRoundEndsTheSame) {
  const std::string disturbed = PlayDisturbed(GetParam(), [](Town& town) {
    for (const char* service : Town::kServices) {
      town.Kill(service);
      town.Start(service);
    }
  });
  EXPECT_EQ(disturbed, Undisturbed());
}

INSTANTIATE_TEST_SUITE_P(AtThreeMoments, Killed,
                         ::testing::Values("is planned", "voting is open", "ended the voting"),
                         [](const auto& test) {
                           std::string name = test.param;
                           for (char& c : name) c = c == ' ' ? '_' : c;
                           return name;
                         });

TEST(Database, GoneInTheMiddleOfTheVoteAndBackAgain) {
  const std::string disturbed = PlayDisturbed("voting is open", [](Town& town) {
    town.cluster().StopAtOnce();
    town.cluster().Start();
  });
  EXPECT_EQ(disturbed, Undisturbed());
}

}  // namespace
}  // namespace smederij::e2e
