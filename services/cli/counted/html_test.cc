// The page about a count: what it says, and that whatever a file says stays text.
#include "services/cli/counted/html.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "services/cli/counted/testing/small_file.h"
#include "services/cli/document/html_writer.h"

namespace smederij::cli {
namespace {

using ballots::tally::PlanOutcome;
using ballots::tally::Reason;
using testing::HasSubstr;
using testing::IsSubsetOf;
using testing::Not;

constexpr Language kLanguages[] = {Language::kEnglish, Language::kDutch};

// The names of the elements of a page; fails the test where they do not nest.
std::set<std::string> ElementsOf(const std::string& page) {
  std::set<std::string> names;
  std::vector<std::string> open;
  for (size_t at = page.find('<'); at != std::string::npos; at = page.find('<', at + 1)) {
    const std::string tag = page.substr(at + 1, page.find('>', at) - at - 1);
    if (tag == "!DOCTYPE html") continue;
    const std::string name = tag.substr(0, tag.find(' '));
    if (name[0] == '/') {
      EXPECT_FALSE(open.empty());
      EXPECT_EQ("/" + open.back(), name);
      open.pop_back();
      continue;
    }
    names.insert(name);
    if (name != "meta") open.push_back(name);
  }
  EXPECT_TRUE(open.empty());
  return names;
}

// All that a page may be made of.
const std::set<std::string>& OurElements() {
  static const auto& elements = *new std::set<std::string>{
      "html",   "head", "meta", "title",   "style",   "body",    "header", "main",
      "footer", "p",    "h1",   "h2",      "h3",      "h4",      "bdi",    "span",
      "small",  "data", "b",    "section", "article", "dl",      "dt",     "dd",
      "div",    "ol",   "ul",   "li",      "table",   "caption", "thead",  "tbody",
      "tr",     "th",   "td",   "details", "code",    "summary", "pre"};
  return elements;
}

size_t CountOf(const std::string& page, const std::string& part) {
  return std::vector<std::string>(absl::StrSplit(page, part)).size() - 1;
}

void ExpectSound(const std::string& page) {
  EXPECT_THAT(ElementsOf(page), IsSubsetOf(OurElements()));
  EXPECT_EQ(CountOf(page, "<h1>"), 1u);
  for (const char* fetched : {"http:", "https:", "src=", "href=", "url(", "@import", "<script"}) {
    EXPECT_THAT(page, Not(HasSubstr(fetched)));
  }
  const std::string body = page.substr(page.find("<body>"));
  EXPECT_EQ(body.find('$'), std::string::npos) << "something was not filled in";
}

TEST(Html, SaysInShortWhatWasDecided) {
  const Counted counted = MustCountText(kSmallElection);
  const std::string page = ToHtml(counted, Language::kEnglish);
  ExpectSound(page);
  EXPECT_THAT(page, HasSubstr("<html lang=\"en\">"));
  EXPECT_THAT(page, HasSubstr("<title>Result of the vote: Noordveld bouwt</title>"));
  EXPECT_THAT(page, HasSubstr("<bdi>Noordveld · 2025</bdi>"));
  EXPECT_THAT(page, HasSubstr("2 of 4 plans are funded."));
  EXPECT_THAT(page, HasSubstr("most votes first"));
  EXPECT_THAT(page, HasSubstr("smederij tally --explain -- noordveld.pb"));
  const std::string dutch = ToHtml(counted, Language::kDutch);
  ExpectSound(dutch);
  EXPECT_THAT(dutch, HasSubstr("<html lang=\"nl\">"));
  EXPECT_THAT(dutch, HasSubstr("2 van de 4 plannen krijgen geld."));
}

TEST(Html, EveryPlanHasItsReason) {
  const Counted counted = MustCountText(kSmallElection);
  const std::string page = ToHtml(counted, Language::kDutch);
  EXPECT_EQ(CountOf(page, "<article "), 4u);
  EXPECT_EQ(CountOf(page, "<p class=\"why\">Toegekend: "), 2u);
  EXPECT_EQ(CountOf(page, "<p class=\"why\">Niet toegekend: "), 2u);
}

TEST(Html, WordsStandBesideSignsAndNumbersBesideBars) {
  const std::string page = ToHtml(MustCountText(kSmallElection), Language::kEnglish);
  EXPECT_THAT(page, HasSubstr("<span aria-hidden=\"true\">✓</span> Funded"));
  EXPECT_THAT(page, HasSubstr("<span aria-hidden=\"true\">–</span> Not funded"));
  EXPECT_EQ(CountOf(page, "<span class=\"bar"), CountOf(page, "aria-hidden=\"true\"><span style"));
}

TEST(Html, AmountsAreWrittenAsPeopleDoAndTheExactOnesKept) {
  const std::string text = absl::StrReplaceAll(kSmallElection, {{"budget;100", "budget;1000.50"}});
  const Counted counted = MustCountText(text, {.rule = "mes_card"});
  EXPECT_THAT(ToHtml(counted, Language::kEnglish), HasSubstr(">€1,000.50<"));
  const std::string dutch = ToHtml(counted, Language::kDutch);
  EXPECT_THAT(dutch, HasSubstr(">€\u00A01.000,50<"));
  EXPECT_THAT(dutch, HasSubstr("value=\"166.75\">€\u00A0166,75<"));
  const Counted thirds = MustCountText(kSmallElection, {.rule = "mes_card"});
  EXPECT_THAT(ToHtml(thirds, Language::kEnglish),
              HasSubstr("value=\"50/3\" title=\"50/3\">€16.67<"));
}

TEST(Html, WhateverAFileSaysStaysText) {
  const std::string evil = "<script>alert('x')</script>&amp;\"><img src=x onerror=alert(1)>";
  const std::string quoted = absl::StrCat("\"", absl::StrReplaceAll(evil, {{"\"", "\"\""}}), "\"");
  const std::string text =
      absl::StrReplaceAll(kSmallElection, {{"Noordveld bouwt", quoted},
                                           {"unit;Noordveld", "unit;" + quoted},
                                           {"2025", quoted},
                                           {"currency;EUR", "currency;" + quoted},
                                           {"Slide", quoted},
                                           {"play;1", quoted + ";1"},
                                           {"paper", quoted}});
  for (const char* rule : {"greedy_votes", "mes_cost_add1u", "phragmen"}) {
    for (const Language language : kLanguages) {
      Counted counted = MustCountText(text, {.rule = rule});
      counted.path = evil;
      counted.again = evil;
      const std::string page = ToHtml(counted, language);
      ExpectSound(absl::StrReplaceAll(page, {{"src=x", ""}}));
      EXPECT_THAT(page,
                  HasSubstr("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;amp;&quot;"));
    }
  }
}

TEST(Html, AnIdMayBeAnything) {
  const std::string text = absl::StrReplaceAll(
      kSmallElection, {{"9;60", "<b>;60"}, {"9,10", "<b>,10"}, {"9,2", "<b>,2"}});
  const std::string page = ToHtml(MustCountText(text), Language::kEnglish);
  ExpectSound(page);
  EXPECT_THAT(page, HasSubstr("Plan &lt;b&gt;"));
}

TEST(Html, NothingReadsBackwardsOutsideItsPlace) {
  EXPECT_EQ(HtmlEscaped("a\u202Eb\u202Dc"), "a\uFFFDb\uFFFDc");
  EXPECT_EQ(HtmlEscaped("a\x01\x7F\tb\n"), "a\uFFFD\uFFFD\tb\n");
  EXPECT_EQ(HtmlEscaped("مركز"), "مركز");
}

TEST(Html, ALanguageThatIsNoneIsNotTakenOver) {
  const auto page = [](const std::string& language) {
    const std::string meta = absl::StrCat("currency;EUR\nlanguage;", language);
    return ToHtml(MustCountText(absl::StrReplaceAll(kSmallElection, {{"currency;EUR", meta}})),
                  Language::kEnglish);
  };
  EXPECT_THAT(page("nl"), HasSubstr("<bdi lang=\"nl\">Slide</bdi>"));
  EXPECT_THAT(page("n-l"), HasSubstr("<bdi>Slide</bdi>"));
}

TEST(Html, EveryRuleIsToldInBothLanguages) {
  Counted counted = MustCountText(kSmallElection);
  for (const ballots::tally::RuleInfo& rule : ballots::tally::Rules()) {
    counted.rule.name = std::string(rule.name);
    for (const Language language : kLanguages) ExpectSound(ToHtml(counted, language));
  }
}

TEST(Html, TellsWhatTheCharterAdds) {
  const CharterFlags flags{.no_skip = true,
                           .threshold = 2,
                           .nearly = 80,
                           .tie_order = "support,lot",
                           .lot = "7,2,9,10",
                           .exclusive = {"2,10"},
                           .weights = {"sex=M:2"}};
  const std::string page = ToHtml(MustCountText(kSmallElection, flags), Language::kEnglish);
  ExpectSound(page);
  EXPECT_THAT(page, HasSubstr("Only plans with at least 2 votes took part."));
  EXPECT_THAT(page, HasSubstr("If at least 80% of its cost was left"));
  EXPECT_THAT(page, HasSubstr("with more votes, then the one that was drawn first."));
  EXPECT_THAT(page, HasSubstr("Of plans that get in each other&#39;s way only one could win."));
  EXPECT_THAT(page, HasSubstr("Some ballots counted more than once: sex=M:2."));
  EXPECT_THAT(page, HasSubstr("Below the line of 2 votes (1)"));
  EXPECT_THAT(page, HasSubstr("smederij tally --no-skip --threshold 2 --nearly 80 "));
}

TEST(Html, TellsOfTiesAndHowTheyWereDecided) {
  const std::string page = ToHtml(MustCountText(kSmallElection), Language::kEnglish);
  EXPECT_THAT(page, HasSubstr("Step 2: plan 2 was exactly as good as plan 10, and went first: it "
                              "costs less."));
  EXPECT_THAT(ToHtml(MustCountText(kSmallElection, {.threshold = 4}), Language::kEnglish),
              Not(HasSubstr("id=\"ties\"")));
}

TEST(Html, ShowsGroupsThatAreLargeEnough) {
  std::string text(kSmallElection.substr(0, kSmallElection.find("a;9,10;8")));
  for (int i = 0; i < 6; ++i) absl::StrAppend(&text, "k", i, ";9;8;F;internet\n");
  for (int i = 0; i < 7; ++i) absl::StrAppend(&text, "o", i, ";2;70;F;paper\n");
  text = absl::StrReplaceAll(text, {{"num_votes;6", "num_votes;13"}});
  const std::string page = ToHtml(MustCountText(text), Language::kDutch);
  ExpectSound(page);
  EXPECT_THAT(page, HasSubstr("<caption>Naar leeftijd</caption>"));
  EXPECT_THAT(page, HasSubstr("<bdi>0-11</bdi>"));
  EXPECT_THAT(page, HasSubstr("<bdi>Op papier</bdi>"));
  EXPECT_THAT(page, Not(HasSubstr("Naar geslacht")));
  EXPECT_THAT(ToHtml(MustCountText(kSmallElection), Language::kDutch), Not(HasSubstr("<caption>")));
}

TEST(Html, EveryReasonIsAWholeSentenceInBothLanguages) {
  Counted counted = MustCountText(kSmallElection);
  for (int code = 0; code <= static_cast<int>(Reason::kSharesFellShort); ++code) {
    PlanOutcome& plan = counted.outcome.plans[0];
    plan.reason = static_cast<Reason>(code);
    plan.facts.clear();
    for (const char* fact :
         {"award", "cost", "endowment", "held", "left", "missing", "more_support", "pot", "share",
          "supporters", "support", "threshold"}) {
      plan.facts.emplace_back(fact, "7");
    }
    for (const char* other : {"against", "stopped_by", "winner"})
      plan.facts.emplace_back(other, "1");
    plan.facts.emplace_back("decided_by", "lot");
    plan.facts.emplace_back("unit", "votes");
    for (const Language language : kLanguages) {
      const std::string page = ToHtml(counted, language);
      ExpectSound(page);
      const std::string article = page.substr(page.find("<article"));
      EXPECT_THAT(article.substr(0, article.find("</section>")), Not(HasSubstr("?")));
    }
  }
}

TEST(Html, AnElectionWithoutBallotsHasAPageToo) {
  const std::string text = absl::StrReplaceAll(
      kSmallElection.substr(0, kSmallElection.find("a;9,10;8")), {{"num_votes;6", "num_votes;0"}});
  for (const char* rule : {"greedy_votes", "mes_cost", "phragmen"}) {
    ExpectSound(ToHtml(MustCountText(text, {.rule = rule}), Language::kDutch));
  }
}

}  // namespace
}  // namespace smederij::cli
