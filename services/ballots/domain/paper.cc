#include "services/ballots/domain/paper.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include "common/crypto/hash.h"
#include "services/ballots/domain/errors.h"
#include "services/ballots/domain/leaf_type.h"
#include "services/ballots/domain/tally_rule.h"

namespace smederij::ballots {
namespace {

using crypto::ByteReader;
using crypto::ByteWriter;
using Kind = PaperContent::Kind;

constexpr uint8_t kVersion = 1;

absl::StatusOr<PaperContent> ReadTotals(ByteReader& in) {
  PaperContent content{.kind = Kind::kTotals, .blank = in.U32(), .totals = {}, .choices = {}};
  for (uint16_t left = in.U16(); left > 0 && in.ok(); --left) {
    PaperContent::Total& total = content.totals.emplace_back();
    total.number = in.U32();
    total.support = in.U64();
  }
  if (!in.AtEnd()) return BadContent("LENGTH");
  for (size_t i = 0; i < content.totals.size(); ++i) {
    if (i > 0 && content.totals[i].number <= content.totals[i - 1].number) {
      return BadContent("ORDER");
    }
    if (content.totals[i].support == 0) return BadContent("SUPPORT_ZERO");
  }
  return content;
}

absl::StatusOr<PaperContent> ReadChoices(ByteReader& in) {
  PaperContent content{.kind = Kind::kBallots, .blank = 0, .totals = {}, .choices = {}};
  for (uint32_t left = in.U32(); left > 0 && in.ok(); --left) {
    absl::StatusOr<Choice> choice = ParseChoice(in.Raw(in.U16()));
    if (in.ok() && !choice.ok()) return BadContent("CHOICE");
    if (in.ok()) content.choices.push_back(*std::move(choice));
  }
  if (!in.AtEnd()) return BadContent("LENGTH");
  return content;
}

// The most that one ballot can give one plan, and all of them together.
struct Most {
  uint64_t plan = 1;
  uint64_t all = 1;
};

Most MostOf(const Manifest& m) {
  const BallotRule& rule = m.ballot_rule;
  const uint64_t choices = rule.kind == BallotKind::kChooseOne ? 1
                           : rule.choices_max > 0              ? rule.choices_max
                                                               : m.options.size();
  if (rule.kind != BallotKind::kPoints) return {.plan = 1, .all = choices};
  std::vector<uint32_t> ladder = rule.points_ladder;
  std::sort(ladder.rbegin(), ladder.rend());
  if (ladder.size() > choices) ladder.resize(choices);
  const uint64_t rungs = std::accumulate(ladder.begin(), ladder.end(), uint64_t{0});
  Most most{.plan = UINT64_MAX, .all = UINT64_MAX};
  for (const uint64_t limit : {uint64_t{rule.points_per_plan_max}, uint64_t{rule.points_total_max},
                               uint64_t{ladder.empty() ? 0 : ladder[0]}}) {
    if (limit > 0) most.plan = std::min(most.plan, limit);
  }
  for (const uint64_t limit : {uint64_t{rule.points_total_max}, rungs}) {
    if (limit > 0) most.all = std::min(most.all, limit);
  }
  return most;
}

absl::Status CheckTotals(const PaperContent& content, uint32_t valid, const Manifest& manifest) {
  using Wide = unsigned __int128;
  Wide given = 0, cost = 0;
  const Most most = MostOf(manifest);
  const Wide filled = content.blank > valid ? 0 : valid - content.blank;
  for (const PaperContent::Total& total : content.totals) {
    const BallotOption* const option = manifest.FindOption(total.number);
    if (option == nullptr) return BadContent("UNKNOWN_PLAN");
    if (total.support > filled * most.plan) return BadContent("SUPPORT");
    given += total.support;
    cost += Wide{total.support} * static_cast<uint64_t>(option->cost.cents());
  }
  if (content.blank > valid) return BadContent("BLANK");
  const uint64_t least = std::max<uint64_t>(1, manifest.ballot_rule.choices_min);
  if (given < filled * least || given > filled * most.all) return BadContent("SUPPORT");
  const bool knapsack = manifest.ballot_rule.kind == BallotKind::kKnapsack;
  if (knapsack && cost > filled * static_cast<uint64_t>(manifest.pot().cents())) {
    return BadContent("SUPPORT");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<PaperLeaf> ParsePaperLeaf(absl::string_view bytes) {
  ByteReader in(bytes);
  PaperLeaf leaf;
  if (in.U8() != static_cast<uint8_t>(LeafType::kPaperBatch)) return BadLeaf("TYPE");
  if (in.U8() != kVersion) return BadLeaf("VERSION");
  leaf.round_id = RoundId(Uuid(in.Array<16>()));
  leaf.class_id = in.U16();
  leaf.station = in.U16();
  leaf.batch_id = BatchId(Uuid(in.Array<16>()));
  leaf.supersedes = in.Array<32>();
  leaf.ballots = in.U32();
  leaf.invalid = in.U32();
  leaf.commitment = in.Array<32>();
  for (uint8_t left = in.U8(); left > 0 && in.ok(); --left) {
    leaf.officials.push_back(SubjectId(Uuid(in.Array<16>())));
  }
  if (!in.AtEnd()) return BadLeaf("LENGTH");
  if (leaf.ballots == 0 || leaf.ballots > kBatchBallotsMax || leaf.invalid > leaf.ballots) {
    return BadLeaf("BALLOTS");
  }
  return leaf;
}

std::string Encode(const PaperLeaf& leaf) {
  ByteWriter out;
  out.U8(static_cast<uint8_t>(LeafType::kPaperBatch)).U8(kVersion);
  out.Raw(leaf.round_id.uuid().bytes()).U16(leaf.class_id).U16(leaf.station);
  out.Raw(leaf.batch_id.uuid().bytes()).Raw(leaf.supersedes);
  out.U32(leaf.ballots).U32(leaf.invalid).Raw(leaf.commitment);
  out.U8(static_cast<uint8_t>(leaf.officials.size()));
  for (const SubjectId& official : leaf.officials) out.Raw(official.uuid().bytes());
  return std::move(out).bytes();
}

Hash PaperCommitment(RoundId round_id, BatchId batch_id, absl::string_view nonce,
                     absl::string_view content) {
  return crypto::Sha256(ByteWriter()
                            .Raw("smederij-paper-v1")
                            .Raw(round_id.uuid().bytes())
                            .Raw(batch_id.uuid().bytes())
                            .Raw(nonce)
                            .Raw(content)
                            .bytes());
}

uint32_t PaperContent::Blank() const {
  if (kind == Kind::kTotals) return blank;
  const auto is_blank = [](const Choice& choice) { return choice.blank(); };
  return static_cast<uint32_t>(std::count_if(choices.begin(), choices.end(), is_blank));
}

absl::StatusOr<PaperContent> ParsePaperContent(absl::string_view bytes) {
  ByteReader in(bytes);
  if (in.U8() != kVersion) return BadContent("VERSION");
  switch (in.U8()) {
    case static_cast<uint8_t>(Kind::kTotals):
      return ReadTotals(in);
    case static_cast<uint8_t>(Kind::kBallots):
      return ReadChoices(in);
    default:
      return BadContent("KIND");
  }
}

std::string Encode(const PaperContent& content) {
  ByteWriter out;
  out.U8(kVersion).U8(static_cast<uint8_t>(content.kind));
  if (content.kind == Kind::kTotals) {
    out.U32(content.blank).U16(static_cast<uint16_t>(content.totals.size()));
    for (const PaperContent::Total& total : content.totals) {
      out.U32(total.number).U64(total.support);
    }
    return std::move(out).bytes();
  }
  out.U32(static_cast<uint32_t>(content.choices.size()));
  for (const Choice& choice : content.choices) {
    const std::string bytes = Encode(choice);
    out.U16(static_cast<uint16_t>(bytes.size())).Raw(bytes);
  }
  return std::move(out).bytes();
}

PaperContent::Kind PublishedAs(const Manifest& manifest) {
  return tally::NeedsOnlySums(manifest.count_rule.rule, ToTally(manifest.ballot_rule.kind))
             ? Kind::kTotals
             : Kind::kBallots;
}

PaperContent ToContent(const std::vector<Choice>& choices, const Manifest& manifest) {
  PaperContent content;
  content.kind = PublishedAs(manifest);
  if (content.kind == Kind::kBallots) {
    content.choices = choices;
    return content;
  }
  std::map<uint32_t, uint64_t> support;
  const bool points = manifest.ballot_rule.kind == BallotKind::kPoints;
  for (const Choice& choice : choices) {
    if (choice.blank()) ++content.blank;
    for (const Choice::Line& line : choice.lines) support[line.number] += points ? line.points : 1;
  }
  for (const auto& [number, sum] : support) {
    content.totals.push_back({.number = number, .support = sum});
  }
  return content;
}

absl::Status CheckContent(const PaperContent& content, uint32_t valid, const Manifest& manifest) {
  if (content.kind != PublishedAs(manifest)) return BadContent("KIND");
  if (content.kind == Kind::kTotals) return CheckTotals(content, valid, manifest);
  if (content.choices.size() != valid) return BadContent("BALLOTS");
  for (const Choice& choice : content.choices) {
    if (!CheckChoice(choice, manifest).ok()) return BadContent("CHOICE");
  }
  return absl::OkStatus();
}

}  // namespace smederij::ballots
