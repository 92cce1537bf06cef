#pragma once

#include <cstdint>
#include <string>
#include <vector>

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

// u8 type 0x05 · u8 version 1 · round_id[16] · u32 tally version · digest[32]
std::string OpeningsLeaf(RoundId round, uint32_t version, const Hash& digest);

// u8 type 0x06 · u8 version 1 · round_id[16] · u32 tally version · result_hash[32] ·
// u8 officials × id[16]
std::string TallyLeaf(RoundId round, uint32_t version, const Hash& result_hash,
                      absl::Span<const SubjectId> officials);

}  // namespace smederij::ballots
