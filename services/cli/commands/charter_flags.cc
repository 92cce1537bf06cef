#include "services/cli/commands/charter_flags.h"

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/ballots/tally/rule.h"

namespace smederij::cli {

void AddCharterFlags(CLI::App& command, CharterFlags& flags) {
  std::vector<std::string> names;
  std::string rules = "Rules:\n";
  for (const ballots::tally::RuleInfo& rule : ballots::tally::Rules()) {
    names.emplace_back(rule.name);
    absl::StrAppend(&rules, "  ", rule.name, std::string(24 - rule.name.size(), ' '), rule.summary,
                    "\n");
  }
  command.footer(rules);
  command.add_option("--rule", flags.rule, "a rule's name; without it the one the file names")
      ->check(CLI::IsMember(names));
  command.add_flag("--no-skip", flags.no_skip,
                   "greedy rules: stop at the first plan that does not fit");
  command.add_flag("--partial", flags.partial,
                   "greedy_votes, greedy_points: the first plan that does not fit gets the rest");
  command
      .add_option("--nearly", flags.nearly,
                  "with --no-skip: the plan that stops the count is funded all the same when so "
                  "many percent of its cost are left; with --partial: only then is the rest given")
      ->check(CLI::Range(1, 100));
  command.add_option("--threshold", flags.threshold, "support a plan needs to be considered")
      ->check(CLI::NonNegativeNumber);
  command.add_option("--threshold-percent", flags.threshold_percent,
                     "the same as a share of the ballots, rounded up; the higher one holds");
  command.add_option("--endowment-step", flags.endowment_step,
                     "add1 rules: by how much every voter's share grows");
  command.add_option("--tie-order", flags.tie_order,
                     "what decides ties, say support,cost,lot; else support,cost,number");
  command.add_option("--lot", flags.lot, "the plans as they were drawn, ID,ID,…");
  command.add_option("--exclusive", flags.exclusive, "plans of which one may win, ID,ID,…")
      ->allow_extra_args(false);
  command.add_option("--pot", flags.pots, "money for one category alone, CATEGORY=AMOUNT")
      ->allow_extra_args(false);
  command
      .add_option("--weight", flags.weights,
                  "ballots that count more than once, COLUMN=VALUE:WEIGHT, say age=0-11:3")
      ->allow_extra_args(false);
}

void AddLanguage(CLI::App& command, Language& language) {
  static const std::map<std::string, Language> kLanguages = {{"en", Language::kEnglish},
                                                             {"nl", Language::kDutch}};
  command.add_option("--language", language, "of what people read: en or nl")
      ->transform(CLI::CheckedTransformer(kLanguages));
}

}  // namespace smederij::cli
