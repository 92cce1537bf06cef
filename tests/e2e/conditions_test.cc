// Money with a condition, played through the real programs: what each budget gave to whom.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/id.h"
#include "services/cli/play/play.h"
#include "smederij/ledger/v1/ledger.grpc.pb.h"
#include "smederij/proposals/v1/proposals.grpc.pb.h"
#include "tests/e2e/played.h"
#include "tests/fault/village.h"

namespace smederij::e2e {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;
using Ledger = ledger::v1::LedgerService::Stub;
using Proposals = proposals::v1::ProposalsService::Stub;

// 1,000 for all, 500 for what is green, 80 for what is blue (nobody proposes that), 300 for the
// hall alone and 200 for the stage alone. Each voter approves of one plan.
cli::Script Conditional() {
  cli::Script script;
  script.district_slug = "zuideresch";
  script.district_name = "Zuideresch";
  script.postcode = "9999 ZE";
  script.reference_date = "2026-01-01";
  script.charter = Village::Rules();
  script.charter.set_k_min(1);
  script.charter.mutable_count_rule()->set_partial_award(true);
  script.pot_cents = 1'000'00;
  script.funds = {{.name = "trees", .category = "green", .plan = {}, .pot_cents = 500'00},
                  {.name = "water", .category = "blue", .plan = {}, .pot_cents = 80'00},
                  {.name = "hall", .category = "", .plan = 2, .pot_cents = 300'00},
                  {.name = "stage", .category = "", .plan = 4, .pot_cents = 200'00}};
  struct Wish {
    const char* id;
    const char* category;
    int64_t euros;
    int votes;
  };
  const Wish wishes[] = {
      {"wood", "green", 400, 5},
      {"pond", "green", 300, 4},
      {"hall", "", 900, 6},       // Asks 600.
      {"feast", "play", 500, 3},  // No money is for play: it gets of what all may.
      {"stage", "green", 800, 1}};
  for (const Wish& wish : wishes) {
    const size_t plan = script.plans.size();
    script.plans.push_back({.id = wish.id,
                            .title = wish.id,
                            .text = "With one's own hands.",
                            .cost_cents = wish.euros * 100,
                            .author = 0,
                            .category = wish.category});
    for (int i = 0; i < wish.votes; ++i) {
      const size_t voter = script.residents.size();
      script.residents.push_back(
          {.subject = absl::StrCat("resident:zuideresch-", voter), .birth_date = "1980-05-05"});
      script.ballots.push_back({.voter = voter, .choices = {{plan, 1}}});
    }
  }
  return script;
}

TEST(Conditions, AreMetByEveryAwardOfAPlayedRound) {
  Town town;
  const auto services = Must(cli::OpenDeployment({.registry = town.address("registry"),
                                                  .proposals = town.address("proposals"),
                                                  .ballots = town.address("ballots"),
                                                  .ledger = town.address("ledger"),
                                                  .authority = town.key("ca.pem"),
                                                  .patience = absl::Seconds(60)}));
  const auto tokens =
      Must(cli::Tokens::Open(town.key("identity.key"), "development", services.registry));
  const cli::Script script = Conditional();
  std::ostringstream progress, out;
  const cli::Summary summary = Must(cli::Play(
      services, *tokens, [&](int) { return script; }, cli::ThisYear(), std::string(32, 's'),
      progress, out));

  // Wood takes 400 of the green 500, and the pond is offered what is left; the hall asks 600 and
  // has 300 of its own; the feast is offered what is left for all.
  std::map<std::string, std::string> titles;
  std::map<std::string, int64_t> awards;
  proposals::v1::ListPlansRequest list;
  list.set_round_id(summary.round_id);
  const auto plans = Must(services.proposals.Call(&Proposals::ListPlans, list));
  for (const proposals::v1::Plan& plan : plans.plans()) {
    titles[plan.plan_id()] = plan.title();
    awards[plan.title()] =
        plan.state() == proposals::v1::Plan::STATE_FUNDED ? plan.award_cents() : 0;
  }
  EXPECT_THAT(awards, ElementsAre(Pair("feast", 400'00), Pair("hall", 900'00), Pair("pond", 100'00),
                                  Pair("stage", 0), Pair("wood", 400'00)));

  // By fund: what it has reserved for whom, and under "" what it has left.
  std::map<std::string, std::map<std::string, int64_t>> books;
  std::map<std::string, std::string> budgets;
  proposals::v1::GetRoundRequest get;
  get.set_round_id(summary.round_id);
  const auto round = Must(services.proposals.Call(&Proposals::GetRound, get));
  for (const proposals::v1::Pot& pot : round.pots()) {
    ledger::v1::GetBudgetRequest budget;
    budget.set_budget_id(pot.budget_id());
    const auto found = Must(services.ledger.Call(&Ledger::GetBudget, budget));
    ledger::v1::GetTrialBalanceRequest trial;
    trial.set_budget_id(pot.budget_id());
    budgets[found.fund()] = found.budget_id();
    std::map<std::string, int64_t>& of = books[found.fund()];
    const auto balance = Must(services.ledger.Call(&Ledger::GetTrialBalance, trial));
    for (const ledger::v1::AccountBalance& account : balance.accounts()) {
      if (account.kind() == ledger::v1::ACCOUNT_KIND_RESERVED) {
        of[titles.at(account.reference())] = account.balance_cents();
      }
      if (account.kind() == ledger::v1::ACCOUNT_KIND_AVAILABLE) of[""] = account.balance_cents();
    }
  }
  EXPECT_THAT(books, UnorderedElementsAre(
                         Pair("general", UnorderedElementsAre(Pair("hall", 600'00),
                                                              Pair("feast", 400'00), Pair("", 0))),
                         Pair("trees", UnorderedElementsAre(Pair("wood", 400'00),
                                                            Pair("pond", 100'00), Pair("", 0))),
                         Pair("water", UnorderedElementsAre(Pair("", 80'00))),
                         Pair("hall", UnorderedElementsAre(Pair("hall", 300'00), Pair("", 0))),
                         Pair("stage", UnorderedElementsAre(Pair("", 200'00)))));

  // What nobody proposed anything for goes back, by two people.
  const auto handover = [&](const std::string& who, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"ledger", "handover"});
    arguments.insert(arguments.end(), {"--json", "--token-file=" + TokenFile(town, who)});
    return town.Smederij(std::move(arguments));
  };
  const std::string water = budgets.at("water");
  const std::vector<std::string> back = {"propose", water, "--back", "--decision=letter"};
  EXPECT_THAT(handover("official:treasurer", back).err, HasSubstr("CONDITION_PENDING"));
  const Ended proposed =
      handover("official:treasurer", {"propose", water, "--back", "--unmet", "--decision=letter"});
  ASSERT_EQ(proposed.code, 0) << proposed.err;
  const std::string id = nlohmann::json::parse(proposed.out).at("handover_id");
  EXPECT_THAT(handover("official:treasurer", {"accept", water, id}).err,
              HasSubstr("SELF_APPROVAL"));
  const Ended accepted = handover("official:budget-holder", {"accept", water, id});
  ASSERT_EQ(accepted.code, 0) << accepted.err;
  EXPECT_EQ(nlohmann::json::parse(accepted.out).at("handover").at("returned_cents"), "8000");
  EXPECT_THAT(handover("official:treasurer", {"list", water}).out, HasSubstr("STATE_ACCEPTED"));
  EXPECT_NE(handover("official:treasurer",
                     {"propose", water, "--back", "--to", water, "--decision=letter"})
                .code,
            0);

  // To the next round the money for what is green is added later, when somebody knows of it.
  const absl::Time now = absl::Now();
  proposals::v1::CreateRoundRequest next;
  next.set_request_id(Uuid::Random().ToString());
  next.set_district_id(round.district_id());
  next.set_title("The next one");
  next.set_year(round.year());
  next.set_charter_id(round.charter_id());
  proposals::v1::Instants& instants = *next.mutable_instants();
  instants.set_reference_date("2026-01-01");
  instants.mutable_freeze_at()->set_seconds(absl::ToUnixSeconds(now + absl::Hours(1)));
  instants.mutable_issue_from()->set_seconds(absl::ToUnixSeconds(now + absl::Hours(2)));
  *instants.mutable_cast_from() = instants.issue_from();
  instants.mutable_issue_until()->set_seconds(absl::ToUnixSeconds(now + absl::Hours(3)));
  *instants.mutable_cast_until() = instants.issue_until();
  instants.mutable_answer_until()->set_seconds(absl::ToUnixSeconds(now + absl::Hours(4)));
  proposals::v1::Pot& pot = *next.add_pots();
  pot.set_budget_id(budgets.at("general"));
  pot.set_amount_cents(100);
  const std::string director =
      Must(tokens->For("official:area-director", cli::Audience::kProposals));
  const auto created = Must(services.proposals.Call(&Proposals::CreateRound, next, director));
  const auto add = [&](std::vector<std::string> for_plan) {
    std::vector<std::string> arguments = {
        "round",
        "add-pot",
        created.round_id(),
        budgets.at("trees"),
        "--cents=5",
        "--json",
        "--token-file=" + TokenFile(town, "official:area-director", "proposals")};
    arguments.insert(arguments.end(), for_plan.begin(), for_plan.end());
    return town.Smederij(std::move(arguments));
  };
  EXPECT_THAT(add({"--plan=7"}).err, HasSubstr("PLAN_NOT_FOUND"));
  const Ended added = add({});
  ASSERT_EQ(added.code, 0) << added.err;
  const nlohmann::json pots = nlohmann::json::parse(added.out).at("pots");
  ASSERT_EQ(pots.size(), 2u);
  EXPECT_EQ(pots[1].at("budget_id"), budgets.at("trees"));
  EXPECT_EQ(pots[1].at("category"), "green");

  // On a machine that does not know Amsterdam's calendar the books are not exported by another.
  const Ended elsewhere =
      e2e::Run({"env", "TZDIR=/nowhere", absl::StrCat(std::getenv("SMEDERIJ_BIN"), "/smederij"),
                "ledger", "export", water, "--format=csv", "--ledger=" + town.address("ledger"),
                "--authority=" + town.key("ca.pem")});
  EXPECT_EQ(elsewhere.code, 1);
  EXPECT_THAT(elsewhere.err, HasSubstr("NO_TIME_ZONE"));
  EXPECT_EQ(elsewhere.out, "");

  // The count says which money it was about and can be done again by anybody; the books verify.
  const Ended result = town.Smederij({"result", summary.round_id, "--explain"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("how it was counted, green"));
  EXPECT_THAT(result.out, HasSubstr("how it was counted, other plans"));
  const std::string bundle = town.key("bundle");
  const Ended exported = town.Smederij({"bundle", "export", summary.round_id, "--output", bundle});
  EXPECT_EQ(exported.code, 0) << exported.err;
  const Ended recounted =
      e2e::Run({absl::StrCat(std::getenv("SMEDERIJ_BIN"), "/smederij"), "verify", bundle});
  EXPECT_EQ(recounted.code, 0) << recounted.out << recounted.err;
  const Ended verified = town.RunService("ledger", "verify");
  EXPECT_EQ(verified.code, 0) << verified.out;
}

}  // namespace
}  // namespace smederij::e2e
