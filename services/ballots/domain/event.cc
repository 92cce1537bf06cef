#include "services/ballots/domain/event.h"

#include "services/ballots/domain/leaf_type.h"

namespace smederij::ballots {
namespace {

using crypto::ByteWriter;

constexpr uint8_t kVersion = 1;

ByteWriter Begin(LeafType type, RoundId round) {
  ByteWriter out;
  out.U8(static_cast<uint8_t>(type)).U8(kVersion).Raw(round.uuid().bytes());
  return out;
}

std::string WithOfficials(ByteWriter out, absl::Span<const SubjectId> officials) {
  out.U8(static_cast<uint8_t>(officials.size()));
  for (const SubjectId& official : officials) out.Raw(official.uuid().bytes());
  return std::move(out).bytes();
}

}  // namespace

std::string ApprovedEvent(RoundId round, const Hash& manifest_hash,
                          absl::Span<const SubjectId> officials) {
  ByteWriter out = Begin(LeafType::kEvent, round);
  out.U8(1).Raw(manifest_hash);
  return WithOfficials(std::move(out), officials);
}

std::string BroughtForwardEvent(RoundId round, absl::Time cast_until,
                                absl::Span<const SubjectId> officials) {
  ByteWriter out = Begin(LeafType::kEvent, round);
  out.U8(2).U64(static_cast<uint64_t>(absl::ToUnixMicros(cast_until)));
  return WithOfficials(std::move(out), officials);
}

std::string ClosedEvent(RoundId round, int64_t ballots) {
  ByteWriter out = Begin(LeafType::kEvent, round);
  out.U8(3).U64(static_cast<uint64_t>(ballots));
  return std::move(out).bytes();
}

std::string LotEvent(RoundId round, absl::Span<const uint32_t> numbers,
                     absl::Span<const SubjectId> officials) {
  ByteWriter out = Begin(LeafType::kEvent, round);
  out.U8(4).U16(static_cast<uint16_t>(numbers.size()));
  for (const uint32_t number : numbers) out.U32(number);
  return WithOfficials(std::move(out), officials);
}

std::string OpeningsLeaf(RoundId round, uint32_t version, const Hash& digest) {
  ByteWriter out = Begin(LeafType::kOpenings, round);
  out.U32(version).Raw(digest);
  return std::move(out).bytes();
}

std::string TallyLeaf(RoundId round, uint32_t version, const Hash& result_hash,
                      absl::Span<const SubjectId> officials) {
  ByteWriter out = Begin(LeafType::kTally, round);
  out.U32(version).Raw(result_hash);
  return WithOfficials(std::move(out), officials);
}

}  // namespace smederij::ballots
