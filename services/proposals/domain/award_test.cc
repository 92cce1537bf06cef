#include "services/proposals/domain/award.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "common/base/error.h"
#include "services/proposals/domain/sample.h"

namespace smederij::proposals {
namespace {

using ::testing::ElementsAre;

const PlanId kPark = Named<PlanId>("park"), kPool = Named<PlanId>("pool"),
             kPath = Named<PlanId>("path");
const BudgetId kGeneral = Named<BudgetId>("general"), kCorporation = Named<BudgetId>("corporation");

std::vector<FrozenPlan> Frozen() {
  return {
      {kPark, 1, Money::Cents(600)}, {kPool, 2, Money::Cents(500)}, {kPath, 3, Money::Cents(90)}};
}

std::vector<Pot> General(int64_t cents) { return {{kGeneral, Money::Cents(cents)}}; }

Result Sample() {
  Result result;
  result.awarded = Money::Cents(1000);
  result.pots = Money::Cents(1000);
  result.plans = {{kPark, 1, Decision::kAwarded, Money::Cents(600), 52, "WON", ""},
                  {kPool, 2, Decision::kPartial, Money::Cents(400), 40, "PARTIAL", ""},
                  {kPath, 3, Decision::kNotAwarded, Money(), 3, "POT_EMPTY", ""}};
  return result;
}

struct ResultCase {
  const char* name;
  std::function<void(Result&)> change;
};

class IncredibleResults : public testing::TestWithParam<ResultCase> {};

TEST_P(IncredibleResults, AreRefused) {
  Result result = Sample();
  GetParam().change(result);
  EXPECT_EQ(ReasonOf(CheckResult(result, Frozen(), General(1000))), "RESULT_NOT_CREDIBLE");
}

INSTANTIATE_TEST_SUITE_P(
    Each, IncredibleResults,
    testing::ValuesIn<ResultCase>({
        {"stranger", [](Result& r) { r.plans[2].plan = Named<PlanId>("stranger"); }},
        {"twice", [](Result& r) { r.plans.push_back(r.plans[2]); }},
        {"missing", [](Result& r) { r.plans.pop_back(); }},
        {"renumbered", [](Result& r) { r.plans[0].number = 9; }},
        {"over_cost", [](Result& r) { r.plans[0].award = Money::Cents(601); }},
        {"award_under_cost", [](Result& r) { r.plans[0].award = Money::Cents(599); }},
        {"partial_is_all", [](Result& r) { r.plans[1].award = Money::Cents(500); }},
        {"partial_is_nothing", [](Result& r) { r.plans[1].award = Money(); }},
        {"negative", [](Result& r) { r.plans[1].award = Money::Cents(-5); }},
        {"loser_is_paid", [](Result& r) { r.plans[2].award = Money::Cents(90); }},
        {"wrong_sum", [](Result& r) { r.awarded = Money::Cents(999); }},
        {"other_pots", [](Result& r) { r.pots = Money::Cents(2000); }},
    }),
    [](const auto& one) { return one.param.name; });

TEST(Result, OfWhatWasFrozenIsCredible) {
  EXPECT_TRUE(CheckResult(Sample(), Frozen(), General(1000)).ok());
}

TEST(Result, MustFitThePots) {
  Result result = Sample();
  result.pots = Money::Cents(999);
  EXPECT_EQ(ReasonOf(CheckResult(result, Frozen(), General(999))), "RESULT_NOT_CREDIBLE");
}

TEST(Result, OfEachContestMustFitItsPots) {
  std::vector<FrozenPlan> frozen = Frozen();
  frozen[0].category = "green";
  std::vector<Pot> pots = {{kGeneral, Money::Cents(400)},
                           {kCorporation, Money::Cents(600), "green"}};
  EXPECT_TRUE(CheckResult(Sample(), frozen, pots).ok());
  pots[0].amount = Money::Cents(399);
  pots[1].amount = Money::Cents(601);
  EXPECT_EQ(ReasonOf(CheckResult(Sample(), frozen, pots)), "RESULT_NOT_CREDIBLE");
  frozen[0].category = "";
  EXPECT_EQ(ReasonOf(CheckResult(Sample(), frozen, pots)), "RESULT_NOT_CREDIBLE");
}

TEST(Result, PotsForOnePlanAreNotVotedAbout) {
  std::vector<Pot> pots = General(1000);
  pots.push_back({kCorporation, Money::Cents(70), "", kPool});
  Result result = Sample();
  EXPECT_TRUE(CheckResult(result, Frozen(), pots).ok());
  AddOwnMoney(result, pots);
  EXPECT_EQ(result.plans[0].award, Money::Cents(600));
  EXPECT_EQ(result.plans[1].award, Money::Cents(470)) << "partial, and its own money besides";
  pots[1].plan = kPath;
  AddOwnMoney(result, pots);
  EXPECT_EQ(result.plans[2].award, Money()) << "it lost: its money goes back";
}

TEST(Result, NobodyWonIsCredible) {
  Result result = Sample();
  result.awarded = Money();
  for (PlanResult& plan : result.plans) {
    plan.decision = Decision::kNotAwarded;
    plan.award = Money();
  }
  EXPECT_TRUE(CheckResult(result, Frozen(), General(1000)).ok());
}

TEST(AwardLines, SpillOverToTheNextPot) {
  const std::vector<Pot> pots = {{kGeneral, Money::Cents(700)}, {kCorporation, Money::Cents(300)}};
  const std::vector<Award> awards = {{1, 1, kPark, Money::Cents(600)},
                                     {2, 2, kPool, Money::Cents(400)}};
  EXPECT_THAT(AwardLines(awards, pots),
              ElementsAre(AwardLine{1, kPark, kGeneral, Money::Cents(600)},
                          AwardLine{2, kPool, kGeneral, Money::Cents(100)},
                          AwardLine{2, kPool, kCorporation, Money::Cents(300)}));
}

// The property that makes reserving safe to repeat: later acceptances never change earlier lines,
// no pot pays more than it holds, every award is paid in full.
TEST(AwardLines, OfAVersionNeverChangeAndNeverOverdraw) {
  const uint32_t seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (int run = 0; run < 300; ++run) {
    std::vector<Pot> pots;
    int64_t left = 0;
    for (size_t i = 0, n = 1 + random() % 5; i < n; ++i) {
      pots.push_back({BudgetId::Random(), Money::Cents(1 + static_cast<int64_t>(random() % 500))});
      left += pots.back().amount.cents();
    }
    std::vector<Award> awards;
    std::vector<AwardLine> before;
    for (uint32_t i = 0; i < 8 && left > 0; ++i) {
      const int64_t cents = 1 + static_cast<int64_t>(random()) % left;
      left -= cents;
      awards.push_back({i < 3 ? 1 : i, i, PlanId::Random(), Money::Cents(cents)});
      const std::vector<AwardLine> lines = AwardLines(awards, pots);
      ASSERT_GE(lines.size(), before.size());
      ASSERT_TRUE(std::equal(before.begin(), before.end(), lines.begin()));
      before = lines;
    }
    for (const Award& award : awards) {
      Money paid;
      for (const AwardLine& line : before) {
        if (line.plan == award.plan) paid += line.amount;
      }
      ASSERT_EQ(paid, award.amount);
    }
    for (const Pot& pot : pots) {
      Money drawn;
      for (const AwardLine& line : before) {
        if (line.budget == pot.budget) drawn += line.amount;
      }
      ASSERT_LE(drawn, pot.amount);
    }
    ASSERT_LE(before.size(), awards.size() + pots.size()) << "what kPlansMax counts on";
  }
}

TEST(CheckDay, LooksAtThePotsThatPay) {
  const absl::CivilDay day(2026, 6, 30);
  const std::vector<Pot> pots = {{kGeneral, Money::Cents(700)},
                                 {kCorporation, Money::Cents(300), "green", PlanId(), day}};
  const std::vector<AwardLine> general = {{1, kPark, kGeneral, Money::Cents(1)}};
  const std::vector<AwardLine> both = {general[0], {1, kPark, kCorporation, Money::Cents(1)}};
  EXPECT_EQ(ReasonOf(CheckDay(both, pots, day)), "");
  EXPECT_EQ(ReasonOf(CheckDay(both, pots, day + 1)), "DEADLINE_PASSED");
  EXPECT_EQ(ReasonOf(CheckDay(general, pots, day + 1)), "");
}

TEST(AwardLines, OfOneVersion) {
  const std::vector<Pot> pots = {{kGeneral, Money::Cents(700)}, {kCorporation, Money::Cents(300)}};
  const std::vector<Award> awards = {{2, 2, kPool, Money::Cents(400)},
                                     {1, 1, kPark, Money::Cents(600)}};
  EXPECT_THAT(AwardLines(awards, pots, 1),
              ElementsAre(AwardLine{1, kPark, kGeneral, Money::Cents(600)}));
  EXPECT_EQ(AwardLines(awards, pots, 2).size(), 2u);
}

}  // namespace
}  // namespace smederij::proposals
