#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/error.h"
#include "services/proposals/test/forge.h"
#include "services/proposals/test/village.h"
#include "services/proposals/wire/instant.h"

namespace smederij::proposals {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Key;
using testing::Person;
using ::testing::SizeIs;
using v1::Plan;
using v1::Round;
using Stub = Village::Stub;

TEST(CreateRound, AnswersTheRoundAndWakesTheReconciler) {
  Village village;
  const auto round =
      village.Ask(&Stub::CreateRound, village.RoundRequest("Noordveld 2026"), village.director);
  ASSERT_TRUE(round.ok()) << round.status();
  EXPECT_EQ(round->phase(), Round::PHASE_FORGING);
  EXPECT_EQ(round->municipality_id(), village.municipality.ToString());
  EXPECT_EQ(round->pots_size(), 2);
  EXPECT_EQ(round->outcome(), Round::OUTCOME_UNSPECIFIED);
  EXPECT_FALSE(round->pot_approved());
  EXPECT_EQ(village.wakes, 1);
  EXPECT_EQ(village.RoundOf(round->round_id()).title(), "Noordveld 2026");
}

TEST(CreateRound, TheSameRequestGetsTheSameAnswer) {
  Village village;
  const v1::CreateRoundRequest request = village.RoundRequest("Noordveld 2026");
  const auto first = village.Ask(&Stub::CreateRound, request, village.director);
  bool replayed = false;
  const auto second = village.Ask(&Stub::CreateRound, request, village.director, &replayed);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_TRUE(replayed);
  EXPECT_EQ(first->SerializeAsString(), second->SerializeAsString());
  v1::CreateRoundRequest other = village.RoundRequest("Anders");
  other.set_request_id(request.request_id());
  EXPECT_EQ(ReasonOf(village.Ask(&Stub::CreateRound, other, village.director).status()),
            "REQUEST_ID_REUSED");
  other.set_district_id(Uuid::Random().ToString());
  EXPECT_EQ(ReasonOf(village.Ask(&Stub::CreateRound, other, village.director).status()),
            "REQUEST_ID_REUSED")
      << "before DISTRICT_NOT_FOUND";
}

TEST(CreateRound, ARepeatedRequestNeedsNoNeighbour) {
  Village village;
  const v1::CreateRoundRequest request = village.RoundRequest("Noordveld 2026");
  ASSERT_TRUE(village.Ask(&Stub::CreateRound, request, village.director).ok());
  village.nature.Refuse("GetDistrict", absl::UnavailableError("away"));
  EXPECT_TRUE(village.Ask(&Stub::CreateRound, request, village.director).ok());
}

// From now on the budget's money is for plans of `category`, or for one plan that is named.
void Condition(ledger::v1::Budget& budget, const std::string& deadline, const std::string& category,
               bool for_a_plan = false) {
  budget.mutable_condition()->set_category(category);
  budget.mutable_condition()->set_deadline(deadline);
  if (for_a_plan) budget.mutable_condition()->add_plan_ids(Uuid::Random().ToString());
}

struct RoundCase {
  const char* name;
  std::function<void(Village&, v1::CreateRoundRequest&)> change;
  const char* reason;
};
class RoundRefusals : public ::testing::TestWithParam<RoundCase> {};

TEST_P(RoundRefusals, AreTold) {
  Village village;
  v1::CreateRoundRequest request = village.RoundRequest("Noordveld 2026");
  GetParam().change(village, request);
  EXPECT_EQ(ReasonOf(village.Ask(&Stub::CreateRound, request, village.director).status()),
            GetParam().reason);
}

// Each breaks what its reason names and everything later that it can.
INSTANTIATE_TEST_SUITE_P(
    InOrderOfPrecedence, RoundRefusals,
    ::testing::ValuesIn<RoundCase>(
        {{"id",
          [](Village&, auto& r) {
            r.set_charter_id("nope");
            r.set_title("");
          },
          "BAD_ID"},
         {"text",
          [](Village&, auto& r) {
            r.set_title("a\nb");
            r.set_year(1999);
          },
          "BAD_TEXT"},
         {"year",
          [](Village&, auto& r) {
            r.set_year(1999);
            r.mutable_pots(0)->set_amount_cents(0);
          },
          "BAD_YEAR"},
         {"amount",
          [](Village&, auto& r) {
            r.mutable_pots(0)->set_amount_cents(0);
            r.clear_instants();
          },
          "AMOUNT_OUT_OF_RANGE"},
         {"pots",
          [](Village&, auto& r) {
            r.mutable_pots(1)->set_budget_id(r.pots(0).budget_id());
            r.clear_instants();
          },
          "BAD_POTS"},
         {"stations",
          [](Village&, auto& r) {
            r.add_stations()->set_number(1);
            r.clear_instants();
          },
          "BAD_STATIONS"},
         {"instants",
          [](Village&, auto& r) {
            r.clear_instants();
            r.set_district_id(Uuid::Random().ToString());
          },
          "BAD_INSTANTS"},
         {"past_freeze",
          [](Village&, auto& r) {
            *r.mutable_instants()->mutable_freeze_at() = ToTimestamp(absl::Now() - absl::Hours(1));
          },
          "BAD_INSTANTS"},
         {"district",
          [](Village&, auto& r) {
            r.set_district_id(Uuid::Random().ToString());
            r.set_charter_id(Uuid::Random().ToString());
          },
          "DISTRICT_NOT_FOUND"},
         {"place",
          [](Village& v, auto& r) {
            r.set_district_id(v.elsewhere.ToString());
            r.set_charter_id(Uuid::Random().ToString());
          },
          "ROLE_NOT_HELD_THERE"},
         {"charter",
          [](Village& v, auto& r) {
            r.set_charter_id(Uuid::Random().ToString());
            v.ledger.budgets.clear();
          },
          "CHARTER_NOT_FOUND"},
         {"foreign_charter",
          [](Village& v, auto&) {
            v.registry.charters.begin()->second.set_district_id(v.elsewhere.ToString());
            v.ledger.budgets.clear();
          },
          "CHARTER_OF_OTHER_DISTRICT"},
         {"budget", [](Village& v, auto&) { v.ledger.budgets.clear(); }, "BUDGET_NOT_FOUND"},
         {"foreign_budget",
          [](Village& v, auto&) {
            for (auto& [id, budget] : v.ledger.budgets) {
              budget.set_district_id(v.elsewhere.ToString());
            }
          },
          "BUDGET_OF_OTHER_DISTRICT"},
         {"budget_of_other_municipality",
          [](Village& v, auto&) {
            v.ledger.budgets.begin()->second.set_municipality_id(Uuid::Random().ToString());
          },
          "BUDGET_OF_OTHER_DISTRICT"},
         {"currencies",
          [](Village& v, auto&) { v.ledger.budgets.begin()->second.set_currency("GBP"); },
          "CURRENCIES_DIFFER"},
         {"currencies_beat_plans",
          [](Village& v, auto&) {
            v.ledger.budgets.begin()->second.set_currency("GBP");
            for (auto& [id, budget] : v.ledger.budgets) Condition(budget, "2020-01-01", "", true);
          },
          "CURRENCIES_DIFFER"},
         {"plans",
          [](Village& v, auto&) {
            Condition(v.ledger.budgets.begin()->second, "2020-01-01", "", true);
          },
          "BUDGET_FOR_PLANS"},
         {"deadline",
          [](Village& v, auto&) {
            v.MakeRound("Noordveld 2026");
            Condition(v.ledger.budgets.begin()->second, "2020-01-01", "green");
          },
          "DEADLINE_TOO_EARLY"},
         {"exists", [](Village& v, auto&) { v.MakeRound("Noordveld 2026"); }, "ROUND_EXISTS"},
         {"neighbour_away",
          [](Village& v, auto&) { v.nature.Refuse("GetCharter", absl::UnavailableError("")); },
          "UNAVAILABLE"}}),
    [](const auto& one) { return one.param.name; });

TEST(ApprovePot, OncePerRoundWithinTheLimit) {
  Village village;
  const std::string round = village.MakeRound();
  v1::ApprovePotRequest request;
  request.set_round_id(round);
  request.set_decision_ref("B-2026-7");
  Person limited = village.holder;
  limited.grants[0].limit_cents = 1'499'99;
  const auto approve = [&](const Person& who) {
    return ReasonOf(village.Write(&Stub::ApprovePot, request, who).status());
  };
  EXPECT_EQ(approve(village.director), "ROLE_NOT_HELD");
  EXPECT_EQ(approve(limited), "OVER_LIMIT");
  limited.grants[0].limit_cents = 1'500'00;
  EXPECT_EQ(approve(limited), "");
  EXPECT_TRUE(village.RoundOf(round).pot_approved());
  EXPECT_EQ(approve(village.holder), "POT_ALREADY_APPROVED");
  request.set_decision_ref(" ");
  EXPECT_EQ(approve(village.holder), "BAD_TEXT");
  request.set_decision_ref("B");
  request.set_round_id(Uuid::Random().ToString());
  EXPECT_EQ(approve(village.holder), "ROUND_NOT_FOUND");
}

TEST(RescheduleRound, MovesUntilTheFreezeAndNotAfter) {
  Village village;
  const std::string round = village.MakeRound();
  v1::RescheduleRoundRequest request;
  request.set_round_id(round);
  *request.mutable_instants() = village.RoundOf(round).instants();
  *request.mutable_instants()->mutable_answer_until() = ToTimestamp(absl::Now() + absl::Hours(100));
  const auto move = [&](const Person& who) {
    return ReasonOf(village.Write(&Stub::RescheduleRound, request, who).status());
  };
  EXPECT_EQ(move(village.ann), "ROLE_NOT_HELD");
  EXPECT_EQ(move(village.director), "");
  EXPECT_TRUE(village.RoundOf(round).instants().has_answer_until());
  village.FreezeNow(round);
  EXPECT_EQ(village.RoundOf(round).phase(), Round::PHASE_FROZEN);
  EXPECT_EQ(move(village.director), "WRONG_PHASE");
  request.mutable_instants()->clear_cast_until();
  EXPECT_EQ(move(village.director), "BAD_INSTANTS");
  request.set_round_id(Uuid::Random().ToString());
  *request.mutable_instants() = village.RoundOf(round).instants();
  EXPECT_EQ(move(village.director), "ROUND_NOT_FOUND");
}

TEST(RescheduleRound, StaysBeforeTheDayOfConditionalMoney) {
  Village village;
  const absl::CivilDay today = absl::ToCivilDay(absl::Now(), absl::UTCTimeZone());
  Condition(village.ledger.budgets.at(village.corporation.ToString()),
            absl::FormatCivilTime(today + 3), "green");
  v1::RescheduleRoundRequest request;
  request.set_round_id(village.MakeRound());
  const Round planned = village.RoundOf(request.round_id());
  EXPECT_EQ(planned.pots(0).category(), "");
  EXPECT_EQ(planned.pots(1).category(), "green");
  EXPECT_EQ(planned.pots(1).deadline(), absl::FormatCivilTime(today + 3));
  *request.mutable_instants() = planned.instants();
  const auto answers_until = [&](absl::CivilDay day) {
    *request.mutable_instants()->mutable_answer_until() =
        ToTimestamp(absl::FromCivil(day + 1, absl::UTCTimeZone()) - absl::Seconds(1));
    return ReasonOf(village.Write(&Stub::RescheduleRound, request, village.director).status());
  };
  EXPECT_EQ(answers_until(today + 3), "DEADLINE_TOO_EARLY");
  EXPECT_EQ(answers_until(today + 2), "");
}

TEST(Reads, NameWhatIsMissing) {
  Village village;
  const std::string nothing = Uuid::Random().ToString();
  v1::GetRoundRequest round;
  round.set_round_id(nothing);
  EXPECT_EQ(ReasonOf(village.Ask(&Stub::GetRound, round).status()), "ROUND_NOT_FOUND");
  round.set_round_id("x");
  EXPECT_EQ(ReasonOf(village.Ask(&Stub::GetRound, round).status()), "BAD_ID");
  v1::ExplainRoundRequest explain;
  explain.set_round_id(nothing);
  EXPECT_EQ(ReasonOf(village.Ask(&Stub::ExplainRound, explain).status()), "ROUND_NOT_FOUND");
  v1::GetIdeaRequest idea;
  idea.set_idea_id(nothing);
  EXPECT_EQ(ReasonOf(village.Ask(&Stub::GetIdea, idea).status()), "IDEA_NOT_FOUND");
  v1::GetGroupRequest group;
  group.set_group_id(nothing);
  EXPECT_EQ(ReasonOf(village.Ask(&Stub::GetGroup, group).status()), "GROUP_NOT_FOUND");
  v1::GetPlanRequest plan;
  plan.set_plan_id(nothing);
  EXPECT_EQ(ReasonOf(village.Ask(&Stub::GetPlan, plan).status()), "PLAN_NOT_FOUND");
  v1::ListIdeasRequest ideas;
  ideas.set_round_id(nothing);
  EXPECT_EQ(ReasonOf(village.Ask(&Stub::ListIdeas, ideas).status()), "ROUND_NOT_FOUND");
  v1::ListGroupsRequest groups;
  groups.set_round_id(nothing);
  EXPECT_EQ(ReasonOf(village.Ask(&Stub::ListGroups, groups).status()), "ROUND_NOT_FOUND");
  v1::ListPlansRequest plans;
  plans.set_round_id(nothing);
  EXPECT_EQ(ReasonOf(village.Ask(&Stub::ListPlans, plans).status()), "ROUND_NOT_FOUND");
  v1::ListRoundsRequest rounds;
  rounds.set_district_id(nothing);
  EXPECT_THAT(village.Ask(&Stub::ListRounds, rounds)->rounds(), IsEmpty());
}

TEST(Lists, PageWithoutRepeatingOrSkipping) {
  Forge forge;
  for (int i = 0; i < 4; ++i) {
    forge.MakeIdea(forge.round);
    forge.MakeGroup(forge.round);
    forge.MakePlan(forge.group, forge.idea, 100, false);
  }
  v1::ListIdeasRequest ideas;
  ideas.set_round_id(forge.round);
  ideas.set_page_size(2);
  std::vector<std::string> seen;
  do {
    const auto page = forge.Ask(&Stub::ListIdeas, ideas);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const v1::Idea& idea : page->ideas()) seen.push_back(idea.idea_id());
    ideas.set_page_token(page->next_page_token());
  } while (!ideas.page_token().empty());
  EXPECT_THAT(seen, SizeIs(5));
  EXPECT_THAT(std::set<std::string>(seen.begin(), seen.end()), SizeIs(5));
  EXPECT_EQ(seen[0], forge.idea) << "oldest first";

  v1::ListPlansRequest plans;
  plans.set_round_id(forge.round);
  plans.set_page_size(3);
  std::vector<uint32_t> numbers;
  do {
    const auto page = forge.Ask(&Stub::ListPlans, plans);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const Plan& plan : page->plans()) numbers.push_back(plan.number());
    plans.set_page_token(page->next_page_token());
  } while (!plans.page_token().empty());
  EXPECT_THAT(numbers, ElementsAre(1, 2, 3, 4, 5));

  v1::ListGroupsRequest groups;
  groups.set_round_id(forge.round);
  EXPECT_THAT(forge.Ask(&Stub::ListGroups, groups)->groups(), SizeIs(5));
  for (const char* token : {"x", "MTIz", "eC95"}) {
    plans.set_page_token(token);
    EXPECT_EQ(ReasonOf(forge.Ask(&Stub::ListPlans, plans).status()), "BAD_PAGE") << token;
  }
  plans.clear_page_token();
  plans.set_page_size(-1);
  EXPECT_EQ(ReasonOf(forge.Ask(&Stub::ListPlans, plans).status()), "BAD_PAGE");
}

TEST(ExplainRound, SaysWhoIsWaitedFor) {
  Village village;
  v1::ExplainRoundRequest request;
  request.set_round_id(village.MakeRound());
  const auto explained = village.Ask(&Stub::ExplainRound, request);
  ASSERT_TRUE(explained.ok()) << explained.status();
  EXPECT_EQ(explained->steps(0).name(), "hold_pot");
  EXPECT_EQ(explained->steps(0).state(), v1::RoundExplanation::Step::STATE_NEXT);
  EXPECT_EQ(explained->steps(0).sentence(), "the budget holder's decision on the pot");
  EXPECT_EQ(explained->steps(17).name(), "done");
}

}  // namespace
}  // namespace smederij::proposals
