// Money with a condition, from the planning of its pot to the award.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "common/base/error.h"
#include "services/proposals/reconciler/reconciler.h"
#include "services/proposals/test/correct.h"

namespace smederij::proposals {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Stub = Village::Stub;
using v1::Plan;
using v1::Round;

// General money, 500 for what is green, 100 for the second plan alone. Plan 1 is green, 2 and 3 are
// not; each costs 400.
struct Conditional : Corrected {
  Conditional() {
    play.plans.clear();
    ledger::v1::Condition& green =
        *village.ledger.budgets.at(village.corporation.ToString()).mutable_condition();
    green.set_category("green");
    green.set_deadline("2999-12-31");
    play.round = village.MakeRound("Met voorwaarden");
    const std::string idea = village.MakeIdea(play.round), group = village.MakeGroup(play.round);
    for (const char* const category : {"green", "", "play"}) {
      v1::ForgePlanRequest request = village.PlanRequest(group, idea, 400'00);
      request.set_category(category);
      const auto plan = village.Ask(&Stub::ForgePlan, request, village.ann);
      EXPECT_TRUE(plan.ok()) << plan.status();
      play.plans.push_back(plan->plan_id());
      for (const char* const criterion : {"open-to-all", "feasible"}) {
        v1::CheckPlanRequest check;
        check.set_plan_id(plan->plan_id());
        check.set_criterion_id(criterion);
        check.set_met(true);
        check.set_reason("Ja.");
        EXPECT_TRUE(village.Write(&Stub::CheckPlan, check, village.ann).ok());
      }
      v1::AdmitPlanRequest admit;
      admit.set_plan_id(plan->plan_id());
      EXPECT_TRUE(village.Write(&Stub::AdmitPlan, admit, village.director).ok());
    }
    ledger::v1::Condition own;
    own.add_plan_ids(play.plans[1]);
    own.set_deadline("2999-12-31");
    sponsor = village.OpenBudget("sponsor", own);
    v1::AddPotRequest add;
    add.set_round_id(play.round);
    add.set_budget_id(sponsor);
    add.set_amount_cents(100'00);
    add.set_plan_id(play.plans[1]);
    const auto added = village.Write(&Stub::AddPot, add, village.director);
    EXPECT_TRUE(added.ok()) << added.status();
    village.ApprovePot(play.round);
    reconciler = village.MakeReconciler();
    reconciler->Start();
  }
  ::testing::AssertionResult Vote(const std::map<uint32_t, int64_t>& awards) {
    village.ballots.awards = awards;
    village.FreezeNow(play.round);
    return PlayOn(village, play);
  }
  // What officials do at ballots when it is their turn.
  void Officials() {
    using ballots::v1::Election;
    const Election::State state = village.ballots.StateOf(play.round);
    if (state == Election::STATE_PROPOSED) village.ballots.Approve(play.round);
    if (state == Election::STATE_PUBLISHED) village.ballots.BringForwardClose(play.round);
    if (state == Election::STATE_TALLIED) village.ballots.Certify(play.round);
  }
  // What the ledger was asked to reserve or to change.
  std::vector<std::string> Awarded() {
    std::vector<std::string> awarded;
    for (const std::string& effect : village.nature.Effects()) {
      if (absl::StartsWith(effect, "Reserve") || absl::StartsWith(effect, "Adjust")) {
        awarded.push_back(effect);
      }
    }
    return awarded;
  }

  std::string sponsor;
  std::unique_ptr<Reconciler> reconciler;
};

TEST(Conditions, AreVotedAboutByThemselves) {
  Conditional money;
  ASSERT_TRUE(money.Vote({}));
  const ballots::v1::Manifest manifest = money.village.ballots.ManifestOf(money.play.round);
  ASSERT_EQ(manifest.options_size(), 3);
  EXPECT_EQ(manifest.options(0).category(), "green");
  EXPECT_EQ(manifest.options(1).category(), "other plans");
  EXPECT_EQ(manifest.options(2).category(), "other plans");
  EXPECT_EQ(manifest.options(0).cost_cents(), 400'00);
  EXPECT_EQ(manifest.options(1).cost_cents(), 300'00) << "less what is for it alone";
  ASSERT_EQ(manifest.pots_size(), 2) << "what is for one plan is not voted about";
  EXPECT_EQ(manifest.pots(0).category(), "other plans");
  EXPECT_EQ(manifest.pots(1).category(), "green");
  EXPECT_EQ(manifest.pots(1).entry_hash(), "entry of corporation");
  EXPECT_THAT(money.Awarded(), IsEmpty());
  EXPECT_EQ(money.village.ledger.Available(money.sponsor), 20'000'00) << "it goes back";
}

TEST(Conditions, AreMetByEveryAward) {
  Conditional money;
  ASSERT_TRUE(money.Vote({{1, 400'00}, {2, 300'00}, {3, 400'00}}));
  EXPECT_THAT(money.Awarded(),
              ElementsAre("Reserve v1 corporation 40000", "Reserve v1 sponsor 10000",
                          "Reserve v1 general 30000", "Reserve v1 general 40000"));
  for (const std::string& plan : money.play.plans) {
    EXPECT_EQ(money.village.PlanOf(plan).state(), Plan::STATE_FUNDED);
    EXPECT_EQ(money.village.PlanOf(plan).award_cents(), 400'00) << "its own money included";
  }
  // And by what is corrected afterwards: the sponsor's money is for the second plan alone.
  auto wrong = money.Request({{3, 350'00}});
  wrong.mutable_lines(0)->set_amount_cents(400'00);
  ASSERT_TRUE(money.Accept(money.Propose({{2, 0}, {3, 350'00}})));
  const auto settled = [&] {
    return money.All().back().state() == v1::Correction::STATE_DONE &&
           money.village.RoundOf(money.play.round).phase() == Round::PHASE_DONE;
  };
  ASSERT_TRUE(Waits(settled));
  wrong.mutable_lines(0)->set_budget_id(money.sponsor);
  EXPECT_EQ(
      ReasonOf(money.village.Ask(&Stub::ProposeCorrection, wrong, money.village.director).status()),
      "POT_FOR_OTHER_PLANS");
  wrong.set_request_id(Uuid::Random().ToString());
  wrong.mutable_lines(0)->set_budget_id(money.village.corporation.ToString());
  EXPECT_EQ(
      ReasonOf(money.village.Ask(&Stub::ProposeCorrection, wrong, money.village.director).status()),
      "POT_FOR_OTHER_PLANS");
  ASSERT_TRUE(money.Accept(money.Propose({{2, 400'00}})));
  ASSERT_TRUE(Waits(settled));
  EXPECT_THAT(money.Awarded(), Contains("Adjust v3 sponsor 10000"));
  EXPECT_THAT(money.Awarded(), Contains("Adjust v3 general 30000"));
}

TEST(Conditions, AnOfferBringsTheMoneyOfThePlanItself) {
  Conditional money;
  ASSERT_TRUE(money.Vote({{2, 250'00}}));
  EXPECT_THAT(money.Awarded(), ElementsAre("Reserve v1 sponsor 10000", "Reserve v1 general 25000"));
  EXPECT_EQ(money.village.PlanOf(money.play.plans[1]).award_cents(), 350'00);
}

TEST(Conditions, AnOfferIsNotAcceptedWhenTheDayOfItsMoneyHasPassed) {
  Conditional money;
  Village& village = money.village;
  village.ballots.awards = {{2, 250'00}};
  village.FreezeNow(money.play.round);
  ASSERT_TRUE(Waits([&] {
    money.Officials();
    return village.PlanOf(money.play.plans[1]).state() == Plan::STATE_OFFERED;
  }));
  village.Sql("UPDATE proposals.pot SET deadline = '2020-01-01' WHERE plan_id IS NOT NULL");
  v1::AnswerOfferRequest answer;
  answer.set_plan_id(money.play.plans[1]);
  answer.set_accept(true);
  EXPECT_EQ(ReasonOf(village.Write(&Stub::AnswerOffer, answer, village.bob).status()),
            "NOT_A_MEMBER");
  EXPECT_EQ(ReasonOf(village.Write(&Stub::AnswerOffer, answer, village.ann).status()),
            "DEADLINE_PASSED");
  answer.set_accept(false);
  EXPECT_TRUE(village.Write(&Stub::AnswerOffer, answer, village.ann).ok());
  EXPECT_TRUE(
      Waits([&] { return village.RoundOf(money.play.round).phase() == Round::PHASE_DONE; }));
  EXPECT_THAT(money.Awarded(), IsEmpty());
}

TEST(Conditions, AResultThatNoPotsMayPayIsNeverActedOn) {
  Conditional money;
  Village& village = money.village;
  // All of it fits the pots together, but not those of the green plans.
  village.ballots.awards = {{1, 400'00}, {2, 300'00}, {3, 400'00}};
  village.Sql(
      "ALTER TABLE proposals.pot DISABLE TRIGGER ALL;"
      "UPDATE proposals.pot SET amount_cents = 39999 WHERE position = 2;"
      "UPDATE proposals.pot SET amount_cents = 100001 WHERE position = 1;");
  village.FreezeNow(money.play.round);
  ASSERT_TRUE(Waits([&] {
    money.Officials();
    return village.RoundOf(money.play.round).blocked();
  }));
  EXPECT_EQ(village.RoundOf(money.play.round).blocked_reason(), "RESULT_NOT_CREDIBLE");
  EXPECT_THAT(village.RoundOf(money.play.round).waits_for(), ::testing::HasSubstr("contest green"));
  EXPECT_THAT(money.Awarded(), IsEmpty());
}

}  // namespace
}  // namespace smederij::proposals
