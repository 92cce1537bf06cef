#include "services/cli/evening/page.h"

#include <algorithm>
#include <iterator>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/ballots/tally/exact.h"
#include "services/ballots/tally/sentence.h"
#include "services/cli/document/html_writer.h"
#include "services/cli/evening/style.h"
#include "services/cli/evening/words.h"

namespace smederij::cli {
namespace {

using ballots::v1::Manifest;
using registry::v1::BallotRule;
using registry::v1::RollLine;
using words::Say;

// Where a class stands in the manifest; classes beyond the colours there are share the last one.
size_t ColourOf(const Manifest& manifest, uint32_t class_id) {
  const auto& classes = manifest.classes();
  const auto at = std::find_if(classes.begin(), classes.end(),
                               [&](const auto& one) { return one.class_id() == class_id; });
  return std::min<size_t>(static_cast<size_t>(std::distance(classes.begin(), at)),
                          std::size(words::kColours) - 1);
}

std::string ClassName(const Manifest& manifest, uint32_t class_id) {
  for (const auto& one : manifest.classes()) {
    if (one.class_id() == class_id) return one.name();
  }
  return absl::StrCat(class_id);
}

std::string StationName(const Manifest& manifest, uint32_t station) {
  for (const auto& one : manifest.stations()) {
    if (one.number() == station) return one.name();
  }
  return "";
}

std::string Money(int64_t cents, const Manifest& manifest, Language language) {
  return ballots::tally::MoneyText(ballots::tally::FromCents(cents), manifest.currency(), language);
}

void Begin(HtmlWriter& html, const std::string& title, Language language) {
  html.Raw("<!DOCTYPE html>\n");
  html.Open("html", {{"lang", language == Language::kDutch ? "nl" : "en"}}).Raw("\n");
  html.Open("head").Raw("\n");
  html.Void("meta", {{"charset", "utf-8"}});
  html.Void("meta", {{"http-equiv", "Content-Security-Policy"},
                     {"content", "default-src 'none'; style-src 'unsafe-inline'"}});
  html.Element("title", title);
  html.Open("style").Raw(kEveningStyle).Close();
  html.Close();
  html.Open("body").Raw("\n");
}

std::string End(HtmlWriter html) {
  html.Close().Close();
  return std::move(html).Finish();
}

std::string WhyGone(RollLine::State state, Language language) {
  switch (state) {
    case RollLine::STATE_DIGITAL:
      return Say(words::kVotesOnline, language);
    case RollLine::STATE_PAPER:
      return Say(words::kHasPaper, language);
    case RollLine::STATE_KIOSK:
      return Say(words::kAtTablet, language);
    default:
      return "";
  }
}

// How the rule of the round is followed with a pencil.
std::vector<std::string> HowTo(const Manifest& manifest, Language language) {
  const BallotRule& rule = manifest.ballot_rule();
  std::vector<std::string> lines;
  int64_t pot_cents = 0;
  for (const auto& pot : manifest.pots()) pot_cents += pot.amount_cents();
  switch (rule.kind()) {
    case BallotRule::KIND_CHOOSE_ONE:
      lines.push_back(Say(words::kChooseOne, language));
      break;
    case BallotRule::KIND_KNAPSACK:
      lines.push_back(Say(words::kKnapsack, language, Money(pot_cents, manifest, language)));
      break;
    case BallotRule::KIND_POINTS:
      lines.push_back(Say(words::kPoints, language, rule.points_total_max()));
      if (rule.points_per_plan_max() > 0) {
        lines.push_back(Say(words::kPointsEach, language, rule.points_per_plan_max()));
      }
      if (rule.points_ladder_size() > 0) {
        lines.push_back(Say(words::kLadder, language, absl::StrJoin(rule.points_ladder(), ", ")));
      }
      break;
    case BallotRule::KIND_RANKING:
      lines.push_back(Say(words::kRank, language));
      break;
    default:
      lines.push_back(Say(words::kApprove, language));
      break;
  }
  if (rule.kind() != BallotRule::KIND_CHOOSE_ONE) {
    if (rule.choices_min() > 1) lines.push_back(Say(words::kAtLeast, language, rule.choices_min()));
    if (rule.choices_max() > 0) lines.push_back(Say(words::kAtMost, language, rule.choices_max()));
  }
  return lines;
}

// A letter per group of plans that exclude each other: the groups' own names are for programs.
std::map<std::string, std::string> GroupLetters(const Manifest& manifest) {
  std::map<std::string, std::string> letters;
  for (const auto& option : manifest.options()) {
    if (!option.exclusive_group().empty()) letters.emplace(option.exclusive_group(), "");
  }
  size_t next = 0;
  for (auto& [group, letter] : letters) {
    letter = next < 26 ? std::string(1, static_cast<char>('A' + next)) : absl::StrCat("A", next);
    ++next;
  }
  return letters;
}

void PutLine(HtmlWriter& html, const Manifest& manifest, const RollLine& line, Language language) {
  const std::string why = WhyGone(line.state(), language);
  const std::string colour =
      absl::StrCat("swatch c", std::to_string(ColourOf(manifest, line.class_id())));
  html.Open("tr", {{"class", why.empty() ? "open" : "gone"}});
  html.Element("td", absl::StrCat(line.roll_number()), {{"class", "number"}});
  html.Open("td", {{"class", "why"}});
  if (why.empty()) {
    html.Element("span", "", {{"class", "box"}});
  } else {
    html.Text(why);
  }
  html.Close();
  html.Open("td").Element("bdi",
                          line.name().empty() ? Say(words::kNameless, language) : line.name());
  html.Close();
  html.Element("td", line.birth_date());
  html.Open("td");
  html.Element("span",
               absl::StrCat(ClassName(manifest, line.class_id()), " – ",
                            ColourName(manifest, line.class_id(), language)),
               {{"class", colour}});
  html.Close().Close().Raw("\n");
}

}  // namespace

std::string ColourName(const Manifest& manifest, uint32_t class_id, Language language) {
  return Say(words::kColours[ColourOf(manifest, class_id)], language);
}

std::string RollHtml(const Manifest& manifest, uint32_t station, std::vector<RollLine> lines,
                     absl::Time printed, Language language) {
  std::sort(lines.begin(), lines.end(), [](const RollLine& a, const RollLine& b) {
    return std::make_pair(a.name(), a.roll_number()) < std::make_pair(b.name(), b.roll_number());
  });
  const auto gone = std::count_if(lines.begin(), lines.end(), [&](const RollLine& line) {
    return !WhyGone(line.state(), language).empty();
  });
  HtmlWriter html;
  Begin(html, manifest.title(), language);
  html.Element("h1", manifest.title());
  html.Element("h2", Say(words::kRollTitle, language, station, StationName(manifest, station)));
  html.Element("p", Say(words::kRollPrinted, language,
                        absl::FormatTime("%Y-%m-%d %H:%M", printed, absl::LocalTimeZone()),
                        lines.size(), gone));
  html.Element("p", Say(words::kRollHowTo, language), {{"class", "note"}});
  html.Element("p", Say(words::kRollSecret, language), {{"class", "note"}});
  html.Open("table").Open("thead").Open("tr");
  for (const auto& column : {words::kColumnNumber, words::kColumnPaper, words::kColumnName,
                             words::kColumnBorn, words::kColumnClass}) {
    html.Element("th", Say(column, language), {{"scope", "col"}});
  }
  html.Close().Close().Open("tbody").Raw("\n");
  for (const RollLine& line : lines) PutLine(html, manifest, line, language);
  html.Close().Close();
  return End(std::move(html));
}

std::string PaperHtml(const Manifest& manifest, const ballots::v1::ElectionClass& voters,
                      Language language) {
  const std::string colour =
      absl::StrCat("colour c", std::to_string(ColourOf(manifest, voters.class_id())));
  const bool writes = manifest.ballot_rule().kind() == BallotRule::KIND_POINTS ||
                      manifest.ballot_rule().kind() == BallotRule::KIND_RANKING;
  const std::map<std::string, std::string> letters = GroupLetters(manifest);
  HtmlWriter html;
  const std::string title = Say(words::kPaperTitle, language, manifest.title());
  Begin(html, title, language);
  html.Element("h1", title);
  html.Element("p",
               Say(words::kPaperClass, language, ColourName(manifest, voters.class_id(), language),
                   voters.name(), voters.age_from(), voters.age_to()),
               {{"class", colour}});
  if (manifest.demonstration()) {
    html.Element("p", Say(words::kDemonstration, language), {{"class", "note"}});
  }
  html.Element("h2", Say(words::kHowTo, language));
  for (const std::string& line : HowTo(manifest, language)) html.Element("p", line);
  if (!letters.empty()) html.Element("p", Say(words::kExclusive, language));
  html.Element("p", Say(words::kBlank, language));
  html.Element("p", Say(words::kNoNames, language));
  html.Open("table").Open("thead").Open("tr");
  for (const auto& column :
       {words::kColumnChoice, words::kColumnNumber, words::kColumnPlan, words::kColumnCost}) {
    html.Element("th", Say(column, language), {{"scope", "col"}});
  }
  html.Close().Close().Open("tbody").Raw("\n");
  for (const auto& option : manifest.options()) {
    html.Open("tr");
    html.Open("td").Element("span", "", {{"class", writes ? "box wide" : "box"}}).Close();
    html.Element("td", absl::StrCat(option.number()), {{"class", "number"}});
    html.Open("td").Element("bdi", option.title());
    if (!option.exclusive_group().empty()) {
      html.Text(absl::StrCat(" (", letters.at(option.exclusive_group()), ")"));
    }
    html.Close();
    html.Element("td", Money(option.cost_cents(), manifest, language), {{"class", "money"}});
    html.Close().Raw("\n");
  }
  html.Close().Close();
  return End(std::move(html));
}

}  // namespace smederij::cli
