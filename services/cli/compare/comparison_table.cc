#include "services/cli/compare/comparison_table.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/cli/compare/words.h"
#include "services/cli/counted/table.h"

namespace smederij::cli {
namespace {

using ballots::tally::Decision;
using ballots::tally::Election;
using ballots::tally::GroupShare;
using ballots::tally::GroupShares;
using ballots::tally::MoneyText;
using ballots::tally::Rational;
using ballots::tally::Rule;
using ballots::tally::ToRounded;

// What keeps every line within 100 characters.
constexpr size_t kRuleWidth = 22, kSpentWidth = 20;
constexpr size_t kIdWidth = 14, kNameWidth = 24;
constexpr size_t kGroupsMax = 8, kGroupWidth = 8;
constexpr size_t kMatrixPlansMax = 60;

std::string Percent(const Rational& part, const Rational& whole) {
  return absl::StrCat(whole == 0 ? "0" : ToRounded(part * 100 / whole, 0), "%");
}

// The text, or as much of it as leaves room for an ellipsis.
std::string Fitted(absl::string_view text, size_t width) {
  return Width(text) <= width ? std::string(text) : Cut(text, width - 1);
}

// Writes one comparison.
class Table {
 public:
  Table(const Comparison& comparison, Language language, std::ostream& out)
      : comparison_(comparison), language_(language), out_(out) {}

  void Print() {
    PrintHead();
    PrintRules();
    PrintNotes();
    if (election().plans.size() <= kMatrixPlansMax) {
      PrintMatrix();
    } else {
      PrintCounts();
    }
    for (size_t i = 0; i < comparison_.divisions.size(); ++i) PrintMoney(i);
  }

 private:
  const Election& election() const { return comparison_.file.election; }

  template <class... Parts>
  std::string Say(const words::Phrase& phrase, const Parts&... parts) const {
    return words::Say(phrase, language_, parts...);
  }

  void PrintHead() {
    out_ << comparison_.path << "\n  "
         << Say(words::kHead, NameOf(election().kind), election().ballots.size(),
                election().plans.size(),
                MoneyText(election().budget, election().currency, language_))
         << "\n\n";
  }

  // "12  mes_cost *".
  std::string Numbered(size_t rule) const {
    const RuleResult& result = comparison_.rules[rule];
    return absl::StrCat(
        Right(absl::StrCat(rule + 1), 4), "  ",
        Left(absl::StrCat(result.rule.name, result.of_the_city ? " *" : ""), kRuleWidth));
  }

  std::string Average(const GroupShare& all) const {
    const Rational average =
        all.ballots == 0 ? Rational(0) : Rational(Whole(all.awards) / Whole(all.ballots));
    std::string text = ToRounded(average, 2);
    if (language_ == Language::kDutch) std::replace(text.begin(), text.end(), '.', ',');
    return text;
  }

  void PrintRules() {
    out_ << "      " << Left(Say(words::kRuleColumn), kRuleWidth)
         << Right(Say(words::kFundedColumn), 8) << Right(Say(words::kSpentColumn), kSpentWidth)
         << Right(Say(words::kSatisfiedColumn), 18) << Right(Say(words::kAverageColumn), 12);
    if (comparison_.decided) out_ << "  " << Say(words::kDecidedColumn);
    out_ << '\n';
    for (size_t rule = 0; rule < comparison_.rules.size(); ++rule) {
      const RuleResult& result = comparison_.rules[rule];
      const GroupShare& all = result.all.groups[0];
      const std::string satisfied =
          absl::StrCat(all.satisfied, " (", Percent(Whole(all.satisfied), Whole(all.ballots)), ")");
      out_ << Numbered(rule) << Right(absl::StrCat(result.outcome.selected.size()), 8)
           << Right(MoneyText(result.outcome.spent, "", language_), kSpentWidth)
           << Right(satisfied, 18) << Right(Average(all), 12);
      if (comparison_.decided) {
        out_ << "  " << Say(result.as_decided ? words::kSame : words::kDifferent);
      }
      out_ << '\n';
    }
  }

  void PrintNotes() {
    out_ << "\n  " << Say(words::kColumnsAre) << '\n';
    if (comparison_.decided) out_ << "  " << Say(words::kDecidedAre) << '\n';
    for (const RuleResult& result : comparison_.rules) {
      if (!result.of_the_city) continue;
      const Rule& rule = result.rule;
      std::string adds;
      if (rule.stop_at_first_misfit) adds += Say(words::kCityStops);
      if (rule.last_plan_percent_min > 0) {
        adds += Say(words::kCityNearly, rule.last_plan_percent_min);
      }
      if (rule.support_min > 0) adds += Say(words::kCityThreshold, rule.support_min);
      out_ << "  " << Say(words::kCityRule, adds) << '\n';
    }
  }

  // By how many rules each plan wins.
  std::vector<size_t> Wins() const {
    std::vector<size_t> wins(election().plans.size(), 0);
    for (const RuleResult& result : comparison_.rules) {
      for (const uint32_t plan : result.outcome.selected) ++wins[plan];
    }
    return wins;
  }

  void PrintCounts() {
    size_t all = 0, some = 0, none = 0;
    for (const size_t wins : Wins()) {
      ++(wins == 0 ? none : wins == comparison_.rules.size() ? all : some);
    }
    out_ << "\n  " << Say(words::kWinCounts, all, some, none) << '\n';
  }

  std::string Mark(const RuleResult& result, uint32_t plan) const {
    const Decision decision = result.outcome.plans[plan].decision;
    return decision == Decision::kFunded ? "x" : decision == Decision::kPartial ? "½" : "·";
  }

  void PrintMatrix() {
    const std::vector<size_t> wins = Wins();
    std::vector<uint32_t> order;
    for (uint32_t plan = 0; plan < wins.size(); ++plan) order.push_back(plan);
    const auto& plans = comparison_.rules[0].outcome.plans;
    std::stable_sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
      return wins[a] != wins[b] ? wins[a] > wins[b] : plans[a].support > plans[b].support;
    });
    out_ << "\n  " << Left(Say(words::kWhoWins), kIdWidth + kNameWidth + 4);
    for (size_t rule = 0; rule < comparison_.rules.size(); ++rule) {
      out_ << Right(absl::StrCat(rule + 1), 3);
    }
    if (comparison_.decided) out_ << "  " << Say(words::kCityColumn);
    out_ << '\n';
    for (const uint32_t plan : order) {
      out_ << "  " << Left(Fitted(election().plans[plan].id, kIdWidth), kIdWidth) << "  "
           << Left(Fitted(comparison_.file.plans[plan].name, kNameWidth), kNameWidth) << "  ";
      for (const RuleResult& result : comparison_.rules) out_ << "  " << Mark(result, plan);
      if (comparison_.decided) out_ << "  " << (comparison_.decided->contains(plan) ? "x" : "·");
      out_ << '\n';
    }
  }

  std::string ByTrait(Trait trait) const {
    return Say(trait == Trait::kAge            ? words::kByAge
               : trait == Trait::kSex          ? words::kBySex
               : trait == Trait::kVotingMethod ? words::kByVotingMethod
                                               : words::kByNeighborhood);
  }

  std::string LabelOf(const VoterGroup& group) const {
    if (group.kind == VoterGroup::Kind::kUnknown) return Say(words::kUnknown);
    if (group.kind == VoterGroup::Kind::kOther) return Say(words::kOther);
    return group.name;
  }

  void PrintMoney(size_t at) {
    const Division& division = comparison_.divisions[at];
    out_ << "\n  " << Say(words::kMoneyBy, ByTrait(division.trait)) << '\n';
    if (division.groups.size() > kGroupsMax) {
      out_ << "      " << Say(words::kTooManyGroups, division.groups.size()) << '\n';
      return;
    }
    out_ << "      " << Left("", kRuleWidth);
    for (const VoterGroup& group : division.groups) {
      out_ << ' ' << Right(Fitted(LabelOf(group), kGroupWidth), kGroupWidth);
    }
    out_ << "\n      " << Left(Say(words::kBallotsRow), kRuleWidth);
    const GroupShares& any = comparison_.rules[0].divisions[at];
    for (const GroupShare& group : any.groups) {
      out_ << ' '
           << Right(
                  Percent(Whole(group.ballots), Whole(comparison_.rules[0].all.groups[0].ballots)),
                  kGroupWidth);
    }
    out_ << '\n';
    for (size_t rule = 0; rule < comparison_.rules.size(); ++rule) {
      const RuleResult& result = comparison_.rules[rule];
      out_ << Numbered(rule);
      for (const GroupShare& group : result.divisions[at].groups) {
        out_ << ' ' << Right(Percent(group.money, result.outcome.spent), kGroupWidth);
      }
      out_ << '\n';
    }
  }

  const Comparison& comparison_;
  const Language language_;
  std::ostream& out_;
};

}  // namespace

void PrintComparison(const Comparison& comparison, Language language, std::ostream& out) {
  Table(comparison, language, out).Print();
}

}  // namespace smederij::cli
