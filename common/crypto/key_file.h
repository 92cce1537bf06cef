#pragma once

#include <array>
#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace smederij::crypto {

// A 32-byte secret from a file of 32 raw bytes, or of 64 hexadecimal digits and at most one
// newline. Refusals: KEY_FILE_UNREADABLE, KEY_FILE_MALFORMED.
absl::StatusOr<std::array<uint8_t, 32>> ReadKeyFile(absl::string_view path);

}  // namespace smederij::crypto
