#include "services/cli/compare/comparison_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace smederij::cli {
namespace {

using ballots::tally::GroupShare;
using ballots::tally::Rule;
using ballots::tally::ToText;
using Json = nlohmann::ordered_json;

std::string Text(absl::string_view text) { return std::string(text); }

template <class Plans>
Json IdsJson(const Comparison& comparison, const Plans& plans) {
  std::vector<std::string> ids;
  for (const uint32_t plan : plans) ids.push_back(comparison.file.election.plans[plan].id);
  std::sort(ids.begin(), ids.end());
  return ids;
}

Json OptionsJson(const Rule& rule) {
  Json json = Json::object();
  if (rule.stop_at_first_misfit) json["stop_at_first_misfit"] = true;
  if (rule.last_plan_percent_min > 0) json["last_plan_percent_min"] = rule.last_plan_percent_min;
  if (rule.support_min > 0) json["support_min"] = rule.support_min;
  return json;
}

void AddShare(const GroupShare& share, Json& json) {
  json["ballots"] = share.ballots;
  json["satisfied"] = share.satisfied;
  json["awards"] = share.awards;
  json["money"] = ToText(share.money);
}

Json DivisionJson(const Division& division, const ballots::tally::GroupShares& shares) {
  Json json;
  json["by"] = Text(NameOf(division.trait));
  json["groups"] = Json::array();
  for (size_t i = 0; i < division.groups.size(); ++i) {
    Json group;
    group["group"] = division.groups[i].name;
    AddShare(shares.groups[i], group);
    json["groups"].push_back(std::move(group));
  }
  return json;
}

Json RuleJson(const Comparison& comparison, const RuleResult& result) {
  Json json;
  json["rule"] = result.rule.name;
  json["options"] = OptionsJson(result.rule);
  json["of_the_city"] = result.of_the_city;
  json["selected"] = IdsJson(comparison, result.outcome.selected);
  json["spent"] = ToText(result.outcome.spent);
  json["left"] = ToText(comparison.file.election.budget - result.outcome.spent);
  AddShare(result.all.groups[0], json);
  json["nobody"] = ToText(result.all.nobody);
  json["as_decided"] = comparison.decided ? Json(result.as_decided) : Json();
  json["groups"] = Json::array();
  for (size_t i = 0; i < comparison.divisions.size(); ++i) {
    json["groups"].push_back(DivisionJson(comparison.divisions[i], result.divisions[i]));
  }
  return json;
}

}  // namespace

std::string ToJson(const Comparison& comparison) {
  const ballots::tally::Election& election = comparison.file.election;
  Json json;
  json["file"] = comparison.path;
  json["kind"] = Text(NameOf(election.kind));
  json["ballots"] = election.ballots.size();
  json["budget"] = ToText(election.budget);
  json["plans"] = Json::array();
  for (size_t plan = 0; plan < election.plans.size(); ++plan) {
    json["plans"].push_back({{"id", election.plans[plan].id},
                             {"name", comparison.file.plans[plan].name},
                             {"cost", ToText(election.plans[plan].cost)}});
  }
  json["decided"] = comparison.decided ? IdsJson(comparison, *comparison.decided) : Json();
  json["rules"] = Json::array();
  for (const RuleResult& result : comparison.rules) {
    json["rules"].push_back(RuleJson(comparison, result));
  }
  // The file's text is checked UTF-8 when it is read; a path may be anything.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace smederij::cli
