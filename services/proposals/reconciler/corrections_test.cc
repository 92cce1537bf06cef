// Corrections from the decision to the ledger and back, also where calls and answers are lost.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "services/proposals/reconciler/reconciler.h"
#include "services/proposals/test/correct.h"

namespace smederij::proposals {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Stub = Village::Stub;
using v1::Correction;
using v1::Plan;
using v1::Round;

// What happened after the round was played.
std::vector<std::string> Since(const Village& village) {
  std::vector<std::string> effects = village.nature.Effects();
  effects.erase(effects.begin(), effects.begin() + static_cast<long>(kEffects.size()));
  return effects;
}

struct Played : Corrected {
  Played() : reconciler(village.MakeReconciler()) {
    reconciler->Start();
    village.FreezeNow(play.round);
    EXPECT_TRUE(PlayOn(village, play));
  }
  ::testing::AssertionResult Ends(Correction::State state) {
    return Waits([&] {
      return All().back().state() == state &&
             village.RoundOf(play.round).phase() == Round::PHASE_DONE;
    });
  }

  std::unique_ptr<Reconciler> reconciler;
};

TEST(Corrections, ChangeAllAwardsAtOnceAndEndTheRoundAgain) {
  Played played;
  Village& village = played.village;
  ASSERT_TRUE(played.Accept(played.Propose({{1, 0}, {2, 900'00}})));
  ASSERT_TRUE(played.Ends(Correction::STATE_DONE));
  const Plan first = village.PlanOf(played.play.plans[0]);
  EXPECT_EQ(first.state(), Plan::STATE_NOT_SELECTED);
  EXPECT_EQ(first.award_cents(), 0);
  EXPECT_EQ(first.reason(), "CORRECTED");
  EXPECT_THAT(first.sentence_nl(), HasSubstr("A-2026-3"));
  const Plan second = village.PlanOf(played.play.plans[1]);
  EXPECT_EQ(second.state(), Plan::STATE_FUNDED);
  EXPECT_EQ(second.award_cents(), 900'00);
  EXPECT_EQ(village.ledger.Reserved(village.general.ToString()), 400'00);
  EXPECT_EQ(village.ledger.Reserved(village.corporation.ToString()), 500'00);
  EXPECT_EQ(village.ledger.InPot(village.general.ToString()), 0) << "given back once more";
  EXPECT_EQ(village.ledger.Available(village.general.ToString()), 19'600'00);
  EXPECT_THAT(Since(village), ElementsAre("Adjust v3 general 0", "Adjust v3 general 40000",
                                          "Adjust v3 corporation 50000", "ReleasePot general 60000",
                                          "ReleasePot corporation 0"));

  // And another one, of what the first one made of it.
  ASSERT_TRUE(played.Accept(played.Propose({{2, 0}})));
  ASSERT_TRUE(played.Ends(Correction::STATE_DONE));
  EXPECT_EQ(village.ledger.Reserved(village.general.ToString()), 0);
  EXPECT_EQ(village.ledger.Reserved(village.corporation.ToString()), 0);
  // Nothing is awarded at all; then something is.
  ASSERT_TRUE(played.Accept(played.Propose({{1, 900'00}})));
  ASSERT_TRUE(played.Ends(Correction::STATE_DONE));
  EXPECT_EQ(village.ledger.Reserved(village.general.ToString()), 900'00);
  EXPECT_EQ(village.PlanOf(played.play.plans[0]).state(), Plan::STATE_FUNDED);

  v1::ExplainRoundRequest request;
  request.set_round_id(played.play.round);
  const auto explained = village.Ask(&Stub::ExplainRound, request);
  ASSERT_TRUE(explained.ok()) << explained.status();
  ASSERT_EQ(explained->steps_size(), 19);
  EXPECT_EQ(explained->steps(17).name(), "adjust_awards");
  EXPECT_EQ(explained->steps(18).name(), "done");
}

TEST(Corrections, ArePaidFromThePotThatTheyName) {
  Played played;
  Village& village = played.village;
  ASSERT_TRUE(played.Accept(played.Propose({{1, 0}})));
  ASSERT_TRUE(played.Ends(Correction::STATE_DONE));
  const int64_t general = village.ledger.Reserved(village.general.ToString()),
                corporation = village.ledger.Reserved(village.corporation.ToString());
  village.ledger.Appropriate(village.corporation.ToString(), 900'00);
  auto request = played.Request({{1, 900'00}});
  request.mutable_lines(0)->set_budget_id(village.corporation.ToString());
  const auto proposed = village.Ask(&Stub::ProposeCorrection, request, village.director);
  ASSERT_TRUE(proposed.ok()) << proposed.status();
  ASSERT_TRUE(played.Accept(proposed->correction_id()));
  ASSERT_TRUE(played.Ends(Correction::STATE_DONE));
  EXPECT_EQ(village.ledger.Reserved(village.general.ToString()), general)
      << "though it has anything left";
  EXPECT_EQ(village.ledger.Reserved(village.corporation.ToString()), corporation + 900'00);
  EXPECT_EQ(village.PlanOf(played.play.plans[0]).state(), Plan::STATE_FUNDED);
}

TEST(Corrections, WhatTheLedgerTurnsDownChangesNothing) {
  Played played;
  Village& village = played.village;
  const std::string before = village.Projection(played.play.round);
  village.nature.Refuse("AdjustAwards", Error(kFailedPrecondition, "PLAN_HAS_SPENDING",
                                              "the plan has spent more than that"));
  ASSERT_TRUE(played.Accept(played.Propose({{1, 0}})));
  ASSERT_TRUE(played.Ends(Correction::STATE_TURNED_DOWN));
  EXPECT_EQ(played.All().back().ledger_reason(), "PLAN_HAS_SPENDING");
  EXPECT_EQ(played.All().back().ledger_sentence(), "the plan has spent more than that");
  EXPECT_EQ(village.Projection(played.play.round), before);
  EXPECT_THAT(Since(village), ElementsAre());
  EXPECT_FALSE(village.RoundOf(played.play.round).blocked());
  // The next one is made under the version that was not used.
  village.nature.Refuse("AdjustAwards", absl::OkStatus());
  ASSERT_TRUE(played.Accept(played.Propose({{1, 100'00}})));
  ASSERT_TRUE(played.Ends(Correction::STATE_DONE));
  EXPECT_THAT(Since(village), ::testing::Contains("Adjust v3 general 10000"));
}

TEST(Corrections, OtherRefusalsBlockTheRoundUntilTheyAreMended) {
  Played played;
  Village& village = played.village;
  village.nature.Refuse("AdjustAwards",
                        Error(kFailedPrecondition, "BUDGET_FROZEN", "the books are wrong"));
  ASSERT_TRUE(played.Accept(played.Propose({{1, 0}})));
  ASSERT_TRUE(Waits([&] { return village.RoundOf(played.play.round).blocked(); }));
  EXPECT_EQ(village.RoundOf(played.play.round).blocked_reason(), "BUDGET_FROZEN");
  EXPECT_EQ(village.RoundOf(played.play.round).phase(), Round::PHASE_AWARDING);
  EXPECT_EQ(played.All().back().state(), Correction::STATE_ACCEPTED);
  village.nature.Refuse("AdjustAwards", absl::OkStatus());
  EXPECT_TRUE(played.Ends(Correction::STATE_DONE));
}

class CorrectionFaults : public ::testing::TestWithParam<fake::Fault> {};

TEST_P(CorrectionFaults, HaveOneEffect) {
  Played played;
  Village& village = played.village;
  for (const char* method : {"AdjustAwards", "ReleasePot"}) {
    village.nature.Plan(method, GetParam());
    if (GetParam() != fake::Fault::kDuplicate) village.nature.Plan(method, GetParam());
  }
  ASSERT_TRUE(played.Accept(played.Propose({{1, 500'00}})));
  ASSERT_TRUE(played.Ends(Correction::STATE_DONE));
  EXPECT_TRUE(village.nature.Idle()) << "the fault was never met";
  EXPECT_THAT(Since(village), ElementsAre("Adjust v3 general 50000", "Adjust v3 general 10000",
                                          "Adjust v3 corporation 50000", "ReleasePot general 40000",
                                          "ReleasePot corporation 0"));
}

INSTANTIATE_TEST_SUITE_P(OfTheLedger, CorrectionFaults,
                         ::testing::Values(fake::Fault::kLostRequest, fake::Fault::kLostAnswer,
                                           fake::Fault::kDuplicate),
                         [](const auto& one) {
                           return one.param == fake::Fault::kLostRequest  ? "LostRequest"
                                  : one.param == fake::Fault::kLostAnswer ? "LostAnswer"
                                                                          : "Duplicate";
                         });

}  // namespace
}  // namespace smederij::proposals
