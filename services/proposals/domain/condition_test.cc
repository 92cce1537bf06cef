#include "services/proposals/domain/condition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "services/proposals/domain/award.h"
#include "services/proposals/domain/sample.h"

namespace smederij::proposals {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const PlanId kPark = Named<PlanId>("park"), kPool = Named<PlanId>("pool");
const BudgetId kGeneral = Named<BudgetId>("general"), kTrees = Named<BudgetId>("trees"),
               kWater = Named<BudgetId>("water"), kSponsor = Named<BudgetId>("sponsor");
const absl::CivilDay kFar(2999, 12, 31);

Money Euros(int64_t euros) { return Money::Cents(euros * 100); }

// One pot for all, two for a category, one for the park alone.
std::vector<Pot> Pots() {
  return {{kGeneral, Euros(100)},
          {kTrees, Euros(50), "green", PlanId(), kFar},
          {kWater, Euros(30), "blue", PlanId(), kFar},
          {kSponsor, Euros(20), "", kPark, kFar}};
}

Plan PlanOf(PlanId id, int64_t euros, const char* category = "") {
  Plan plan;
  plan.id = id;
  plan.number = 7;
  plan.cost = Euros(euros);
  plan.category = category;
  return plan;
}

TEST(Contests, AreOfTheCategoriesThatHaveAPot) {
  EXPECT_EQ(ContestOf(Pots(), "green"), "green");
  EXPECT_EQ(ContestOf(Pots(), "play"), kOtherPlans);
  EXPECT_EQ(ContestOf(Pots(), ""), kOtherPlans);
  EXPECT_EQ(ContestOf(Pots(), Pots()[2]), "blue");
  EXPECT_EQ(ContestOf(Pots(), Pots()[0]), kOtherPlans);
  EXPECT_TRUE(HasPot(Pots(), kOtherPlans));
  std::vector<Pot> pots = Pots();
  pots.erase(pots.begin());
  EXPECT_TRUE(HasPot(pots, "green"));
  EXPECT_FALSE(HasPot(pots, kOtherPlans)) << "the sponsor's is for the park alone";
}

TEST(Contests, ThereIsOneWhereNoPotIsForACategory) {
  const std::vector<Pot> pots = {Pots()[0], Pots()[3]};
  EXPECT_EQ(ContestOf(pots, "green"), "");
  EXPECT_EQ(ContestOf(pots, pots[0]), "");
  EXPECT_TRUE(HasPot(pots, ""));
}

TEST(OwnMoney, IsNotAskedOfTheVote) {
  EXPECT_EQ(AsksOf(PlanOf(kPark, 75), Pots()), Euros(55));
  EXPECT_EQ(AsksOf(PlanOf(kPool, 75), Pots()), Euros(75));
}

TEST(PotsFor, ComeFromTheNarrowestToTheWidest) {
  EXPECT_THAT(PotsFor(Pots(), kPark, "green"), ElementsAre(3, 1, 0));
  EXPECT_THAT(PotsFor(Pots(), kPark, ""), ElementsAre(3, 0));
  EXPECT_THAT(PotsFor(Pots(), kPool, "blue"), ElementsAre(2, 0));
  EXPECT_THAT(PotsFor({Pots()[1]}, kPool, "blue"), IsEmpty());
}

// ── Whatever awards the pots can pay are paid ──────────────────────────────────────────────────

// Whether any way there is pays all awards: by trying every one, cent by cent.
bool Payable(const std::vector<Pot>& pots, std::vector<int64_t>& left,
             const std::vector<Award>& awards, size_t at, int64_t due) {
  if (due == 0) {
    ++at;
    if (at == awards.size()) return true;
    due = awards[at].amount.cents();
  }
  for (size_t pot = 0; pot < pots.size(); ++pot) {
    if (left[pot] == 0 || !MayPay(pots[pot], awards[at].plan, awards[at].category)) continue;
    --left[pot];
    const bool paid = Payable(pots, left, awards, at, due - 1);
    ++left[pot];
    if (paid) return true;
  }
  return false;
}

TEST(AwardLines, PayWhateverCanBePaidInAnyWayAndAsConditionsAllow) {
  const uint32_t seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const char* const categories[] = {"", "green", "blue"};
  int payable = 0, unpayable = 0;
  for (int run = 0; run < 3'000; ++run) {
    const std::vector<PlanId> plans = {kPark, kPool, PlanId::Random()};
    std::vector<Pot> pots;
    std::vector<int64_t> left;
    for (size_t i = 0, n = 1 + random() % 4; i < n; ++i) {
      Pot pot{BudgetId::Random(), Money::Cents(1 + static_cast<int64_t>(random() % 3))};
      if (random() % 3 == 0) {
        pot.plan = plans[random() % plans.size()];
      } else {
        pot.category = categories[random() % 3];
      }
      left.push_back(pot.amount.cents());
      pots.push_back(pot);
    }
    std::vector<Award> awards;
    for (uint32_t i = 0; i < plans.size(); ++i) {
      awards.push_back({1 + i / 2, i, plans[i],
                        Money::Cents(1 + static_cast<int64_t>(random() % 3)),
                        categories[random() % 3]});
    }
    const bool possible = Payable(pots, left, awards, 0, awards[0].amount.cents());
    ++(possible ? payable : unpayable);
    if (!possible) continue;
    std::map<PlanId, Money> paid;
    std::map<BudgetId, Money> drawn;
    for (const AwardLine& line : AwardLines(awards, pots)) {
      const auto pot = std::find_if(pots.begin(), pots.end(),
                                    [&](const Pot& of) { return of.budget == line.budget; });
      ASSERT_TRUE(MayPay(*pot, line.plan, line.category));
      paid[line.plan] += line.amount;
      drawn[line.budget] += line.amount;
    }
    for (const Award& award : awards) ASSERT_EQ(paid[award.plan], award.amount);
    for (const Pot& pot : pots) ASSERT_LE(drawn[pot.budget], pot.amount);
  }
  EXPECT_GT(payable, 100);
  EXPECT_GT(unpayable, 100);
}

// The promise that lets voting open: whatever a vote comes to, its contests' awards are paid, and
// what each plan has of its own besides.
TEST(AwardLines, PayEveryResultThatFitsItsContests) {
  const uint32_t seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const char* const categories[] = {"", "green", "blue", "play"};
  for (int run = 0; run < 500; ++run) {
    std::vector<Plan> plans;
    for (uint32_t i = 0; i < 8; ++i) {
      plans.push_back(PlanOf(PlanId::Random(), 1 + static_cast<int64_t>(random() % 60),
                             categories[random() % 4]));
      plans.back().number = i + 1;
    }
    std::vector<Pot> pots = Pots();
    pots.pop_back();
    for (size_t i = 0, n = random() % 4; i < n; ++i) {
      const Plan& plan = plans[random() % plans.size()];
      const int64_t asks = AsksOf(plan, pots).cents();
      if (asks < 2) continue;
      pots.push_back({BudgetId::Random(),
                      Money::Cents(1 + static_cast<int64_t>(random()) % (asks - 1)), "", plan.id,
                      kFar});
    }
    std::shuffle(pots.begin(), pots.end(), random);
    std::map<std::string, Money> left;
    Result result;
    for (const Pot& pot : pots) {
      if (!IsContested(pot)) continue;
      left[ContestOf(pots, pot)] += pot.amount;
      result.pots += pot.amount;
    }
    std::vector<FrozenPlan> frozen;
    for (const Plan& plan : plans) {
      const Money asks = AsksOf(plan, pots);
      ASSERT_GT(asks, Money());
      frozen.push_back({plan.id, plan.number, asks, plan.category});
      Money& contest = left[ContestOf(pots, plan.category)];
      const Money award = std::min(asks, contest);
      contest -= award;
      result.awarded += award;
      result.plans.push_back({.plan = plan.id,
                              .number = plan.number,
                              .decision = award == Money() ? Decision::kNotAwarded
                                          : award == asks  ? Decision::kAwarded
                                                           : Decision::kPartial,
                              .award = award});
    }
    const absl::Status credible = CheckResult(result, frozen, pots);
    ASSERT_TRUE(credible.ok()) << credible;
    AddOwnMoney(result, pots);
    std::vector<Award> awards;
    for (uint32_t i = 0; i < plans.size(); ++i) {
      if (result.plans[i].award == Money()) continue;
      awards.push_back({1 + static_cast<uint32_t>(random() % 3), i, plans[i].id,
                        result.plans[i].award, plans[i].category});
    }
    std::map<PlanId, Money> paid;
    const std::vector<AwardLine> lines = AwardLines(awards, pots);
    for (const AwardLine& line : lines) paid[line.plan] += line.amount;
    for (const Award& award : awards) ASSERT_EQ(paid[award.plan], award.amount);
    ASSERT_LE(lines.size(), awards.size() + pots.size()) << "what kPlansMax counts on";
  }
}

// ── Refusals ───────────────────────────────────────────────────────────────────────────────────

TEST(CheckDeadlines, LieAfterTheEndOfTheRound) {
  Instants instants = SampleInstants();
  instants.answer_until.reset();
  const absl::CivilDay ends = absl::ToCivilDay(instants.cast_until, absl::UTCTimeZone());
  std::vector<Pot> pots = Pots();
  pots[2].deadline = ends + 1;
  EXPECT_TRUE(CheckDeadlines(pots, instants).ok());
  pots[2].deadline = ends;
  EXPECT_EQ(ReasonOf(CheckDeadlines(pots, instants)), "DEADLINE_TOO_EARLY");
  pots[2].deadline = ends + 1;
  instants.answer_until = instants.cast_until + absl::Hours(24);
  EXPECT_EQ(ReasonOf(CheckDeadlines(pots, instants)), "DEADLINE_TOO_EARLY")
      << "offers are answered";
  pots[2].deadline = ends + 2;
  EXPECT_TRUE(CheckDeadlines(pots, instants).ok());
}

TEST(MayAddPot, RefusesInOrderOfPrecedence) {
  Round round = SampleRound();
  round.pots.assign(kPotsMax, {kSponsor, Euros(1)});
  round.pot_approval = PotApproval{.by = {}, .decision_ref = "B-1", .at = Hour(1)};
  Pot pot{kSponsor, Euros(20), "", kPark, absl::CivilDay(2026, 3, 2)};
  const Plan plan = PlanOf(kPark, 20);
  absl::Time now = Hour(10);
  const auto reason = [&] { return std::string(ReasonOf(MayAddPot(round, pot, &plan, now))); };
  EXPECT_EQ(reason(), "POT_ALREADY_APPROVED");
  round.pot_approval.reset();
  EXPECT_EQ(reason(), "WRONG_PHASE");
  now = Hour(9);
  EXPECT_EQ(reason(), "TOO_MANY_POTS");
  round.pots.pop_back();
  EXPECT_EQ(reason(), "POT_EXISTS");
  round.pots.assign(1, {kGeneral, Money::Cents(Money::kCentsMax)});
  EXPECT_EQ(reason(), "DEADLINE_TOO_EARLY");
  pot.deadline = kFar;
  EXPECT_EQ(reason(), "NOTHING_LEFT_TO_ASK");
  pot.amount = Euros(19);
  EXPECT_EQ(reason(), "BAD_POTS");
  round.pots[0].amount = Euros(5);
  EXPECT_EQ(reason(), "");
  round.pots.push_back({kTrees, Euros(1), "", kPark, kFar});
  EXPECT_EQ(reason(), "NOTHING_LEFT_TO_ASK") << "with what others gave it";
  EXPECT_EQ(ReasonOf(MayAddPot(round, {kWater, Euros(90)}, nullptr, now)), "");
}

}  // namespace
}  // namespace smederij::proposals
