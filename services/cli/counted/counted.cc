#include "services/cli/counted/counted.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"

namespace smederij::cli {

using ballots::tally::Decision;
using ballots::tally::Outcome;
using ballots::tally::Plan;
using ballots::tally::TieBreak;

absl::string_view NameOf(Decision decision) {
  switch (decision) {
    case Decision::kFunded:
      return "funded";
    case Decision::kPartial:
      return "partial";
    case Decision::kNotFunded:
      return "not_funded";
  }
  CHECK(false);
}

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
std::vector<Fact> FactsById(const Counted& counted, uint32_t plan) {
  std::vector<Fact> facts = counted.outcome.plans[plan].facts;
  for (auto& [name, value] : facts) {
    if (name != "winner" && name != "against" && name != "stopped_by") continue;
    for (const Plan& other : counted.file.election.plans) {
      if (absl::StrCat(other.number) != value) continue;
      value = other.id;
      break;
    }
  }
  return facts;
}

std::string SentenceFor(const Counted& counted, uint32_t plan, Language language) {
  return SentenceOf(counted.outcome.plans[plan].reason, FactsById(counted, plan),
                    counted.file.election.currency, language);
}

absl::string_view DecidedBy(const Counted& counted, uint32_t first, uint32_t second) {
  std::vector<TieBreak> order = counted.rule.tie_order;
  if (order.empty()) order = {TieBreak::kSupport, TieBreak::kCost};
  const auto& plans = counted.file.election.plans;
  const auto& outcomes = counted.outcome.plans;
  for (const TieBreak by : order) {
    if (by == TieBreak::kSupport && outcomes[first].support != outcomes[second].support) {
      return "support";
    }
    if (by == TieBreak::kCost && plans[first].cost != plans[second].cost) return "cost";
    if (by == TieBreak::kLot) return "lot";
    if (by == TieBreak::kNumber) return "number";
  }
  return "number";
}

}  // namespace smederij::cli
