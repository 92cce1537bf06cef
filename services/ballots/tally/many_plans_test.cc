// As many plans as there may be. Takes minutes under a sanitizer, so these are no unit tests.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "services/ballots/tally/pb.h"
#include "services/ballots/tally/testing/generated.h"
#include "services/ballots/tally/testing/small_election.h"

namespace smederij::ballots::tally {
namespace {

constexpr uint64_t kSeed = 7;

// Few voters, so that Equal Shares needs few endowments.
Election ManyPlans(BallotKind kind) {
  const Manner manner = {.name = "many", .choices_max = 20, .cost_max = 50'000'00};
  Election election = Generator(manner, kind, kSeed).Make(kPlansMax, 300);
  election.budget = 1'000'000;
  return election;
}

TEST(ManyPlans, AreCountedByEveryRule) {
  for (const RuleInfo& info : Rules()) {
    SCOPED_TRACE(std::string(info.name));
    const Election election = ManyPlans(info.kinds.front());
    Rule rule = MakeRule(std::string(info.name));
    rule.endowment_step = 1'000;
    const absl::StatusOr<Outcome> outcome = Count(election, rule);
    ASSERT_TRUE(outcome.ok()) << outcome.status();
    EXPECT_FALSE(outcome->selected.empty());
    EXPECT_LE(outcome->spent, election.budget);
    EXPECT_EQ(outcome->plans.size(), kPlansMax);
  }
}

TEST(ManyPlans, OneMoreIsRefused) {
  Election election = ManyPlans(BallotKind::kApproval);
  election.plans.push_back({.id = "one more", .number = kPlansMax + 1});
  const absl::Status refusal = Count(election, MakeRule("greedy_votes")).status();
  EXPECT_EQ(ReasonOf(refusal), "ELECTION_INVALID");
  EXPECT_EQ(FieldsOf(refusal)[0].first, "plans");
}

std::string FileOf(size_t plans) {
  std::string text = absl::StrCat("META\nkey;value\nbudget;100\nvote_type;approval\nnum_projects;",
                                  plans, "\nPROJECTS\nproject_id;cost\n");
  for (size_t plan = 1; plan <= plans; ++plan) absl::StrAppend(&text, plan, ";1\n");
  return absl::StrCat(text, "VOTES\nvoter_id;vote\nv;1,", plans, "\n");
}

TEST(ManyPlans, AreReadFromAFileAndOneMoreIsRefused) {
  EXPECT_TRUE(ReadPb(FileOf(kPlansMax)).ok());
  const absl::Status refusal = ReadPb(FileOf(kPlansMax + 1)).status();
  EXPECT_EQ(ReasonOf(refusal), "PB_INVALID");
  EXPECT_EQ(
      std::string(refusal.message()),
      "line 100008, project_id: is one plan too many; leave at most 100000 plans in the file");
}

}  // namespace
}  // namespace smederij::ballots::tally
