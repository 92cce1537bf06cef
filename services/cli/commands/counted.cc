#include "services/cli/commands/counted.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/ballots/tally/sentence.h"

namespace smederij::cli {
namespace {

using ballots::tally::Decision;
using ballots::tally::Election;
using ballots::tally::Outcome;
using ballots::tally::PlanOutcome;
using ballots::tally::Rational;
using ballots::tally::ToRounded;
using ballots::tally::ToText;

constexpr size_t kNameWidth = 60;

const char* NameOf(Decision decision) {
  switch (decision) {
    case Decision::kFunded:
      return "funded";
    case Decision::kPartial:
      return "partial";
    case Decision::kNotFunded:
      return "not_funded";
  }
  return "?";
}

// Characters, not bytes: names are in every language.
size_t Width(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

std::string Cut(const std::string& text, size_t width) {
  size_t characters = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) == 0x80) continue;
    if (characters++ == width) return absl::StrCat(text.substr(0, i), "…");
  }
  return text;
}

std::string Left(const std::string& text, size_t width) {
  return text + std::string(width - std::min(width, Width(text)), ' ');
}

std::string Right(const std::string& text, size_t width) {
  return std::string(width - std::min(width, Width(text)), ' ') + text;
}

std::string Readable(const Rational& amount) {
  return ToRounded(amount, amount.get_den() == 1 ? 0 : 2);
}

// Winners in order of selection, then the rest by support.
std::vector<uint32_t> InOrder(const Counted& counted) {
  const Outcome& outcome = counted.outcome;
  std::vector<uint32_t> order = outcome.selected;
  std::vector<bool> listed(outcome.plans.size(), false);
  for (const uint32_t plan : order) listed[plan] = true;
  const auto winners = static_cast<std::ptrdiff_t>(order.size());
  for (uint32_t plan = 0; plan < outcome.plans.size(); ++plan) {
    if (!listed[plan]) order.push_back(plan);
  }
  std::sort(order.begin() + winners, order.end(), [&](uint32_t a, uint32_t b) {
    const int64_t support_a = outcome.plans[a].support, support_b = outcome.plans[b].support;
    if (support_a != support_b) return support_a > support_b;
    return counted.file.election.plans[a].number < counted.file.election.plans[b].number;
  });
  return order;
}

// The count speaks of other plans by number; whoever reads a file knows its ids.
std::vector<Fact> FactsById(const Election& election, const PlanOutcome& plan) {
  std::vector<Fact> facts = plan.facts;
  for (auto& [name, value] : facts) {
    if (name != "winner" && name != "against" && name != "stopped_by") continue;
    for (const auto& other : election.plans) {
      if (absl::StrCat(other.number) != value) continue;
      value = other.id;
      break;
    }
  }
  return facts;
}

std::string Sentence(const Counted& counted, uint32_t plan) {
  const Election& election = counted.file.election;
  const PlanOutcome& outcome = counted.outcome.plans[plan];
  return SentenceOf(outcome.reason, FactsById(election, outcome), election.currency,
                    ballots::tally::Language::kEnglish);
}

void PrintHead(const Counted& counted, std::ostream& out) {
  const Election& election = counted.file.election;
  const Outcome& outcome = counted.outcome;
  out << counted.path << '\n'
      << "  " << NameOf(election.kind) << ", " << outcome.voters << " ballots, "
      << election.plans.size() << " plans, budget " << Readable(election.budget) << ' '
      << election.currency << '\n'
      << "  rule " << counted.rule.name
      << (counted.rule.stop_at_first_misfit ? ", stops at the first plan that does not fit" : "");
  if (outcome.threshold > 0) out << ", at least " << outcome.threshold << " support";
  out << "; " << outcome.selected.size() << " plans funded for " << Readable(outcome.spent) << ", "
      << Readable(election.budget - outcome.spent) << " left\n";
  for (const auto& contest : outcome.contests) {
    if (contest.endowments == 0) continue;
    out << "  every voter had " << Readable(contest.endowment) << " to spend ("
        << contest.endowments
        << (contest.endowments == 1 ? " endowment was tried)\n" : " endowments were tried)\n");
  }
}

nlohmann::ordered_json PlanJson(const Counted& counted, uint32_t plan) {
  const Election& election = counted.file.election;
  const PlanOutcome& outcome = counted.outcome.plans[plan];
  nlohmann::ordered_json json;
  json["id"] = election.plans[plan].id;
  json["name"] = counted.file.plans[plan].name;
  json["decision"] = NameOf(outcome.decision);
  json["award"] = ToText(outcome.award);
  json["cost"] = ToText(election.plans[plan].cost);
  json["support"] = outcome.support;
  json["reason"] = std::string(NameOf(outcome.reason));
  json["facts"] = nlohmann::ordered_json::object();
  for (const auto& [name, value] : FactsById(election, outcome)) json["facts"][name] = value;
  json["sentence"] = Sentence(counted, plan);
  return json;
}

}  // namespace

void PrintCounted(const Counted& counted, bool explain, std::ostream& out) {
  const Election& election = counted.file.election;
  PrintHead(counted, out);
  size_t id_width = 2, money_width = 5;
  for (const auto& plan : election.plans) {
    id_width = std::max(id_width, Width(plan.id));
    money_width = std::max(money_width, Readable(plan.cost).size());
  }
  out << "  " << Left("id", id_width) << "  decision    " << Right("award", money_width) << "  "
      << Right("cost", money_width) << "  support  name\n";
  for (const uint32_t plan : InOrder(counted)) {
    const PlanOutcome& outcome = counted.outcome.plans[plan];
    const bool none = outcome.decision == Decision::kNotFunded;
    out << "  " << Left(election.plans[plan].id, id_width) << "  "
        << Left(none ? "-" : NameOf(outcome.decision), 10) << "  "
        << Right(none ? "-" : Readable(outcome.award), money_width) << "  "
        << Right(Readable(election.plans[plan].cost), money_width) << "  "
        << Right(absl::StrCat(outcome.support), 7) << "  "
        << Cut(counted.file.plans[plan].name, kNameWidth) << '\n';
    if (explain) out << "      " << Sentence(counted, plan) << '\n';
  }
}

std::string ToJson(const Counted& counted, bool explain) {
  const Election& election = counted.file.election;
  const Outcome& outcome = counted.outcome;
  std::vector<std::string> order;
  for (const uint32_t plan : outcome.selected) order.push_back(election.plans[plan].id);
  std::vector<std::string> selected = order;
  std::sort(selected.begin(), selected.end());
  nlohmann::ordered_json json;
  json["file"] = counted.path;
  json["rule"] = counted.rule.name;
  json["selected"] = selected;
  json["order"] = order;
  json["budget"] = ToText(election.budget);
  json["spent"] = ToText(outcome.spent);
  json["left"] = ToText(election.budget - outcome.spent);
  json["ballots"] = outcome.voters;
  json["threshold"] = outcome.threshold;
  json["warnings"] = nlohmann::ordered_json::array();
  for (const auto& warning : counted.file.warnings) {
    json["warnings"].push_back(
        {{"line", warning.line}, {"field", warning.field}, {"text", warning.text}});
  }
  if (explain) {
    json["plans"] = nlohmann::ordered_json::array();
    for (const uint32_t plan : InOrder(counted)) json["plans"].push_back(PlanJson(counted, plan));
  }
  // A plan's name is checked UTF-8 when the file is read, so dumping cannot fail.
  return json.dump();
}

}  // namespace smederij::cli
