#include <vector>

#include "absl/strings/str_cat.h"
#include "services/cli/counted/html_page.h"

namespace smederij::cli {
namespace {

using ballots::tally::Contest;
using ballots::tally::Step;

size_t StepsOf(const HtmlPage& page) {
  size_t steps = 0;
  for (const Contest& contest : page.outcome().contests) steps += contest.steps.size();
  return steps;
}

std::string WhyOf(const HtmlPage& page, uint32_t first, uint32_t second) {
  const absl::string_view by = DecidedBy(page.counted, first, second);
  return page.Say(by == "support" ? words::kBySupport
                  : by == "cost"  ? words::kByCost
                  : by == "lot"   ? words::kByLot
                                  : words::kByNumber);
}

// "plan 3, plan 4 and plan 5".
std::string PlansText(const HtmlPage& page, const std::vector<uint32_t>& plans) {
  std::string text;
  for (size_t i = 0; i < plans.size(); ++i) {
    if (i > 0) text += i + 1 == plans.size() ? page.Say(words::kAnd) : ", ";
    text += page.Say(words::kTiePlans, page.IdOf(plans[i]));
  }
  return text;
}

// What supporters gave for the plan, where the rule says so.
void PutPrice(HtmlPage& page, const Step& step) {
  if (step.price == 0) return;
  if (page.counted.rule.name == "phragmen") {
    page.html.Text(page.Say(words::kStepLoad));
    page.PutMoney(step.price);
    page.html.Text(".");
    return;
  }
  page.html.Text(page.Say(page.points() ? words::kStepPoint : words::kStepShare));
  page.PutMoney(step.price);
  page.html.Text(page.Say(page.points() ? words::kStepPointEnd : words::kStepShareEnd));
}

void PutStep(HtmlPage& page, const Step& step) {
  HtmlWriter& html = page.html;
  html.Open("li").Open("b");
  page.PutName(step.plan);
  html.Close().Text(absl::StrCat(" (", page.IdOf(step.plan), ")", page.Say(words::kStepTakes)));
  page.PutMoney(page.outcome().plans[step.plan].award);
  html.Text(page.Say(words::kStepLeft));
  page.PutMoney(step.left);
  html.Text(page.Say(words::kStepLeftEnd));
  PutPrice(page, step);
  html.Close();
}

}  // namespace

void PutTies(HtmlPage& page) {
  HtmlWriter& html = page.html;
  bool any = false;
  for (const Contest& contest : page.outcome().contests) {
    for (size_t i = 0; i < contest.steps.size(); ++i) {
      const Step& step = contest.steps[i];
      if (step.tied.empty()) continue;
      if (!any) {
        html.Open("section", {{"aria-labelledby", "ties"}}).Raw("\n");
        html.Element("h2", page.Say(words::kTies), {{"id", "ties"}});
        html.Open("ul").Raw("\n");
      }
      any = true;
      html.Element("li",
                   page.Say(words::kTie, i + 1, page.IdOf(step.plan), PlansText(page, step.tied),
                            WhyOf(page, step.plan, step.tied[0])));
    }
  }
  if (any) html.Close().Close();
}

void PutSteps(HtmlPage& page) {
  const size_t steps = StepsOf(page);
  if (steps == 0) return;
  HtmlWriter& html = page.html;
  html.Open("section", {{"aria-labelledby", "steps"}}).Raw("\n");
  html.Element("h2", page.Say(words::kSteps), {{"id", "steps"}});
  html.Open("details").Raw("\n");
  html.Element("summary", page.Say(steps == 1 ? words::kStepsOne : words::kStepsOpen, steps));
  for (const Contest& contest : page.outcome().contests) {
    if (!contest.category.empty()) html.Element("h3", contest.category);
    if (contest.endowments > 1) {
      html.Element("p",
                   page.Say(words::kTried, page.Number(static_cast<int64_t>(contest.endowments))));
    }
    html.Open("ol").Raw("\n");
    for (const Step& step : contest.steps) PutStep(page, step);
    html.Close();
  }
  html.Close().Close();
}

}  // namespace smederij::cli
