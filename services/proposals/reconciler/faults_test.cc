#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "absl/strings/str_cat.h"
#include "services/proposals/reconciler/reconciler.h"
#include "services/proposals/test/play.h"
#include "services/proposals/test/village.h"

namespace smederij::proposals {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

struct FaultCase {
  const char* method;
  fake::Fault fault;
  bool killed;  // The reconciler dies with it, and another one takes over.
};

std::vector<FaultCase> EveryFaultOfEveryCall() {
  std::vector<FaultCase> cases;
  for (const char* method : {"HoldPot", "OpenRoll", "GetRoll", "ProposeManifest", "GetElection",
                             "ConfirmManifest", "CloseRoll", "CloseElection", "CountElection",
                             "GetTally", "GetResult", "ReserveAwards", "ReleasePot"}) {
    cases.push_back({method, fake::Fault::kLostRequest, false});
    cases.push_back({method, fake::Fault::kLostAnswer, false});
    cases.push_back({method, fake::Fault::kLostAnswer, true});
    cases.push_back({method, fake::Fault::kDuplicate, false});
  }
  return cases;
}

class Faults : public ::testing::TestWithParam<FaultCase> {};

// What is lost is lost twice, so that the retry meets it as well. One effect, and the same end.
TEST_P(Faults, ChangeNothingInTheEnd) {
  Village village;
  const Play play = Prepare(village);
  village.nature.Plan(GetParam().method, GetParam().fault);
  if (GetParam().fault != fake::Fault::kDuplicate) {
    village.nature.Plan(GetParam().method, GetParam().fault);
  }
  ReconcilerOptions options = village.Options();
  options.ask_max = absl::Milliseconds(250);  // Leases of the dead run out soon.
  auto reconciler = village.MakeReconciler(options);
  reconciler->Start();
  std::thread reaper;
  if (GetParam().killed) {
    reaper = std::thread([&] {
      if (!Village::Wait([&] { return village.nature.Calls(GetParam().method) > 0; })) return;
      reconciler.reset();
      options.name = "another";
      reconciler = village.MakeReconciler(options);
      reconciler->Start();
    });
  }
  village.FreezeNow(play.round);
  EXPECT_TRUE(PlayOn(village, play));
  if (reaper.joinable()) reaper.join();
  EXPECT_TRUE(village.nature.Idle()) << "the fault was never met";
  EXPECT_EQ(village.nature.Effects(), kEffects);
  EXPECT_THAT(village.Projection(play.round),
              AllOf(HasSubstr("PHASE_DONE OUTCOME_VOTED"), HasSubstr("1 STATE_FUNDED 90000"),
                    HasSubstr("2 STATE_FUNDED 60000"), HasSubstr("pot 0 reserved 100000"),
                    HasSubstr("pot 0 reserved 50000")));
}

INSTANTIATE_TEST_SUITE_P(OfEveryCall, Faults, ::testing::ValuesIn(EveryFaultOfEveryCall()),
                         [](const auto& one) {
                           const char* fault =
                               one.param.fault == fake::Fault::kLostRequest  ? "LostRequest"
                               : one.param.fault == fake::Fault::kLostAnswer ? "LostAnswer"
                                                                             : "Duplicate";
                           return absl::StrCat(one.param.method, "_", fault,
                                               one.param.killed ? "_Killed" : "");
                         });

// Under one name leases keep nobody away: both replicas perform the same steps at the same time.
// They lock what they share in one order, so neither is ever sent back for a deadlock.
TEST(Reconciler, TwoReplicasWithoutLeasesHaveOneEffect) {
  Village village;
  const Play play = Prepare(village);
  ReconcilerOptions options = village.Options();
  options.name = "the same";
  const auto first = village.MakeReconciler(options), second = village.MakeReconciler(options);
  first->Start();
  second->Start();
  village.FreezeNow(play.round);
  ASSERT_TRUE(PlayOn(village, play));
  EXPECT_EQ(village.nature.Effects(), kEffects);
  EXPECT_EQ(village.deadlocks, 0);
}

}  // namespace
}  // namespace smederij::proposals
