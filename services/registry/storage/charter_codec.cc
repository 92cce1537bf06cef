#include "services/registry/storage/charter_codec.h"

#include "common/crypto/bytes.h"

namespace smederij::registry {
namespace {

constexpr absl::string_view kFormat = "smederij-charter-v1";

class Writer {
 public:
  void U8(uint64_t value) { out_.U8(static_cast<uint8_t>(value)); }
  void U16(uint64_t value) { out_.U16(static_cast<uint16_t>(value)); }
  void U32(uint64_t value) { out_.U32(static_cast<uint32_t>(value)); }
  void I64(int64_t value) { out_.U64(static_cast<uint64_t>(value)); }
  void Raw(absl::string_view bytes) { out_.Raw(bytes); }
  void Text(absl::string_view text) {
    U16(text.size());
    out_.Raw(text);
  }
  std::string Take() { return std::move(out_).bytes(); }

 private:
  crypto::ByteWriter out_;
};

std::string Text(crypto::ByteReader& in) {
  const uint16_t size = in.U16();
  return std::string(in.Raw(size));
}

void WriteBallotRule(const BallotRule& rule, Writer& out) {
  out.U8(static_cast<uint8_t>(rule.kind));
  out.U16(rule.choices_min);
  out.U16(rule.choices_max);
  out.U32(rule.points_total_max);
  out.U32(rule.points_per_plan_max);
  out.U16(rule.points_ladder.size());
  for (const uint32_t step : rule.points_ladder) out.U32(step);
}

BallotRule ReadBallotRule(crypto::ByteReader& in) {
  BallotRule rule;
  rule.kind = static_cast<BallotKind>(in.U8());
  rule.choices_min = in.U16();
  rule.choices_max = in.U16();
  rule.points_total_max = in.U32();
  rule.points_per_plan_max = in.U32();
  for (uint16_t n = in.U16(); n > 0 && in.ok(); --n) rule.points_ladder.push_back(in.U32());
  return rule;
}

void WriteCountRule(const CountRule& rule, Writer& out) {
  out.Text(rule.rule);
  out.U8(rule.stop_at_first_misfit ? 1 : 0);
  out.U8(rule.partial_award ? 1 + rule.partial_award_percent_min : 0);
  out.I64(rule.support_min);
  out.U16(rule.support_min_basis_points);
  out.I64(rule.endowment_step_cents);
  out.U16(rule.tie_order.size());
  for (const TieBreak tie : rule.tie_order) out.U8(static_cast<uint8_t>(tie));
}

CountRule ReadCountRule(crypto::ByteReader& in) {
  CountRule rule;
  rule.rule = Text(in);
  rule.stop_at_first_misfit = in.U8() != 0;
  const uint8_t partial = in.U8();
  rule.partial_award = partial != 0;
  rule.partial_award_percent_min = partial == 0 ? 0 : partial - 1u;
  rule.support_min = static_cast<int64_t>(in.U64());
  rule.support_min_basis_points = in.U16();
  rule.endowment_step_cents = static_cast<int64_t>(in.U64());
  for (uint16_t n = in.U16(); n > 0 && in.ok(); --n) {
    rule.tie_order.push_back(static_cast<TieBreak>(in.U8()));
  }
  return rule;
}

VotingClass ReadClass(crypto::ByteReader& in) {
  VotingClass one;
  one.class_id = in.U16();
  one.name = Text(in);
  one.age_from = in.U8();
  one.age_to = in.U8();
  one.weight = in.U16();
  return one;
}

}  // namespace

std::string ToCanon(DistrictId district, const Charter& charter) {
  Writer out;
  out.Raw(kFormat);
  out.Raw(crypto::View(district.uuid().bytes()));
  out.U16(charter.classes.size());
  for (const VotingClass& one : charter.classes) {
    out.U16(one.class_id);
    out.Text(one.name);
    out.U8(one.age_from);
    out.U8(one.age_to);
    out.U16(one.weight);
  }
  WriteBallotRule(charter.ballot_rule, out);
  WriteCountRule(charter.count_rule, out);
  out.U16(charter.criteria.size());
  for (const Criterion& criterion : charter.criteria) {
    out.Text(criterion.criterion_id);
    out.Text(criterion.text);
  }
  out.I64(charter.plan_cost_cents_max);
  out.U32(charter.k_min);
  return out.Take();
}

std::optional<Charter> FromCanon(absl::string_view canon) {
  crypto::ByteReader in(canon);
  if (in.Raw(kFormat.size()) != kFormat) return std::nullopt;
  in.Raw(16);  // The district stands in the row as well.
  Charter charter;
  for (uint16_t n = in.U16(); n > 0 && in.ok(); --n) charter.classes.push_back(ReadClass(in));
  charter.ballot_rule = ReadBallotRule(in);
  charter.count_rule = ReadCountRule(in);
  for (uint16_t n = in.U16(); n > 0 && in.ok(); --n) {
    Criterion& criterion = charter.criteria.emplace_back();
    criterion.criterion_id = Text(in);
    criterion.text = Text(in);
  }
  charter.plan_cost_cents_max = static_cast<int64_t>(in.U64());
  charter.k_min = in.U32();
  if (!in.AtEnd()) return std::nullopt;
  return charter;
}

}  // namespace smederij::registry
