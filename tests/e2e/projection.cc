#include "tests/e2e/projection.h"

#include <map>
#include <nlohmann/json.hpp>

#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/check.h"

namespace smederij::e2e {
namespace {

using nlohmann::json;

json Ask(const Town& town, const std::vector<std::string>& arguments) {
  const Ended ended = town.Smederij(arguments);
  if (ended.code != 0) fprintf(stderr, "%s\n", ended.err.c_str());
  CHECK(ended.code == 0);
  return json::parse(ended.out);
}

}  // namespace

std::string LastLine(const std::string& text) {
  const absl::string_view trimmed = absl::StripTrailingAsciiWhitespace(text);
  return std::string(trimmed.substr(trimmed.rfind('\n') + 1));
}

std::string CanonicalProjection(const Town& town, const std::string& summary) {
  const std::string round = json::parse(summary).at("round");
  const json result = Ask(town, {"result", round, "--json"});
  const json explained = Ask(town, {"round", "explain", round, "--json"});
  const std::string budget = explained.at("round").at("pots").at(0).at("budget_id");
  const json books = Ask(town, {"ledger", "trial-balance", budget, "--json"});

  std::map<std::string, std::string> names = {{round, "round"}};
  std::map<int, json> plans;
  for (const json& plan : result.at("plans")) {
    const int number = plan.at("number");
    names[plan.at("plan_id")] = "plan " + std::to_string(number);
    plans[number] = {{"decision", plan.at("decision")},
                     {"award", plan.at("award_cents")},
                     {"support", plan.at("support")},
                     {"reason", plan.at("reason")}};
  }
  std::map<std::string, json> accounts;
  int commitments = 0;
  for (const json& account : books.at("accounts")) {
    const std::string reference = account.at("reference");
    // Ids of commitments follow from the budget's: they are named by the order they were opened in.
    if (account.at("kind") == "ACCOUNT_KIND_COMMITTED") {
      names[reference] = "commitment " + std::to_string(++commitments);
    }
    const auto named = names.find(reference);
    accounts[account.at("kind").get<std::string>() + " " +
             (named == names.end() ? reference : named->second)] = account.at("balance_cents");
  }
  json projection;
  projection["phase"] = explained.at("round").at("phase");
  projection["turnout"] = result.at("turnout");
  for (const auto& [number, plan] : plans) projection["plans"][std::to_string(number)] = plan;
  projection["books"] = accounts;
  projection["total"] = books.at("total_cents");
  return projection.dump(1);
}

}  // namespace smederij::e2e
