#include "services/cli/counted/json.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "services/cli/counted/voters.h"

namespace smederij::cli {
namespace {

using ballots::tally::Contest;
using ballots::tally::Election;
using ballots::tally::GroupShare;
using ballots::tally::Outcome;
using ballots::tally::PlanOutcome;
using ballots::tally::Step;
using ballots::tally::ToText;
using Json = nlohmann::ordered_json;

std::string Text(absl::string_view text) { return std::string(text); }

Json PlanJson(const Counted& counted, uint32_t plan, Language language) {
  const Election& election = counted.file.election;
  const PlanOutcome& outcome = counted.outcome.plans[plan];
  Json json;
  json["id"] = election.plans[plan].id;
  json["name"] = counted.file.plans[plan].name;
  json["decision"] = Text(NameOf(outcome.decision));
  json["award"] = ToText(outcome.award);
  json["cost"] = ToText(election.plans[plan].cost);
  json["support"] = outcome.support;
  json["reason"] = Text(NameOf(outcome.reason));
  json["facts"] = Json::object();
  for (const auto& [name, value] : FactsById(counted, plan)) json["facts"][name] = value;
  json["sentence"] = SentenceFor(counted, plan, language);
  return json;
}

Json ContestJson(const Election& election, const Contest& contest) {
  Json json;
  json["category"] = contest.category;
  json["budget"] = ToText(contest.budget);
  json["spent"] = ToText(contest.spent);
  if (contest.endowments > 0) {
    json["endowment"] = ToText(contest.endowment);
    json["endowments"] = contest.endowments;
  }
  json["steps"] = Json::array();
  for (const Step& step : contest.steps) {
    std::vector<std::string> tied;
    for (const uint32_t plan : step.tied) tied.push_back(election.plans[plan].id);
    json["steps"].push_back({{"plan", election.plans[step.plan].id},
                             {"price", ToText(step.price)},
                             {"left", ToText(step.left)},
                             {"tied", tied}});
  }
  return json;
}

Json GroupJson(const GroupShare& share) {
  Json json;
  json["ballots"] = share.ballots;
  json["satisfied"] = share.satisfied;
  json["awards"] = share.awards;
  json["money"] = ToText(share.money);
  return json;
}

Json DivisionJson(const DivisionShares& division) {
  Json json;
  json["by"] = Text(NameOf(division.trait));
  json["groups"] = Json::array();
  for (size_t i = 0; i < division.groups.size(); ++i) {
    Json group;
    group["group"] = division.groups[i].name;
    group.update(GroupJson(division.shares.groups[i]));
    json["groups"].push_back(std::move(group));
  }
  return json;
}

void Explain(const Counted& counted, Language language, Json& json) {
  json["plans"] = Json::array();
  for (const uint32_t plan : InOrder(counted)) {
    json["plans"].push_back(PlanJson(counted, plan, language));
  }
  json["contests"] = Json::array();
  for (const Contest& contest : counted.outcome.contests) {
    json["contests"].push_back(ContestJson(counted.file.election, contest));
  }
  const ballots::tally::GroupShares all = SharesOfAll(counted);
  json["all"] = GroupJson(all.groups[0]);
  json["nobody"] = ToText(all.nobody);
  json["groups"] = Json::array();
  for (const DivisionShares& division : SharesByGroup(counted)) {
    json["groups"].push_back(DivisionJson(division));
  }
}

}  // namespace

std::string ToJson(const Counted& counted, bool explain, Language language) {
  const Election& election = counted.file.election;
  const Outcome& outcome = counted.outcome;
  std::vector<std::string> order;
  for (const uint32_t plan : outcome.selected) order.push_back(election.plans[plan].id);
  std::vector<std::string> selected = order;
  std::sort(selected.begin(), selected.end());
  Json json;
  json["file"] = counted.path;
  json["rule"] = counted.rule.name;
  json["selected"] = selected;
  json["order"] = order;
  json["budget"] = ToText(election.budget);
  json["spent"] = ToText(outcome.spent);
  json["left"] = ToText(election.budget - outcome.spent);
  json["ballots"] = outcome.voters;
  json["threshold"] = outcome.threshold;
  json["warnings"] = Json::array();
  for (const auto& warning : counted.file.warnings) {
    json["warnings"].push_back(
        {{"line", warning.line}, {"field", warning.field}, {"text", warning.text}});
  }
  if (explain) Explain(counted, language, json);
  // The file's text is checked UTF-8 when it is read; a path may be anything.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace smederij::cli
