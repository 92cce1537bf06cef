#include "services/proposals/reconciler/reconciler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/proposals/domain/next.h"
#include "services/proposals/test/play.h"
#include "services/proposals/test/village.h"

namespace smederij::proposals {
namespace {

using ballots::v1::Election;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using v1::Plan;
using v1::Round;
using Stub = Village::Stub;

::testing::AssertionResult WaitFor(Village& village, const std::string& round,
                                   absl::FunctionRef<bool(const Round&)> state) {
  if (Village::Wait([&] { return state(village.RoundOf(round)); })) {
    return ::testing::AssertionSuccess();
  }
  return ::testing::AssertionFailure() << village.RoundOf(round).DebugString();
}

auto BlockedBy(std::string reason) {
  return
      [reason](const Round& round) { return round.blocked() && round.blocked_reason() == reason; };
}

TEST(Reconciler, BringsARoundToItsEnd) {
  Village village;
  const Play play = Prepare(village);
  const auto reconciler = village.MakeReconciler();
  reconciler->Start();
  village.FreezeNow(play.round);
  ASSERT_TRUE(PlayOn(village, play));
  EXPECT_EQ(village.nature.Effects(), kEffects);
  EXPECT_EQ(village.Projection(play.round),
            "PHASE_DONE OUTCOME_VOTED\n"
            "1 STATE_FUNDED 90000 99 BECAUSE plan 1 got 90000 plan 1 kreeg 90000\n"
            "2 STATE_FUNDED 60000 98 BECAUSE plan 2 got 60000 plan 2 kreeg 60000\n"
            "3 STATE_LEFT_OUT 0 0   \n"
            "available 1900000 pot 0 reserved 100000\n"
            "available 1950000 pot 0 reserved 50000\n");
  const ballots::v1::Manifest manifest = village.ballots.ManifestOf(play.round);
  ASSERT_EQ(manifest.options_size(), 2);
  EXPECT_EQ(manifest.options(0).text_hash(), village.PlanOf(play.plans[0]).text_hash());
  EXPECT_EQ(manifest.options(0).text_hash().size(), 32u);
  EXPECT_EQ(manifest.pots(1).entry_hash(), "entry of corporation");
  EXPECT_EQ(manifest.classes(1).roll_size(), 102);
  EXPECT_EQ(manifest.classes(1).issuer_spki(), "key of class 2");
  EXPECT_EQ(manifest.charter_hash(), std::string(32, 'c'));
  EXPECT_EQ(manifest.currency(), "EUR");

  v1::ExplainRoundRequest request;
  request.set_round_id(play.round);
  const auto explained = village.Ask(&Stub::ExplainRound, request);
  ASSERT_TRUE(explained.ok()) << explained.status();
  EXPECT_EQ(explained->steps_size(), static_cast<int>(Step::kDone));
  for (const v1::RoundExplanation::Step& step : explained->steps()) {
    EXPECT_EQ(step.state(), v1::RoundExplanation::Step::STATE_DONE) << step.name();
    EXPECT_TRUE(step.has_done_time()) << step.name();
  }
}

TEST(Reconciler, ADeclinedOfferGoesBack) {
  Village village;
  const Play play = Prepare(village);
  const auto reconciler = village.MakeReconciler();
  reconciler->Start();
  village.FreezeNow(play.round);
  ASSERT_TRUE(PlayOn(village, play, /*accept=*/false));
  EXPECT_EQ(village.PlanOf(play.plans[1]).state(), Plan::STATE_DECLINED);
  EXPECT_EQ(village.ledger.Reserved(village.corporation.ToString()), 0);
  EXPECT_EQ(village.ledger.Available(village.corporation.ToString()), 20'000'00);
  EXPECT_EQ(village.ledger.Available(village.general.ToString()), 19'100'00);
}

TEST(Reconciler, AnOfferNobodyAnswersLapses) {
  Village village;
  const Play play = Prepare(village);
  const auto reconciler = village.MakeReconciler();
  reconciler->Start();
  village.FreezeNow(play.round);
  ASSERT_TRUE(Village::Wait(
      [&] { return village.ballots.StateOf(play.round) == Election::STATE_PROPOSED; }));
  village.ballots.Approve(play.round);
  ASSERT_TRUE(
      Village::Wait([&] { return !village.registry.RollOf(play.round).manifest_hash().empty(); }));
  village.ballots.BringForwardClose(play.round);
  ASSERT_TRUE(Village::Wait(
      [&] { return village.ballots.StateOf(play.round) == Election::STATE_TALLIED; }));
  village.ballots.Certify(play.round);
  ASSERT_TRUE(
      Village::Wait([&] { return village.PlanOf(play.plans[0]).state() == Plan::STATE_FUNDED; }));
  EXPECT_EQ(village.RoundOf(play.round).phase(), Round::PHASE_AWARDING);
  EXPECT_GT(village.ledger.InPot(village.corporation.ToString()), 0) << "kept while it is open";
  village.Sql(
      "UPDATE proposals.round SET cast_until = clock_timestamp(), issue_until = issue_from,"
      " answer_until = clock_timestamp(), look_at = clock_timestamp()");
  ASSERT_TRUE(WaitFor(village, play.round,
                      [](const Round& round) { return round.phase() == Round::PHASE_DONE; }));
  EXPECT_EQ(village.PlanOf(play.plans[1]).state(), Plan::STATE_DECLINED);
  EXPECT_EQ(village.ledger.InPot(village.corporation.ToString()), 0);
}

TEST(Reconciler, ARefusalBlocksTheRoundUntilItIsMended) {
  Village village;
  village.ledger.Appropriate(village.corporation.ToString(), -20'000'00);
  const Play play = Prepare(village);
  const auto reconciler = village.MakeReconciler();
  reconciler->Start();
  ASSERT_TRUE(WaitFor(village, play.round, BlockedBy("INSUFFICIENT_FUNDS")));
  EXPECT_EQ(village.RoundOf(play.round).waits_for(), "the budget has not enough");
  EXPECT_TRUE(Village::Wait([&] {
    return ::testing::Matches(HasSubstr("smederij_rounds_blocked 1"))(village.metrics.Text());
  }));
  EXPECT_THAT(village.metrics.Text(),
              HasSubstr("smederij_round_refusals_total{step=\"hold_pot\"}"));
  village.ledger.Appropriate(village.corporation.ToString(), 500'00);
  ASSERT_TRUE(WaitFor(village, play.round, [](const Round& round) { return !round.blocked(); }));
  village.FreezeNow(play.round);
  ASSERT_TRUE(PlayOn(village, play));
  EXPECT_TRUE(Village::Wait([&] {
    return ::testing::Matches(HasSubstr("smederij_rounds_open 0"))(village.metrics.Text());
  }));
}

TEST(Reconciler, ANeighbourThatIsAwayIsNoBlock) {
  Village village;
  const Play play = Prepare(village);
  village.nature.Refuse("HoldPot", absl::UnavailableError("away"));
  const auto reconciler = village.MakeReconciler();
  reconciler->Start();
  ASSERT_TRUE(WaitFor(village, play.round, [](const Round& round) {
    return ::testing::Matches(HasSubstr("no answer yet"))(round.waits_for());
  }));
  EXPECT_FALSE(village.RoundOf(play.round).blocked());
  village.nature.Refuse("HoldPot", absl::OkStatus());
  ASSERT_TRUE(Village::Wait([&] { return village.nature.Effects().size() == 2; }));
}

TEST(Reconciler, ARollThatFailsBlocks) {
  Village village;
  village.registry.fails = true;
  const Play play = Prepare(village);
  const auto reconciler = village.MakeReconciler();
  reconciler->Start();
  village.FreezeNow(play.round);
  ASSERT_TRUE(WaitFor(village, play.round, BlockedBy("ROLL_FAILED")));
  EXPECT_THAT(village.RoundOf(play.round).waits_for(), HasSubstr("nobody lives there"));
}

TEST(Reconciler, WaitsForPaperForTheLotAndForTheBalance) {
  Village village;
  const Play play = Prepare(village);
  village.ballots.wants_paper = "BATCHES_UNSEALED";
  village.ballots.imbalance = "two more ballots than credentials";
  const auto reconciler = village.MakeReconciler();
  reconciler->Start();
  village.FreezeNow(play.round);
  ASSERT_TRUE(Village::Wait(
      [&] { return village.ballots.StateOf(play.round) == Election::STATE_PROPOSED; }));
  village.ballots.Approve(play.round);
  ASSERT_TRUE(
      Village::Wait([&] { return !village.registry.RollOf(play.round).manifest_hash().empty(); }));
  village.ballots.BringForwardClose(play.round);
  const auto waits_for = [&](const char* text) {
    return WaitFor(village, play.round, [text](const Round& round) {
      return ::testing::Matches(HasSubstr(text))(round.waits_for()) && !round.blocked();
    });
  };
  ASSERT_TRUE(waits_for("batches of paper ballots: 3"));
  {
    const absl::MutexLock lock(&village.nature.mutex);
    village.ballots.wants_paper = "STATIONS_OPEN";
  }
  ASSERT_TRUE(waits_for("close stations: 1, 2"));
  {
    const absl::MutexLock lock(&village.nature.mutex);
    village.ballots.wants_paper.clear();
    village.ballots.wants_lot = true;
  }
  ASSERT_TRUE(waits_for("enter the lot"));
  village.ballots.EnterLot();
  ASSERT_TRUE(WaitFor(village, play.round, BlockedBy("COUNT_DOES_NOT_BALANCE")));
  EXPECT_EQ(village.RoundOf(play.round).phase(), Round::PHASE_COUNTING);
  {
    const absl::MutexLock lock(&village.nature.mutex);
    village.ballots.imbalance.clear();
  }
  ASSERT_TRUE(PlayOn(village, play));
}

TEST(Reconciler, PassesStationsOnAndWaitsUntilEachHasReported) {
  Village village;
  village.stations = {{"Dorpshuis", {"7901"}}, {"School", {"7902 ab"}}};
  const Play play = Prepare(village);
  EXPECT_EQ(village.RoundOf(play.round).stations(1).postcodes(0), "7902AB");
  village.registry.stations_open = "1, 2";
  const auto reconciler = village.MakeReconciler();
  reconciler->Start();
  village.FreezeNow(play.round);
  ASSERT_TRUE(Village::Wait(
      [&] { return village.ballots.StateOf(play.round) == Election::STATE_PROPOSED; }));
  const registry::v1::Roll roll = village.registry.RollOf(play.round);
  ASSERT_EQ(roll.stations_size(), 2);
  EXPECT_EQ(roll.stations(0).name(), "Dorpshuis");
  EXPECT_EQ(roll.stations(1).number(), 2u);
  EXPECT_EQ(roll.stations(1).postcodes(0), "7902AB");
  const ballots::v1::Manifest manifest = village.ballots.ManifestOf(play.round);
  ASSERT_EQ(manifest.stations_size(), 2);
  EXPECT_EQ(manifest.stations(1).number(), 2u);
  EXPECT_EQ(manifest.stations(1).name(), "School");
  village.ballots.Approve(play.round);
  ASSERT_TRUE(
      Village::Wait([&] { return !village.registry.RollOf(play.round).manifest_hash().empty(); }));
  village.ballots.BringForwardClose(play.round);
  const auto waits_for = [&](const std::string& stations) {
    return WaitFor(village, play.round, [&](const Round& round) {
      return ::testing::Matches(HasSubstr("still open: " + stations))(round.waits_for()) &&
             !round.blocked();
    });
  };
  ASSERT_TRUE(waits_for("1, 2"));
  {
    const absl::MutexLock lock(&village.nature.mutex);
    village.registry.stations_open = "2";
  }
  ASSERT_TRUE(waits_for("2"));
  const auto then = [&](const std::string& wants_paper, const std::string& sentence) {
    {
      const absl::MutexLock lock(&village.nature.mutex);
      village.registry.stations_open.clear();
      village.ballots.wants_paper = wants_paper;
    }
    return WaitFor(village, play.round, [&](const Round& round) {
      return ::testing::Matches(HasSubstr(sentence))(round.waits_for()) && !round.blocked();
    });
  };
  ASSERT_TRUE(then("BATCHES_UNSEALED", "batches of paper ballots: 3"));
  ASSERT_TRUE(then("STATIONS_OPEN", "close stations: 1, 2"));
  {
    const absl::MutexLock lock(&village.nature.mutex);
    village.ballots.wants_paper.clear();
  }
  ASSERT_TRUE(PlayOn(village, play));
}

TEST(Reconciler, AResultThatContradictsIsNeverActedOn) {
  for (const bool forged : {true, false}) {
    Village village;
    const Play play = Prepare(village);
    village.ballots.forges_result = forged;
    if (!forged) village.ballots.awards = {{1, 900'01}};  // One cent over its frozen cost.
    const auto reconciler = village.MakeReconciler();
    reconciler->Start();
    village.FreezeNow(play.round);
    std::thread people([&] {
      Village::Wait([&] {
        const Election::State state = village.ballots.StateOf(play.round);
        if (state == Election::STATE_PROPOSED) village.ballots.Approve(play.round);
        if (state == Election::STATE_PUBLISHED) village.ballots.BringForwardClose(play.round);
        if (state == Election::STATE_TALLIED) village.ballots.Certify(play.round);
        return state == Election::STATE_CERTIFIED;
      });
    });
    EXPECT_TRUE(
        WaitFor(village, play.round, BlockedBy(forged ? "RESULT_DIFFERS" : "RESULT_NOT_CREDIBLE")));
    people.join();
    EXPECT_THAT(village.RoundOf(play.round).waits_for(),
                HasSubstr(forged ? "certified" : "cost_cents 90000"));
    EXPECT_EQ(village.PlanOf(play.plans[0]).state(), Plan::STATE_ADMITTED);
    EXPECT_EQ(village.ledger.Reserved(village.general.ToString()), 0);
  }
}

TEST(Reconciler, NothingAdmittedEndsTheRound) {
  Village village;
  const std::string round = village.MakeRound();
  const std::string idea = village.MakeIdea(round), group = village.MakeGroup(round);
  const std::string plan = village.MakePlan(group, idea, 900'00, /*admitted=*/false);
  village.ApprovePot(round);
  const auto reconciler = village.MakeReconciler();
  reconciler->Start();
  village.FreezeNow(round);
  ASSERT_TRUE(WaitFor(village, round,
                      [](const Round& found) { return found.phase() == Round::PHASE_DONE; }));
  EXPECT_EQ(village.RoundOf(round).outcome(), Round::OUTCOME_NO_PLAN_ADMITTED);
  EXPECT_EQ(village.PlanOf(plan).state(), Plan::STATE_LEFT_OUT);
  EXPECT_THAT(
      village.nature.Effects(),
      ElementsAre("HoldPot general 100000", "HoldPot corporation 50000", "OpenRoll", "CloseRoll",
                  "ReleasePot general 100000", "ReleasePot corporation 50000"));
}

TEST(Reconciler, AManifestNobodyApprovedEndsTheRoundAtCastUntil) {
  Village village;
  const Play play = Prepare(village);
  const auto reconciler = village.MakeReconciler();
  reconciler->Start();
  village.FreezeNow(play.round);
  ASSERT_TRUE(WaitFor(village, play.round, [](const Round& round) {
    return ::testing::Matches(HasSubstr("two officials approve"))(round.waits_for());
  }));
  village.Sql(
      "UPDATE proposals.round SET issue_until = issue_from, cast_from = issue_from,"
      " cast_until = clock_timestamp()");
  ASSERT_TRUE(WaitFor(village, play.round,
                      [](const Round& found) { return found.phase() == Round::PHASE_DONE; }));
  const Round round = village.RoundOf(play.round);
  EXPECT_EQ(round.outcome(), Round::OUTCOME_VOTING_NEVER_OPENED);
  const Plan plan = village.PlanOf(play.plans[0]);
  EXPECT_EQ(plan.state(), Plan::STATE_NOT_SELECTED);
  EXPECT_EQ(plan.reason(), "VOTING_NEVER_OPENED");
  EXPECT_EQ(village.ledger.Available(village.general.ToString()), 20'000'00);
  EXPECT_THAT(village.nature.Effects(), Contains("CloseRoll"));
}

// Where nothing was held nothing is left to give back, whatever became of the budget.
TEST(Reconciler, APotThatWasNeverHeldIsInNobodysWayWhenItsBudgetWentOver) {
  Village village;
  village.ledger.Appropriate(village.corporation.ToString(), -20'000'00);
  const Play play = Prepare(village);
  const auto reconciler = village.MakeReconciler();
  reconciler->Start();
  ASSERT_TRUE(WaitFor(village, play.round, BlockedBy("INSUFFICIENT_FUNDS")));
  village.ledger.Close(village.corporation.ToString());
  village.Sql(
      "UPDATE proposals.round SET freeze_at = clock_timestamp() - interval '9 minutes',"
      " issue_from = clock_timestamp() - interval '8 minutes',"
      " issue_until = clock_timestamp() - interval '7 minutes',"
      " cast_from = clock_timestamp() - interval '8 minutes',"
      " cast_until = clock_timestamp() - interval '7 minutes', look_at = clock_timestamp()");
  ASSERT_TRUE(WaitFor(village, play.round,
                      [](const Round& found) { return found.phase() == Round::PHASE_DONE; }));
  EXPECT_EQ(village.RoundOf(play.round).outcome(), Round::OUTCOME_VOTING_NEVER_OPENED);
  EXPECT_THAT(village.nature.Effects(),
              ElementsAre("HoldPot general 100000", "ReleasePot general 100000"));
}

TEST(Reconciler, ABindingRoundClosesByItself) {
  Village village;
  const Play play = Prepare(village, /*demonstration=*/false);
  village.FreezeNow(play.round);
  village.Sql(
      "UPDATE proposals.round SET issue_until = clock_timestamp() + interval '1 second',"
      " cast_until = clock_timestamp() + interval '2 seconds'");
  const auto reconciler = village.MakeReconciler();
  reconciler->Start();
  ASSERT_TRUE(WaitFor(village, play.round, [&](const Round& round) {
    if (village.ballots.StateOf(play.round) == Election::STATE_PROPOSED) {
      village.ballots.Approve(play.round);
    }
    return round.phase() == Round::PHASE_VOTING;
  }));
  const int asked = village.nature.Calls("GetElection");
  ASSERT_TRUE(PlayOn(village, play));
  EXPECT_EQ(village.nature.Calls("GetElection"), asked) << "only the clock closes it";
}

TEST(Reconciler, PassTellsWhenTheNextRoundIsDue) {
  Village village;
  ReconcilerOptions options = village.Options();
  options.interval = absl::Minutes(1);
  const auto reconciler = village.MakeReconciler(options);
  EXPECT_EQ(*reconciler->Pass(), options.interval) << "nothing to do";
  village.MakeRound();
  EXPECT_EQ(*reconciler->Pass(), options.interval) << "it waits for the budget holder";
  EXPECT_THAT(village.metrics.Text(), HasSubstr("smederij_rounds_open 1"));
}

// Without a wake the worker would sleep out its minute.
TEST(Reconciler, WakesAtOnce) {
  Village village;
  ReconcilerOptions options = village.Options();
  options.interval = absl::Minutes(1);
  const auto reconciler = village.MakeReconciler(options);
  reconciler->Start();
  const std::string round = village.MakeRound();
  reconciler->Wake();
  ASSERT_TRUE(WaitFor(village, round, [](const Round& found) {
    return ::testing::Matches(HasSubstr("budget holder"))(found.waits_for());
  }));
  village.ApprovePot(round);
  const absl::Time woken = absl::Now();
  reconciler->Wake();
  ASSERT_TRUE(Village::Wait([&] { return village.nature.Effects().size() == 2; }));
  EXPECT_LT(absl::Now() - woken, absl::Seconds(20));
}

}  // namespace
}  // namespace smederij::proposals
