#include "services/proposals/domain/next.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/proposals/domain/sample.h"

namespace smederij::proposals {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr absl::Duration kTick = absl::Microseconds(1);

Record Sample() {
  Record record;
  record.round = SampleRound();
  return record;
}

void Approve(Record& record) {
  record.round.pot_approval = PotApproval{Named<SubjectId>("holder"), "B-1", Hour(1)};
}

// Stores what performing `next` would store, without any neighbour.
void Perform(Record& record, const Next& next, absl::Time now) {
  if (next.ends_as != Outcome::kNone) {
    record.round.outcome = next.ends_as;
    return;
  }
  record.steps.push_back({next.step, next.version, now});
  if (next.step == Step::kAwaitApproval) record.round.approved_at = now;
  if (next.step == Step::kMarkPlans) record.round.outcome = Outcome::kVoted;
  if (next.step == Step::kDone) record.round.done_at = now;
  if (next.step == Step::kAwaitAnswers) record.offers_open = 0;
}

// Runs the round at one moment until it waits; the names of what was performed.
std::vector<std::string> Drive(Record& record, absl::Time now) {
  std::vector<std::string> names;
  for (;;) {
    const Next next = NextStep(record, now);
    const bool open_close = next.step == Step::kAwaitClose && next.act == Act::kPoll;
    if (next.act == Act::kWait || next.act == Act::kFinished || open_close) return names;
    names.push_back(std::string(Name(next.step)) +
                    (next.version == 1 ? "" : "/" + std::to_string(next.version)));
    Perform(record, next, now);
    EXPECT_LT(names.size(), 50u);
    if (names.size() >= 50u) return names;
  }
}

TEST(NextStep, WaitsForTheBudgetHolderFirst) {
  const Record record = Sample();
  const Next next = NextStep(record, Hour(0));
  EXPECT_EQ(next.step, Step::kHoldPot);
  EXPECT_EQ(next.act, Act::kWait);
  EXPECT_EQ(next.waits_for, WaitsFor::kBudgetHolder);
  EXPECT_EQ(next.until, Hour(50));
}

TEST(NextStep, HoldsEveryPotThenWaitsForTheFreeze) {
  Record record = Sample();
  Approve(record);
  EXPECT_THAT(Drive(record, Hour(2)), ElementsAre("hold_pot", "hold_pot/2"));
  const Next next = NextStep(record, Hour(10) - kTick);
  EXPECT_EQ(next.act, Act::kWait);
  EXPECT_EQ(next.until, Hour(10));
}

TEST(NextStep, GoesTheWholeWayInOrder) {
  Record record = Sample();
  Approve(record);
  record.plans_admitted = 2;
  Drive(record, Hour(2));
  EXPECT_THAT(Drive(record, Hour(10)),
              ElementsAre("open_roll", "await_roll", "freeze_plans", "propose_manifest",
                          "await_approval", "confirm_manifest"));
  EXPECT_EQ(NextStep(record, Hour(50) - kTick).until, Hour(50));
  record.award_version = 1;
  record.offers_open = 1;
  EXPECT_THAT(Drive(record, Hour(50)),
              ElementsAre("await_close", "close_roll", "close_election", "count", "await_count",
                          "await_certification", "mark_plans", "reserve_awards"));
  EXPECT_EQ(NextStep(record, Hour(51)).waits_for, WaitsFor::kInitiativeGroup);
  record.offers_open = 0;  // Accepted.
  record.award_version = 2;
  EXPECT_THAT(Drive(record, Hour(52)),
              ElementsAre("reserve_awards/2", "release_pot", "release_pot/2", "done"));
  EXPECT_EQ(NextStep(record, Hour(53)).act, Act::kFinished);
}

TEST(NextStep, ALatePotMeansALateOpening) {
  Record record = Sample();
  record.plans_admitted = 1;
  EXPECT_EQ(NextStep(record, Hour(35)).waits_for, WaitsFor::kBudgetHolder);
  Approve(record);
  EXPECT_EQ(Drive(record, Hour(35)).size(), 8u);
  EXPECT_EQ(NextStep(record, Hour(35)).step, Step::kAwaitClose);
}

TEST(NextStep, NothingAdmittedGivesThePotBackAndClosesTheRoll) {
  Record record = Sample();
  Approve(record);
  Drive(record, Hour(2));
  EXPECT_THAT(Drive(record, Hour(10)),
              ElementsAre("open_roll", "await_roll", "freeze_plans", "freeze_plans", "close_roll",
                          "release_pot", "release_pot/2", "done"));
  EXPECT_EQ(record.round.outcome, Outcome::kNoPlanAdmitted);
}

TEST(NextStep, NobodyWonReservesNothing) {
  Record record = Sample();
  Approve(record);
  record.plans_admitted = 2;
  Drive(record, Hour(10));
  Drive(record, Hour(50));
  EXPECT_FALSE(record.Has(Step::kReserveAwards));
  EXPECT_TRUE(record.Has(Step::kReleasePot, 2));
  EXPECT_TRUE(record.round.done_at.has_value());
}

TEST(NextStep, NeverApprovedPotEndsTheRoundWithoutACall) {
  Record record = Sample();
  EXPECT_THAT(Drive(record, Hour(50)), ElementsAre("await_approval", "done"));
  EXPECT_EQ(record.round.outcome, Outcome::kVotingNeverOpened);
}

TEST(NextStep, NeverApprovedManifestGivesThePotBack) {
  Record record = Sample();
  Approve(record);
  record.plans_admitted = 1;
  Drive(record, Hour(9));
  for (const Step step :
       {Step::kOpenRoll, Step::kAwaitRoll, Step::kFreezePlans, Step::kProposeManifest}) {
    record.steps.push_back({step, 1, Hour(11)});
  }
  EXPECT_EQ(NextStep(record, Hour(50) - kTick).act, Act::kPoll);
  EXPECT_THAT(Drive(record, Hour(50)),
              ElementsAre("await_approval", "close_roll", "release_pot", "release_pot/2", "done"));
}

// A HoldPot of which the answer was lost may still arrive: the pot is given back only afterwards.
TEST(NextStep, LostHoldsSettleBeforeThePotIsGivenBack) {
  Record record = Sample();
  Approve(record);
  record.steps.push_back({Step::kHoldPot, 1, Hour(49)});
  const Next next = NextStep(record, Hour(50));
  EXPECT_EQ(next.act, Act::kWait);
  EXPECT_EQ(next.until, Hour(50) + absl::Minutes(1));
  EXPECT_THAT(Drive(record, next.until),
              ElementsAre("await_approval", "release_pot", "release_pot/2", "done"));
}

TEST(NextStep, OnlyDemonstrationsAskWhetherTheCloseWasBroughtForward) {
  Record record = Sample();
  Approve(record);
  record.plans_admitted = 1;
  Drive(record, Hour(20));
  EXPECT_EQ(NextStep(record, Hour(31)).act, Act::kWait);
  record.round.demonstration = true;
  EXPECT_EQ(NextStep(record, Hour(31)).act, Act::kPoll);
  record.round.closes_at = Hour(31);
  EXPECT_EQ(NextStep(record, Hour(31)).act, Act::kLocal);
  record.steps.push_back({Step::kAwaitClose, 1, Hour(31)});
  EXPECT_EQ(NextStep(record, Hour(31) - kTick).step, Step::kCloseRoll)
      << "what has been seen to end does not start again when a clock steps back";
}

TEST(NextStep, OffersLapse) {
  Record record = Sample();
  Approve(record);
  record.plans_admitted = 1;
  Drive(record, Hour(20));
  record.offers_open = 1;
  Drive(record, Hour(50));
  EXPECT_EQ(NextStep(record, Hour(60) - kTick).act, Act::kWait);
  EXPECT_EQ(NextStep(record, Hour(60) - kTick).until, Hour(60));
  EXPECT_EQ(NextStep(record, Hour(60)).act, Act::kLocal);
  record.round.instants.answer_until.reset();
  EXPECT_EQ(NextStep(record, Hour(600)).until, absl::InfiniteFuture());
}

TEST(KeyOf, IsTheSameForEverAndDiffersPerStepVersionAndRound) {
  const RoundId round = Named<RoundId>("round");
  EXPECT_EQ(KeyOf(round, Step::kHoldPot, 1), KeyOf(round, Step::kHoldPot, 1));
  EXPECT_EQ(KeyOf(round, Step::kHoldPot, 1), RequestId(Uuid::Derived(round.uuid(), "hold_pot/1")));
  EXPECT_NE(KeyOf(round, Step::kHoldPot, 1), KeyOf(round, Step::kHoldPot, 2));
  EXPECT_NE(KeyOf(round, Step::kHoldPot, 1), KeyOf(round, Step::kReleasePot, 1));
  EXPECT_NE(KeyOf(round, Step::kHoldPot, 1), KeyOf(Named<RoundId>("other"), Step::kHoldPot, 1));
}

TEST(NextStep, ACorrectionIsAskedOfTheLedgerAndItsPotsGiveBackOnceMore) {
  Record record = Sample();
  Approve(record);
  record.award_version = 2;
  for (const absl::Time now : {Hour(10), Hour(50)}) {
    record.round.approved_at = now;
    Drive(record, now);
  }
  ASSERT_TRUE(record.round.done_at.has_value());
  EXPECT_EQ(record.NextAwardVersion(), 3u);

  record.round.done_at.reset();
  record.corrections = {{1, CorrectionState::kAccepted}};
  Next next = NextStep(record, Hour(70));
  EXPECT_EQ(next.step, Step::kAdjustAwards);
  EXPECT_EQ(next.act, Act::kCall);
  EXPECT_EQ(next.version, 1u);
  Perform(record, next, Hour(70));
  record.corrections[0].state = CorrectionState::kDone;
  EXPECT_THAT(Drive(record, Hour(70)), ElementsAre("release_pot/3", "release_pot/4", "done/2"));
  EXPECT_EQ(PotOf(record.round, 3), 0u);
  EXPECT_EQ(PotOf(record.round, 4), 1u);
  EXPECT_EQ(record.NextAwardVersion(), 4u);

  // One the ledger turned down moved nothing, so there is nothing to give back.
  record.round.done_at.reset();
  record.corrections.push_back({3, CorrectionState::kTurnedDown});
  EXPECT_THAT(Drive(record, Hour(70)), ElementsAre("done/4"));
  EXPECT_EQ(record.NextAwardVersion(), 4u);
}

}  // namespace
}  // namespace smederij::proposals
