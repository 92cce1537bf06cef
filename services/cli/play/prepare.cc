#include "services/cli/play/prepare.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/cli/play/cast.h"
#include "services/cli/play/import.h"
#include "services/cli/play/records.h"
#include "smederij/ballots/v1/ballots.grpc.pb.h"
#include "smederij/ledger/v1/ledger.grpc.pb.h"
#include "smederij/proposals/v1/proposals.grpc.pb.h"
#include "smederij/registry/v1/registry.grpc.pb.h"

namespace smederij::cli {
namespace {

using Registry = registry::v1::RegistryService::Stub;
using Proposals = proposals::v1::ProposalsService::Stub;
using Ballots = ballots::v1::BallotsService::Stub;
using Ledger = ledger::v1::LedgerService::Stub;
using policy::v1::Role;
using proposals::v1::Instants;
using proposals::v1::Round;

// Planned far ahead; the round is frozen by moving these to the present.
constexpr absl::Duration kAhead = absl::Hours(24);
constexpr absl::Duration kVoting = absl::Hours(24);

struct Appointment {
  const char* subject;
  Role role;
};

constexpr std::array<Appointment, 8> kAppointments = {{
    {kRegistrar, Role::ROLE_REGISTRAR},
    {kAreaDirector, Role::ROLE_AREA_DIRECTOR},
    {kTeamMember, Role::ROLE_TEAM_MEMBER},
    {kTreasurer, Role::ROLE_TREASURER},
    {kBudgetHolder, Role::ROLE_BUDGET_HOLDER},
    {kPaymentApprover, Role::ROLE_PAYMENT_APPROVER},
    {kFirstOfficial, Role::ROLE_ELECTION_OFFICIAL},
    {kSecondOfficial, Role::ROLE_ELECTION_OFFICIAL},
}};

// Appointments, the district and its charter outlive a play: their ids are the district's.
std::string StandingRequestId(const Stage& stage, absl::string_view act) {
  const std::optional<Uuid> municipality = Uuid::Parse(stage.municipality_id);
  return Uuid::Derived(municipality.value_or(stage.play),
                       absl::StrCat(stage.script.district_slug, "/", act))
      .ToString();
}

Instants InstantsFrom(const Stage& stage, absl::Time freeze) {
  const auto set = [](google::protobuf::Timestamp* field, absl::Time time) {
    field->set_seconds(absl::ToUnixSeconds(time));
    field->set_nanos(static_cast<int32_t>(
        absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(absl::ToUnixSeconds(time)))));
  };
  Instants instants;
  set(instants.mutable_freeze_at(), freeze);
  set(instants.mutable_issue_from(), freeze + absl::Milliseconds(1));
  set(instants.mutable_cast_from(), freeze + absl::Milliseconds(1));
  set(instants.mutable_issue_until(), freeze + kVoting);
  set(instants.mutable_cast_until(), freeze + kVoting);
  instants.set_reference_date(stage.script.reference_date);
  return instants;
}

absl::Status Appoint(const Stage& stage) {
  for (const Appointment& appointment : kAppointments) {
    registry::v1::GrantRoleRequest request;
    request.set_request_id(
        Uuid::Derived(*Uuid::Parse(stage.municipality_id), appointment.subject).ToString());
    request.set_subject(appointment.subject);
    request.set_role(appointment.role);
    RETURN_IF_ERROR(
        stage.As(kAdministrator, Audience::kRegistry, &Registry::GrantRole, request).status());
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<Round>> RoundTitledAsOurs(const Stage& stage) {
  proposals::v1::ListRoundsRequest request;
  request.set_district_id(stage.district_id);
  ASSIGN_OR_RETURN(const auto rounds,
                   stage.deployment.proposals.Call(&Proposals::ListRounds, request));
  for (const Round& round : rounds.rounds()) {
    if (round.title() == stage.title) return round;
  }
  return std::nullopt;
}

absl::StatusOr<Round> CurrentRound(const Stage& stage) {
  proposals::v1::GetRoundRequest request;
  request.set_round_id(stage.round_id);
  return stage.deployment.proposals.Call(&Proposals::GetRound, request);
}

absl::Status ForgePlan(const Stage& stage, const ScriptPlan& plan, const std::string& act) {
  const std::string& author = stage.script.residents[plan.author].subject;

  proposals::v1::SubmitIdeaRequest idea_request;
  idea_request.set_request_id(stage.RequestIdOf(absl::StrCat(act, "/idea")));
  idea_request.set_round_id(stage.round_id);
  idea_request.set_title(plan.title);
  idea_request.set_text(plan.text);
  ASSIGN_OR_RETURN(const auto idea,
                   stage.As(author, Audience::kProposals, &Proposals::SubmitIdea, idea_request));

  proposals::v1::FormGroupRequest group_request;
  group_request.set_request_id(stage.RequestIdOf(absl::StrCat(act, "/group")));
  group_request.set_round_id(stage.round_id);
  group_request.set_name(plan.title);
  ASSIGN_OR_RETURN(const auto group,
                   stage.As(author, Audience::kProposals, &Proposals::FormGroup, group_request));

  proposals::v1::ForgePlanRequest plan_request;
  plan_request.set_request_id(stage.RequestIdOf(absl::StrCat(act, "/plan")));
  plan_request.set_group_id(group.group_id());
  plan_request.set_title(plan.title);
  plan_request.set_text(plan.text);
  plan_request.set_cost_cents(plan.cost_cents);
  plan_request.set_horizon(ballots::v1::HORIZON_SHORT_STRIKE);
  plan_request.add_idea_ids(idea.idea_id());
  plan_request.set_category(plan.category);
  ASSIGN_OR_RETURN(const auto forged,
                   stage.As(author, Audience::kProposals, &Proposals::ForgePlan, plan_request));

  for (const registry::v1::Criterion& criterion : stage.script.charter.criteria()) {
    proposals::v1::CheckPlanRequest check;
    check.set_request_id(stage.RequestIdOf(absl::StrCat(act, "/check/", criterion.criterion_id())));
    check.set_plan_id(forged.plan_id());
    check.set_criterion_id(criterion.criterion_id());
    check.set_met(true);
    check.set_reason("We talked it through with the neighbours.");
    RETURN_IF_ERROR(stage.As(author, Audience::kProposals, &Proposals::CheckPlan, check).status());
  }

  proposals::v1::AdvisePlanRequest advice;
  advice.set_request_id(stage.RequestIdOf(absl::StrCat(act, "/advice")));
  advice.set_plan_id(forged.plan_id());
  advice.set_text("Feasible within the year.");
  RETURN_IF_ERROR(
      stage.As(kTeamMember, Audience::kProposals, &Proposals::AdvisePlan, advice).status());

  proposals::v1::AdmitPlanRequest admission;
  admission.set_request_id(stage.RequestIdOf(absl::StrCat(act, "/admission")));
  admission.set_plan_id(forged.plan_id());
  return stage.As(kAreaDirector, Audience::kProposals, &Proposals::AdmitPlan, admission).status();
}

ledger::v1::OpenBudgetRequest OpenRequest(const Stage& stage, const std::string& fund) {
  ledger::v1::OpenBudgetRequest open;
  open.set_district_id(stage.district_id);
  open.set_fund(fund);
  open.set_fiscal_year(stage.year);
  open.set_currency(stage.script.currency);
  return open;
}

// The treasurer opens a budget and records what was appropriated to it; its id. The two acts are
// named.
absl::StatusOr<std::string> Fill(const Stage& stage, const std::string& opening,
                                 const std::string& appropriating, int64_t cents,
                                 ledger::v1::OpenBudgetRequest open) {
  open.set_request_id(stage.RequestIdOf(opening));
  ASSIGN_OR_RETURN(const auto budget,
                   stage.As(kTreasurer, Audience::kLedger, &Ledger::OpenBudget, open));
  ledger::v1::AppropriateRequest appropriation;
  appropriation.set_request_id(stage.RequestIdOf(appropriating));
  appropriation.set_budget_id(budget.budget_id());
  appropriation.set_source("municipality");
  appropriation.set_amount_cents(cents);
  appropriation.set_decision_ref(absl::StrCat("council decision ", stage.year, "-1"));
  RETURN_IF_ERROR(
      stage.As(kTreasurer, Audience::kLedger, &Ledger::Appropriate, appropriation).status());
  return budget.budget_id();
}

// Money with a condition is a budget of its own.
absl::StatusOr<std::string> FillFund(const Stage& stage, const ScriptFund& fund,
                                     const std::string& plan_id) {
  ledger::v1::OpenBudgetRequest open = OpenRequest(stage, fund.name);
  open.mutable_condition()->set_category(fund.category);
  if (!plan_id.empty()) open.mutable_condition()->add_plan_ids(plan_id);
  open.mutable_condition()->set_deadline(absl::StrCat(stage.year + 1, "-12-31"));
  const std::string act = absl::StrCat("funds/", fund.name);
  return Fill(stage, absl::StrCat(act, "/budget"), absl::StrCat(act, "/appropriation"),
              fund.pot_cents, std::move(open));
}

// What is for one plan is added to the round when there is one.
absl::Status AddPots(const Stage& stage) {
  ASSIGN_OR_RETURN(const std::vector<proposals::v1::Plan> plans, PlansOf(stage));
  for (const ScriptFund& fund : stage.script.funds) {
    if (!fund.plan) continue;
    const std::string& plan_id = plans.at(*fund.plan).plan_id();
    proposals::v1::AddPotRequest pot;
    ASSIGN_OR_RETURN(*pot.mutable_budget_id(), FillFund(stage, fund, plan_id));
    pot.set_request_id(stage.RequestIdOf(absl::StrCat("funds/", fund.name, "/pot")));
    pot.set_round_id(stage.round_id);
    pot.set_amount_cents(fund.pot_cents);
    pot.set_plan_id(plan_id);
    RETURN_IF_ERROR(
        stage.As(kAreaDirector, Audience::kProposals, &Proposals::AddPot, pot).status());
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status SetUpDistrict(Stage& stage) {
  ASSIGN_OR_RETURN(const auto municipality,
                   stage.As(kAdministrator, Audience::kRegistry, &Registry::GetMunicipality,
                            registry::v1::GetMunicipalityRequest()));
  stage.municipality_id = municipality.municipality_id();
  RETURN_IF_ERROR(Appoint(stage));

  registry::v1::CreateDistrictRequest district_request;
  district_request.set_request_id(StandingRequestId(stage, "district"));
  district_request.mutable_district()->set_slug(stage.script.district_slug);
  district_request.mutable_district()->set_name(stage.script.district_name);
  district_request.mutable_district()->add_postcodes(stage.script.postcode);
  ASSIGN_OR_RETURN(const auto district, stage.As(kAdministrator, Audience::kRegistry,
                                                 &Registry::CreateDistrict, district_request));
  stage.district_id = district.district_id();

  registry::v1::PublishCharterRequest charter_request;
  charter_request.set_request_id(stage.RequestIdOf("charter"));
  *charter_request.mutable_charter() = stage.script.charter;
  charter_request.mutable_charter()->set_district_id(stage.district_id);
  ASSIGN_OR_RETURN(const auto charter, stage.As(kAdministrator, Audience::kRegistry,
                                                &Registry::PublishCharter, charter_request));
  stage.charter_id = charter.charter_id();
  stage.tell(
      absl::StrCat(stage.script.district_name, " has a charter, version ", charter.version()));
  return ImportResidents(stage);
}

absl::Status FillBudget(Stage& stage) {
  ASSIGN_OR_RETURN(stage.budget_id, Fill(stage, "budget", "appropriation", stage.script.pot_cents,
                                         OpenRequest(stage, "general")));
  return absl::OkStatus();
}

absl::Status PlanRound(Stage& stage) {
  ASSIGN_OR_RETURN(std::optional<Round> round, RoundTitledAsOurs(stage));
  if (!round) {
    proposals::v1::CreateRoundRequest request;
    request.set_request_id(Uuid::Random().ToString());
    request.set_district_id(stage.district_id);
    request.set_title(stage.title);
    request.set_year(stage.year);
    request.set_charter_id(stage.charter_id);
    *request.mutable_instants() = InstantsFrom(stage, absl::Now() + kAhead);
    proposals::v1::Pot& pot = *request.add_pots();
    pot.set_budget_id(stage.budget_id);
    pot.set_amount_cents(stage.script.pot_cents);
    for (const ScriptFund& fund : stage.script.funds) {
      if (fund.plan) continue;
      proposals::v1::Pot& conditional = *request.add_pots();
      ASSIGN_OR_RETURN(*conditional.mutable_budget_id(), FillFund(stage, fund, ""));
      conditional.set_amount_cents(fund.pot_cents);
    }
    request.set_demonstration(true);
    ASSIGN_OR_RETURN(
        round, stage.As(kAreaDirector, Audience::kProposals, &Proposals::CreateRound, request));
  }
  stage.round_id = round->round_id();
  stage.tell(absl::StrCat("round ", stage.title, " is planned: ", stage.round_id));
  return absl::OkStatus();
}

absl::Status ForgePlans(Stage& stage) {
  ASSIGN_OR_RETURN(const Round round, CurrentRound(stage));
  if (round.phase() != Round::PHASE_FORGING) return absl::OkStatus();  // Taken up later on.
  for (size_t i = 0; i < stage.script.plans.size(); ++i) {
    RETURN_IF_ERROR(ForgePlan(stage, stage.script.plans[i], absl::StrCat("plans/", i)));
  }
  stage.tell(absl::StrCat(stage.script.plans.size(), " plans were forged, checked and admitted"));

  RETURN_IF_ERROR(AddPots(stage));
  proposals::v1::ApprovePotRequest approval;
  approval.set_request_id(stage.RequestIdOf("pot"));
  approval.set_round_id(stage.round_id);
  approval.set_decision_ref(absl::StrCat("budget holder's decision ", stage.year, "-1"));
  RETURN_IF_ERROR(
      stage.As(kBudgetHolder, Audience::kProposals, &Proposals::ApprovePot, approval).status());

  proposals::v1::RescheduleRoundRequest now;
  now.set_request_id(Uuid::Random().ToString());
  now.set_round_id(stage.round_id);
  *now.mutable_instants() = InstantsFrom(stage, absl::Now());
  return stage.As(kAreaDirector, Audience::kProposals, &Proposals::RescheduleRound, now).status();
}

absl::Status ApproveManifest(Stage& stage) {
  std::string manifest_hash;
  const auto proposed = [&]() -> absl::StatusOr<bool> {
    const auto election = ElectionOf(stage);
    if (election.ok()) manifest_hash = election->manifest_hash();
    if (ReasonOf(election.status()) == "ELECTION_NOT_FOUND") return false;
    RETURN_IF_ERROR(election.status());
    return true;
  };
  RETURN_IF_ERROR(WaitUntil(stage, "the manifest to be proposed", proposed));

  for (const char* official : {kFirstOfficial, kSecondOfficial}) {
    ballots::v1::ApproveManifestRequest approval;
    approval.set_request_id(stage.RequestIdOf(absl::StrCat("manifest/", official)));
    approval.set_round_id(stage.round_id);
    approval.set_manifest_hash(manifest_hash);
    RETURN_IF_ERROR(
        stage.As(official, Audience::kBallots, &Ballots::ApproveManifest, approval).status());
  }
  const auto confirmed = [&]() -> absl::StatusOr<bool> {
    registry::v1::GetRollRequest request;
    request.set_round_id(stage.round_id);
    ASSIGN_OR_RETURN(const auto roll, stage.deployment.registry.Call(&Registry::GetRoll, request));
    return !roll.manifest_hash().empty();
  };
  RETURN_IF_ERROR(WaitUntil(stage, "the roll to know the manifest", confirmed));
  stage.tell("two officials approved the manifest; voting is open");
  return absl::OkStatus();
}

}  // namespace smederij::cli
