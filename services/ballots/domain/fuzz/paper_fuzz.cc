// Any bytes as what a batch of paper holds: what can be read is written back to the same bytes, and
// judged under rules that want totals and rules that want ballots.
#include <cstddef>
#include <cstdint>

#include "common/base/check.h"
#include "services/ballots/domain/paper.h"

namespace smederij::ballots {
namespace {

Manifest WithPlans(BallotKind kind, const char* rule) {
  Manifest manifest;
  for (uint32_t number = 1; number <= 4; ++number) {
    manifest.options.push_back(
        {.plan_id = {}, .number = number, .title = "", .cost = Money::Cents(50)});
  }
  manifest.pots.push_back({.budget_id = {}, .amount = Money::Cents(120)});
  manifest.ballot_rule.kind = kind;
  manifest.ballot_rule.points_total_max = 10;
  manifest.ballot_rule.points_ladder = {3, 2, 1};
  manifest.count_rule.rule = rule;
  return manifest;
}

void Fuzz(absl::string_view bytes) {
  const absl::StatusOr<PaperContent> content = ParsePaperContent(bytes);
  if (!content.ok()) return;
  CHECK(Encode(*content) == bytes);
  const auto valid = static_cast<uint32_t>(content->choices.size());
  for (const auto& [kind, rule] : {std::pair(BallotKind::kApproval, "greedy_votes"),
                                   std::pair(BallotKind::kKnapsack, "greedy_cost"),
                                   std::pair(BallotKind::kPoints, "greedy_points"),
                                   std::pair(BallotKind::kApproval, "phragmen"),
                                   std::pair(BallotKind::kRanking, "greedy_points")}) {
    const Manifest manifest = WithPlans(kind, rule);
    const bool fits = CheckContent(*content, valid, manifest).ok();
    // What single ballots say can be said in totals that hold as well.
    if (!fits || content->kind != PaperContent::Kind::kBallots || kind == BallotKind::kRanking)
      continue;
    Manifest sums = manifest;
    sums.count_rule.rule = "greedy_votes";
    CHECK(CheckContent(ToContent(content->choices, sums), valid, sums).ok());
  }
}

}  // namespace
}  // namespace smederij::ballots

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  smederij::ballots::Fuzz({reinterpret_cast<const char*>(data), size});
  return 0;
}
