#include "services/proposals/reconciler/manifest.h"

#include "common/base/check.h"
#include "services/proposals/domain/condition.h"
#include "services/proposals/wire/instant.h"

namespace smederij::proposals {
namespace {

const registry::v1::RollClass* ClassOf(const registry::v1::Roll& roll, uint32_t class_id) {
  for (const registry::v1::RollClass& known : roll.classes()) {
    if (known.class_id() == class_id) return &known;
  }
  return nullptr;
}

void AddOption(const Plan& plan, const std::vector<Pot>& pots, ballots::v1::Manifest& manifest) {
  ballots::v1::Option& option = *manifest.add_options();
  option.set_plan_id(plan.id.ToString());
  option.set_number(plan.number);
  option.set_title(plan.title);
  option.set_cost_cents(AsksOf(plan, pots).cents());
  option.set_category(ContestOf(pots, plan.category));
  option.set_exclusive_group(plan.exclusive_group);
  option.set_text_hash(plan.text_hash);
  option.set_horizon(static_cast<ballots::v1::Horizon>(plan.horizon));
}

}  // namespace

absl::StatusOr<ballots::v1::Manifest> MakeManifest(const Round& round, const std::string& currency,
                                                   const registry::v1::Charter& charter,
                                                   const registry::v1::Roll& roll,
                                                   const std::vector<std::string>& pot_entries,
                                                   const std::vector<Plan>& plans) {
  CHECK(pot_entries.size() == round.pots.size());
  ballots::v1::Manifest manifest;
  manifest.set_round_id(round.id.ToString());
  manifest.set_municipality_id(round.municipality.ToString());
  manifest.set_district_id(round.district.ToString());
  manifest.set_title(round.title);
  manifest.set_currency(currency);
  manifest.set_charter_hash(charter.charter_hash());
  for (const registry::v1::VotingClass& voters : charter.classes()) {
    const registry::v1::RollClass* on_roll = ClassOf(roll, voters.class_id());
    if (on_roll == nullptr) return absl::InternalError("the roll lacks a class of the charter");
    ballots::v1::ElectionClass& election = *manifest.add_classes();
    election.set_class_id(voters.class_id());
    election.set_name(voters.name());
    election.set_age_from(voters.age_from());
    election.set_age_to(voters.age_to());
    election.set_weight(voters.weight());
    election.set_roll_size(on_roll->size());
    election.set_issuer_spki(on_roll->issuer_spki());
  }
  for (const Plan& plan : plans) AddOption(plan, round.pots, manifest);
  *manifest.mutable_ballot_rule() = charter.ballot_rule();
  *manifest.mutable_count_rule() = charter.count_rule();
  for (size_t i = 0; i < round.pots.size(); ++i) {
    const Pot& held = round.pots[i];
    if (!IsContested(held)) continue;
    ballots::v1::PotLine& pot = *manifest.add_pots();
    pot.set_budget_id(held.budget.ToString());
    pot.set_amount_cents(held.amount.cents());
    pot.set_entry_hash(pot_entries[i]);
    pot.set_category(ContestOf(round.pots, held));
  }
  *manifest.mutable_issue_from() = ToTimestamp(round.instants.issue_from);
  *manifest.mutable_issue_until() = ToTimestamp(round.instants.issue_until);
  *manifest.mutable_cast_from() = ToTimestamp(round.instants.cast_from);
  *manifest.mutable_cast_until() = ToTimestamp(round.instants.cast_until);
  for (const Station& station : round.stations) {
    ballots::v1::ManifestStation& added = *manifest.add_stations();
    added.set_number(station.number);
    added.set_name(station.name);
  }
  manifest.set_k_min(charter.k_min());
  manifest.set_demonstration(round.demonstration);
  manifest.set_plan_cost_cents_max(charter.plan_cost_cents_max());
  return manifest;
}

}  // namespace smederij::proposals
