#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "services/cli/counted/counted.h"
#include "services/cli/counted/words.h"
#include "services/cli/document/html_writer.h"

// Inside the page about a count. Not for callers of ToHtml.
namespace smederij::cli {

// What every part of the page is made with.
class HtmlPage {
 public:
  HtmlPage(const Counted& counted, Language language);

  const Counted& counted;
  const Language language;
  HtmlWriter html{};

  const ballots::tally::Election& election() const { return counted.file.election; }
  const ballots::tally::Outcome& outcome() const { return counted.outcome; }
  const std::string& IdOf(uint32_t plan) const { return election().plans[plan].id; }
  bool points() const;        // Whether support is points rather than votes.
  bool equal_shares() const;  // Whether voters paid from shares.

  template <class... Parts>
  std::string Say(const words::Phrase& phrase, const Parts&... parts) const {
    return words::Say(phrase, language, parts...);
  }
  std::string Number(int64_t number) const;                        // "1,234"
  std::string Support(int64_t support) const;                      // "1,234 votes"
  std::string Money(const ballots::tally::Rational& money) const;  // "€1,234.50"
  // Of `whole`, in whole percent; 0 when there is nothing to divide by.
  static std::string Percent(const ballots::tally::Rational& part,
                             const ballots::tally::Rational& whole);
  std::string Average(int64_t sum, int64_t count) const;  // With one decimal.

  // Why a plan was or was not funded. No amount breaks at the end of a line.
  std::string Sentence(uint32_t plan) const;

  // An amount; where it is rounded the exact one is at hand.
  void PutMoney(const ballots::tally::Rational& money);
  // The name of a plan, in the language of the file and whatever its direction, then its id.
  void PutName(uint32_t plan);
  // A bar that shows a number which stands beside it as a text.
  void PutBar(const ballots::tally::Rational& part, const ballots::tally::Rational& whole,
              bool big = false);

 private:
  std::string plans_language_{};  // A plain language code, or empty.
};

// The parts.
void PutRule(HtmlPage& page);
void PutPlans(HtmlPage& page);
void PutGroups(HtmlPage& page);
void PutTies(HtmlPage& page);
void PutSteps(HtmlPage& page);

}  // namespace smederij::cli
