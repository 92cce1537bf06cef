#pragma once

#include <cstdint>

namespace smederij::ballots {

// The first byte of every leaf in a round's log. Never renumbered.
enum class LeafType : uint8_t {
  kManifest = 0x01,
  kBallot = 0x02,
  kPaperBatch = 0x03,
  kEvent = 0x04,
  kOpenings = 0x05,
  kTally = 0x06,
  kKeyDestroyed = 0x07,
};

}  // namespace smederij::ballots
