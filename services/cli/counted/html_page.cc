#include "services/cli/counted/html_page.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace smederij::cli {

using ballots::tally::BallotKind;
using ballots::tally::MoneyText;
using ballots::tally::Rational;
using ballots::tally::ToRounded;
using ballots::tally::ToText;

HtmlPage::HtmlPage(const Counted& of, Language in) : counted(of), language(in) {
  const absl::string_view told = counted.file.Meta("language");
  const bool plain =
      !told.empty() && told.size() <= 3 && std::all_of(told.begin(), told.end(), [](char c) {
        return absl::ascii_isalpha(static_cast<unsigned char>(c));
      });
  if (plain) plans_language_ = std::string(told);
}

bool HtmlPage::points() const {
  return election().kind == BallotKind::kPoints || election().kind == BallotKind::kRanking;
}

bool HtmlPage::equal_shares() const { return absl::StartsWith(counted.rule.name, "mes_"); }

std::string HtmlPage::Number(int64_t number) const {
  return MoneyText(Whole(number), "", language);
}

std::string HtmlPage::Support(int64_t support) const {
  if (support == 1) return Say(points() ? words::kOnePoint : words::kOneVote);
  return absl::StrCat(Number(support), " ", Say(points() ? words::kManyPoints : words::kManyVotes));
}

std::string HtmlPage::Money(const Rational& money) const {
  return absl::StrReplaceAll(MoneyText(money, election().currency, language), {{"€ ", "€\u00A0"}});
}

std::string HtmlPage::Sentence(uint32_t plan) const {
  const std::string& currency = election().currency;
  return absl::StrReplaceAll(
      SentenceFor(counted, plan, language),
      {{"€ ", "€\u00A0"}, {absl::StrCat(" ", currency), absl::StrCat("\u00A0", currency)}});
}

std::string HtmlPage::Percent(const Rational& part, const Rational& whole) {
  return whole == 0 ? "0" : ToRounded(part * 100 / whole, 0);
}

std::string HtmlPage::Average(int64_t sum, int64_t count) const {
  const Rational whole = Whole(count);
  const std::string average = count == 0 ? "0.0" : ToRounded(Whole(sum) / whole, 1);
  return language == Language::kDutch ? absl::StrReplaceAll(average, {{".", ","}}) : average;
}

void HtmlPage::PutMoney(const Rational& money) {
  const std::string exact = ToText(money);
  const bool rounded = Rational(money * 100).get_den() != 1;
  if (rounded) {
    html.Element("data", Money(money), {{"class", "number"}, {"value", exact}, {"title", exact}});
  } else {
    html.Element("data", Money(money), {{"class", "number"}, {"value", exact}});
  }
}

void HtmlPage::PutName(uint32_t plan) {
  const std::string& name = counted.file.plans[plan].name;
  const std::string shown = name.empty() ? Say(words::kPlan, IdOf(plan)) : name;
  if (plans_language_.empty()) {
    html.Element("bdi", shown);
  } else {
    html.Element("bdi", shown, {{"lang", plans_language_}});
  }
}

void HtmlPage::PutBar(const Rational& part, const Rational& whole, bool big) {
  const Rational share = whole == 0 ? Rational(0) : Rational(part * 100 / whole);
  const std::string width = ToRounded(std::clamp<Rational>(share, 0, 100), 1);
  html.Open("span", {{"class", big ? "bar big" : "bar"}, {"aria-hidden", "true"}});
  html.Element("span", "", {{"style", absl::StrCat("width:", width, "%")}}).Close();
}

}  // namespace smederij::cli
