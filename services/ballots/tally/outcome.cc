#include "services/ballots/tally/outcome.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/check.h"

namespace smederij::ballots::tally {
namespace {

// A reason's code and its sentence. "{fact}" is the fact as it is, "{fact:money}" an amount with
// the currency, "{fact:support}" a number of votes or points. A part in square brackets stands
// only when all its facts are there.
struct Text {
  Reason reason;
  absl::string_view name;
  absl::string_view english;
};

constexpr Text kTexts[] = {
    {Reason::kFunded, "FUNDED",
     "Funded: with {support:support} its turn came while {left:money} was left, and it costs "
     "{cost:money}."},
    {Reason::kFundedNearlyFitted, "FUNDED_NEARLY_FITTED",
     "Funded: {left:money} was left of the {cost:money} it costs, enough by the charter to add the "
     "missing {missing:money}."},
    {Reason::kFundedByShares, "FUNDED_BY_SHARES",
     "Funded: its {supporters} supporters paid the {cost:money} from their equal shares[, at most "
     "{share:money} each][, {share_per_point:money} per point or what they had]."},
    {Reason::kFundedByCompletion, "FUNDED_BY_COMPLETION",
     "Funded: of the {left:money} that the equal shares left over it got the {cost:money} it "
     "costs, "
     "with {support:support}."},
    {Reason::kPartiallyFunded, "PARTIALLY_FUNDED",
     "Offered the {award:money} that was left of the {cost:money} it costs; {missing:money} is "
     "missing."},
    {Reason::kNoMoneyLeft, "NO_MONEY_LEFT",
     "Not funded: when its turn came {left:money} was left of the {cost:money} it costs.[ "
     "{more_support:support} more would have done, ahead of plan {against}.]"},
    {Reason::kCountStopped, "COUNT_STOPPED",
     "Not funded: the count ended at plan {stopped_by}, before its turn.[ {more_support:support} "
     "more would have done, ahead of plan {against}.]"},
    {Reason::kTieLost, "TIE_LOST",
     "Not funded: it was as good as plan {against}, which went first ({decided_by}), and then too "
     "little was left.[ {more_support:support} more would have done.][ Its supporters still held "
     "{held:money} of the {cost:money} it costs.]"},
    {Reason::kDearerThanPot, "DEARER_THAN_POT",
     "Not funded: it costs {cost:money}, more than the {pot:money} there is in all."},
    {Reason::kBelowThreshold, "BELOW_THRESHOLD",
     "Not funded: it got {support:support}, and at least {threshold} were needed."},
    {Reason::kExcludedByWinner, "EXCLUDED_BY_WINNER",
     "Not funded: plan {winner} won, and only one of the two can be carried out."},
    {Reason::kWithdrawn, "WITHDRAWN", "Not funded: it was withdrawn."},
    {Reason::kNoSupport, "NO_SUPPORT", "Not funded: nobody chose it."},
    {Reason::kSharesFellShort, "SHARES_FELL_SHORT",
     "Not funded: with {endowment:money} for every voter its {supporters} supporters still held "
     "{held:money} of the {cost:money} it costs; {missing:money} was missing."},
};

const Text& TextOf(Reason reason) {
  for (const Text& text : kTexts) {
    if (text.reason == reason) return text;
  }
  CHECK(false);
}

const std::string* Find(absl::Span<const Fact> facts, absl::string_view name) {
  for (const Fact& fact : facts) {
    if (absl::string_view(fact.first) == name) return &fact.second;
  }
  return nullptr;
}

// Amounts are rounded to cents for people, whole ones without decimals.
std::string MoneyText(const std::string& value, absl::string_view currency) {
  const Rational amount = FromText(value);
  std::string text = ToRounded(amount, amount.get_den() == 1 ? 0 : 2);
  return currency.empty() ? text : absl::StrCat(text, " ", currency);
}

// "1 vote", "12 votes".
std::string SupportText(const std::string& value, absl::Span<const Fact> facts) {
  const std::string* unit = Find(facts, "unit");
  const bool points = unit != nullptr && *unit == "points";
  return absl::StrCat(value, points ? " point" : " vote", value == "1" ? "" : "s");
}

class Renderer {
 public:
  Renderer(absl::Span<const Fact> facts, absl::string_view currency)
      : facts_(facts), currency_(currency) {}

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
    const size_t colon = slot.find(':');
    const std::string* value = Find(facts_, slot.substr(0, colon));
    if (value == nullptr) {
      complete = false;
      return "?";
    }
    if (absl::EndsWith(slot, ":money")) return MoneyText(*value, currency_);
    if (absl::EndsWith(slot, ":support")) return SupportText(*value, facts_);
    return *value;
  }

  absl::Span<const Fact> facts_;
  absl::string_view currency_;
};

}  // namespace

absl::string_view NameOf(Reason reason) { return TextOf(reason).name; }

std::string SentenceOf(Reason reason, absl::Span<const Fact> facts, absl::string_view currency) {
  bool complete = true;
  return Renderer(facts, currency).Render(TextOf(reason).english, complete);
}

}  // namespace smederij::ballots::tally
