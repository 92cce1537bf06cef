#include "services/ballots/domain/choice.h"

#include <algorithm>

#include "services/ballots/domain/errors.h"

namespace smederij::ballots {
namespace {

using crypto::ByteReader;
using crypto::ByteWriter;

constexpr uint8_t kVersion = 1;

absl::Status CheckPoints(const Choice& choice, const BallotRule& rule) {
  uint64_t total = 0;
  for (const Choice::Line& line : choice.lines) total += line.points;
  if (rule.points_total_max > 0 && total > rule.points_total_max) {
    return InvalidChoice("POINTS_TOTAL").With("points", total).With("max", rule.points_total_max);
  }
  const uint32_t each =
      rule.points_per_plan_max > 0 ? rule.points_per_plan_max : rule.points_total_max;
  for (const Choice::Line& line : choice.lines) {
    if (each > 0 && line.points > each) {
      return InvalidChoice("POINTS_PER_PLAN").With("number", line.number).With("max", each);
    }
  }
  std::vector<uint32_t> ladder = rule.points_ladder;
  if (ladder.empty()) return absl::OkStatus();
  for (const Choice::Line& line : choice.lines) {
    const auto rung = std::find(ladder.begin(), ladder.end(), line.points);
    if (rung == ladder.end()) return InvalidChoice("POINTS_LADDER").With("points", line.points);
    ladder.erase(rung);
  }
  return absl::OkStatus();
}

}  // namespace

std::string Encode(const Choice& choice) {
  ByteWriter out;
  out.U8(kVersion).U8(static_cast<uint8_t>(choice.kind));
  out.U16(static_cast<uint16_t>(choice.lines.size()));
  for (const Choice::Line& line : choice.lines) {
    out.U32(line.number);
    if (choice.kind == BallotKind::kPoints) out.U32(line.points);
  }
  return std::move(out).bytes();
}

absl::StatusOr<Choice> ParseChoice(absl::string_view bytes) {
  ByteReader in(bytes);
  if (in.U8() != kVersion) return InvalidChoice("VERSION");
  const uint8_t kind = in.U8();
  if (kind < static_cast<uint8_t>(BallotKind::kApproval) ||
      kind > static_cast<uint8_t>(BallotKind::kRanking)) {
    return InvalidChoice("KIND");
  }
  Choice choice{.kind = static_cast<BallotKind>(kind), .lines = {}};
  const size_t count = in.U16();
  const bool points = choice.kind == BallotKind::kPoints;
  if (!in.ok() || in.left() != count * (points ? 8 : 4)) return InvalidChoice("LENGTH");
  for (size_t i = 0; i < count; ++i) {
    choice.lines.push_back({.number = in.U32(), .points = points ? in.U32() : 0});
  }
  std::vector<uint32_t> numbers;
  for (const Choice::Line& line : choice.lines) numbers.push_back(line.number);
  const bool ascending = std::is_sorted(numbers.begin(), numbers.end());
  std::sort(numbers.begin(), numbers.end());
  if (std::adjacent_find(numbers.begin(), numbers.end()) != numbers.end()) {
    return InvalidChoice("DUPLICATE");
  }
  if (!ascending && choice.kind != BallotKind::kRanking) return InvalidChoice("ORDER");
  for (const Choice::Line& line : choice.lines) {
    if (points && line.points == 0) return InvalidChoice("POINTS_ZERO");
  }
  return choice;
}

absl::Status CheckChoice(const Choice& choice, const Manifest& manifest) {
  const BallotRule& rule = manifest.ballot_rule;
  if (choice.kind != rule.kind) return InvalidChoice("KIND");
  if (choice.blank()) return absl::OkStatus();
  Money cost;
  for (const Choice::Line& line : choice.lines) {
    const BallotOption* const option = manifest.FindOption(line.number);
    if (option == nullptr) return InvalidChoice("UNKNOWN_PLAN").With("number", line.number);
    cost += option->cost;
  }
  const size_t most = rule.kind == BallotKind::kChooseOne ? 1
                      : rule.choices_max > 0              ? rule.choices_max
                                                          : manifest.options.size();
  if (choice.lines.size() < rule.choices_min) {
    return InvalidChoice("TOO_FEW")
        .With("choices", choice.lines.size())
        .With("min", rule.choices_min);
  }
  if (choice.lines.size() > most) {
    return InvalidChoice("TOO_MANY").With("choices", choice.lines.size()).With("max", most);
  }
  if (rule.kind == BallotKind::kKnapsack && cost > manifest.pot()) {
    return InvalidChoice("OVER_POT")
        .With("cost_cents", cost.cents())
        .With("pot_cents", manifest.pot().cents());
  }
  return rule.kind == BallotKind::kPoints ? CheckPoints(choice, rule) : absl::OkStatus();
}

}  // namespace smederij::ballots
