#include "services/cli/books/report.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "services/ballots/tally/exact.h"
#include "services/cli/books/report_page.h"
#include "services/cli/document/html_style.h"

namespace smederij::cli {
namespace {

namespace v1 = ledger::v1;

// On top of what every page has: the picture, and columns of amounts.
constexpr absl::string_view kStyle = R"css(
svg.flow { display: block; width: 100%; max-width: 36rem; height: auto; margin: 1rem 0; }
svg.flow text { font-size: 14px; fill: var(--ink); paint-order: stroke; stroke: var(--paper);
  stroke-width: 3px; stroke-linejoin: round; }
svg.flow .sum { font-weight: 600; }
svg.flow rect.given { fill: var(--ink); }
svg.flow rect.pot { fill: var(--fill); }
svg.flow rect.plan { fill: var(--won); }
svg.flow rect.free { fill: var(--part); }
svg.flow .band { opacity: .28; }
svg.flow .band.pot { fill: var(--fill); }
svg.flow .band.plan { fill: var(--won); }
svg.flow .band.free { fill: var(--part); }
td.money, th.money { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
tfoot th, tfoot td { font-weight: 600; }
@media screen and (max-width: 34rem) {
  table.groups tfoot { display: block; }
  table.groups td.money { text-align: left; }
}
@media print {
  svg.flow { max-width: 130mm; break-inside: avoid; }
  tfoot { display: table-row-group; }
  svg.flow rect, svg.flow path { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  svg.flow .band.pot, svg.flow .band.plan, svg.flow .band.free { opacity: 1; fill: #dddddd;
    stroke: #ffffff; stroke-width: .7px; }
  svg.flow rect.given, svg.flow rect.pot, svg.flow rect.plan, svg.flow rect.free { fill: #333333; }
}
)css";

// A table whose first column is a text and whose others are amounts.
class Table {
 public:
  Table(ReportPage& page, const Year& year, const words::Phrase& caption,
        std::vector<std::string> heads)
      : page_(page), year_(year), heads_(std::move(heads)) {
    HtmlWriter& html = page_.html;
    html.Open("table", {{"class", "groups"}}).Raw("\n");
    html.Element("caption", page_.Say(caption));
    html.Open("thead").Open("tr");
    for (size_t i = 0; i < heads_.size(); ++i) {
      html.Element("th", heads_[i], {{"scope", "col"}, {"class", i == 0 ? "text" : "money"}});
    }
    html.Close().Close().Open("tbody").Raw("\n");
  }

  void Row(const std::string& name, const std::vector<int64_t>& cents) {
    sums_.resize(cents.size());
    for (size_t i = 0; i < cents.size(); ++i) sums_[i] += cents[i];
    Put(name, cents);
    ++rows_;
  }

  // With what the rows come to, where there is more than one.
  void Close() {
    page_.html.Close();
    if (rows_ > 1) {
      page_.html.Open("tfoot").Raw("\n");
      Put(page_.Say(words::kTotal), sums_);
      page_.html.Close();
    }
    page_.html.Close();
  }

 private:
  void Put(const std::string& name, const std::vector<int64_t>& cents) {
    HtmlWriter& html = page_.html;
    html.Open("tr").Open("th", {{"scope", "row"}}).Element("bdi", name).Close();
    for (size_t i = 0; i < cents.size(); ++i) {
      html.Element("td", page_.Money(year_, cents[i]),
                   {{"class", "money"}, {"data-label", heads_[i + 1]}});
    }
    html.Close();
  }

  ReportPage& page_;
  const Year& year_;
  const std::vector<std::string> heads_;
  std::vector<int64_t> sums_{};
  int rows_ = 0;
};

void PutHead(ReportPage& page) {
  HtmlWriter& html = page.html;
  html.Open("head").Raw("\n");
  html.Void("meta", {{"charset", "utf-8"}});
  html.Void("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}});
  html.Void("meta", {{"name", "color-scheme"}, {"content", "light dark"}});
  // Were there a hole in the escaping, still nothing would run and nothing be fetched.
  html.Void("meta", {{"http-equiv", "Content-Security-Policy"},
                     {"content", "default-src 'none'; style-src 'unsafe-inline'"}});
  html.Element("title", absl::StrCat(page.Say(words::kYearReport), ": ", page.report.district, ", ",
                                     page.report.year));
  html.Open("style").Raw(HtmlStyle()).Raw(kStyle).Close();
  html.Close();
}

void PutAmount(ReportPage& page, const Year& year, const words::Phrase& what, int64_t cents) {
  page.html.Open("div").Element("dt", page.Say(what));
  page.html.Element("dd", page.Money(year, cents), {{"class", "number"}}).Close();
}

void PutShort(ReportPage& page, const Year& year) {
  HtmlWriter& html = page.html;
  html.Element("h2", page.Say(words::kYearShort));
  const words::Phrase& lead = year.plans.size() == 1 ? words::kYearLeadOne : words::kYearLead;
  html.Element("p",
               page.Say(lead, page.Money(year, year.all_in()), page.Money(year, year.in_plans()),
                        year.plans.size(), page.Money(year, year.available)),
               {{"class", "lead"}});
  html.Open("dl", {{"class", "facts money"}}).Raw("\n");
  const Year::Giver all = year.all();
  PutAmount(page, year, words::kGiven, all.given);
  if (all.came_over > 0) PutAmount(page, year, words::kFromLastYear, all.came_over);
  PutAmount(page, year, words::kToPlans, year.in_plans());
  PutAmount(page, year, words::kInPots, year.in_pots());
  if (all.went_over > 0) PutAmount(page, year, words::kToNextYear, all.went_over);
  if (all.given_back > 0) PutAmount(page, year, words::kBackToGivers, all.given_back);
  PutAmount(page, year, words::kFree, year.available);
  if (year.came_back > 0) PutAmount(page, year, words::kCameBack, year.came_back);
  if (year.vat > 0) PutAmount(page, year, words::kVat, year.vat);
  html.Close();
}

void PutGivers(ReportPage& page, const Year& year) {
  const Year::Giver all = year.all();
  std::vector<std::string> heads = {page.Say(words::kGiver), page.Say(words::kAmount)};
  if (all.came_over > 0) heads.push_back(page.Say(words::kFromLastYear));
  if (all.went_over > 0) heads.push_back(page.Say(words::kToNextYear));
  if (all.given_back > 0) heads.push_back(page.Say(words::kGivenBack));
  Table table(page, year, words::kGivers, std::move(heads));
  for (const auto& [source, giver] : year.givers) {
    std::vector<int64_t> cells = {giver.given};
    if (all.came_over > 0) cells.push_back(giver.came_over);
    if (all.went_over > 0) cells.push_back(giver.went_over);
    if (all.given_back > 0) cells.push_back(giver.given_back);
    table.Row(
        source.empty() ? page.Say(words::kNotByGiver) : page.Word(words::kSourceWords, source),
        cells);
  }
  table.Close();
}

void PutPots(ReportPage& page, const Year& year) {
  if (year.pots.empty()) return;
  Table table(page, year, words::kVotesHead,
              {page.Say(words::kVote), page.Say(words::kSetAside), page.Say(words::kAwarded),
               page.Say(words::kGivenBack), page.Say(words::kStillThere)});
  for (const auto& [round, pot] : year.pots) {
    table.Row(PotName(round, pot), {pot.held, pot.awarded, pot.given_back, pot.left()});
  }
  table.Close();
}

void PutPlans(ReportPage& page, const Year& year) {
  if (year.plans.empty()) {
    page.html.Element("p", page.Say(words::kNoPlans));
    return;
  }
  std::set<v1::AccountKind> kinds;
  std::vector<std::pair<int64_t, std::string>> order;
  bool released = false;
  for (const auto& [id, plan] : year.plans) {
    for (const auto& [kind, cents] : plan.parts) kinds.insert(kind);
    order.emplace_back(-plan.total(), id);
    released |= plan.released > 0;
  }
  std::sort(order.begin(), order.end());
  std::vector<std::string> heads = {page.Say(words::kThePlan), page.Say(words::kGot)};
  if (released) heads.push_back(page.Say(words::kGivenBack));
  for (const v1::AccountKind kind : kinds) {
    heads.push_back(page.Word(words::kPartWords, KindName(kind)));
  }
  const bool went_over = year.all().went_over > 0;
  if (went_over) heads.push_back(page.Say(words::kToNextYear));
  Table table(page, year, words::kThePlans, std::move(heads));
  for (const auto& [total, id] : order) {
    const Year::Plan& plan = year.plans.at(id);
    std::vector<int64_t> cells = {plan.total()};
    if (released) cells.push_back(plan.released);
    for (const v1::AccountKind kind : kinds) {
      const auto part = plan.parts.find(kind);
      cells.push_back(part == plan.parts.end() ? 0 : part->second);
    }
    if (went_over) cells.push_back(plan.went_over);
    table.Row(PlanName(id, plan), cells);
  }
  table.Close();
}

std::string FundName(const Year& year, const v1::Budget& budget) {
  return absl::StrCat(budget.fund(), " ", budget.fiscal_year(), " (", year.currency, ")");
}

void PutFrozen(ReportPage& page, const Year& year) {
  for (const v1::Budget& budget : year.budgets) {
    if (!budget.frozen()) continue;
    page.html.Open("div", {{"class", "note"}, {"role", "alert"}});
    page.html.Element("p", page.Say(words::kFrozenBooks, FundName(year, budget))).Close();
  }
}

void PutFoot(ReportPage& page) {
  HtmlWriter& html = page.html;
  html.Open("footer", {{"class", "page"}}).Raw("\n");
  html.Element("h2", page.Say(words::kCheckHead));
  int64_t entries = 0;
  std::string commands;
  for (const Year& year : page.report.currencies) {
    for (const v1::Budget& budget : year.budgets) {
      entries += budget.head_seq();
      absl::StrAppend(&commands, commands.empty() ? "" : "\n", "smederij ledger statement ",
                      budget.budget_id());
    }
  }
  html.Element("p", page.Say(words::kCheck, entries));
  html.Open("pre").Element("code", commands).Close().Raw("\n");
  html.Open("ul").Raw("\n");
  for (const Year& year : page.report.currencies) {
    for (const v1::Budget& budget : year.budgets) {
      const std::string fund = FundName(year, budget);
      html.Element("li", budget.has_verify_time()
                             ? page.Say(words::kVerified, fund, DayOf(budget.verify_time()),
                                        budget.verified_seq(), budget.head_seq())
                             : page.Say(words::kNeverVerified, fund));
    }
  }
  html.Close().Close();
}

}  // namespace

std::string ReportPage::Money(const Year& year, int64_t cents) const {
  using ballots::tally::Rational;
  const Rational amount = Rational(static_cast<long>(cents)) / 100;
  return absl::StrReplaceAll(
      ballots::tally::MoneyText(amount, year.currency, language),
      {{"€ ", "€\u00A0"},
       {absl::StrCat(" ", year.currency), absl::StrCat("\u00A0", year.currency)}});
}

std::string ReportPage::Word(absl::Span<const words::KindPhrase> known,
                             const std::string& name) const {
  for (const words::KindPhrase& word : known) {
    if (word.kind == name) return Say(word.phrase);
  }
  return name;
}

std::string PlanName(const std::string& id, const Year::Plan& plan) {
  return plan.title.empty() ? id : absl::StrCat(plan.number, ". ", plan.title);
}

std::string PotName(const std::string& id, const Year::Pot& pot) {
  return pot.title.empty() ? id : pot.title;
}

std::string YearHtml(const YearReport& report, Language language) {
  ReportPage page{.report = report, .language = language};
  HtmlWriter& html = page.html;
  html.Raw("<!DOCTYPE html>\n");
  html.Open("html", {{"lang", language == Language::kDutch ? "nl" : "en"}}).Raw("\n");
  PutHead(page);
  html.Open("body").Raw("\n");
  html.Open("header", {{"class", "page"}}).Raw("\n");
  html.Element("p", page.Say(words::kYearReport), {{"class", "kicker"}});
  html.Open("h1")
      .Element("bdi", page.Say(words::kYearTitle, report.district, report.year))
      .Close()
      .Close();
  html.Open("main").Raw("\n");
  for (const Year& year : report.currencies) {
    PutFrozen(page, year);
    PutShort(page, year);
    html.Element("h2", page.Say(words::kPicture));
    PutPicture(page, year);
    PutPlans(page, year);
    PutPots(page, year);
    PutGivers(page, year);
  }
  html.Close();
  PutFoot(page);
  html.Close().Close();
  return std::move(html).Finish();
}

}  // namespace smederij::cli
