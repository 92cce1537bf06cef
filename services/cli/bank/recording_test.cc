// What the ledger is told of a statement.
#include "services/cli/bank/recording.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "services/cli/document/calendar.h"

namespace smederij::cli {
namespace {

using ledger::v1::PaymentStep;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using Fate = StatementMatch::Fate;
using Outcome = StatementMatch::Outcome;

std::vector<Outcome> Three() {
  return {{.payment_id = "one", .bank_ref = "", .fate = Fate::kSettled, .line = 4},
          {.payment_id = "two", .bank_ref = "", .fate = Fate::kFailed, .line = 5},
          {.payment_id = "three", .bank_ref = "", .fate = Fate::kReturned, .line = 6}};
}

TEST(Recording, OfOneThatIsRefusedHoldsUpNoneOfTheOthers) {
  for (const absl::StatusCode code :
       {kInvalidArgument, kNotFound, kAlreadyExists, kPermissionDenied, kFailedPrecondition}) {
    Recording recording;
    const absl::Status ended = RecordAll(
        Three(),
        [&](const Outcome& outcome) -> absl::Status {
          if (outcome.payment_id != "two") return absl::OkStatus();
          return Error(code, "WRONG_STATE", "it is not there").With("state", "settled");
        },
        recording);
    EXPECT_TRUE(ended.ok()) << ended;
    EXPECT_EQ(recording.recorded[Fate::kSettled], 1);
    EXPECT_EQ(recording.recorded[Fate::kFailed], 0);
    EXPECT_EQ(recording.recorded[Fate::kReturned], 1);
    EXPECT_THAT(recording.refused,
                ElementsAre("line 5, payment two: it is not there (WRONG_STATE) state=settled"));
  }
}

TEST(Recording, EndsWhereTheLedgerDoesNotAnswer) {
  for (const absl::Status& why :
       {absl::UnavailableError("away"), absl::DeadlineExceededError("late"),
        absl::UnauthenticatedError("who"), absl::ResourceExhaustedError("full"),
        absl::InternalError("broken")}) {
    Recording recording;
    std::vector<std::string> asked;
    const absl::Status ended = RecordAll(
        Three(),
        [&](const Outcome& outcome) -> absl::Status {
          asked.push_back(outcome.payment_id);
          if (outcome.payment_id == "one") return absl::NotFoundError("gone");
          return why;
        },
        recording);
    EXPECT_EQ(ended, why);
    EXPECT_THAT(asked, ElementsAre("one", "two"));
    EXPECT_THAT(recording.refused, ElementsAre(HasSubstr("line 4, payment one: gone")));
    EXPECT_THAT(recording.recorded, IsEmpty());
  }
}

PaymentStep BackUnder(const std::string& reference, int64_t at) {
  PaymentStep step;
  step.set_return_ref(reference);
  step.set_amount_cents(40);
  step.mutable_step_time()->set_seconds(at);
  return step;
}

TEST(Recording, KnowsWhatCameBackAndWasNotTakenBackByTheDayOfTheTownHall) {
  const auto zone = Amsterdam();
  ASSERT_TRUE(zone.ok()) << zone.status();
  // 22:59:59 and 23:00:00 UTC on 20 November 2026: before and at midnight.
  constexpr int64_t kMidnight = 1'795'215'600;
  std::vector<PaymentStep> steps = {PaymentStep(), BackUnder("a", kMidnight - 1),
                                    BackUnder("b", kMidnight), BackUnder("c", kMidnight)};
  steps[2].set_effective_date("2026-11-18");
  steps[3].set_taken_back_by_step(5);
  const std::vector<RecordedReturn> returns = ReturnsIn(steps, *zone);
  ASSERT_EQ(returns.size(), 2u);
  EXPECT_EQ(returns[0].cents, 40);
  EXPECT_EQ(returns[0].day, "");
  EXPECT_EQ(returns[0].recorded_on, "2026-11-20");
  EXPECT_EQ(returns[0].return_ref, "a");
  EXPECT_EQ(returns[1].day, "2026-11-18");
  EXPECT_EQ(returns[1].recorded_on, "2026-11-21");
}

TEST(Recording, OfAReturnHasAnotherNameOnceItWasTakenBack) {
  std::vector<PaymentStep> steps(5);
  const auto name = [&] { return ReturnName("2026-11-20", steps); };
  const std::string first = name();
  EXPECT_EQ(first, "return/2026-11-20");
  EXPECT_NE(ReturnName("2026-11-21", steps), first);
  // The same while its own answer may have been lost.
  steps.push_back(BackUnder("a", 0));
  EXPECT_EQ(name(), first);
  steps.emplace_back().set_takes_back_step(6);
  const std::string second = name();
  EXPECT_NE(second, first);
  steps.push_back(BackUnder("a", 0));
  EXPECT_EQ(name(), second);
  steps.emplace_back().set_takes_back_step(8);
  EXPECT_NE(name(), second);
}

TEST(Recording, TellsTheFirstOfWhatWasLeftOut) {
  std::vector<absl::Status> left_out;
  for (int i = 0; i < 21; ++i) {
    left_out.push_back(Error(kInvalidArgument, "STATEMENT_AMOUNT", "no amount").With("line", i));
  }
  std::ostringstream out;
  TellLeftOut(left_out, out);
  EXPECT_THAT(out.str(), HasSubstr("left out, of no payment here: no amount (STATEMENT_AMOUNT) "
                                   "line=19\n"));
  EXPECT_THAT(out.str(), Not(HasSubstr("line=20")));
  EXPECT_THAT(out.str(), HasSubstr("left out: 1 more\n"));
}

}  // namespace
}  // namespace smederij::cli
