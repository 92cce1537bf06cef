#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/types/span.h"
#include "common/crypto/bytes.h"

namespace smederij::crypto {

// Fills the span with the next bytes of a stream.
using RandomSource = std::function<void(absl::Span<uint8_t>)>;

// The system's CSPRNG. Thread-safe.
RandomSource SystemRandom();

// The ChaCha20 keystream of a 256-bit key: the same key, the same bytes, on any machine. What a
// voter's device expands its one secret with. One thread at a time; copies start where they were
// copied. A stream ends after 2^38 bytes.
RandomSource SeededRandom(const Hash& key);

std::string RandomBytes(size_t length);

// Uniform in [0, bound), bound > 0, from the system's CSPRNG.
uint32_t RandomBelow(uint32_t bound);

// Overwrites what must not stay in memory, in a way the compiler keeps.
void Wipe(std::string& secret);

}  // namespace smederij::crypto
