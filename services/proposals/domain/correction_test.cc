#include "services/proposals/domain/correction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "services/proposals/domain/sample.h"

namespace smederij::proposals {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

const PlanId kA = Named<PlanId>("a"), kB = Named<PlanId>("b"), kC = Named<PlanId>("c");
const BudgetId kFirst = Named<BudgetId>("first"), kSecond = Named<BudgetId>("second");
const SubjectId kAnn = Named<SubjectId>("ann"), kBob = Named<SubjectId>("bob");

Money Euros(int64_t euros) { return Money::Cents(euros * 100); }

std::vector<Pot> Pots(int64_t first, int64_t second) {
  return {{kFirst, Euros(first)}, {kSecond, Euros(second)}};
}

AwardLine Line(uint32_t version, PlanId plan, BudgetId budget, int64_t euros) {
  return {version, plan, budget, Euros(euros)};
}

Plan PlanOf(PlanId id, uint32_t number, PlanState state, int64_t award) {
  Plan plan;
  plan.id = id;
  plan.number = number;
  plan.state = state;
  plan.cost = Euros(100);
  plan.award = Euros(award);
  return plan;
}

std::vector<Plan> Voted() {
  return {PlanOf(kA, 1, PlanState::kFunded, 100), PlanOf(kB, 2, PlanState::kDeclined, 60),
          PlanOf(kC, 3, PlanState::kLeftOut, 0)};
}

TEST(Corrected, WhatIsNotNamedStaysWhereItIs) {
  EXPECT_THAT(Corrected({Line(1, kA, kFirst, 50), Line(1, kB, kFirst, 30)}, {{kA, Euros(40)}}, {},
                        Pots(100, 100), 2),
              ElementsAre(Line(2, kA, kFirst, 40), Line(2, kB, kFirst, 30)));
}

TEST(Corrected, APlanGivesBackToTheLastOfItsPots) {
  EXPECT_THAT(Corrected({Line(1, kA, kFirst, 50), Line(1, kA, kSecond, 20)}, {{kA, Euros(45)}}, {},
                        Pots(50, 50), 2),
              ElementsAre(Line(2, kA, kFirst, 45), Line(2, kA, kSecond, 0)));
}

TEST(Corrected, WhatOneLosesAnotherGets) {
  EXPECT_THAT(Corrected({Line(1, kA, kFirst, 50), Line(1, kA, kSecond, 20)},
                        {{kB, Euros(70)}, {kA, Money()}}, {}, Pots(50, 50), 2),
              UnorderedElementsAre(Line(2, kA, kFirst, 0), Line(2, kA, kSecond, 0),
                                   Line(2, kB, kFirst, 50), Line(2, kB, kSecond, 20)));
}

TEST(Corrected, BeyondThePotsTheFirstBudgetIsAsked) {
  EXPECT_THAT(Corrected({Line(1, kA, kFirst, 50)}, {{kB, Euros(80)}}, {}, Pots(50, 50), 2),
              UnorderedElementsAre(Line(2, kA, kFirst, 50), Line(2, kB, kSecond, 50),
                                   Line(2, kB, kFirst, 30)));
  EXPECT_THAT(Corrected({}, {{kB, Euros(10)}}, {}, Pots(50, 50), 1),
              ElementsAre(Line(1, kB, kFirst, 10)));
}

TEST(Corrected, ANamedPotPaysAllThatAPlanGetsMore) {
  // Also when others have anything left, and beyond what was set aside.
  EXPECT_THAT(
      Corrected({Line(1, kA, kFirst, 20)}, {{kA, Euros(60), kSecond}}, {}, Pots(100, 30), 2),
      UnorderedElementsAre(Line(2, kA, kFirst, 20), Line(2, kA, kSecond, 40)));
  // Those that name none take what it leaves, whichever comes first.
  EXPECT_THAT(Corrected({}, {{kA, Euros(50)}, {kB, Euros(60), kFirst}}, {}, Pots(80, 100), 1),
              UnorderedElementsAre(Line(1, kB, kFirst, 60), Line(1, kA, kFirst, 20),
                                   Line(1, kA, kSecond, 30)));
  // What another plan loses there is there again.
  EXPECT_THAT(Corrected({Line(1, kA, kSecond, 30)}, {{kA, Money()}, {kB, Euros(30), kSecond}}, {},
                        Pots(50, 30), 2),
              UnorderedElementsAre(Line(2, kA, kSecond, 0), Line(2, kB, kSecond, 30)));
}

TEST(Corrected, OnlyPotsThatMayPayForAPlanPayMoreOfIt) {
  std::vector<Pot> pots = {{kFirst, Euros(50)},
                           {kSecond, Euros(30), "green"},
                           {Named<BudgetId>("third"), Euros(20), "", kA},
                           {Named<BudgetId>("fourth"), Euros(40), "play"}};
  std::vector<Plan> plans = {PlanOf(kA, 1, PlanState::kFunded, 0),
                             PlanOf(kB, 2, PlanState::kFunded, 0),
                             PlanOf(kC, 3, PlanState::kFunded, 0)};
  plans[0].category = plans[1].category = "green";
  const auto line = [](PlanId plan, BudgetId budget, int64_t euros, const char* category) {
    AwardLine made = Line(2, plan, budget, euros);
    made.category = category;
    return made;
  };
  // What only it may have first, then what its category may have, then what everybody may have;
  // beyond the pots the budget that is for everybody.
  EXPECT_THAT(Corrected({}, {{kA, Euros(70)}, {kB, Euros(10)}, {kC, Euros(60)}}, plans, pots, 2),
              UnorderedElementsAre(line(kA, pots[2].budget, 20, "green"),
                                   line(kA, kSecond, 30, "green"), line(kA, kFirst, 20, "green"),
                                   line(kB, kFirst, 10, "green"), line(kC, kFirst, 60, "")));
  pots.erase(pots.begin());
  EXPECT_THAT(Corrected({}, {{kB, Euros(35)}}, plans, pots, 2),
              ElementsAre(line(kB, kSecond, 35, "green")));
}

// Whatever is corrected, every plan gets what was decided and every award is named.
TEST(Corrected, SumsToWhatWasDecided) {
  const auto seed = static_cast<unsigned>(::testing::UnitTest::GetInstance()->random_seed());
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  std::mt19937 random(seed);
  const std::vector<PlanId> plans = {kA, kB, kC};
  std::vector<AwardLine> now;
  std::map<PlanId, Money> has;
  const std::vector<Pot> pots = Pots(100, 70);
  for (uint32_t version = 1; version <= 500; ++version) {
    std::vector<CorrectionLine> lines;
    for (const PlanId plan : plans) {
      if (random() % 2 == 0) continue;
      const BudgetId named[] = {BudgetId(), kFirst, kSecond};
      lines.push_back({plan, Euros(static_cast<int64_t>(random() % 90)), named[random() % 3]});
      has[plan] = lines.back().amount;
    }
    const std::vector<AwardLine> before = now;
    now = Corrected(now, lines, {}, pots, version);
    std::map<PlanId, Money> sums;
    std::set<std::pair<PlanId, BudgetId>> named;
    for (const AwardLine& line : now) {
      sums[line.plan] += line.amount;
      EXPECT_EQ(line.version, version);
      EXPECT_GE(line.amount, Money());
      EXPECT_TRUE(named.insert({line.plan, line.budget}).second) << "named twice";
    }
    for (const PlanId plan : plans) EXPECT_EQ(sums[plan], has[plan]);
    // No other pot pays more to a plan whose pot is named.
    for (const CorrectionLine& wanted : lines) {
      if (wanted.pot == BudgetId()) continue;
      const auto held = [&](const std::vector<AwardLine>& awards, BudgetId budget) {
        for (const AwardLine& line : awards) {
          if (line.plan == wanted.plan && line.budget == budget) return line.amount;
        }
        return Money();
      };
      const BudgetId other = wanted.pot == kFirst ? kSecond : kFirst;
      EXPECT_LE(held(now, other), held(before, other));
    }
    for (const AwardLine& line : before) EXPECT_TRUE(named.contains({line.plan, line.budget}));
  }
}

TEST(CheckCorrection, NamesEveryPlanOnce) {
  EXPECT_EQ(ReasonOf(CheckCorrection({})), "BAD_CORRECTION");
  EXPECT_TRUE(CheckCorrection({{kA, Money()}, {kB, Euros(1)}}).ok());
  const absl::Status twice = CheckCorrection({{kA, Money()}, {kB, Euros(1)}, {kA, Euros(1)}});
  EXPECT_THAT(FieldsOf(twice), ElementsAre(::testing::Key("lines[2].plan_id")));
  std::vector<CorrectionLine> many;
  for (uint32_t i = 0; i <= kPlansMax; ++i) many.push_back({PlanId::Random(), Euros(1)});
  EXPECT_THAT(FieldsOf(CheckCorrection(many)), ElementsAre(::testing::Key("lines")));
}

TEST(MayPropose, RefusesInOrderOfPrecedence) {
  Round round = SampleRound();
  uint32_t offers = 2;
  Correction pending;
  pending.state = CorrectionState::kAccepted;
  std::vector<Correction> earlier(kCorrectionsMax, pending);
  std::vector<CorrectionLine> lines = {{Named<PlanId>("nowhere"), Euros(1)}, {kC, Euros(500)}};
  const auto reason = [&] {
    return std::string(ReasonOf(MayPropose(round, offers, earlier, Voted(), lines, Hour(60))));
  };
  EXPECT_EQ(reason(), "WRONG_PHASE");
  round.outcome = Outcome::kNoPlanAdmitted;
  EXPECT_EQ(reason(), "WRONG_PHASE");
  round.outcome = Outcome::kVoted;
  EXPECT_EQ(reason(), "OFFERS_OPEN");
  offers = 0;
  EXPECT_EQ(reason(), "CORRECTION_PENDING");
  // All count that were ever proposed, also what changed nothing.
  for (const CorrectionState state : {CorrectionState::kDone, CorrectionState::kRefused,
                                      CorrectionState::kTurnedDown, CorrectionState::kWithdrawn}) {
    for (Correction& correction : earlier) correction.state = state;
    EXPECT_EQ(reason(), "TOO_MANY_CORRECTIONS") << Name(state);
  }
  earlier.pop_back();
  EXPECT_EQ(reason(), "PLAN_NOT_FOUND");
  lines[0].plan = kA;
  lines[1].pot = Named<BudgetId>("nobody's");
  EXPECT_EQ(reason(), "POT_NOT_FOUND");
  lines[1].pot = round.pots[1].budget;
  EXPECT_EQ(reason(), "NOT_ON_THE_BALLOT");
  lines[1] = {kB, Euros(101)};
  EXPECT_EQ(reason(), "OVER_COST");
  lines = {{kA, Euros(99)}, {kB, Money()}};
  EXPECT_EQ(reason(), "NOTHING_CORRECTED") << "a declined offer is no award";
  lines = {{kA, Euros(100)}, {kB, Euros(60)}};
  EXPECT_EQ(reason(), "NOTHING_CORRECTED") << "every line has to change something";
  lines = {{kA, Euros(99)}, {kB, Euros(60), round.pots[1].budget}};
  EXPECT_EQ(reason(), "");
  lines[0].pot = round.pots[0].budget;
  EXPECT_EQ(reason(), "POT_NOT_NEEDED");
  lines[0].pot = BudgetId();
  EXPECT_EQ(reason(), "");
  round.pots[1].category = "green";
  EXPECT_EQ(reason(), "POT_FOR_OTHER_PLANS");
  round.pots[1] = {round.pots[1].budget, Euros(1), "", kA};
  EXPECT_EQ(reason(), "POT_FOR_OTHER_PLANS");
  round.pots[1].plan = kB;
  EXPECT_EQ(reason(), "");
}

TEST(MayDecide, RefusesInOrderOfPrecedence) {
  Correction correction;
  correction.proposed_by = kAnn;
  const auto reason = [&](bool accept, SubjectId who, int64_t more) {
    return std::string(ReasonOf(MayDecide(correction, accept, who, Euros(more), Euros(50))));
  };
  EXPECT_EQ(reason(true, kAnn, 51), "SELF_APPROVAL");
  EXPECT_EQ(reason(true, kBob, 51), "OVER_LIMIT");
  EXPECT_EQ(reason(true, kBob, 50), "");
  EXPECT_EQ(reason(false, kAnn, 51), "") << "whoever proposed it may take it back";
  for (const CorrectionState state :
       {CorrectionState::kAccepted, CorrectionState::kRefused, CorrectionState::kDone,
        CorrectionState::kTurnedDown, CorrectionState::kWithdrawn}) {
    correction.state = state;
    EXPECT_EQ(reason(true, kAnn, 51), "CORRECTION_DECIDED");
    EXPECT_EQ(reason(false, kBob, 1), "CORRECTION_DECIDED");
  }
}

TEST(MayWithdraw, RefusesInOrderOfPrecedence) {
  Correction correction;
  correction.proposed_by = kAnn;
  const auto reason = [&](SubjectId who) {
    return std::string(ReasonOf(MayWithdraw(correction, who)));
  };
  EXPECT_EQ(reason(kAnn), "");
  EXPECT_EQ(reason(kBob), "NOT_PROPOSER");
  for (const CorrectionState state :
       {CorrectionState::kAccepted, CorrectionState::kRefused, CorrectionState::kDone,
        CorrectionState::kTurnedDown, CorrectionState::kWithdrawn}) {
    correction.state = state;
    EXPECT_EQ(reason(kAnn), "CORRECTION_DECIDED") << Name(state);
    EXPECT_EQ(reason(kBob), "CORRECTION_DECIDED") << Name(state);
  }
  EXPECT_FALSE(correction.open()) << "the round takes another one";
}

TEST(MoreBy, CountsOnlyWhatPlansGetMore) {
  EXPECT_EQ(MoreBy(std::vector<CorrectionLine>{{kA, Euros(10)}, {kB, Euros(60)}}, Voted()),
            Euros(60));
  EXPECT_EQ(MoreBy(std::vector<CorrectionLine>{{kA, Euros(10)}}, Voted()), Money());
}

}  // namespace
}  // namespace smederij::proposals
