#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <thread>
#include <vector>

#include "common/base/error.h"
#include "services/proposals/test/village.h"

namespace smederij::proposals {
namespace {

using ::testing::SizeIs;
using v1::Plan;
using Stub = Village::Stub;

// Runs `body(i)` on `count` threads that start together.
void Together(int count, const std::function<void(int)>& body) {
  absl::Mutex mutex;
  int ready = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      {
        const absl::MutexLock lock(&mutex);
        ++ready;
        const auto all = [&] { return ready == count; };
        mutex.Await(absl::Condition(&all));
      }
      body(i);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(Races, CopiesOfOneRequestHaveOneEffectAndOneAnswer) {
  Village village;
  const std::string round = village.MakeRound();
  v1::SubmitIdeaRequest request;
  request.set_request_id(Uuid::Random().ToString());
  request.set_round_id(round);
  request.set_title("Dubbel geklikt");
  request.set_text("Een keer is genoeg.");
  absl::Mutex mutex;
  std::set<std::string> answers;
  int replays = 0;
  village.server->Channel();
  Together(12, [&](int) {
    bool replayed = false;
    const auto idea = village.Ask(&Stub::SubmitIdea, request, village.ann, &replayed);
    ASSERT_TRUE(idea.ok()) << idea.status();
    const absl::MutexLock lock(&mutex);
    answers.insert(idea->SerializeAsString());
    replays += replayed ? 1 : 0;
  });
  EXPECT_THAT(answers, SizeIs(1));
  EXPECT_EQ(replays, 11);
  v1::ListIdeasRequest list;
  list.set_round_id(round);
  EXPECT_THAT(village.Ask(&Stub::ListIdeas, list)->ideas(), SizeIs(1));
}

TEST(Races, PlansAreNumberedWithoutGaps) {
  Village village;
  const std::string round = village.MakeRound();
  const std::string idea = village.MakeIdea(round), group = village.MakeGroup(round);
  Together(16, [&](int) {
    const auto plan =
        village.Ask(&Stub::ForgePlan, village.PlanRequest(group, idea, 100), village.ann);
    EXPECT_TRUE(plan.ok()) << plan.status();
  });
  uint32_t expected = 0;
  for (const Plan& plan : village.PlansOf(round)) EXPECT_EQ(plan.number(), ++expected);
  EXPECT_EQ(expected, 16u);
}

TEST(Races, OnePotIsApprovedOnce) {
  Village village;
  const std::string round = village.MakeRound();
  std::atomic<int> approved = 0, refused = 0;
  village.server->Channel();
  Together(8, [&](int i) {
    v1::ApprovePotRequest request;
    request.set_round_id(round);
    request.set_decision_ref("B-" + std::to_string(i));
    const auto answer = village.Write(&Stub::ApprovePot, request, village.holder);
    if (answer.ok()) ++approved;
    if (ReasonOf(answer.status()) == "POT_ALREADY_APPROVED") ++refused;
  });
  EXPECT_EQ(approved, 1);
  EXPECT_EQ(refused, 7);
}

// A plan whose group takes back a check at the very moment of its admission is either admitted
// before, and then the check is refused, or not admitted.
TEST(Races, AdmissionAndAWithdrawnCheckDoNotCross) {
  Village village;
  const std::string round = village.MakeRound();
  const std::string idea = village.MakeIdea(round), group = village.MakeGroup(round);
  for (int run = 0; run < 20; ++run) {
    const auto plan =
        village.Ask(&Stub::ForgePlan, village.PlanRequest(group, idea, 100), village.ann);
    ASSERT_TRUE(plan.ok()) << plan.status();
    v1::CheckPlanRequest check;
    check.set_plan_id(plan->plan_id());
    check.set_reason("Ja.");
    check.set_met(true);
    for (const char* criterion : {"open-to-all", "feasible"}) {
      check.set_criterion_id(criterion);
      ASSERT_TRUE(village.Write(&Stub::CheckPlan, check, village.ann).ok());
    }
    check.set_met(false);
    absl::Status admitted, withdrawn;
    Together(2, [&](int i) {
      if (i == 0) {
        v1::AdmitPlanRequest admit;
        admit.set_plan_id(plan->plan_id());
        admitted = village.Write(&Stub::AdmitPlan, admit, village.director).status();
      } else {
        withdrawn = village.Write(&Stub::CheckPlan, check, village.ann).status();
      }
    });
    if (admitted.ok()) {
      EXPECT_EQ(ReasonOf(withdrawn), "WRONG_STATE");
    } else {
      EXPECT_EQ(ReasonOf(admitted), "CRITERIA_NOT_MET");
      EXPECT_TRUE(withdrawn.ok()) << withdrawn;
    }
  }
}

// Whoever got in before the freeze is in the vote, everybody else is told: nobody is left out
// silently.
TEST(Races, TheFreezeLeavesNobodyOutSilently) {
  Village village;
  const std::string round = village.MakeRound();
  const std::string idea = village.MakeIdea(round), group = village.MakeGroup(round);
  std::vector<std::string> plans;
  for (int i = 0; i < 8; ++i) {
    plans.push_back(village.MakePlan(group, idea, 100, false));
    for (const char* criterion : {"open-to-all", "feasible"}) {
      v1::CheckPlanRequest check;
      check.set_plan_id(plans.back());
      check.set_criterion_id(criterion);
      check.set_met(true);
      check.set_reason("Ja.");
      ASSERT_TRUE(village.Write(&Stub::CheckPlan, check, village.ann).ok());
    }
  }
  village.ApprovePot(round);
  const auto reconciler = village.MakeReconciler();
  reconciler->Start();
  std::vector<absl::Status> answers(plans.size());
  Together(static_cast<int>(plans.size()) + 1, [&](int i) {
    if (i == 0) return village.FreezeNow(round);
    v1::AdmitPlanRequest admit;
    admit.set_plan_id(plans[static_cast<size_t>(i) - 1]);
    answers[static_cast<size_t>(i) - 1] =
        village.Write(&Stub::AdmitPlan, admit, village.director).status();
  });
  ASSERT_TRUE(Village::Wait([&] {
    for (const Plan& plan : village.PlansOf(round)) {
      if (plan.state() == Plan::STATE_FORGED) return false;
    }
    return true;
  }));
  for (size_t i = 0; i < plans.size(); ++i) {
    const Plan::State state = village.PlanOf(plans[i]).state();
    if (answers[i].ok()) {
      EXPECT_NE(state, Plan::STATE_LEFT_OUT);
    } else {
      EXPECT_EQ(ReasonOf(answers[i]), "WRONG_PHASE");
      EXPECT_EQ(state, Plan::STATE_LEFT_OUT);
    }
  }
}

}  // namespace
}  // namespace smederij::proposals
