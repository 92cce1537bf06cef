#include "services/ballots/domain/manifest.h"

#include <algorithm>
#include <tuple>

#include "common/base/check.h"
#include "services/ballots/domain/errors.h"
#include "services/ballots/domain/leaf_type.h"

// The layout, big-endian, in this order; "text" is a u16 length and that many bytes of UTF-8, an
// instant is microseconds since 1970 as u64, an amount is cents as u64:
//
//   u8 type 0x01 · u8 version 1 · text origin · round_id[16] · municipality_id[16] ·
//   district_id[16] · text title · text currency · charter_hash[32] ·
//   u16 classes × (u16 class_id · text name · u16 age_from · u16 age_to · u16 weight ·
//                  u64 roll_size · text issuer_spki) ·
//   u16 options × (plan_id[16] · u32 number · text title · amount cost · u8 horizon ·
//                  text category · text exclusive_group · text_hash[32]) ·
//   u8 kind · u32 choices_min · u32 choices_max · u32 points_total_max · u32 points_per_plan_max ·
//   u16 ladder × u32 ·
//   text rule · u8 stop_at_first_misfit · u8 partial_award (0 never, 1 + least percentage) ·
//   u64 support_min · u32 support_min_basis_points · amount endowment_step · u8 ties × u8 · amount
//   plan_cost_max · u16 pots × (budget_id[16] · amount · entry_hash[32] · text category · u8
//   horizon (0 any)) · u16 stations × (u16 number · text name) · instant issue_from · issue_until ·
//   cast_from · cast_until · u32 k_min · u8 demonstration · u32 batch_min · text log_verifier_key ·
//   receipt_key[32] · u8 witness_quorum · text software
namespace smederij::ballots {
namespace {

using crypto::ByteReader;
using crypto::ByteWriter;

constexpr uint8_t kVersion = 1;

void Text(ByteWriter& out, absl::string_view text) {
  CHECK(text.size() <= UINT16_MAX);
  out.U16(static_cast<uint16_t>(text.size())).Raw(text);
}
void Count(ByteWriter& out, size_t count) {
  CHECK(count <= UINT16_MAX);
  out.U16(static_cast<uint16_t>(count));
}
void Amount(ByteWriter& out, Money money) { out.U64(static_cast<uint64_t>(money.cents())); }
void Instant(ByteWriter& out, absl::Time time) {
  out.U64(static_cast<uint64_t>(absl::ToUnixMicros(time)));
}

std::string Text(ByteReader& in) { return std::string(in.Raw(in.U16())); }
Money Amount(ByteReader& in) { return Money::Cents(static_cast<int64_t>(in.U64())); }
absl::Time Instant(ByteReader& in) { return absl::FromUnixMicros(static_cast<int64_t>(in.U64())); }
template <class AnyId>
AnyId ReadId(ByteReader& in) {
  return AnyId(Uuid(in.Array<16>()));
}

void Write(ByteWriter& out, const VoterClass& c) {
  out.U16(c.class_id);
  Text(out, c.name);
  out.U16(c.age_from).U16(c.age_to).U16(c.weight).U64(static_cast<uint64_t>(c.roll_size));
  Text(out, c.issuer_spki);
}

VoterClass ReadClass(ByteReader& in) {
  VoterClass c;
  c.class_id = in.U16();
  c.name = Text(in);
  c.age_from = in.U16();
  c.age_to = in.U16();
  c.weight = in.U16();
  c.roll_size = static_cast<int64_t>(in.U64());
  c.issuer_spki = Text(in);
  return c;
}

void Write(ByteWriter& out, const BallotOption& option) {
  out.Raw(option.plan_id.uuid().bytes()).U32(option.number);
  Text(out, option.title);
  Amount(out, option.cost);
  out.U8(static_cast<uint8_t>(option.horizon));
  Text(out, option.category);
  Text(out, option.exclusive_group);
  out.Raw(option.text_hash);
}

BallotOption ReadOption(ByteReader& in) {
  BallotOption option;
  option.plan_id = ReadId<PlanId>(in);
  option.number = in.U32();
  option.title = Text(in);
  option.cost = Amount(in);
  option.horizon = static_cast<Horizon>(in.U8());
  option.category = Text(in);
  option.exclusive_group = Text(in);
  option.text_hash = in.Array<32>();
  return option;
}

void Write(ByteWriter& out, const BallotRule& rule) {
  out.U8(static_cast<uint8_t>(rule.kind)).U32(rule.choices_min).U32(rule.choices_max);
  out.U32(rule.points_total_max).U32(rule.points_per_plan_max);
  Count(out, rule.points_ladder.size());
  for (const uint32_t points : rule.points_ladder) out.U32(points);
}

BallotRule ReadBallotRule(ByteReader& in) {
  BallotRule rule;
  rule.kind = static_cast<BallotKind>(in.U8());
  rule.choices_min = in.U32();
  rule.choices_max = in.U32();
  rule.points_total_max = in.U32();
  rule.points_per_plan_max = in.U32();
  for (uint16_t left = in.U16(); left > 0 && in.ok(); --left) {
    rule.points_ladder.push_back(in.U32());
  }
  return rule;
}

void Write(ByteWriter& out, const CountRule& rule) {
  Text(out, rule.rule);
  out.U8(rule.stop_at_first_misfit ? 1 : 0);
  out.U8(static_cast<uint8_t>(rule.partial_award ? 1 + rule.partial_award_percent_min : 0));
  out.U64(static_cast<uint64_t>(rule.support_min)).U32(rule.support_min_basis_points);
  Amount(out, rule.endowment_step);
  out.U8(static_cast<uint8_t>(rule.tie_order.size()));
  for (const TieBreak tie : rule.tie_order) out.U8(static_cast<uint8_t>(tie));
}

CountRule ReadCountRule(ByteReader& in) {
  CountRule rule;
  rule.rule = Text(in);
  rule.stop_at_first_misfit = in.U8() != 0;
  const uint8_t partial = in.U8();
  rule.partial_award = partial != 0;
  rule.partial_award_percent_min = partial == 0 ? 0 : partial - 1u;
  rule.support_min = static_cast<int64_t>(in.U64());
  rule.support_min_basis_points = in.U32();
  rule.endowment_step = Amount(in);
  for (uint8_t left = in.U8(); left > 0 && in.ok(); --left) {
    rule.tie_order.push_back(static_cast<TieBreak>(in.U8()));
  }
  return rule;
}

}  // namespace

std::string ContestOf(const PotLine& pot) {
  return pot.horizon ? std::string(NameOf(*pot.horizon)) : pot.category;
}

std::string ContestOf(const BallotOption& option, const Manifest& manifest) {
  if (manifest.pots.empty()) return "";
  if (manifest.pots[0].horizon) return std::string(NameOf(option.horizon));
  return manifest.pots[0].category.empty() ? "" : option.category;
}

absl::string_view NameOf(Horizon horizon) {
  return horizon == Horizon::kLongStrike ? "long_strike" : "short_strike";
}

Money Manifest::pot() const {
  Money total;
  for (const PotLine& line : pots) total += line.amount;
  return total;
}

const VoterClass* Manifest::FindClass(uint32_t class_id) const {
  for (const VoterClass& c : classes) {
    if (c.class_id == class_id) return &c;
  }
  return nullptr;
}

const BallotOption* Manifest::FindOption(uint32_t number) const {
  const auto at = std::lower_bound(
      options.begin(), options.end(), number,
      [](const BallotOption& option, uint32_t wanted) { return option.number < wanted; });
  return at != options.end() && at->number == number ? &*at : nullptr;
}

const Station* Manifest::FindStation(uint32_t number) const {
  for (const Station& station : stations) {
    if (station.number == number) return &station;
  }
  return nullptr;
}

bool Manifest::HasLot() const {
  const std::vector<TieBreak>& ties = count_rule.tie_order;
  return std::find(ties.begin(), ties.end(), TieBreak::kLot) != ties.end();
}

void Normalise(Manifest& manifest) {
  std::sort(manifest.classes.begin(), manifest.classes.end(),
            [](const VoterClass& a, const VoterClass& b) { return a.class_id < b.class_id; });
  std::sort(manifest.options.begin(), manifest.options.end(),
            [](const BallotOption& a, const BallotOption& b) { return a.number < b.number; });
  std::sort(manifest.pots.begin(), manifest.pots.end(), [](const PotLine& a, const PotLine& b) {
    return std::tie(a.budget_id, a.category, a.horizon) <
           std::tie(b.budget_id, b.category, b.horizon);
  });
  std::sort(manifest.stations.begin(), manifest.stations.end(),
            [](const Station& a, const Station& b) { return a.number < b.number; });
  CountRule& count = manifest.count_rule;
  std::vector<TieBreak>& ties = count.tie_order;
  if (ties.empty()) ties = {TieBreak::kSupport, TieBreak::kCost};
  const auto total = [](TieBreak tie) { return tie == TieBreak::kNumber || tie == TieBreak::kLot; };
  // Nothing may stay equal: without a lot, numbers decide in the end.
  if (std::none_of(ties.begin(), ties.end(), total)) ties.push_back(TieBreak::kNumber);
}

std::string Encode(const Manifest& m) {
  ByteWriter out;
  out.U8(static_cast<uint8_t>(LeafType::kManifest)).U8(kVersion);
  Text(out, m.origin);
  out.Raw(m.round_id.uuid().bytes());
  out.Raw(m.municipality_id.uuid().bytes());
  out.Raw(m.district_id.uuid().bytes());
  Text(out, m.title);
  Text(out, m.currency);
  out.Raw(m.charter_hash);
  Count(out, m.classes.size());
  for (const VoterClass& c : m.classes) Write(out, c);
  Count(out, m.options.size());
  for (const BallotOption& option : m.options) Write(out, option);
  Write(out, m.ballot_rule);
  Write(out, m.count_rule);
  Amount(out, m.plan_cost_max);
  Count(out, m.pots.size());
  for (const PotLine& line : m.pots) {
    out.Raw(line.budget_id.uuid().bytes());
    Amount(out, line.amount);
    out.Raw(line.entry_hash);
    Text(out, line.category);
    out.U8(static_cast<uint8_t>(line.horizon.value_or(Horizon{})));
  }
  Count(out, m.stations.size());
  for (const Station& station : m.stations) {
    out.U16(station.number);
    Text(out, station.name);
  }
  for (const absl::Time t : {m.issue_from, m.issue_until, m.cast_from, m.cast_until}) {
    Instant(out, t);
  }
  out.U32(m.k_min).U8(m.demonstration ? 1 : 0).U32(m.batch_min);
  Text(out, m.log_verifier_key);
  out.Raw(m.receipt_key).U8(m.witness_quorum);
  Text(out, m.software);
  return std::move(out).bytes();
}

absl::StatusOr<Manifest> DecodeManifest(absl::string_view bytes) {
  ByteReader in(bytes);
  Manifest m;
  if (in.U8() != static_cast<uint8_t>(LeafType::kManifest) || in.U8() != kVersion) {
    return ManifestUnreadable();
  }
  m.origin = Text(in);
  m.round_id = ReadId<RoundId>(in);
  m.municipality_id = ReadId<MunicipalityId>(in);
  m.district_id = ReadId<DistrictId>(in);
  m.title = Text(in);
  m.currency = Text(in);
  m.charter_hash = in.Array<32>();
  for (uint16_t left = in.U16(); left > 0 && in.ok(); --left) m.classes.push_back(ReadClass(in));
  for (uint16_t left = in.U16(); left > 0 && in.ok(); --left) m.options.push_back(ReadOption(in));
  m.ballot_rule = ReadBallotRule(in);
  m.count_rule = ReadCountRule(in);
  m.plan_cost_max = Amount(in);
  for (uint16_t left = in.U16(); left > 0 && in.ok(); --left) {
    PotLine line;
    line.budget_id = ReadId<BudgetId>(in);
    line.amount = Amount(in);
    line.entry_hash = in.Array<32>();
    line.category = Text(in);
    const uint8_t horizon = in.U8();
    if (horizon != 0) line.horizon = static_cast<Horizon>(horizon);
    m.pots.push_back(std::move(line));
  }
  for (uint16_t left = in.U16(); left > 0 && in.ok(); --left) {
    Station& station = m.stations.emplace_back();
    station.number = in.U16();
    station.name = Text(in);
  }
  for (absl::Time* t : {&m.issue_from, &m.issue_until, &m.cast_from, &m.cast_until}) {
    *t = Instant(in);
  }
  m.k_min = in.U32();
  m.demonstration = in.U8() == 1;
  m.batch_min = in.U32();
  m.log_verifier_key = Text(in);
  m.receipt_key = in.Array<32>();
  m.witness_quorum = in.U8();
  m.software = Text(in);
  // Reading forgives what Check does not (an unknown flag, a byte for true that is not 1); writing
  // again does not.
  if (!in.AtEnd() || Encode(m) != bytes) return ManifestUnreadable();
  return m;
}

}  // namespace smederij::ballots
