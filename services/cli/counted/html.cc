#include "services/cli/counted/html.h"

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/cli/counted/charter.h"
#include "services/cli/counted/html_page.h"
#include "services/cli/counted/voters.h"
#include "services/cli/document/html_style.h"

namespace smederij::cli {
namespace {

using ballots::tally::GroupShare;
using ballots::tally::Rational;

std::string FileName(const Counted& counted) {
  return std::filesystem::path(counted.path).filename().string();
}

// What the election is called: by the file if it says so.
std::string TitleOf(const Counted& counted) {
  for (const char* key : {"description", "district", "unit"}) {
    if (const absl::string_view told = counted.file.Meta(key); !told.empty()) {
      return std::string(told);
    }
  }
  return FileName(counted);
}

// Where and when.
std::string PlaceOf(const Counted& counted) {
  std::vector<absl::string_view> parts;
  for (const char* key : {"unit", "district", "subunit", "instance"}) {
    const absl::string_view told = counted.file.Meta(key);
    if (!told.empty() && (parts.empty() || parts.back() != told)) parts.push_back(told);
  }
  return absl::StrJoin(parts, " · ");
}

void PutHead(HtmlPage& page) {
  HtmlWriter& html = page.html;
  html.Open("head").Raw("\n");
  html.Void("meta", {{"charset", "utf-8"}});
  html.Void("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}});
  html.Void("meta", {{"name", "color-scheme"}, {"content", "light dark"}});
  // Were there a hole in the escaping, still nothing would run and nothing be fetched.
  html.Void("meta", {{"http-equiv", "Content-Security-Policy"},
                     {"content", "default-src 'none'; style-src 'unsafe-inline'"}});
  html.Element("title", absl::StrCat(page.Say(words::kResult), ": ", TitleOf(page.counted)));
  html.Open("style").Raw(HtmlStyle()).Close();
  html.Close();
}

void PutTitle(HtmlPage& page) {
  HtmlWriter& html = page.html;
  html.Open("header", {{"class", "page"}}).Raw("\n");
  html.Element("p", page.Say(words::kResult), {{"class", "kicker"}});
  html.Open("h1").Element("bdi", TitleOf(page.counted)).Close();
  html.Open("p", {{"class", "where"}}).Element("bdi", PlaceOf(page.counted)).Close();
  html.Close();
}

void PutAmount(HtmlPage& page, const words::Phrase& what, const Rational& amount) {
  page.html.Open("div").Element("dt", page.Say(what)).Open("dd");
  page.PutMoney(amount);
  page.html.Close().Close();
}

void PutInShort(HtmlPage& page) {
  HtmlWriter& html = page.html;
  const ballots::tally::Outcome& outcome = page.outcome();
  const Rational& budget = page.election().budget;
  const size_t funded = outcome.selected.size();
  html.Open("section", {{"aria-labelledby", "short"}}).Raw("\n");
  html.Element("h2", page.Say(words::kInShort), {{"id", "short"}});
  html.Element(
      "p",
      page.Say(funded == 1 ? words::kOutcomeOne : words::kOutcome, funded, outcome.plans.size()),
      {{"class", "lead"}});
  html.Open("dl", {{"class", "facts money"}}).Raw("\n");
  PutAmount(page, words::kBudget, budget);
  html.Open("div").Element("dt", page.Say(words::kSpent)).Open("dd");
  page.PutMoney(outcome.spent);
  html.Text(
      absl::StrCat(" (", page.Say(words::kPercent, HtmlPage::Percent(outcome.spent, budget)), ")"));
  html.Close().Close();
  // A plan that nearly fitted may have been paid for all the same.
  const Rational left = budget - outcome.spent;
  PutAmount(page, left < 0 ? words::kBeyond : words::kLeftOver, abs(left));
  html.Open("div").Element("dt", page.Say(words::kBallots));
  html.Element("dd", page.Number(outcome.voters), {{"class", "number"}}).Close();
  html.Close();
  page.PutBar(outcome.spent, budget, true);
  const GroupShare all = SharesOfAll(page.counted).groups[0];
  html.Element("p",
               page.Say(words::kEverybody, page.Number(all.satisfied), page.Number(all.ballots),
                        HtmlPage::Percent(Whole(all.satisfied), Whole(all.ballots)),
                        page.Average(all.awards, all.ballots)));
  html.Close();
}

void PutFoot(HtmlPage& page) {
  HtmlWriter& html = page.html;
  const Counted& counted = page.counted;
  const std::string file = FileName(counted);
  html.Open("footer", {{"class", "page"}}).Raw("\n");
  html.Open("dl").Raw("\n");
  html.Open("div").Element("dt", page.Say(words::kFile)).Open("dd").Element("bdi", file);
  html.Close().Close();
  html.Open("div").Element("dt", page.Say(words::kRule)).Element("dd", counted.rule.name).Close();
  html.Close();
  html.Element("p", page.Say(words::kExact), {{"class", "soft"}});
  html.Element("h2", page.Say(words::kAgain));
  html.Element("p", page.Say(words::kAgainHow));
  // A name that begins with a dash would be taken for a flag.
  const std::string flags = absl::StrCat(counted.again, counted.again.empty() ? "" : " ");
  html.Open("pre").Element("code",
                           absl::StrCat("smederij tally ", flags, "--explain -- ", Quoted(file)));
  html.Close().Raw("\n").Close();
}

}  // namespace

std::string ToHtml(const Counted& counted, Language language) {
  HtmlPage page(counted, language);
  HtmlWriter& html = page.html;
  html.Raw("<!DOCTYPE html>\n");
  html.Open("html", {{"lang", language == Language::kDutch ? "nl" : "en"}}).Raw("\n");
  PutHead(page);
  html.Open("body").Raw("\n");
  PutTitle(page);
  html.Open("main").Raw("\n");
  PutInShort(page);
  PutRule(page);
  PutPlans(page);
  PutGroups(page);
  PutTies(page);
  PutSteps(page);
  html.Close();
  PutFoot(page);
  html.Close().Close();
  return std::move(html).Finish();
}

}  // namespace smederij::cli
