// What handing over is refused for, in order of precedence; what carrying over and returning are
// refused for is tested with these.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/error.h"
#include "services/ledger/testing/test_handovers.h"

namespace smederij::ledger {
namespace {

using ::testing::IsEmpty;

template <class T>
std::string Reason(const absl::StatusOr<T>& result) {
  return ReasonOf(result.status());
}

TEST(ProposeHandoverRefusals, InOrder) {
  HandoverYears years;
  TestSpending& ledger = years.ledger;
  const auto refused = [&] { return Reason(years.Propose()); };
  ASSERT_EQ(refused(), "");
  EXPECT_EQ(refused(), "HANDOVER_PENDING");
  EXPECT_EQ(Reason(years.Propose(v1::CarryOver::REST_CARRY)), "HANDOVER_PENDING");
  // What carrying over itself is refused for comes first, then that there is nothing to carry.
  ASSERT_TRUE(
      ledger.Close(years.first, ledger.Commitments(years.first)->commitments(0).commitment_id())
          .ok());
  ASSERT_TRUE(ledger.ReleaseAward(years.first, years.plan, 700).ok());
  EXPECT_EQ(refused(), "NOTHING_TO_HAND_OVER");
  years.plan = NewId();
  EXPECT_EQ(refused(), "AWARD_NOT_FOUND");
  v1::ProposeHandoverRequest request;
  request.set_request_id(NewId());
  EXPECT_EQ(Reason(ledger.ProposeHandover(request, ledger.treasurer())), "OUT_OF_RANGE");
  request.set_request_id("x");
  EXPECT_EQ(Reason(ledger.ProposeHandover(request, ledger.treasurer())), "BAD_ID");
}

TEST(DecideHandoverRefusals, InOrder) {
  HandoverYears years;
  TestSpending& ledger = years.ledger;
  v1::Handover handover = *years.Propose(v1::CarryOver::REST_LAPSE);
  const auto refused = [&](const testing::Person& who) {
    return Reason(ledger.DecideHandover(handover, true, who));
  };
  ASSERT_TRUE(ledger.ReleaseAward(years.first, years.plan, 1).ok());
  EXPECT_EQ(refused(ledger.colleague()), "HANDOVER_DIFFERS");
  ASSERT_TRUE(ledger.Hold(HoldRequest(years.first, NewId(), 1)).ok());
  EXPECT_EQ(refused(ledger.colleague()), "POT_HELD");
  testing::Person poor = ledger.colleague();
  poor.grants[0].limit_cents = 999;
  EXPECT_EQ(refused(poor), "AMOUNT_OVER_LIMIT");
  testing::Person same = ledger.treasurer();
  same.grants = {{.role = policy::v1::ROLE_BUDGET_HOLDER, .limit_cents = 999}};
  EXPECT_EQ(refused(same), "SELF_APPROVAL") << "another role does not make one two";
  const v1::Handover proposed = handover;
  ASSERT_TRUE(ledger.DecideHandover(handover, false, poor).ok()) << "to refuse it nothing is asked";
  EXPECT_EQ(refused(ledger.treasurer()), "HANDOVER_DECIDED");
  handover.set_handover_id(NewId());
  EXPECT_EQ(refused(ledger.treasurer()), "HANDOVER_NOT_FOUND");
  ASSERT_TRUE(ledger.database().Sql("UPDATE ledger.budget SET state = 'closed'").ok());
  EXPECT_EQ(refused(ledger.treasurer()), "BUDGET_CLOSED");
  ASSERT_TRUE(ledger.database()
                  .Sql("INSERT INTO ledger.finding (budget_id, seq, what)"
                       " SELECT budget_id, 0, 'a test' FROM ledger.budget")
                  .ok());
  EXPECT_EQ(refused(ledger.treasurer()), "BUDGET_FROZEN");
  handover.set_budget_id(NewId());
  EXPECT_EQ(refused(ledger.treasurer()), "BUDGET_NOT_FOUND");
  handover.set_handover_id("x");
  EXPECT_EQ(refused(ledger.treasurer()), "BAD_ID");
}

TEST(DecideHandoverRefusals, AsMuchAsTheGrantAllowsIsNotTooMuch) {
  HandoverYears years;
  testing::Person rich = years.ledger.colleague();
  rich.grants[0].limit_cents = 1'000;
  const auto proposed = years.Propose(v1::CarryOver::REST_LAPSE);
  EXPECT_EQ(Reason(years.ledger.DecideHandover(*proposed, true, rich)), "");
}

// What it was to go to has gone over itself by then; and so can nothing that waits in it.
TEST(DecideHandoverRefusals, ABudgetThatWasCarriedOverMeanwhileTakesNothing) {
  HandoverYears years;
  const v1::Handover waiting = *years.Propose();
  const std::string third = years.Opened(2025), first = years.first;
  years.first = years.second;
  years.second = third;
  ASSERT_EQ(years.Accepted(*years.Propose(v1::CarryOver::REST_CARRY)), "");
  EXPECT_EQ(years.Accepted(waiting), "BUDGET_CLOSED");
  EXPECT_EQ(years.ledger.Get(first)->head_seq(), 4);
  // It is refused all the same.
  EXPECT_TRUE(years.ledger.DecideHandover(waiting, false, years.ledger.colleague()).ok());
  EXPECT_THAT(years.ledger.Findings(), IsEmpty());
}

}  // namespace
}  // namespace smederij::ledger
