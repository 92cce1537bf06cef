#include "services/cli/evening/provisional.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "services/ballots/tally/exact.h"
#include "services/ballots/tally/sentence.h"
#include "services/cli/document/html_style.h"
#include "services/cli/document/html_writer.h"

namespace smederij::cli {
namespace {

namespace v1 = ballots::v1;
using words::Phrase;
using words::Say;

constexpr Phrase kProvisional{"PROVISIONAL: not certified, and it may still change.",
                              "VOORLOPIG: niet vastgesteld, en het kan nog veranderen."};
constexpr Phrase kCertified{"This count has been certified: show the result itself.",
                            "Deze telling is vastgesteld: toon de uitslag zelf."};
constexpr Phrase kUnbalanced{"This count does not balance yet:", "Deze telling klopt nog niet:"};
constexpr Phrase kDemonstration{"A demonstration: this binds nobody.",
                                "Een demonstratie: dit bindt niemand."};
constexpr Phrase kClass{"$0: $1 ballots, $2 of them on paper, $3 invalid",
                        "$0: $1 stemmen, waarvan $2 op papier, $3 ongeldig"};
constexpr Phrase kPlan{"plan", "plan"};
constexpr Phrase kSupport{"support", "steun"};
constexpr Phrase kAward{"would get", "zou krijgen"};

Phrase Headline(const v1::Tally& tally) {
  return tally.state() == v1::Tally::STATE_CERTIFIED ? kCertified : kProvisional;
}

std::string TitleOf(const v1::Manifest& manifest, uint32_t number) {
  for (const v1::Option& option : manifest.options()) {
    if (option.number() == number) return option.title();
  }
  return "";
}

std::string NameOfClass(const v1::Manifest& manifest, uint32_t class_id) {
  for (const v1::ElectionClass& one : manifest.classes()) {
    if (one.class_id() == class_id) return one.name();
  }
  return absl::StrCat(class_id);
}

std::string Line(const v1::Manifest& manifest, const v1::ClassTurnout& c, Language language) {
  return Say(kClass, language, NameOfClass(manifest, c.class_id()), c.ballots(), c.paper(),
             c.invalid());
}

std::string Amount(const v1::Manifest& manifest, int64_t cents, Language language) {
  return ballots::tally::MoneyText(ballots::tally::FromCents(cents), manifest.currency(), language);
}

void WriteTable(HtmlWriter& html, const v1::Manifest& manifest, const v1::Result& result,
                Language language) {
  html.Open("table").Open("thead").Open("tr");
  for (const Phrase& head : {kPlan, kSupport, kAward}) html.Element("th", Say(head, language));
  html.Close().Close().Open("tbody");
  for (const v1::PlanResult& plan : result.plans()) {
    html.Open("tr");
    html.Element("td", absl::StrCat(plan.number(), ". ", TitleOf(manifest, plan.number())));
    html.Element("td", absl::StrCat(plan.support()));
    html.Element("td", Amount(manifest, plan.award_cents(), language));
    html.Close();
  }
  html.Close().Close();
}

}  // namespace

std::string ProvisionalText(const v1::Manifest& manifest, const v1::Tally& tally,
                            Language language) {
  const v1::Result& result = tally.result();
  std::string text = absl::StrCat(manifest.title(), "\n", Say(Headline(tally), language), "\n");
  if (manifest.demonstration()) absl::StrAppend(&text, Say(kDemonstration, language), "\n");
  for (const v1::ClassTurnout& c : result.turnout()) {
    absl::StrAppend(&text, "  ", Line(manifest, c, language), "\n");
  }
  for (const v1::PlanResult& plan : result.plans()) {
    absl::StrAppendFormat(&text, "  %3d  %8d  %14s  %s\n", plan.number(), plan.support(),
                          Amount(manifest, plan.award_cents(), language),
                          TitleOf(manifest, plan.number()));
  }
  if (tally.imbalances_size() > 0) absl::StrAppend(&text, Say(kUnbalanced, language), "\n");
  for (const std::string& imbalance : tally.imbalances()) {
    absl::StrAppend(&text, "  ", imbalance, "\n");
  }
  return absl::StrCat(text, Say(Headline(tally), language), "\n");
}

std::string ProvisionalPage(const v1::Manifest& manifest, const v1::Tally& tally,
                            Language language) {
  const std::string headline = Say(Headline(tally), language);
  HtmlWriter html;
  html.Raw("<!DOCTYPE html>\n");
  html.Open("html", {{"lang", language == Language::kDutch ? "nl" : "en"}}).Open("head");
  html.Void("meta", {{"charset", "utf-8"}});
  html.Void("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}});
  html.Element("title", absl::StrCat(headline, " ", manifest.title()));
  html.Open("style").Raw(HtmlStyle()).Close().Close();
  html.Open("body").Open("main");
  html.Element("h1", manifest.title()).Element("p", headline, {{"role", "status"}});
  if (manifest.demonstration()) html.Element("p", Say(kDemonstration, language));
  html.Open("ul");
  for (const v1::ClassTurnout& c : tally.result().turnout()) {
    html.Element("li", Line(manifest, c, language));
  }
  html.Close();
  WriteTable(html, manifest, tally.result(), language);
  if (tally.imbalances_size() > 0) {
    html.Element("p", Say(kUnbalanced, language)).Open("ul");
    for (const std::string& imbalance : tally.imbalances()) html.Element("li", imbalance);
    html.Close();
  }
  html.Element("p", headline).Close().Close().Close();
  return std::move(html).Finish();
}

}  // namespace smederij::cli
