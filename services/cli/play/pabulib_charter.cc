#include "services/cli/play/pabulib_charter.h"

#include <algorithm>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace smederij::cli {
namespace {

namespace tally = ballots::tally;
using registry::v1::BallotRule;
using registry::v1::CountRule;

constexpr uint32_t kAgeMax = 120;
constexpr int64_t kCentsPerUnit = 100;

BallotRule::Kind KindOf(tally::BallotKind kind) {
  switch (kind) {
    case tally::BallotKind::kApproval:
      return BallotRule::KIND_APPROVAL;
    case tally::BallotKind::kChooseOne:
      return BallotRule::KIND_CHOOSE_ONE;
    case tally::BallotKind::kKnapsack:
      return BallotRule::KIND_KNAPSACK;
    case tally::BallotKind::kPoints:
      return BallotRule::KIND_POINTS;
    case tally::BallotKind::kRanking:
      return BallotRule::KIND_RANKING;
  }
  return BallotRule::KIND_UNSPECIFIED;
}

// What ballots that are not blank really hold.
struct Held {
  uint32_t choices_least = 0, choices_most = 0, points_most = 0, points_most_each = 0;
};

Held HeldBy(const std::vector<ScriptBallot>& ballots) {
  Held held;
  for (const ScriptBallot& ballot : ballots) {
    const auto choices = static_cast<uint32_t>(ballot.choices.size());
    if (choices == 0) continue;
    uint32_t points = 0;
    for (const auto& [plan, given] : ballot.choices) {
      points += given;
      held.points_most_each = std::max(held.points_most_each, given);
    }
    held.choices_least = held.choices_most == 0 ? choices : std::min(held.choices_least, choices);
    held.choices_most = std::max(held.choices_most, choices);
    held.points_most = std::max(held.points_most, points);
  }
  return held;
}

class Limits {
 public:
  Limits(const tally::PbFile& file, std::vector<std::string>& notes) : file_(file), notes_(notes) {}

  // The declared upper limit, widened to what is held; the held one where none is declared.
  uint32_t Upper(absl::string_view key, uint32_t held) {
    const std::optional<uint32_t> declared = Declared(key);
    if (!declared) return held;
    if (held > *declared) Widened(key, *declared, held);
    return std::max(*declared, held);
  }

  uint32_t Lower(absl::string_view key, uint32_t held) {
    const std::optional<uint32_t> declared = Declared(key);
    if (!declared) return 0;
    if (held < *declared) Widened(key, *declared, held);
    return std::min(*declared, held);
  }

  void NotPlayed(absl::string_view key) {
    if (!file_.Meta(key).empty()) {
      notes_.push_back(absl::StrCat(key, " ", file_.Meta(key), " is not asked of ballots here"));
    }
  }

 private:
  std::optional<uint32_t> Declared(absl::string_view key) const {
    uint32_t value = 0;
    if (!absl::SimpleAtoi(file_.Meta(key), &value)) return std::nullopt;
    return value;
  }

  void Widened(absl::string_view key, uint32_t declared, uint32_t held) {
    notes_.push_back(absl::StrCat(key, " was ", declared, " and is widened to ", held,
                                  ", which ballots in the file hold"));
  }

  const tally::PbFile& file_;
  std::vector<std::string>& notes_;
};

void SetBallotRule(const tally::PbFile& file, const std::vector<ScriptBallot>& ballots,
                   BallotRule& rule, std::vector<std::string>& notes) {
  const Held held = HeldBy(ballots);
  Limits limits(file, notes);
  rule.set_kind(KindOf(file.election.kind));
  const bool one = file.election.kind == tally::BallotKind::kChooseOne;
  rule.set_choices_max(one ? 1 : limits.Upper("max_length", held.choices_most));
  rule.set_choices_min(one ? 1 : limits.Lower("min_length", held.choices_least));
  for (const absl::string_view key :
       {"min_sum_cost", "max_sum_cost", "min_points", "min_sum_points"}) {
    limits.NotPlayed(key);
  }
  if (file.election.kind != tally::BallotKind::kPoints) return;
  // A ballot rule for points needs a total even when every ballot is blank.
  const uint32_t total = std::max(1u, limits.Upper("max_sum_points", held.points_most));
  rule.set_points_total_max(total);
  rule.set_points_per_plan_max(
      std::clamp(limits.Upper("max_points", held.points_most_each), 1u, total));
}

void SetCountRule(const tally::PbFile& file, CountRule& rule, std::vector<std::string>& notes) {
  const tally::BallotKind kind = file.election.kind;
  const bool graded = kind == tally::BallotKind::kPoints || kind == tally::BallotKind::kRanking;
  std::optional<tally::Rule> official = tally::OfficialRule(file);
  if (!official) {
    official.emplace();
    official->name = graded ? "greedy_points" : "greedy_votes";
    notes.push_back(absl::StrCat("the rule \"", file.Meta("rule"),
                                 "\" is not known well enough to repeat; it is played by ",
                                 official->name));
  }
  rule.set_rule(official->name);
  rule.set_stop_at_first_misfit(official->stop_at_first_misfit);
  rule.set_support_min(official->support_min);
  if (absl::StrContains(official->name, "_add1")) rule.set_endowment_step_cents(kCentsPerUnit);
  if (official->last_plan_percent_min > 0) {
    notes.push_back("a last plan that nearly fits is not funded here; the file marks it 2, not 1");
  }
  if (absl::EndsWith(file.Meta("rule"), "-exclusive")) {
    notes.push_back("which projects exclude each other does not stand in the file");
  }
}

}  // namespace

registry::v1::Charter PabulibCharter(const tally::PbFile& file,
                                     const std::vector<ScriptBallot>& ballots,
                                     std::vector<std::string>& notes) {
  registry::v1::Charter charter;
  registry::v1::VotingClass& everybody = *charter.add_classes();
  everybody.set_class_id(1);
  everybody.set_name("all");
  everybody.set_age_from(0);
  everybody.set_age_to(kAgeMax);
  everybody.set_weight(1);
  SetBallotRule(file, ballots, *charter.mutable_ballot_rule(), notes);
  SetCountRule(file, *charter.mutable_count_rule(), notes);
  charter.set_k_min(1);
  return charter;
}

}  // namespace smederij::cli
