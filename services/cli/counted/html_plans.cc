#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/cli/counted/html_page.h"

namespace smederij::cli {
namespace {

using ballots::tally::BallotKind;
using ballots::tally::Decision;
using ballots::tally::PlanOutcome;
using ballots::tally::Rational;
using ballots::tally::Reason;

// How a decision looks: a sign and its word.
struct Look {
  absl::string_view sign;
  const words::Phrase& word;
};

Look LookOf(Decision decision) {
  if (decision == Decision::kFunded) return {"✓", words::kFunded};
  if (decision == Decision::kPartial) return {"½", words::kPartly};
  return {"–", words::kNotFunded};
}

int64_t MostSupport(const HtmlPage& page) {
  int64_t most = 0;
  for (const PlanOutcome& plan : page.outcome().plans) most = std::max(most, plan.support);
  return most;
}

void PutAward(HtmlPage& page, uint32_t plan) {
  const PlanOutcome& outcome = page.outcome().plans[plan];
  const Rational& cost = page.election().plans[plan].cost;
  const bool none = outcome.decision == Decision::kNotFunded;
  page.html.Open("div").Element("dt", page.Say(none ? words::kCosts : words::kGets)).Open("dd");
  page.PutMoney(none ? cost : outcome.award);
  if (outcome.decision == Decision::kFunded) page.html.Element("small", page.Say(words::kAllOfIt));
  if (outcome.decision == Decision::kPartial) {
    page.html.Open("small").Text(page.Say(words::kOf));
    page.PutMoney(cost);
    page.html.Close();
  }
  page.html.Close().Close();
}

void PutSupport(HtmlPage& page, uint32_t plan, int64_t most) {
  const int64_t support = page.outcome().plans[plan].support;
  HtmlWriter& html = page.html;
  html.Open("div").Element("dt", page.Say(page.points() ? words::kPoints : words::kVotes));
  html.Open("dd").Element("span", page.Number(support), {{"class", "number"}});
  if (!page.points()) {
    const std::string percent = HtmlPage::Percent(Whole(support), Whole(page.outcome().voters));
    html.Element("small", page.Say(words::kShareOfVoters, percent));
  }
  page.PutBar(Whole(support), Whole(most));
  html.Close().Close();
}

void PutPlan(HtmlPage& page, uint32_t plan, int64_t most) {
  HtmlWriter& html = page.html;
  const PlanOutcome& outcome = page.outcome().plans[plan];
  const Look look = LookOf(outcome.decision);
  html.Open("li").Open("article", {{"class", absl::StrCat("plan ", NameOf(outcome.decision))}});
  html.Open("p", {{"class", "state"}});
  html.Element("span", look.sign, {{"aria-hidden", "true"}});
  html.Text(absl::StrCat(" ", page.Say(look.word)));
  html.Open("span", {{"class", "soft"}}).Text(" · ");
  html.Element("bdi", page.Say(words::kPlan, page.IdOf(plan))).Close().Close();
  html.Open("h4");
  page.PutName(plan);
  html.Close();
  if (!page.election().pots.empty()) {
    html.Element("p", page.Say(words::kCategory, page.election().plans[plan].category),
                 {{"class", "soft"}});
  }
  html.Open("dl", {{"class", "facts"}});
  PutAward(page, plan);
  PutSupport(page, plan, most);
  html.Close();
  html.Element("p", page.Sentence(plan), {{"class", "why"}});
  html.Close().Close();
}

void PutList(HtmlPage& page, const std::string& head, const std::vector<uint32_t>& plans) {
  if (plans.empty()) return;
  page.html.Element("h3", head);
  page.html.Open("ol", {{"class", "plans"}}).Raw("\n");
  const int64_t most = MostSupport(page);
  for (const uint32_t plan : plans) PutPlan(page, plan, most);
  page.html.Close();
}

}  // namespace

void PutPlans(HtmlPage& page) {
  std::vector<uint32_t> won, lost, below;
  for (const uint32_t plan : InOrder(page.counted)) {
    const PlanOutcome& outcome = page.outcome().plans[plan];
    if (outcome.decision != Decision::kNotFunded) {
      won.push_back(plan);
    } else if (outcome.reason == Reason::kBelowThreshold) {
      below.push_back(plan);
    } else {
      lost.push_back(plan);
    }
  }
  page.html.Open("section", {{"aria-labelledby", "plans"}}).Raw("\n");
  page.html.Element("h2", page.Say(words::kPlans), {{"id", "plans"}});
  PutList(page, page.Say(words::kWon, won.size()), won);
  PutList(page, page.Say(words::kLost, lost.size()), lost);
  PutList(page,
          page.Say(words::kTooLittleSupport, page.Support(page.outcome().threshold), below.size()),
          below);
  page.html.Close();
}

}  // namespace smederij::cli
