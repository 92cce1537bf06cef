#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/base/id.h"
#include "common/crypto/bytes.h"

// Leaves about the round itself, big-endian. Officials stand in them under this service's
// pseudonyms, in the order they acted. An event starts
//
//   u8 type 0x04 · u8 version 1 · round_id[16] · u8 event
namespace smederij::ballots {

using crypto::Hash;

// event 1: manifest_hash[32] · u8 officials × id[16]
std::string ApprovedEvent(RoundId round, const Hash& manifest_hash,
                          absl::Span<const SubjectId> officials);

// event 2: u64 cast_until, microseconds since 1970 · u8 officials × id[16]
std::string BroughtForwardEvent(RoundId round, absl::Time cast_until,
                                absl::Span<const SubjectId> officials);

// event 3: u64 ballots. A ballot behind this leaf is void.
std::string ClosedEvent(RoundId round, int64_t ballots);

// event 4: u16 numbers × u32 · u8 officials × id[16]
std::string LotEvent(RoundId round, absl::Span<const uint32_t> numbers,
                     absl::Span<const SubjectId> officials);

// What one class did at one station: how many names were struck off for a paper ballot, how many
// papers of them came back spoiled or were taken home, and how many were in the box.
struct StationLine {
  uint16_t class_id = 0;
  uint32_t marked = 0;
  uint32_t spoiled = 0;
  uint32_t taken_home = 0;
  uint32_t in_box = 0;

  // What should have been in the box; negative when the numbers contradict each other.
  int64_t expected() const { return int64_t{marked} - spoiled - taken_home; }
  bool Balances() const { return expected() == in_box; }
  bool operator==(const StationLine&) const = default;
};

// event 5: u16 station · u16 classes × (u16 class_id · u32 marked · u32 spoiled · u32 taken_home ·
// u32 in_box) · u16 length · reason · u8 officials × id[16]
std::string StationEvent(RoundId round, uint16_t station, absl::Span<const StationLine> lines,
                         absl::string_view reason, absl::Span<const SubjectId> officials);

// u8 type 0x05 · u8 version 1 · round_id[16] · u32 tally version · digest[32]
std::string OpeningsLeaf(RoundId round, uint32_t version, const Hash& digest);

// u8 type 0x06 · u8 version 1 · round_id[16] · u32 tally version · result_hash[32] ·
// u8 officials × id[16]
std::string TallyLeaf(RoundId round, uint32_t version, const Hash& result_hash,
                      absl::Span<const SubjectId> officials);

// What one of these leaves says, for whoever reads a log.
struct Event {
  // The numbers stand in hashed bytes: those of events, and those of the two leaf types.
  enum class Kind : uint8_t {
    kApproved = 1,
    kBroughtForward = 2,
    kClosed = 3,
    kLot = 4,
    kStation = 5,
    kOpenings = 0x85,
    kTally = 0x86
  };

  Kind kind = Kind::kApproved;
  RoundId round_id{};
  Hash hash{};                      // Of the manifest, the openings or the result.
  uint32_t version = 0;             // Openings and tally.
  absl::Time cast_until{};          // Brought forward.
  int64_t ballots = 0;              // Closed.
  std::vector<uint32_t> numbers{};  // Lot.
  uint16_t station = 0;             // Station, as the next two.
  std::vector<StationLine> lines{};
  std::string reason{};  // Why the box holds another number; may be empty.
  std::vector<SubjectId> officials{};

  bool operator==(const Event&) const = default;
};

// Strict: trailing bytes are an error. Refusal: BAD_LEAF, fact `wrong` one of TYPE, VERSION, EVENT,
// LENGTH.
absl::StatusOr<Event> ParseEvent(absl::string_view bytes);

// Two officials or more, none of them twice.
bool ByTwo(const Event& event);

}  // namespace smederij::ballots
