#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "smederij/registry/v1/charter.pb.h"

namespace smederij::cli {

// A resident who has a part: the subject the identity provider knows them by, a birth date, and a
// name where somebody will read it on a printed roll. Without a postcode they have the script's.
struct ScriptResident {
  std::string subject;
  std::string birth_date;  // ISO 8601.
  std::string name = {};
  std::string postcode = {};
};

// A plan as it will be forged. Plans get their numbers in the order they stand in the script.
struct ScriptPlan {
  std::string id;  // What the source calls it; what the summary speaks of.
  std::string title;
  std::string text;
  int64_t cost_cents = 0;
  size_t author = 0;  // Index of a resident.
  std::string category = {};
};

// Money with a condition: for plans of a category, or for one plan.
struct ScriptFund {
  std::string name;  // As the ledger wants it: "trees".
  std::string category = {};
  std::optional<size_t> plan = {};  // Index of a plan.
  int64_t pot_cents = 0;
};

// One ballot: indexes of plans, in the voter's order, each with its points (1 where the ballot has
// none). Empty is a blank ballot.
struct ScriptBallot {
  size_t voter = 0;  // Index of a resident.
  std::vector<std::pair<size_t, uint32_t>> choices;
};

// Everything a round needs from outside: who lives there, what they want, how they vote.
struct Script {
  std::string district_slug;
  std::string district_name;
  std::string postcode;
  std::string reference_date;  // Ages are taken on this day.
  std::string currency = "EUR";
  int64_t pot_cents = 0;  // Without what funds hold.
  std::vector<ScriptFund> funds = {};
  registry::v1::Charter charter;  // Without its district.
  std::vector<ScriptResident> residents;
  std::vector<ScriptPlan> plans;
  std::vector<ScriptBallot> ballots;
  // The plans the real election selected, and whether the rule that was used is known to be ours.
  std::optional<std::vector<std::string>> official;
  bool official_rule_known = false;
  // Goes on after the awards: what was awarded is spent.
  bool spends = false;
  // What was changed or invented to make the source playable, sentences.
  std::vector<std::string> notes;
};

}  // namespace smederij::cli
