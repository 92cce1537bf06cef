#include "services/cli/counted/charter.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "services/ballots/tally/election.h"
#include "services/cli/counted/mistakes.h"

namespace smederij::cli {
namespace {

using ballots::tally::kWeightMax;
using ballots::tally::ParseDecimal;
using ballots::tally::Pot;
using ballots::tally::Rational;
using ballots::tally::TieBreak;

constexpr int kAgeMax = 1'000;  // Older than anybody.

constexpr std::pair<absl::string_view, TieBreak> kTieBreaks[] = {{"support", TieBreak::kSupport},
                                                                 {"cost", TieBreak::kCost},
                                                                 {"number", TieBreak::kNumber},
                                                                 {"lot", TieBreak::kLot}};
constexpr std::pair<absl::string_view, Trait> kColumns[] = {{"age", Trait::kAge},
                                                            {"sex", Trait::kSex},
                                                            {"voting_method", Trait::kVotingMethod},
                                                            {"neighborhood", Trait::kNeighborhood}};

template <class Value, size_t size>
std::optional<Value> Named(const std::pair<absl::string_view, Value> (&names)[size],
                           absl::string_view name) {
  for (const auto& [known, value] : names) {
    if (known == name) return value;
  }
  return std::nullopt;
}

std::optional<Ages> ParseAges(absl::string_view text) {
  Ages ages;
  const bool open = absl::ConsumeSuffix(&text, "+");
  const size_t dash = open ? absl::string_view::npos : text.find('-');
  if (!absl::SimpleAtoi(text.substr(0, dash), &ages.youngest)) return std::nullopt;
  ages.oldest = open ? kAgeMax : ages.youngest;
  if (dash != absl::string_view::npos && !absl::SimpleAtoi(text.substr(dash + 1), &ages.oldest)) {
    return std::nullopt;
  }
  if (ages.youngest < 0 || ages.oldest < ages.youngest) return std::nullopt;
  return ages;
}

// Understands one set of flags; every mistake is told.
class Parser {
 public:
  absl::StatusOr<Charter> Parse(const CharterFlags& flags) {
    charter_.flags = flags;
    if (!flags.threshold_percent.empty()) ParsePercent(flags.threshold_percent);
    if (!flags.endowment_step.empty()) ParseStep(flags.endowment_step);
    ParseTies(flags);
    for (const std::string& flag : flags.exclusive) ParseExclusive(flag);
    for (const std::string& flag : flags.pots) ParsePot(flag);
    for (const std::string& flag : flags.weights) ParseWeight(flag);
    RETURN_IF_ERROR(mistakes_.Finish("CHARTER_UNCLEAR", "the options cannot be understood"));
    return std::move(charter_);
  }

 private:
  void Wrong(absl::string_view flag, absl::string_view wrong) { mistakes_.Add(flag, wrong); }

  void ParsePercent(const std::string& text) {
    const absl::StatusOr<Rational> percent = ParseDecimal(text);
    if (!percent.ok() || *percent > 100 || Rational(*percent * 100).get_den() != 1) {
      return Wrong("--threshold-percent", "must be 0 to 100, with two decimals at most");
    }
    const Rational points = *percent * 100;
    charter_.threshold_basis_points = static_cast<uint32_t>(points.get_num().get_ui());
  }

  void ParseStep(const std::string& text) {
    const absl::StatusOr<Rational> step = ParseDecimal(text);
    if (!step.ok() || *step <= 0) return Wrong("--endowment-step", "must be an amount above zero");
    charter_.endowment_step = *step;
  }

  void ParseTies(const CharterFlags& flags) {
    bool by_lot = false;
    if (!flags.tie_order.empty()) {
      for (const absl::string_view name : absl::StrSplit(flags.tie_order, ',')) {
        const std::optional<TieBreak> by = Named(kTieBreaks, name);
        if (!by) {
          Wrong("--tie-order", absl::StrCat("\"", name, "\" is not support, cost, number or lot"));
          continue;
        }
        by_lot |= by == TieBreak::kLot;
        charter_.tie_order.push_back(*by);
      }
    }
    if (by_lot && flags.lot.empty()) Wrong("--tie-order", "lot needs the plans drawn, with --lot");
    if (!by_lot && !flags.lot.empty()) Wrong("--lot", "needs lot in --tie-order");
    if (!flags.lot.empty()) charter_.lot = absl::StrSplit(flags.lot, ',');
  }

  void ParseExclusive(const std::string& flag) {
    charter_.exclusive.push_back(absl::StrSplit(flag, ','));
    if (charter_.exclusive.back().size() < 2) {
      Wrong(absl::StrCat("--exclusive ", flag), "must name two plans at least, ID,ID,…");
    }
  }

  void ParsePot(const std::string& flag) {
    const std::string name = absl::StrCat("--pot ", flag);
    const size_t equals = flag.rfind('=');
    if (equals == std::string::npos) return Wrong(name, "must read CATEGORY=AMOUNT");
    Pot pot{.category = flag.substr(0, equals)};
    const absl::StatusOr<Rational> amount = ParseDecimal(flag.substr(equals + 1));
    if (!amount.ok()) return Wrong(name, "the amount is no plain decimal number");
    for (const Pot& earlier : charter_.pots) {
      if (earlier.category == pot.category) Wrong(name, "the category has a pot already");
    }
    pot.amount = *amount;
    charter_.pots.push_back(std::move(pot));
  }

  void ParseWeight(const std::string& flag) {
    const std::string name = absl::StrCat("--weight ", flag);
    const size_t equals = flag.find('='), colon = flag.rfind(':');
    if (equals == std::string::npos || colon == std::string::npos || colon < equals) {
      return Wrong(name, "must read COLUMN=VALUE:WEIGHT");
    }
    const std::optional<Trait> trait = Named(kColumns, flag.substr(0, equals));
    if (!trait) return Wrong(name, "the column is not age, sex, voting_method or neighborhood");
    WeightOf weight{.flag = name, .trait = *trait};
    weight.value = flag.substr(equals + 1, colon - equals - 1);
    if (!absl::SimpleAtoi(flag.substr(colon + 1), &weight.weight) || weight.weight < 1 ||
        weight.weight > kWeightMax) {
      return Wrong(name, absl::StrCat("the weight must be 1 to ", kWeightMax));
    }
    if (*trait == Trait::kAge) weight.ages = ParseAges(weight.value);
    if (*trait == Trait::kAge && !weight.ages && !weight.value.empty()) {
      return Wrong(name, "an age must read 7, 0-11 or 65+");
    }
    charter_.weights.push_back(std::move(weight));
  }

  Charter charter_{};
  Mistakes mistakes_{};
};

}  // namespace

absl::StatusOr<Charter> ParseCharter(const CharterFlags& flags) { return Parser().Parse(flags); }

std::string Quoted(absl::string_view word) {
  const bool plain = !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
           absl::StrContains("_-./,:=+", absl::string_view(&c, 1));
  });
  if (plain) return std::string(word);
  return absl::StrCat("'", absl::StrReplaceAll(word, {{"'", "'\\''"}}), "'");
}

std::string AsTyped(const CharterFlags& flags) {
  std::vector<std::string> typed;
  const auto add = [&](absl::string_view flag, absl::string_view value) {
    if (!value.empty()) typed.push_back(absl::StrCat(flag, " ", Quoted(value)));
  };
  add("--rule", flags.rule);
  if (flags.no_skip) typed.emplace_back("--no-skip");
  if (flags.partial) typed.emplace_back("--partial");
  if (flags.threshold > 0) add("--threshold", absl::StrCat(flags.threshold));
  add("--threshold-percent", flags.threshold_percent);
  if (flags.nearly > 0) add("--nearly", absl::StrCat(flags.nearly));
  add("--endowment-step", flags.endowment_step);
  add("--tie-order", flags.tie_order);
  add("--lot", flags.lot);
  for (const std::string& ids : flags.exclusive) add("--exclusive", ids);
  for (const std::string& pot : flags.pots) add("--pot", pot);
  for (const std::string& weight : flags.weights) add("--weight", weight);
  return absl::StrJoin(typed, " ");
}

}  // namespace smederij::cli
