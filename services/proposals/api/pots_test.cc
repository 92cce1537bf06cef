// Pots that are added to a round which is planned already.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/error.h"
#include "services/proposals/test/forge.h"

namespace smederij::proposals {
namespace {

using testing::Person;
using v1::Round;
using Stub = Village::Stub;

// A plan of 900 euro, and a budget for it alone.
struct Sponsored : Forge {
  std::string Open(const std::vector<std::string>& plans, const std::string& category = "",
                   const std::string& deadline = "2999-12-31") {
    ledger::v1::Condition condition;
    for (const std::string& of : plans) condition.add_plan_ids(of);
    condition.set_category(category);
    condition.set_deadline(deadline);
    return OpenBudget("sponsor", condition);
  }
  v1::AddPotRequest Request(const std::string& budget, int64_t cents, const std::string& of) const {
    v1::AddPotRequest request;
    request.set_request_id(Uuid::Random().ToString());
    request.set_round_id(round);
    request.set_budget_id(budget);
    request.set_amount_cents(cents);
    request.set_plan_id(of);
    return request;
  }
  std::string Add(const v1::AddPotRequest& request) {
    return ReasonOf(Ask(&Stub::AddPot, request, director).status());
  }

  const std::string sponsor = Open({Uuid::Random().ToString(), plan});
};

TEST(AddPot, KeepsWhatItsMoneyIsFor) {
  Sponsored town;
  const std::string green = town.Open({}, "green");
  const auto one =
      town.Ask(&Stub::AddPot, town.Request(town.sponsor, 100'00, town.plan), town.director);
  ASSERT_TRUE(one.ok()) << one.status();
  ASSERT_TRUE(town.Ask(&Stub::AddPot, town.Request(green, 50'00, ""), town.director).ok());
  const Round round = town.RoundOf(town.round);
  ASSERT_EQ(round.pots_size(), 4);
  EXPECT_EQ(one->pots(2).SerializeAsString(), round.pots(2).SerializeAsString());
  EXPECT_EQ(round.pots(2).budget_id(), town.sponsor);
  EXPECT_EQ(round.pots(2).amount_cents(), 100'00);
  EXPECT_EQ(round.pots(2).plan_id(), town.plan);
  EXPECT_EQ(round.pots(2).category(), "");
  EXPECT_EQ(round.pots(2).deadline(), "2999-12-31");
  EXPECT_EQ(round.pots(3).budget_id(), green);
  EXPECT_EQ(round.pots(3).plan_id(), "");
  EXPECT_EQ(round.pots(3).category(), "green");
}

TEST(AddPot, TheSameRequestGetsTheSameAnswerAlsoWhenTheLedgerIsAway) {
  Sponsored town;
  const v1::AddPotRequest request = town.Request(town.sponsor, 100'00, town.plan);
  const auto first = town.Ask(&Stub::AddPot, request, town.director);
  ASSERT_TRUE(first.ok()) << first.status();
  town.nature.Refuse("GetBudget", absl::UnavailableError("away"));
  bool replayed = false;
  const auto again = town.Ask(&Stub::AddPot, request, town.director, &replayed);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(replayed);
  EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());
  v1::AddPotRequest other = request;
  other.set_amount_cents(1);
  EXPECT_EQ(town.Add(other), "REQUEST_ID_REUSED") << "before the ledger is asked";
  EXPECT_EQ(town.RoundOf(town.round).pots_size(), 3);
}

// Each breaks what its reason names and, as far as it can, what comes after.
TEST(AddPot, RefusesInOrderOfPrecedence) {
  Sponsored town;
  v1::AddPotRequest request = town.Request("no", 0, Uuid::Random().ToString());
  request.set_round_id(Uuid::Random().ToString());
  EXPECT_EQ(town.Add(request), "BAD_ID");
  request.set_budget_id(Uuid::Random().ToString());
  EXPECT_EQ(town.Add(request), "AMOUNT_OUT_OF_RANGE");
  request.set_amount_cents(900'00);
  EXPECT_EQ(town.Add(request), "ROUND_NOT_FOUND");
  request.set_round_id(town.round);
  Person elsewhere = town.director;
  elsewhere.grants[0].district = town.elsewhere;
  EXPECT_EQ(ReasonOf(town.Ask(&Stub::AddPot, request, elsewhere).status()), "ROLE_NOT_HELD_THERE");
  EXPECT_EQ(ReasonOf(town.Ask(&Stub::AddPot, request, town.holder).status()), "ROLE_NOT_HELD");
  EXPECT_EQ(town.Add(request), "BUDGET_NOT_FOUND");
  const std::string late = town.Open({town.plan}, "", "2020-01-01");
  request.set_budget_id(late);
  town.ledger.budgets.at(late).set_district_id(town.elsewhere.ToString());
  town.ledger.budgets.at(late).set_currency("GBP");
  EXPECT_EQ(town.Add(request), "BUDGET_OF_OTHER_DISTRICT");
  town.ledger.budgets.at(late).set_district_id(town.district.ToString());
  EXPECT_EQ(town.Add(request), "CURRENCIES_DIFFER");
  town.ledger.budgets.at(late).set_currency("EUR");
  EXPECT_EQ(town.Add(request), "PLAN_NOT_FOUND");
  const std::string other = town.MakeRound("Elders");
  const std::string stranger =
      town.MakePlan(town.MakeGroup(other), town.MakeIdea(other), 900'00, false);
  request.set_plan_id(stranger);
  EXPECT_EQ(town.Add(request), "PLAN_NOT_FOUND") << "in the round";
  request.set_plan_id(town.MakePlan(town.group, town.idea, 500'00, false));
  town.ApprovePot(town.round);
  EXPECT_EQ(town.Add(request), "BUDGET_FOR_OTHER_PLANS");
  request.set_plan_id("");
  EXPECT_EQ(town.Add(request), "BUDGET_FOR_OTHER_PLANS");
  request.set_plan_id(town.plan);
  EXPECT_EQ(town.Add(request), "POT_ALREADY_APPROVED");
  town.Sql(
      "UPDATE proposals.round SET pot_approved_by = NULL, pot_decision_ref = NULL,"
      " pot_approved_at = NULL");
  EXPECT_EQ(town.Add(request), "DEADLINE_TOO_EARLY");
  request.set_budget_id(town.sponsor);
  EXPECT_EQ(town.Add(request), "NOTHING_LEFT_TO_ASK");
  request.set_amount_cents(899'99);
  EXPECT_EQ(town.Add(request), "");
  EXPECT_EQ(town.Add(town.Request(town.sponsor, 1, town.plan)), "POT_EXISTS");
  EXPECT_EQ(town.Add(town.Request(town.Open({town.plan}), 1, town.plan)), "NOTHING_LEFT_TO_ASK");
  EXPECT_EQ(town.Add(town.Request(town.Open({}, "green"), 1, town.plan)), "BUDGET_FOR_OTHER_PLANS")
      << "but for a category";
  EXPECT_EQ(town.Add(town.Request(town.Open({}, "green"), Money::kCentsMax, "")), "BAD_POTS");
  for (int pots = 3; pots < 16; ++pots) {
    EXPECT_EQ(town.Add(town.Request(town.Open({}, "green"), 1, "")), "");
  }
  const v1::AddPotRequest one_more = town.Request(town.Open({}, "green"), 1, "");
  EXPECT_EQ(town.Add(one_more), "TOO_MANY_POTS");
  town.Freeze();
  EXPECT_EQ(town.Add(one_more), "WRONG_PHASE");
}

}  // namespace
}  // namespace smederij::proposals
