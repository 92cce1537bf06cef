#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/cli/counted/html_page.h"

namespace smederij::cli {
namespace {

using ballots::tally::Contest;
using ballots::tally::Pot;
using ballots::tally::Rule;
using ballots::tally::TieBreak;

// What follows from the rule's name.
std::vector<std::string> Sentences(const HtmlPage& page) {
  const Rule& rule = page.counted.rule;
  const std::string unit = page.Say(page.points() ? words::kManyPoints : words::kManyVotes);
  if (rule.name == "phragmen") return {page.Say(words::kLoads)};
  std::vector<std::string> said;
  if (page.equal_shares()) {
    said.push_back(page.Say(words::kShares));
    const bool grew = absl::StrContains(rule.name, "_add1") || absl::StrContains(rule.name, "_inc");
    if (grew) said.push_back(page.Say(words::kSharesGrew));
    if (rule.name.back() == 'u') said.push_back(page.Say(words::kCompleted));
    return said;
  }
  const bool per_cost = absl::StrContains(rule.name, "_per_cost") || rule.name == "greedy_card";
  said.push_back(page.Say(per_cost ? words::kByVotesPerCost : words::kByVotes, unit));
  const bool stops = rule.stop_at_first_misfit;
  if (!rule.partial_award) said.push_back(page.Say(stops ? words::kStopped : words::kPassedBy));
  const uint32_t percent = rule.last_plan_percent_min;
  if (rule.partial_award) {
    said.push_back(percent > 0 ? page.Say(words::kPartialFrom, percent)
                               : page.Say(words::kPartial));
  } else if (percent > 0) {
    said.push_back(page.Say(words::kNearly, percent));
  }
  return said;
}

std::string TieSentence(const HtmlPage& page) {
  std::vector<TieBreak> order = page.counted.rule.tie_order;
  if (order.empty()) order = {TieBreak::kSupport, TieBreak::kCost, TieBreak::kNumber};
  const std::string unit = page.Say(page.points() ? words::kManyPoints : words::kManyVotes);
  std::vector<std::string> said;
  for (const TieBreak by : order) {
    said.push_back(page.Say(by == TieBreak::kSupport ? words::kTieSupport
                            : by == TieBreak::kCost  ? words::kTieCost
                            : by == TieBreak::kLot   ? words::kTieLot
                                                     : words::kTieNumber,
                            unit));
  }
  return page.Say(words::kTieOrder, absl::StrJoin(said, page.Say(words::kThen)));
}

// What the charter adds.
std::vector<std::string> Additions(const HtmlPage& page) {
  std::vector<std::string> said;
  if (page.outcome().threshold > 0) {
    said.push_back(page.Say(words::kThreshold, page.Support(page.outcome().threshold)));
  }
  std::vector<std::string> pots;
  for (const Pot& pot : page.election().pots) {
    pots.push_back(absl::StrCat(pot.category, " ", page.Money(pot.amount)));
  }
  if (!pots.empty()) said.push_back(page.Say(words::kPots, absl::StrJoin(pots, ", ")));
  for (const auto& plan : page.election().plans) {
    if (plan.exclusive_group.empty()) continue;
    said.push_back(page.Say(words::kExclusive));
    break;
  }
  if (!page.counted.weights.empty()) {
    said.push_back(page.Say(words::kWeights, absl::StrJoin(page.counted.weights, ", ")));
  }
  said.push_back(TieSentence(page));
  return said;
}

void PutEndowment(HtmlPage& page, const Contest& contest) {
  page.html.Open("dl", {{"class", "note"}});
  page.html.Element("dt", contest.category.empty()
                              ? page.Say(words::kEndowment)
                              : page.Say(words::kEndowmentOfPot, contest.category));
  page.html.Open("dd");
  page.PutMoney(contest.endowment);
  page.html.Close().Close();
}

}  // namespace

void PutRule(HtmlPage& page) {
  HtmlWriter& html = page.html;
  html.Open("section", {{"aria-labelledby", "how"}}).Raw("\n");
  html.Element("h2", page.Say(words::kHow), {{"id", "how"}});
  html.Element("p", absl::StrJoin(Sentences(page), " "));
  for (const Contest& contest : page.outcome().contests) {
    if (contest.endowments > 0) PutEndowment(page, contest);
  }
  html.Element("p", absl::StrJoin(Additions(page), " "));
  html.Close();
}

}  // namespace smederij::cli
