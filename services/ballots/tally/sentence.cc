#include "services/ballots/tally/sentence.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"

namespace smederij::ballots::tally {
namespace {

// What is said about a reason. "{fact}" is the fact as it is, "{fact:money}" an amount with the
// currency, "{fact:support}" a number of votes or points, "{fact:voters}" a number of voters,
// "{fact:why}" what decided a tie. A part in square brackets stands only when all its facts are
// there.
struct Text {
  Reason reason;
  absl::string_view english;
  absl::string_view dutch;
};

constexpr Text kTexts[] = {
    {Reason::kFunded,
     "Funded: with {support:support} its turn came, and the {cost:money} it costs fitted in the "
     "{left:money} that was left.",
     "Toegekend: met {support:support} was dit plan aan de beurt, en de {cost:money} die het kost "
     "paste in de {left:money} die over was."},
    {Reason::kFundedNearlyFitted,
     "Funded: it costs {cost:money} and {left:money} was left. That was nearly enough, and then "
     "the rules add the missing {missing:money}.",
     "Toegekend: dit plan kost {cost:money} en er was {left:money} over. Dat was bijna genoeg, en "
     "dan leggen de spelregels de ontbrekende {missing:money} erbij."},
    {Reason::kFundedFree, "Funded: it costs nothing, and at least one voter chose it.",
     "Toegekend: dit plan kost niets, en minstens één kiezer koos het."},
    {Reason::kFundedByShares,
     "Funded: every voter had the same share to spend. The {supporters:voters} who chose this plan "
     "paid the {cost:money} together[: at most {share:money} each][: {share_per_point:money} for "
     "every point they gave it, or all they had left].",
     "Toegekend: iedere kiezer had evenveel te besteden. De {supporters:voters} van dit plan "
     "betaalden samen de {cost:money}[: hoogstens {share:money} per kiezer][: "
     "{share_per_point:money} voor elk punt dat zij gaven, of alles wat zij nog hadden]."},
    {Reason::kFundedByCompletion,
     "Funded: the voters' shares left {left:money} over. That went to plans with the most votes "
     "that still fitted, and this one, with {support:support}, costs {cost:money}.",
     "Toegekend: van wat de kiezers te besteden hadden bleef {left:money} over. Dat ging naar de "
     "plannen met de meeste stemmen die nog pasten, en dit plan, met {support:support}, kost "
     "{cost:money}."},
    {Reason::kPartiallyFunded,
     "Partly funded: it costs {cost:money} and {award:money} was left. It is offered that; "
     "{missing:money} is missing.",
     "Deels toegekend: dit plan kost {cost:money} en er was {award:money} over. Dat krijgt het "
     "aangeboden; er ontbreekt {missing:money}."},
    {Reason::kNoMoneyLeft,
     "Not funded: when its turn came only {left:money} was left, and it costs {cost:money}.[ With "
     "{more_support:support} more it would have gone before plan {against}, and been funded.]",
     "Niet toegekend: toen dit plan aan de beurt was, was er nog maar {left:money} over, en het "
     "kost {cost:money}.[ Met {more_support:support} meer was het vóór plan {against} gegaan en "
     "wel toegekend.]"},
    {Reason::kCountStopped,
     "Not funded: the money went to plans before it, and the count stopped at plan {stopped_by}, "
     "which did not fit any more.[ With {more_support:support} more it would have gone before plan "
     "{against}, and been funded.]",
     "Niet toegekend: het geld ging naar plannen die eerder aan de beurt waren, en de telling "
     "stopte bij plan {stopped_by}, dat niet meer paste.[ Met {more_support:support} meer was het "
     "vóór plan {against} gegaan en wel toegekend.]"},
    {Reason::kTieLost,
     "Not funded: it was exactly as good as plan {against}. That plan went first because "
     "{decided_by:why}, and then too little was left.[ With {more_support:support} more "
     "this plan would have gone first.][ Its supporters still had {held:money} of the "
     "{cost:money} it costs.]",
     "Niet toegekend: dit plan was precies even goed als plan {against}. Dat ging voor omdat "
     "{decided_by:why}, en daarna was er te weinig over.[ Met {more_support:support} meer was dit "
     "plan voorgegaan.][ Wie het koos had samen nog {held:money} van de {cost:money} die het "
     "kost.]"},
    {Reason::kDearerThanPot,
     "Not funded: it costs {cost:money}, more than the {pot:money} there was in all.",
     "Niet toegekend: dit plan kost {cost:money}, meer dan de {pot:money} die er in totaal was."},
    {Reason::kBelowThreshold,
     "Not funded: it got {support:support}, and the rules ask for at least {threshold:support}.",
     "Niet toegekend: dit plan kreeg {support:support}, en de spelregels vragen er minstens "
     "{threshold}."},
    {Reason::kExcludedByWinner,
     "Not funded: plan {winner} won, and only one of the two can be carried out.",
     "Niet toegekend: plan {winner} won, en van die twee kan er maar één worden uitgevoerd."},
    {Reason::kWithdrawn, "Not funded: it was withdrawn.",
     "Niet toegekend: dit plan is ingetrokken."},
    {Reason::kNoSupport, "Not funded: nobody chose it.", "Niet toegekend: niemand koos dit plan."},
    {Reason::kSharesFellShort,
     "Not funded: every voter had {endowment:money} to spend. In the end the {supporters:voters} "
     "who chose this plan had {held:money} left together, and it costs {cost:money}: "
     "{missing:money} too little.",
     "Niet toegekend: iedere kiezer had {endowment:money} te besteden. Aan het eind hadden de "
     "{supporters:voters} van dit plan samen nog {held:money}, en het kost {cost:money}: "
     "{missing:money} te weinig."},
};

const Text& TextOf(Reason reason) {
  for (const Text& text : kTexts) {
    if (text.reason == reason) return text;
  }
  CHECK(false);
}

// What counts things: one of them, more of them.
struct Noun {
  absl::string_view one, more;
};

// The words of a language inside sentences.
struct Words {
  Noun vote, point, voter;
  absl::string_view by_support, by_cost, by_number, by_lot;
  char thousands, decimal;
  absl::string_view euro;
};

constexpr Words kEnglishWords = {.vote = {"vote", "votes"},
                                 .point = {"point", "points"},
                                 .voter = {"voter", "voters"},
                                 .by_support = "more people wanted it",
                                 .by_cost = "it costs less",
                                 .by_number = "it has the lower number",
                                 .by_lot = "the lot fell that way",
                                 .thousands = ',',
                                 .decimal = '.',
                                 .euro = "€"};
constexpr Words kDutchWords = {.vote = {"stem", "stemmen"},
                               .point = {"punt", "punten"},
                               .voter = {"kiezer", "kiezers"},
                               .by_support = "meer mensen het wilden",
                               .by_cost = "het minder kost",
                               .by_number = "het het laagste nummer heeft",
                               .by_lot = "het lot zo viel",
                               .thousands = '.',
                               .decimal = ',',
                               .euro = "€ "};

const Words& WordsOf(Language language) {
  return language == Language::kDutch ? kDutchWords : kEnglishWords;
}

const std::string* Find(absl::Span<const Fact> facts, absl::string_view name) {
  for (const Fact& fact : facts) {
    if (absl::string_view(fact.first) == name) return &fact.second;
  }
  return nullptr;
}

// The digits before the decimal point in groups of three; the point as the language has it.
std::string Grouped(std::string number, const Words& words) {
  size_t point = std::min(number.find('.'), number.size());
  if (point < number.size()) number[point] = words.decimal;
  const size_t first_digit = number[0] == '-' ? 1 : 0;
  while (point > first_digit + 3) number.insert(point -= 3, 1, words.thousands);
  return number;
}

class Renderer {
 public:
  Renderer(absl::Span<const Fact> facts, absl::string_view currency, Language language)
      : facts_(facts), currency_(currency), language_(language), words_(WordsOf(language)) {}

  // Sets `complete` to false when a fact is missing.
  std::string Render(absl::string_view pattern, bool& complete) const {
    std::string out;
    while (!pattern.empty()) {
      const size_t open = pattern.find_first_of("{[");
      absl::StrAppend(&out, pattern.substr(0, open));
      if (open == absl::string_view::npos) break;
      const size_t close = pattern.find(pattern[open] == '{' ? '}' : ']', open);
      CHECK(close != absl::string_view::npos);
      const absl::string_view inside = pattern.substr(open + 1, close - open - 1);
      if (pattern[open] == '{') {
        out += Slot(inside, complete);
      } else {
        bool whole = true;
        const std::string part = Render(inside, whole);
        if (whole) out += part;
      }
      pattern.remove_prefix(close + 1);
    }
    return out;
  }

 private:
  std::string Slot(absl::string_view slot, bool& complete) const {
    const size_t colon = std::min(slot.find(':'), slot.size());
    const std::string* value = Find(facts_, slot.substr(0, colon));
    if (value == nullptr) {
      complete = false;
      return "?";
    }
    const absl::string_view kind = slot.substr(std::min(colon + 1, slot.size()));
    if (kind == "money") return MoneyText(FromText(*value), currency_, language_);
    if (kind == "support") return Counted(*value, IsPoints() ? words_.point : words_.vote);
    if (kind == "voters") return Counted(*value, words_.voter);
    if (kind == "why") return std::string(Why(*value));
    return *value;
  }

  std::string Counted(const std::string& value, const Noun& noun) const {
    return absl::StrCat(Grouped(value, words_), " ", value == "1" ? noun.one : noun.more);
  }

  bool IsPoints() const {
    const std::string* unit = Find(facts_, "unit");
    return unit != nullptr && *unit == "points";
  }

  absl::string_view Why(const std::string& decided_by) const {
    return decided_by == "support" ? words_.by_support
           : decided_by == "cost"  ? words_.by_cost
           : decided_by == "lot"   ? words_.by_lot
                                   : words_.by_number;
  }

  absl::Span<const Fact> facts_;
  absl::string_view currency_;
  Language language_;
  const Words& words_;
};

}  // namespace

std::string MoneyText(const Rational& amount, absl::string_view currency, Language language) {
  const Words& words = WordsOf(language);
  const std::string text = Grouped(ToRounded(amount, amount.get_den() == 1 ? 0 : 2), words);
  if (currency == "EUR") return absl::StrCat(words.euro, text);
  return currency.empty() ? text : absl::StrCat(text, " ", currency);
}

std::string SentenceOf(Reason reason, absl::Span<const Fact> facts, absl::string_view currency,
                       Language language) {
  const Text& text = TextOf(reason);
  bool complete = true;
  return Renderer(facts, currency, language)
      .Render(language == Language::kDutch ? text.dutch : text.english, complete);
}

}  // namespace smederij::ballots::tally
