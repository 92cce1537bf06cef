#include "services/ballots/domain/event.h"

#include <set>

#include "services/ballots/domain/errors.h"
#include "services/ballots/domain/leaf_type.h"

namespace smederij::ballots {
namespace {

using crypto::ByteReader;
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

std::string StationEvent(RoundId round, uint16_t station, absl::Span<const StationLine> lines,
                         absl::string_view reason, absl::Span<const SubjectId> officials) {
  ByteWriter out = Begin(LeafType::kEvent, round);
  out.U8(5).U16(station).U16(static_cast<uint16_t>(lines.size()));
  for (const StationLine& line : lines) {
    out.U16(line.class_id).U32(line.marked).U32(line.spoiled).U32(line.taken_home);
    out.U32(line.in_box);
  }
  out.U16(static_cast<uint16_t>(reason.size())).Raw(reason);
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

namespace {

void ReadOfficials(ByteReader& in, Event& event) {
  for (uint8_t left = in.U8(); left > 0 && in.ok(); --left) {
    event.officials.push_back(SubjectId(Uuid(in.Array<16>())));
  }
}

void ReadStation(ByteReader& in, Event& event) {
  event.station = in.U16();
  for (uint16_t left = in.U16(); left > 0 && in.ok(); --left) {
    StationLine& line = event.lines.emplace_back();
    line.class_id = in.U16();
    line.marked = in.U32();
    line.spoiled = in.U32();
    line.taken_home = in.U32();
    line.in_box = in.U32();
  }
  event.reason = std::string(in.Raw(in.U16()));
  ReadOfficials(in, event);
}

void ReadBody(ByteReader& in, Event& event) {
  switch (event.kind) {
    case Event::Kind::kApproved:
      event.hash = in.Array<32>();
      return ReadOfficials(in, event);
    case Event::Kind::kBroughtForward:
      event.cast_until = absl::FromUnixMicros(static_cast<int64_t>(in.U64()));
      return ReadOfficials(in, event);
    case Event::Kind::kClosed:
      event.ballots = static_cast<int64_t>(in.U64());
      return;
    case Event::Kind::kLot:
      for (uint16_t left = in.U16(); left > 0 && in.ok(); --left) event.numbers.push_back(in.U32());
      return ReadOfficials(in, event);
    case Event::Kind::kStation:
      return ReadStation(in, event);
    case Event::Kind::kOpenings:
      event.version = in.U32();
      event.hash = in.Array<32>();
      return;
    case Event::Kind::kTally:
      event.version = in.U32();
      event.hash = in.Array<32>();
      return ReadOfficials(in, event);
  }
}

}  // namespace

absl::StatusOr<Event> ParseEvent(absl::string_view bytes) {
  ByteReader in(bytes);
  Event event;
  const uint8_t type = in.U8();
  if (in.U8() != kVersion) return BadLeaf("VERSION");
  event.round_id = RoundId(Uuid(in.Array<16>()));
  if (type == static_cast<uint8_t>(LeafType::kEvent)) {
    const uint8_t kind = in.U8();
    if (kind < 1 || kind > 5) return BadLeaf("EVENT");
    event.kind = static_cast<Event::Kind>(kind);
  } else if (type == static_cast<uint8_t>(LeafType::kOpenings)) {
    event.kind = Event::Kind::kOpenings;
  } else if (type == static_cast<uint8_t>(LeafType::kTally)) {
    event.kind = Event::Kind::kTally;
  } else {
    return BadLeaf("TYPE");
  }
  ReadBody(in, event);
  if (!in.AtEnd()) return BadLeaf("LENGTH");
  return event;
}

bool ByTwo(const Event& event) {
  const std::set<SubjectId> different(event.officials.begin(), event.officials.end());
  return different.size() >= 2 && different.size() == event.officials.size();
}

}  // namespace smederij::ballots
