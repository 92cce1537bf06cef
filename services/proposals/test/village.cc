#include "services/proposals/test/village.h"

#include <grpcpp/create_channel.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/obs/log.h"
#include "services/proposals/storage/migrations.h"
#include "services/proposals/wire/instant.h"

namespace smederij::proposals {
namespace {

rpc::Peer PeerAt(const std::string& address) {
  return rpc::Peer(grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
}

registry::v1::Charter MakeCharter(CharterId id, DistrictId district) {
  registry::v1::Charter charter;
  charter.set_charter_id(id.ToString());
  charter.set_district_id(district.ToString());
  charter.set_charter_hash(std::string(32, 'c'));
  charter.set_plan_cost_cents_max(5'000'00);
  charter.set_k_min(1);
  for (const uint32_t class_id : {1u, 2u}) {
    registry::v1::VotingClass& voters = *charter.add_classes();
    voters.set_class_id(class_id);
    voters.set_name(class_id == 1 ? "children" : "adults");
    voters.set_age_from(class_id == 1 ? 6 : 12);
    voters.set_age_to(class_id == 1 ? 11 : 120);
    voters.set_weight(1);
  }
  charter.mutable_ballot_rule()->set_kind(registry::v1::BallotRule::KIND_APPROVAL);
  charter.mutable_count_rule()->set_rule("greedy_votes");
  charter.add_criteria()->set_criterion_id("open-to-all");
  charter.add_criteria()->set_criterion_id("feasible");
  return charter;
}

// Counts the transactions that run again because of a deadlock.
std::function<void(absl::string_view)> Counting(std::atomic<int>& deadlocks) {
  return [&deadlocks](absl::string_view reason) {
    if (reason == "deadlock") ++deadlocks;
  };
}

}  // namespace

Village::Village()
    : database(Migrations()),
      pool({.conninfo = database.app(), .size = 8, .observer = {.rerun = Counting(deadlocks)}}),
      neighbours{.registry = PeerAt(registry_served.address()),
                 .ballots = PeerAt(ballots_served.address()),
                 .ledger = PeerAt(ledger_served.address())},
      api(pool, neighbours, [this] { ++wakes; }) {
  obs::SetMinimumLevel(obs::Level::kError);  // A line per call tells nothing here.
  for (const DistrictId place : {district, elsewhere}) {
    registry::v1::District known;
    known.set_district_id(place.ToString());
    known.set_municipality_id(municipality.ToString());
    registry.districts[place.ToString()] = known;
  }
  registry.charters[charter.ToString()] = MakeCharter(charter, district);
  for (const BudgetId id : {general, corporation}) {
    ledger::v1::Budget budget;
    budget.set_budget_id(id.ToString());
    budget.set_municipality_id(municipality.ToString());
    budget.set_district_id(district.ToString());
    budget.set_fund(id == general ? "general" : "corporation");
    budget.set_currency("EUR");
    budget.set_available_cents(20'000'00);
    ledger.budgets[id.ToString()] = budget;
  }
  server = std::make_unique<testing::TestServer>(
      "proposals", [this](rpc::Router& router) { api.Mount(router); });
}

testing::Person Village::Somebody(policy::v1::Role role, DistrictId where) const {
  rpc::Grant grant{.role = role, .district = where};
  return {.municipality = municipality, .grants = {grant}};
}

v1::CreateRoundRequest Village::RoundRequest(absl::string_view title, bool demonstration) const {
  const absl::Time now = absl::Now();
  v1::CreateRoundRequest request;
  request.set_request_id(Uuid::Random().ToString());
  request.set_district_id(district.ToString());
  request.set_title(std::string(title));
  request.set_year(2026);
  request.set_charter_id(charter.ToString());
  v1::Instants& instants = *request.mutable_instants();
  *instants.mutable_freeze_at() = ToTimestamp(now + absl::Hours(1));
  *instants.mutable_issue_from() = ToTimestamp(now + absl::Hours(2));
  *instants.mutable_issue_until() = ToTimestamp(now + absl::Hours(4));
  *instants.mutable_cast_from() = ToTimestamp(now + absl::Hours(3));
  *instants.mutable_cast_until() = ToTimestamp(now + absl::Hours(5));
  instants.set_reference_date("2026-01-31");
  v1::Pot& first = *request.add_pots();
  first.set_budget_id(general.ToString());
  first.set_amount_cents(1'000'00);
  v1::Pot& second = *request.add_pots();
  second.set_budget_id(corporation.ToString());
  second.set_amount_cents(500'00);
  request.set_demonstration(demonstration);
  for (const auto& [name, postcodes] : stations) {
    registry::v1::Station& station = *request.add_stations();
    station.set_number(static_cast<uint32_t>(request.stations_size()));
    station.set_name(name);
    for (const std::string& postcode : postcodes) station.add_postcodes(postcode);
  }
  return request;
}

v1::ForgePlanRequest Village::PlanRequest(const std::string& group, const std::string& idea,
                                          int64_t cost_cents) const {
  v1::ForgePlanRequest request;
  request.set_request_id(Uuid::Random().ToString());
  request.set_group_id(group);
  request.set_title("Een schommel");
  request.set_text("Van robiniahout, door onszelf gebouwd.");
  request.set_cost_cents(cost_cents);
  request.set_horizon(ballots::v1::HORIZON_SHORT_STRIKE);
  request.add_idea_ids(idea);
  return request;
}

std::string Village::MakeRound(absl::string_view title, bool demonstration) {
  const auto round = Ask(&Stub::CreateRound, RoundRequest(title, demonstration), director);
  EXPECT_TRUE(round.ok()) << round.status();
  return round.ok() ? round->round_id() : "";
}

std::string Village::MakeIdea(const std::string& round) {
  v1::SubmitIdeaRequest request;
  request.set_round_id(round);
  request.set_title("Schommel");
  request.set_text("Op het veldje is niets te doen.");
  const auto idea = Write(&Stub::SubmitIdea, request, ann);
  EXPECT_TRUE(idea.ok()) << idea.status();
  return idea.ok() ? idea->idea_id() : "";
}

std::string Village::MakeGroup(const std::string& round) {
  v1::FormGroupRequest request;
  request.set_round_id(round);
  request.set_name("De Schommelaars");
  const auto group = Write(&Stub::FormGroup, request, ann);
  EXPECT_TRUE(group.ok()) << group.status();
  return group.ok() ? group->group_id() : "";
}

std::string Village::MakePlan(const std::string& group, const std::string& idea, int64_t cost_cents,
                              bool admitted) {
  const auto plan = Ask(&Stub::ForgePlan, PlanRequest(group, idea, cost_cents), ann);
  EXPECT_TRUE(plan.ok()) << plan.status();
  if (!plan.ok() || !admitted) return plan.ok() ? plan->plan_id() : "";
  for (const char* criterion : {"open-to-all", "feasible"}) {
    v1::CheckPlanRequest check;
    check.set_plan_id(plan->plan_id());
    check.set_criterion_id(criterion);
    check.set_met(true);
    check.set_reason("Daar hebben we aan gedacht.");
    const auto checked = Write(&Stub::CheckPlan, check, ann);
    EXPECT_TRUE(checked.ok()) << checked.status();
  }
  v1::AdmitPlanRequest admit;
  admit.set_plan_id(plan->plan_id());
  const auto done = Write(&Stub::AdmitPlan, admit, director);
  EXPECT_TRUE(done.ok()) << done.status();
  return plan->plan_id();
}

std::string Village::OpenBudget(const std::string& fund, const ledger::v1::Condition& condition) {
  const absl::MutexLock lock(&nature.mutex);
  const std::string id = BudgetId::Random().ToString();
  ledger::v1::Budget& budget = ledger.budgets[id];
  budget = ledger.budgets.at(general.ToString());
  budget.set_budget_id(id);
  budget.set_fund(fund);
  budget.set_available_cents(20'000'00);
  *budget.mutable_condition() = condition;
  return id;
}

void Village::ApprovePot(const std::string& round) {
  v1::ApprovePotRequest request;
  request.set_round_id(round);
  request.set_decision_ref("B-2026-7");
  const auto approved = Write(&Stub::ApprovePot, request, holder);
  EXPECT_TRUE(approved.ok()) << approved.status();
}

void Village::FreezeNow(const std::string& round) {
  v1::RescheduleRoundRequest request;
  request.set_round_id(round);
  *request.mutable_instants() = RoundOf(round).instants();
  const absl::Time now = absl::Now();
  *request.mutable_instants()->mutable_freeze_at() = ToTimestamp(now);
  *request.mutable_instants()->mutable_issue_from() = ToTimestamp(now + absl::Milliseconds(1));
  *request.mutable_instants()->mutable_cast_from() = ToTimestamp(now + absl::Milliseconds(1));
  const auto moved = Write(&Stub::RescheduleRound, request, director);
  EXPECT_TRUE(moved.ok()) << moved.status();
}

v1::Round Village::RoundOf(const std::string& round) {
  v1::GetRoundRequest request;
  request.set_round_id(round);
  return Ask(&Stub::GetRound, request).value_or(v1::Round());
}

v1::Plan Village::PlanOf(const std::string& plan) {
  v1::GetPlanRequest request;
  request.set_plan_id(plan);
  return Ask(&Stub::GetPlan, request).value_or(v1::Plan());
}

std::vector<v1::Plan> Village::PlansOf(const std::string& round) {
  v1::ListPlansRequest request;
  request.set_round_id(round);
  const auto listed = Ask(&Stub::ListPlans, request);
  if (!listed.ok()) return {};
  return {listed->plans().begin(), listed->plans().end()};
}

std::string Village::Projection(const std::string& round) {
  const v1::Round found = RoundOf(round);
  std::string text = absl::StrCat(v1::Round::Phase_Name(found.phase()), " ",
                                  v1::Round::Outcome_Name(found.outcome()), "\n");
  for (const v1::Plan& plan : PlansOf(round)) {
    absl::StrAppend(&text, plan.number(), " ", v1::Plan::State_Name(plan.state()), " ",
                    plan.award_cents(), " ", plan.support(), " ", plan.reason(), " ",
                    plan.sentence(), " ", plan.sentence_nl(), "\n");
  }
  for (const BudgetId budget : {general, corporation}) {
    const std::string id = budget.ToString();
    absl::StrAppend(&text, "available ", ledger.Available(id), " pot ", ledger.InPot(id),
                    " reserved ", ledger.Reserved(id), "\n");
  }
  return text;
}

void Village::Sql(const std::string& sql) const {
  const absl::Status status = database.Sql(sql);
  EXPECT_TRUE(status.ok()) << status;
}

ReconcilerOptions Village::Options() const {
  return {.interval = absl::Milliseconds(20), .ask_max = absl::Seconds(2), .workers = 2};
}

std::unique_ptr<Reconciler> Village::MakeReconciler(const ReconcilerOptions& options) {
  return std::make_unique<Reconciler>(pool, neighbours, metrics, options);
}

bool Village::Wait(absl::FunctionRef<bool()> ready) {
  const absl::Time until = absl::Now() + absl::Minutes(1);
  while (!ready()) {
    if (absl::Now() > until) return false;
    absl::SleepFor(absl::Milliseconds(5));
  }
  return true;
}

}  // namespace smederij::proposals
