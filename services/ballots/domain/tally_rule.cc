#include "services/ballots/domain/tally_rule.h"

#include "common/base/check.h"

namespace smederij::ballots {
namespace {

tally::TieBreak ToTally(TieBreak tie) {
  switch (tie) {
    case TieBreak::kSupport:
      return tally::TieBreak::kSupport;
    case TieBreak::kCost:
      return tally::TieBreak::kCost;
    case TieBreak::kNumber:
      return tally::TieBreak::kNumber;
    case TieBreak::kLot:
      return tally::TieBreak::kLot;
  }
  CHECK(false);
}

}  // namespace

tally::BallotKind ToTally(BallotKind kind) {
  switch (kind) {
    case BallotKind::kApproval:
      return tally::BallotKind::kApproval;
    case BallotKind::kChooseOne:
      return tally::BallotKind::kChooseOne;
    case BallotKind::kKnapsack:
      return tally::BallotKind::kKnapsack;
    case BallotKind::kPoints:
      return tally::BallotKind::kPoints;
    case BallotKind::kRanking:
      return tally::BallotKind::kRanking;
  }
  CHECK(false);
}

std::vector<tally::Choice> ToTally(const Choice& choice, const Manifest& manifest) {
  std::vector<tally::Choice> choices;
  for (const Choice::Line& line : choice.lines) {
    const BallotOption* const option = manifest.FindOption(line.number);
    choices.push_back(
        {.plan = static_cast<uint32_t>(option - manifest.options.data()), .points = line.points});
  }
  return choices;
}

tally::Rule ToTally(const CountRule& rule, const std::vector<uint32_t>& lot) {
  tally::Rule result{.name = rule.rule,
                     .stop_at_first_misfit = rule.stop_at_first_misfit,
                     .partial_award = rule.partial_award,
                     .last_plan_percent_min = rule.partial_award_percent_min,
                     .support_min = rule.support_min,
                     .support_min_basis_points = rule.support_min_basis_points,
                     .endowment_step = tally::FromCents(rule.endowment_step.cents()),
                     .lot = lot};
  for (const TieBreak tie : rule.tie_order) result.tie_order.push_back(ToTally(tie));
  return result;
}

}  // namespace smederij::ballots
