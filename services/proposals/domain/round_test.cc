#include "services/proposals/domain/round.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "common/base/error.h"
#include "services/proposals/domain/sample.h"

namespace smederij::proposals {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Key;
using ::testing::Pair;

constexpr absl::Duration kTick = absl::Microseconds(1);

TEST(Phase, FollowsTheClockAlone) {
  const Round round = SampleRound();
  EXPECT_EQ(PhaseOf(round, Hour(10) - kTick), Phase::kForging);
  EXPECT_EQ(PhaseOf(round, Hour(10)), Phase::kFrozen);
}

TEST(Phase, VotingNeedsTheApprovedManifestAndTheHour) {
  Round round = SampleRound();
  EXPECT_EQ(PhaseOf(round, Hour(30)), Phase::kFrozen) << "not approved: nothing opens";
  round.approved_at = Hour(15);
  EXPECT_EQ(PhaseOf(round, Hour(20) - kTick), Phase::kFrozen);
  EXPECT_EQ(PhaseOf(round, Hour(20)), Phase::kVoting);
  EXPECT_EQ(PhaseOf(round, Hour(50) - kTick), Phase::kVoting);
  EXPECT_EQ(PhaseOf(round, Hour(50)), Phase::kCounting);
}

TEST(Phase, LateApprovalOpensVotingLate) {
  Round round = SampleRound();
  EXPECT_EQ(PhaseOf(round, Hour(35)), Phase::kFrozen);
  round.approved_at = Hour(35);
  EXPECT_EQ(PhaseOf(round, Hour(35)), Phase::kVoting);
}

TEST(Phase, ACloseBroughtForwardEndsVoting) {
  Round round = SampleRound();
  round.approved_at = Hour(15);
  round.closes_at = Hour(33);
  EXPECT_EQ(PhaseOf(round, Hour(33) - kTick), Phase::kVoting);
  EXPECT_EQ(PhaseOf(round, Hour(33)), Phase::kCounting);
}

TEST(Phase, TheOutcomeMeansAwardingUntilAllIsDone) {
  Round round = SampleRound();
  round.approved_at = Hour(15);
  round.outcome = Outcome::kVoted;
  EXPECT_EQ(PhaseOf(round, Hour(51)), Phase::kAwarding);
  round.done_at = Hour(52);
  EXPECT_EQ(PhaseOf(round, Hour(53)), Phase::kDone);
}

struct InstantCase {
  const char* name;
  std::function<void(Instants&)> change;
  const char* field;  // Empty: fine.
};

class InstantRules : public testing::TestWithParam<InstantCase> {};

TEST_P(InstantRules, Hold) {
  Instants instants = SampleInstants();
  GetParam().change(instants);
  const absl::Status status = CheckInstants(instants, Hour(5));
  if (*GetParam().field == '\0') {
    EXPECT_TRUE(status.ok()) << status;
    return;
  }
  EXPECT_EQ(ReasonOf(status), "BAD_INSTANTS");
  EXPECT_THAT(FieldsOf(status), Contains(Key(std::string("instants.") + GetParam().field)));
}

INSTANTIATE_TEST_SUITE_P(
    EdgesEitherSide, InstantRules,
    testing::ValuesIn<InstantCase>(
        {{"sample", [](Instants&) {}, ""},
         {"freeze_just_before_issue", [](Instants& in) { in.freeze_at = Hour(20) - kTick; }, ""},
         {"freeze_with_issue", [](Instants& in) { in.freeze_at = Hour(20); }, "issue_from"},
         {"issue_of_no_length", [](Instants& in) { in.issue_until = Hour(20); }, ""},
         {"issue_ends_before_it_starts", [](Instants& in) { in.issue_until = Hour(19); },
          "issue_until"},
         {"issue_ends_with_cast", [](Instants& in) { in.issue_until = Hour(50); }, ""},
         {"issue_ends_after_cast", [](Instants& in) { in.issue_until = Hour(51); }, "issue_until"},
         {"cast_with_issue", [](Instants& in) { in.cast_from = Hour(20); }, ""},
         {"cast_before_issue", [](Instants& in) { in.cast_from = Hour(19); }, "cast_from"},
         {"cast_of_no_length", [](Instants& in) { in.cast_from = Hour(50); }, "cast_until"},
         {"no_answer_until", [](Instants& in) { in.answer_until.reset(); }, ""},
         {"answers_end_with_cast", [](Instants& in) { in.answer_until = Hour(50); }, ""},
         {"answers_end_before_cast", [](Instants& in) { in.answer_until = Hour(49); },
          "answer_until"},
         {"a_year", [](Instants& in) { in.answer_until = Hour(10) + kSpanMax; }, ""},
         {"over_a_year", [](Instants& in) { in.answer_until = Hour(10) + kSpanMax + kTick; },
          "answer_until"},
         {"not_given", [](Instants& in) { in.cast_from = absl::InfinitePast(); }, "cast_from"},
         {"year_9999", [](Instants& in) { in.cast_until = absl::InfiniteFuture(); }, "cast_until"},
         {"reference_date_not_given",
          [](Instants& in) { in.reference_date = absl::CivilDay(1970); }, "reference_date"}}),
    [](const auto& one) { return one.param.name; });

TEST(Instants, AllMistakesAreToldAtOnce) {
  Instants instants = SampleInstants();
  instants.freeze_at = Hour(25);
  instants.cast_from = Hour(55);
  EXPECT_THAT(FieldsOf(CheckInstants(instants, Hour(5))),
              ElementsAre(Pair("instants.cast_until", "must be after cast_from"),
                          Pair("instants.issue_from", "must be after freeze_at")));
}

TEST(Instants, TheFreezeMustLieAhead) {
  EXPECT_TRUE(CheckInstants(SampleInstants(), Hour(10)).ok());
  EXPECT_THAT(FieldsOf(CheckInstants(SampleInstants(), Hour(10) + kTick)),
              ElementsAre(Pair("instants.freeze_at", "must lie ahead")));
}

TEST(Reschedule, WhatHasPassedMeansAtOnce) {
  Instants wanted = SampleInstants();
  wanted.freeze_at = Hour(2);
  wanted.issue_from = Hour(3);
  wanted.cast_from = Hour(8);
  const auto moved = Rescheduled(SampleRound(), wanted, Hour(9));
  ASSERT_TRUE(moved.ok()) << moved.status();
  EXPECT_EQ(moved->freeze_at, Hour(9));
  EXPECT_EQ(moved->issue_from, Hour(9) + kTick);
  EXPECT_EQ(moved->cast_from, Hour(9) + kTick);
  EXPECT_EQ(moved->cast_until, Hour(50));
}

TEST(Reschedule, WhatMustLieAheadDoes) {
  Instants wanted = SampleInstants();
  wanted.freeze_at = Hour(2);
  wanted.issue_from = Hour(3);
  wanted.issue_until = Hour(4);
  EXPECT_THAT(FieldsOf(Rescheduled(SampleRound(), wanted, Hour(9)).status()),
              ElementsAre(Pair("instants.issue_until", "must not be before issue_from")));
}

TEST(Reschedule, RefusalsInOrder) {
  Instants backwards = SampleInstants();
  backwards.cast_until = Hour(25);
  EXPECT_EQ(ReasonOf(Rescheduled(SampleRound(), backwards, Hour(11)).status()), "BAD_INSTANTS");
  EXPECT_EQ(ReasonOf(Rescheduled(SampleRound(), SampleInstants(), Hour(10)).status()),
            "WRONG_PHASE");
  EXPECT_TRUE(Rescheduled(SampleRound(), SampleInstants(), Hour(10) - kTick).ok());
  Instants missing = SampleInstants();
  missing.freeze_at = absl::InfinitePast();
  EXPECT_EQ(ReasonOf(Rescheduled(SampleRound(), missing, Hour(5)).status()), "BAD_INSTANTS");
}

TEST(Pots, AreOneToSixteenDifferentBudgets) {
  const auto pots = [](size_t count, int64_t cents) {
    std::vector<Pot> made;
    for (size_t i = 0; i < count; ++i) {
      made.push_back({Named<BudgetId>(std::to_string(i)), Money::Cents(cents)});
    }
    return made;
  };
  EXPECT_EQ(ReasonOf(CheckPots({})), "BAD_POTS");
  EXPECT_TRUE(CheckPots(pots(1, Money::kCentsMax)).ok());
  EXPECT_TRUE(CheckPots(pots(16, 1)).ok());
  EXPECT_EQ(ReasonOf(CheckPots(pots(17, 1))), "BAD_POTS");
  EXPECT_EQ(ReasonOf(CheckPots(pots(2, Money::kCentsMax))), "BAD_POTS");
  std::vector<Pot> twice = pots(2, 1);
  twice[1].budget = twice[0].budget;
  EXPECT_THAT(FieldsOf(CheckPots(twice)), ElementsAre(Key("pots[1].budget_id")));
}

TEST(ApprovePot, RefusalsInOrder) {
  Round round = SampleRound();
  const Money enough = PotTotal(round);
  const Money too_little = enough - Money::Cents(1);
  EXPECT_TRUE(MayApprovePot(round, enough, Hour(0)).ok());
  EXPECT_TRUE(MayApprovePot(round, enough, Hour(50) - kTick).ok()) << "late, voting opens late";
  EXPECT_EQ(ReasonOf(MayApprovePot(round, too_little, Hour(0))), "OVER_LIMIT");
  EXPECT_EQ(ReasonOf(MayApprovePot(round, too_little, Hour(50))), "WRONG_PHASE");
  round.pot_approval = PotApproval{Named<SubjectId>("holder"), "B-1", Hour(0)};
  EXPECT_EQ(ReasonOf(MayApprovePot(round, too_little, Hour(50))), "POT_ALREADY_APPROVED");
}

}  // namespace
}  // namespace smederij::proposals
