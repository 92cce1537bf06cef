#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/cli/counted/charter.h"
#include "services/cli/counted/mistakes.h"

namespace smederij::cli {
namespace {

using ballots::tally::BallotView;
using ballots::tally::kWeightMax;
using ballots::tally::PbFile;
using ballots::tally::PbVoter;
using ballots::tally::Plan;
using ballots::tally::Pot;
using ballots::tally::Rational;
using ballots::tally::Rule;
using ballots::tally::ToText;

constexpr size_t kIdsShown = 10;  // Of those that one mistake is about.

// What the rule calls a thing, and the flag that sets it.
constexpr std::pair<absl::string_view, absl::string_view> kFlags[] = {
    {"name", "--rule"},
    {"stop_at_first_misfit", "--no-skip"},
    {"partial_award", "--partial"},
    {"last_plan_percent_min", "--nearly"},
    {"support_min", "--threshold"},
    {"support_min_basis_points", "--threshold-percent"},
    {"endowment_step", "--endowment-step"},
    {"tie_order", "--tie-order"},
};

std::string Listed(const std::vector<std::string>& ids) {
  if (ids.size() <= kIdsShown) return absl::StrJoin(ids, ", ");
  const auto end = ids.begin() + static_cast<std::ptrdiff_t>(kIdsShown);
  return absl::StrCat(absl::StrJoin(ids.begin(), end, ", "), " and ", ids.size() - kIdsShown,
                      " more");
}

absl::StatusOr<Rule> BaseRule(const CharterFlags& flags, const PbFile& file) {
  Rule rule;
  rule.name = flags.rule;
  if (!flags.rule.empty()) return rule;
  std::optional<Rule> official = ballots::tally::OfficialRule(file);
  if (official) return *std::move(official);
  return Error(kInvalidArgument, "RULE_NOT_KNOWN",
               "the file does not name a rule we know; choose one with --rule")
      .With("meta_rule", file.Meta("rule"));
}

// Changes one file; every mistake is told.
class Applier {
 public:
  Applier(const Charter& charter, PbFile& file) : charter_(charter), file_(file) {
    for (uint32_t plan = 0; plan < file.election.plans.size(); ++plan) {
      plan_of_[file.election.plans[plan].id] = plan;
    }
  }

  absl::StatusOr<Rule> Apply() {
    ASSIGN_OR_RETURN(Rule rule, BaseRule(charter_.flags, file_));
    SetOptions(rule);
    DrawLot(rule);
    for (size_t group = 0; group < charter_.exclusive.size(); ++group) Exclude(group);
    if (!charter_.pots.empty()) FillPots();
    if (!charter_.weights.empty()) Weigh();
    for (const auto& [field, wrong] : FieldsOf(CheckRule(rule, file_.election.kind))) {
      Wrong(FlagOf(field), wrong);
    }
    RETURN_IF_ERROR(mistakes_.Finish("RULE_INVALID", "the rule cannot be used"));
    return rule;
  }

 private:
  void Wrong(absl::string_view flag, absl::string_view wrong) { mistakes_.Add(flag, wrong); }

  static absl::string_view FlagOf(absl::string_view field) {
    for (const auto& [name, flag] : kFlags) {
      if (name == field) return flag;
    }
    return field;
  }

  void SetOptions(Rule& rule) {
    const CharterFlags& flags = charter_.flags;
    rule.stop_at_first_misfit |= flags.no_skip;
    rule.partial_award = flags.partial;
    // What the file's city does with the last plan gives way to what is asked for.
    if (flags.partial) rule.last_plan_percent_min = 0;
    if (flags.nearly > 0) rule.last_plan_percent_min = static_cast<uint32_t>(flags.nearly);
    if (flags.threshold > 0) rule.support_min = flags.threshold;
    rule.support_min_basis_points = charter_.threshold_basis_points;
    rule.tie_order = charter_.tie_order;
    if (!charter_.endowment_step) return;
    rule.endowment_step = *charter_.endowment_step;
    if (!absl::StrContains(rule.name, "_add1")) {
      Wrong("--endowment-step", "only goes with add1 rules");
    }
  }

  // The plan of an id that `flag` names, or nothing once that was told.
  std::optional<uint32_t> Find(absl::string_view flag, const std::string& id) {
    const auto found = plan_of_.find(id);
    if (found != plan_of_.end()) return found->second;
    Wrong(flag, absl::StrCat("there is no plan \"", id, "\""));
    return std::nullopt;
  }

  void DrawLot(Rule& rule) {
    if (charter_.lot.empty()) return;
    absl::flat_hash_set<uint32_t> drawn;
    for (const std::string& id : charter_.lot) {
      const std::optional<uint32_t> plan = Find("--lot", id);
      if (!plan) continue;
      if (!drawn.insert(*plan).second) {
        Wrong("--lot", absl::StrCat("plan \"", id, "\" is drawn twice"));
      }
      rule.lot.push_back(file_.election.plans[*plan].number);
    }
    std::vector<std::string> missing;
    for (const Plan& plan : file_.election.plans) {
      if (!drawn.contains(plan_of_[plan.id])) missing.push_back(plan.id);
    }
    if (!missing.empty()) Wrong("--lot", absl::StrCat("does not draw ", Listed(missing)));
  }

  void Exclude(size_t group) {
    const std::vector<std::string>& ids = charter_.exclusive[group];
    const std::string flag = absl::StrCat("--exclusive ", absl::StrJoin(ids, ","));
    for (const std::string& id : ids) {
      const std::optional<uint32_t> found = Find(flag, id);
      if (!found) continue;
      Plan& plan = file_.election.plans[*found];
      if (!plan.exclusive_group.empty()) {
        Wrong(flag, absl::StrCat("plan \"", id, "\" is named twice"));
      }
      plan.exclusive_group = absl::StrCat(group + 1);
    }
  }

  // The pots that may pay for a plan: that of its whole category, or else of one on its list.
  std::vector<std::string> PotsFor(const Plan& plan) const {
    std::vector<std::string> pots;
    for (const Pot& pot : charter_.pots) {
      if (plan.category == pot.category) return {pot.category};
      for (const absl::string_view category : absl::StrSplit(plan.category, ',')) {
        if (absl::StripAsciiWhitespace(category) == pot.category) pots.push_back(pot.category);
      }
    }
    return pots;
  }

  void FillPots() {
    std::vector<std::string> without, several;
    for (Plan& plan : file_.election.plans) {
      const std::vector<std::string> pots = PotsFor(plan);
      if (pots.empty()) without.push_back(absl::StrCat(plan.id, " (", plan.category, ")"));
      if (pots.size() > 1) several.push_back(plan.id);
      if (pots.size() == 1) plan.category = pots[0];
    }
    Rational together = 0;
    for (const Pot& pot : charter_.pots) together += pot.amount;
    if (!without.empty()) Wrong("--pot", absl::StrCat("none pays for plans ", Listed(without)));
    if (!several.empty()) Wrong("--pot", absl::StrCat("several pay for plans ", Listed(several)));
    if (together > file_.election.budget) {
      Wrong("--pot", absl::StrCat("the pots hold ", ToText(together), ", more than the budget of ",
                                  ToText(file_.election.budget)));
    }
    file_.election.pots = charter_.pots;
  }

  static bool Applies(const WeightOf& weight, const PbVoter& voter) {
    switch (weight.trait) {
      case Trait::kAge:
        if (!weight.ages || !voter.age) return !weight.ages && !voter.age;
        return weight.ages->youngest <= *voter.age && *voter.age <= weight.ages->oldest;
      case Trait::kSex:
        return voter.sex == weight.value;
      case Trait::kVotingMethod:
        return voter.voting_method == weight.value;
      case Trait::kNeighborhood:
        return voter.neighborhood == weight.value;
    }
    return false;
  }

  void Weigh() {
    std::vector<bool> applied(charter_.weights.size(), false);
    ballots::tally::Ballots weighed;
    for (size_t row = 0; row < file_.voters.size(); ++row) {
      const BallotView ballot = file_.election.ballots[row];
      int64_t weight = ballot.weight;
      for (size_t i = 0; i < charter_.weights.size(); ++i) {
        if (!Applies(charter_.weights[i], file_.voters[row])) continue;
        applied[i] = true;
        // Beyond the limit the count refuses; before it, products stay small.
        weight = std::min(weight * charter_.weights[i].weight, kWeightMax + 1);
      }
      weighed.Add(ballot.choices, weight);
    }
    file_.election.ballots = std::move(weighed);
    for (size_t i = 0; i < applied.size(); ++i) {
      if (!applied[i]) Wrong(charter_.weights[i].flag, "no voter of the file is meant");
    }
  }

  const Charter& charter_;
  PbFile& file_;
  absl::flat_hash_map<std::string, uint32_t> plan_of_{};
  Mistakes mistakes_{};
};

}  // namespace

absl::StatusOr<Rule> ApplyCharter(const Charter& charter, PbFile& file) {
  return Applier(charter, file).Apply();
}

}  // namespace smederij::cli
