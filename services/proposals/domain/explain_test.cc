#include "services/proposals/domain/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/proposals/domain/sample.h"

namespace smederij::proposals {
namespace {

using ::testing::HasSubstr;

Record Sample() {
  Record record;
  record.round = SampleRound();
  record.round.pot_approval = PotApproval{Named<SubjectId>("holder"), "B-1", Hour(1)};
  return record;
}

StepExplanation Of(const Record& record, Step step, absl::Time now) {
  for (const StepExplanation& explained : Explain(record, now)) {
    if (explained.step == step) return explained;
  }
  ADD_FAILURE() << Name(step) << " is not explained";
  return {};
}

TEST(Explain, NamesEveryStepOnceInOrder) {
  const std::vector<StepExplanation> steps = Explain(Sample(), Hour(2));
  ASSERT_EQ(steps.size(), static_cast<size_t>(Step::kDone));
  for (size_t i = 0; i < steps.size(); ++i) {
    EXPECT_EQ(static_cast<size_t>(steps[i].step), i + 1);
    EXPECT_FALSE(steps[i].sentence.empty());
  }
}

TEST(Explain, AHalfHeldPotIsStillNext) {
  Record record = Sample();
  record.steps.push_back({Step::kHoldPot, 1, Hour(1)});
  EXPECT_EQ(Of(record, Step::kHoldPot, Hour(2)).state, StepState::kNext);
  record.steps.push_back({Step::kHoldPot, 2, Hour(2)});
  const StepExplanation held = Of(record, Step::kHoldPot, Hour(2));
  EXPECT_EQ(held.state, StepState::kDone);
  EXPECT_EQ(held.done_at, Hour(2));
  const StepExplanation next = Of(record, Step::kOpenRoll, Hour(2));
  EXPECT_EQ(next.state, StepState::kNext);
  EXPECT_THAT(next.sentence, HasSubstr("2026-03-01 10:00:00 UTC"));
  EXPECT_EQ(Of(record, Step::kCount, Hour(2)).state, StepState::kLater);
}

TEST(Explain, SaysWhatBlocks) {
  Record record = Sample();
  record.round.blocked_reason = "INSUFFICIENT_FUNDS";
  record.round.waits_for = "the budget has not enough";
  EXPECT_THAT(Of(record, Step::kHoldPot, Hour(2)).sentence,
              HasSubstr("blocked, INSUFFICIENT_FUNDS: the budget has not enough"));
}

TEST(Explain, WhatNeverHappensIsSkipped) {
  Record record = Sample();
  record.steps = {{Step::kHoldPot, 1, Hour(1)}, {Step::kHoldPot, 2, Hour(1)}};
  record.round.outcome = Outcome::kVotingNeverOpened;
  EXPECT_EQ(Of(record, Step::kCloseRoll, Hour(51)).state, StepState::kNext);
  EXPECT_EQ(Of(record, Step::kHoldPot, Hour(51)).state, StepState::kDone);
  for (const Step step : {Step::kOpenRoll, Step::kCount, Step::kMarkPlans, Step::kReserveAwards}) {
    EXPECT_EQ(Of(record, step, Hour(51)).state, StepState::kSkipped) << Name(step);
  }
  EXPECT_EQ(Of(record, Step::kReleasePot, Hour(51)).state, StepState::kLater);
}

TEST(Explain, ADoneRoundHasNothingNext) {
  Record record = Sample();
  record.round.done_at = Hour(60);
  record.steps = {{Step::kDone, 1, Hour(60)}};
  for (const StepExplanation& step : Explain(record, Hour(61))) {
    EXPECT_TRUE(step.state == StepState::kDone || step.state == StepState::kSkipped);
  }
}

TEST(Explain, ACorrectionComesBeforeTheEndAndTakesItBack) {
  Record record = Sample();
  record.round.outcome = Outcome::kVoted;
  record.round.approved_at = Hour(20);
  record.round.pot_approval = PotApproval{Named<SubjectId>("holder"), "B-1", Hour(1)};
  for (int step = 1; step <= static_cast<int>(Step::kDone); ++step) {
    record.steps.push_back({static_cast<Step>(step), 1, Hour(60)});
  }
  for (const Step each : {Step::kHoldPot, Step::kReleasePot})
    record.steps.push_back({each, 2, Hour(60)});
  record.corrections = {{1, CorrectionState::kAccepted}};
  EXPECT_EQ(Of(record, Step::kAdjustAwards, Hour(70)).state, StepState::kNext);
  EXPECT_EQ(Of(record, Step::kReleasePot, Hour(70)).state, StepState::kDone);
  EXPECT_EQ(Of(record, Step::kDone, Hour(70)).state, StepState::kLater);
  record.steps.push_back({Step::kAdjustAwards, 1, Hour(70)});
  record.corrections[0].state = CorrectionState::kDone;
  EXPECT_EQ(Of(record, Step::kAdjustAwards, Hour(70)).state, StepState::kDone);
  EXPECT_EQ(Of(record, Step::kReleasePot, Hour(70)).state, StepState::kNext);
  EXPECT_EQ(Of(record, Step::kDone, Hour(70)).state, StepState::kLater);
}

}  // namespace
}  // namespace smederij::proposals
